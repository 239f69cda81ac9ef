"""Places among the settings, as the program needs them: directories, addresses, networks and ports."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from renvoi.configuration import setting_types as kinds
from renvoi.domain.hosts import is_ip_address


class DataDirectory:
    """Names of files and directories below `data_dir`."""

    __slots__ = ()
    data_dir: Path

    @property
    def edge_dir(self) -> Path:
        """The directory of Kamailio's files."""
        return self.data_dir / "edge"

    @property
    def run_dir(self) -> Path:
        """The directory of the control socket."""
        return self.data_dir / "run"

    @property
    def spool_dir(self) -> Path:
        """The directory that takes call events."""
        return self.data_dir / "spool"

    @property
    def dead_letters_dir(self) -> Path:
        """The directory of what the store refuses for its content."""
        return self.data_dir / "dead-letters"

    @property
    def recordings_dir(self) -> Path:
        """The directory of recordings that are being made."""
        return self.data_dir / "recordings"

    @property
    def messages_dir(self) -> Path:
        """The directory of the messages' audio."""
        return self.data_dir / "messages"

    @property
    def mail_dir(self) -> Path:
        """The directory of mails that are kept because there is no mail server."""
        return self.data_dir / "mail"


class PlacesRead:
    """What settings of these names say, which are checked already."""

    __slots__ = ()
    voicemail_nodes: str
    voicemail_peers: str
    trusted_proxies: str
    sip_host: str
    sip_advertised: str | None
    rtp_host: str | None
    rtp_advertised: str | None
    rtpengine: str | None
    hep_url: str | None
    rtp_ports: str
    webhook_networks: str

    @property
    def voicemail_addresses(self) -> tuple[tuple[str, int], ...]:
        """The workers of other nodes."""
        return tuple(_host_and_port(peer) for peer in self.voicemail_nodes.split(", ") if peer)

    @property
    def voicemail_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks that workers take calls from."""
        return tuple(ip_network(part) for part in self.voicemail_peers.split(", ") if part)

    @property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The networks whose `X-Forwarded-For` is believed."""
        return tuple(ip_network(part) for part in self.trusted_proxies.split(", ") if part)

    @property
    def webhook_inner_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """The inner networks that webhooks may go to."""
        return tuple(ip_network(part) for part in self.webhook_networks.split(", ") if part)

    @property
    def sip_hosts(self) -> tuple[str, ...]:
        """The addresses that calls come to, the preferred one first."""
        return tuple(self.sip_host.split(", "))

    @property
    def rtp_hosts(self) -> tuple[str, ...]:
        """The addresses that audio comes to."""
        return tuple((self.rtp_host or self.sip_host).split(", "))

    def sip_advertised_of(self, host: str) -> tuple[str | None, int | None]:
        """Return the host and the port that peers are told in place of a SIP address, None for the same ones."""
        return _advertised_place(self.sip_advertised, host)

    def rtp_advertised_of(self, host: str) -> str | None:
        """Return the host that peers are told in place of an address that audio comes to, None for itself."""
        return _advertised_place(self.rtp_advertised or self.sip_advertised, host)[0]

    @property
    def relay_address(self) -> tuple[str, int] | None:
        """IP address and port at which the media relay is told what to do."""
        return None if self.rtpengine is None else _host_and_port(self.rtpengine.removeprefix("udp:"))

    @property
    def hep_server(self) -> tuple[str, int] | None:
        """Host and port of the capture server."""
        return None if self.hep_url is None else _host_and_port(self.hep_url.removeprefix("udp://"))

    @property
    def rtp_range(self) -> range:
        """The even ports that audio comes to."""
        first, last = (int(port) for port in self.rtp_ports.split("-"))
        return range(first + first % 2, last + 1, 2)


def _host_and_port(text: str) -> tuple[str, int]:
    host, port = kinds.split_place(text)
    assert port is not None
    return host, port


def _advertised_place(advertised: str | None, host: str) -> tuple[str | None, int | None]:
    """Return which of the advertised places stands for an address: one of its kind, or a name."""
    places = [kinds.split_place(each) for each in (advertised or "").split(", ") if each]
    fitting = [each for each in places if not is_ip_address(each[0]) or (":" in each[0]) == (":" in host)]
    return fitting[0] if fitting else (None, None)
