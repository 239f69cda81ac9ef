"""What the edge is started with, and the addresses that calls come to."""

import os
import re
import socket
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

from renvoi.domain.hosts import bracketed, is_ip_address
from renvoi.domain.trunks.address import TLS, Destination


@dataclass(frozen=True, slots=True)
class Listener:
    """An IP address of this machine that calls come to.

    Peers are told to answer to `advertised`, by default that address, at `port`, by default the one of all listeners.
    """

    host: str
    advertised: str | None = None
    port: int | None = None

    @property
    def version(self) -> int:
        """The version of IP: 4 or 6."""
        return ip_address(self.host).version

    @property
    def public_host(self) -> str:
        """The host that peers are told, in brackets for IPv6."""
        host = primary_address(self.host) if ip_address(self.host).is_unspecified else self.host
        return bracketed(self.advertised or host)

    def public_address(self, port: int) -> str:
        """Return host and port that peers are told, where calls come to `port`."""
        return f"{self.public_host}:{self.port or port}"

    def reaches(self, host: str) -> bool:
        """Tell whether it can send to the IP address `host`: what is bound to loopback reaches no other machine."""
        ours, theirs = ip_address(self.host), ip_address(host)
        return ours.version == theirs.version and (theirs.is_loopback or not ours.is_loopback)


def primary_address(unspecified: str) -> str:
    """Return the address that this machine sends from; peers must be told one, and 0.0.0.0 is none."""
    return source_towards("2001:db8::1" if ":" in unspecified else "192.0.2.1")


def source_towards(host: str) -> str:
    """Return the address that this machine sends from to `host`, that of loopback where there is no way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))
        except OSError:
            return "::1" if family == socket.AF_INET6 else "127.0.0.1"
        return str(probe.getsockname()[0])


SQLITE, POSTGRESQL = "sqlite:///", "postgresql://"
REJECT, LAST_KNOWN = "reject", "last-known"
"""What the edge does while the store is away: refuse calls, or decide by the rules that it read last."""
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")


HEP_NAME = "hep-server-" + "x" * 64
"""What stands for the capture server in Kamailio's configuration; its own DNS cache is given the address.

No DNS can be asked for such a name, as a label has 63 octets at the most (RFC 1035 §2.3.4): nothing ever waits for one.
"""


class EdgeConfigInvalid(ValueError):
    """A setting of the edge is wrong; the text says which one and how to fix it."""


@dataclass(frozen=True, slots=True)
class HepConfig:
    """Copies of SIP messages by HEP3: the server's port, our capture id (31 bits) and the key (printable ASCII)."""

    port: int
    capture_id: int = 1
    key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    """Everything that Kamailio's files are made of, trunks apart.

    `directory` holds those files and Kamailio's socket; it survives restarts, so that calls in progress do too.
    `database` is the store's URL, of SQLite or PostgreSQL. `spool` takes the call events. `on_store_loss` is REJECT or
    LAST_KNOWN; then nothing counts that was read more than `store_loss_max_s` seconds ago. `host` is an IP address of
    this machine. `advertised` is the address that peers are told to answer to, by default `host`, and `advertised_port`
    the port, by default `port`; `second` is another address of this machine, of the other version of IP. `domain` is
    the host part of URIs of our own (Diversion, History-Info), by default `advertised`. `workers` is the number of
    processes for each of UDP and TCP. `no_answer_ms` is how long a trunk may be silent before the next one is
    tried. `voicemail` has the addresses (IP, UDP port) of the voicemail's workers, none when messages cannot be
    taken; `voicemail_answer_ms` is how long one of them may be silent. Trunks and workers that failed are probed
    every `probe_interval_s` seconds; a trunk that does not answer probes gets calls again after `trunk_retry_s`.
    Trunks that are watched while they are up are probed every `watch_interval_s`, which is more than a probe takes
    (`probe_interval_s` and `no_answer_ms`). Requests inside a call are relayed for `longest_call_s` seconds from
    its INVITE on. Kamailio looks every `registration_period_s` what is to be registered, and renews what ends
    within this and 3 s more. `answer_strangers` has those answered (403) who belong to no trunk. `relay` is where
    the media relay is told what to do (IP address, UDP port), None where there is none; when it is silent it is left
    alone for `relay_pause_s`.
    With `hep` copies of all SIP messages go to a capture server, from when `Kamailio.send_copies` says where that
    is. Calls to a country that an account begins to use wait for `cooling_off_s`.
    Calls are signed with the key in the file `identity_key`, whose certificate is at `certificate_url` and, if that
    file is given, in `identity_certificate`; signatures count whose chain ends in the file `identity_trusted`.
    `tls_port` is bound where a trunk needs TLS, or with `tls_certificate`, which is shown there and has `tls_key`.
    """

    directory: Path
    database: str
    spool: Path
    on_store_loss: str = REJECT
    store_loss_max_s: float = 900
    host: str = "127.0.0.1"
    port: int = 5060
    advertised: str | None = None
    advertised_port: int | None = None
    second: Listener | None = None
    domain: str | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    memory_mib: int = 512
    no_answer_ms: int = 4000
    voicemail: tuple[tuple[str, int], ...] = ()
    voicemail_answer_ms: int = 500
    probe_interval_s: int = 2
    watch_interval_s: int = 10
    trunk_retry_s: int = 30
    longest_call_s: int = 86_400
    cooling_off_s: int = 0
    answer_strangers: bool = False
    registration_period_s: int = 5
    relay: tuple[str, int] | None = None
    relay_pause_s: int = 5
    hep: HepConfig | None = None
    identity_key: Path | None = None
    identity_certificate: Path | None = None
    certificate_url: str | None = None
    identity_trusted: Path | None = None
    tls_port: int = 5061
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    def __post_init__(self) -> None:
        listening = [_parsed(each.host).version for each in self.listeners]
        if len(set(listening)) < len(listening):
            raise EdgeConfigInvalid("calls come to two addresses of one kind: give one of IPv4 and one of IPv6")
        if len({_parsed(host).version for host, _ in self.voicemail}) > 1:
            raise EdgeConfigInvalid("the addresses of the voicemail mix IPv4 and IPv6: give one kind")
        if not self.database.startswith((SQLITE, POSTGRESQL)):
            # It is not repeated, as it may hold a password.
            raise EdgeConfigInvalid(f"the kind of the database's URL is not known: give {SQLITE}PATH or {POSTGRESQL}…")
        if self.on_store_loss not in (REJECT, LAST_KNOWN):
            raise EdgeConfigInvalid(
                f"{self.on_store_loss!r} is not a reaction to store loss: give {REJECT} or {LAST_KNOWN}"
            )
        for name in (*(each.advertised for each in self.listeners), self.domain):
            if name is not None and not _is_host(name):
                raise EdgeConfigInvalid(f"{name!r} is not a host: give a name or an IP address")
        for port in (
            self.port,
            self.tls_port,
            *(each.port or self.port for each in self.listeners),
            *(port for _, port in self.voicemail),
        ):
            if not 0 < port < 65536:
                raise EdgeConfigInvalid(f"SIP port {port} is out of range: give 1 to 65535")
        if self.workers < 1:
            raise EdgeConfigInvalid("the edge needs at least one worker")

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """The addresses that calls come to; the first one is ours where there is no peer to choose by."""
        first = Listener(self.host, self.advertised, self.advertised_port)
        return (first,) if self.second is None else (first, self.second)

    @property
    def public_host(self) -> str:
        """The host that goes into Via, Record-Route and our own URIs, in brackets for IPv6."""
        return self.listeners[0].public_host

    @property
    def public_address(self) -> str:
        """Host and port that peers are told to answer to: in Via, Record-Route and Contact."""
        return self.listeners[0].public_address(self.port)

    def public_address_towards(self, host: str) -> str:
        """Return what a peer is told that is at this IP address."""
        return self._listener_towards(host).public_address(self.port)

    def contact_towards(self, destination: Destination) -> str:
        """Return where a registrar at this destination has to send calls: what stands behind the @ of our Contact."""
        if destination.transport != TLS:
            return self.public_address_towards(destination.address)
        return f"{self._listener_towards(destination.address).public_host}:{self.tls_port};transport={TLS}"

    def _listener_towards(self, host: str) -> Listener:
        version = ip_address(host).version
        fitting = [each for each in self.listeners if each.version == version]
        return (fitting or self.listeners)[0]

    @property
    def uri_domain(self) -> str:
        """The host part of URIs of our own."""
        return bracketed(self.domain) if self.domain else self.public_host

    @property
    def database_file(self) -> Path | None:
        """The file of the SQLite store, None where the store is on PostgreSQL."""
        return Path(self.database.removeprefix(SQLITE)) if self.database.startswith(SQLITE) else None

    def why_no_copies(self, server: str) -> str:
        """Return why copies of SIP messages cannot be sent to the address `server`; "" when they can."""
        version = ip_address(server).version
        fitting = [each for each in self.listeners if each.version == version]
        if not fitting:
            return f"the edge has no IPv{version} address to send from to {server}: it listens on {self.host}"
        if not fitting[0].reaches(server):
            return f"{server} cannot be reached from {fitting[0].host}, the address that the edge listens on"
        return ""

    @property
    def inner_hosts(self) -> tuple[str, ...]:
        """The addresses that workers of the voicemail are reached from, where no listener reaches them.

        IPv4 and IPv6 need a socket each, and what is bound to loopback reaches no other machine.
        """
        found = (self._inner_host(worker) for worker, _ in self.voicemail)
        return tuple(dict.fromkeys(host for host in found if host is not None))

    def _inner_host(self, worker: str) -> str | None:
        if any(each.reaches(worker) for each in self.listeners):
            return None
        theirs = ip_address(worker)
        if theirs.is_loopback:
            return "127.0.0.1" if theirs.version == 4 else "::1"
        return source_towards(worker)

    @property
    def contact_host(self) -> str:
        """An address at which we reach the edge ourselves."""
        if not ip_address(self.host).is_unspecified:
            return self.host
        return "::1" if ":" in self.host else "127.0.0.1"


def _parsed(host: str) -> IPv4Address | IPv6Address:
    try:
        return ip_address(host)
    except ValueError as error:
        raise EdgeConfigInvalid(f"{host!r} is not an IP address: give this machine's, such as 127.0.0.1") from error


def _is_host(text: str) -> bool:
    return is_ip_address(text) or _HOST_NAME.fullmatch(text) is not None
