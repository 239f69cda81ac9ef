"""Renders the files that Kamailio and the router in it read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from renvoi.domain.calls.call_mark import PROVEN_AT, WORKER
from renvoi.domain.calls.ladder import MAX_PHRASE
from renvoi.domain.hosts import bracketed
from renvoi.domain.messages import voicemail_handoff
from renvoi.domain.routing import trial
from renvoi.domain.rules.rule import MAX_RING_TIMEOUT
from renvoi.domain.trunks.address import Destination
from renvoi.domain.trunks.branch_plan import in_order
from renvoi.domain.trunks.caller_id import REMOVED
from renvoi.domain.trunks.choices import Probing
from renvoi.domain.trunks.digest import NONCE_S
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.edge.config import HEP_NAME, SQLITE, EdgeConfig, Listener
from renvoi.edge.kamailio import registrations
from renvoi.edge.kamailio.files import copy_identity, replace
from renvoi.edge.router import call_counts, challenges, sip_responses, trunk_credentials
from renvoi.edge.router.dialogs import REWRITTEN, SEEN_TABLE, VOICEMAIL_USER
from renvoi.edge.router.handoff_variables import TO_NUMBER, TO_WORKER
from renvoi.edge.router.parties import PARAMETER
from renvoi.edge.router.secured import ASKED_TABLE, CERTIFIED_TABLE, NOBODY, SECURED_TABLE
from renvoi.edge.router.sip_responses import ONGOING_TABLE
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.edge.sandbox import EdgeUser
from renvoi.edge.tls import profiles

CONFIGURATION = "kamailio.cfg"
ADDRESSES = "addresses.list"
DESTINATIONS = "destinations.list"
TRUNKS = "trunks.json"
SETTINGS = "edge.json"
RUNTIME = "run"
"""The one directory that Kamailio may write to; all others belong to the serving process."""
SOCKET = "rpc.sock"
"""In `RUNTIME`, where Kamailio puts it by itself."""

INBOUND_GROUP, PEER_GROUP = 1, 2
"""Where calls may come from, and where only answers and requests inside calls may."""
PROBED_SET, UNPROBED_SET = 1, 5
"""All addresses of outbound trunks are in one of these. In the first one those that are marked as down are probed."""
TRUNK_SETS = PROBED_SET, UNPROBED_SET
WATCHED_SET = 2
"""Those of the first one that are probed while they are up too; never marked."""
WORKER_SET, LAST_RESORT_WORKER_SET = 3, 4
"""Both sets hold all workers of the voicemail; in the second one they are never marked as down."""
MOST_DESTINATIONS = 10
"""Addresses of trunks that one call is sent to, one after the other, before it is given up."""
LEAST_SECOND_DESTINATIONS = 5
"""How many of them the second number of a rule has in any case, however many the first one has used."""
MOST_WATCHED = 1000
"""Addresses of trunks that can be watched, and turns of a loop of Kamailio's."""
MOST_BRANCHES = 24
MOST_BRANCHES_WITH_CREDENTIALS = 30
"""A trunk that challenges us takes another one, or two. Kamailio allows 31."""
MOST_WORKERS = 8
"""Workers that one call is sent to, one after the other, before it is given up."""
LOAD_TABLE = "load"
"""Kamailio's table of the calls that are counted for a worker."""
LEFT_TABLE = "left"
"""Kamailio's table of calls that have given up a leg."""
SHUT_OUT_S = 3600
"""For how long a stranger who insists gets no answer at all."""
MOST_TRIES = 100
"""Calls from an unknown source within a minute that prove nothing; then it is shut out."""
MOST_WRONG = 10
"""Wrong users or passwords from a source within an hour; then it is shut out."""
MOST_STRANGERS_A_SECOND = 100
"""Calls of all unknown sources together that are looked at in a second."""
MOST_CALLS_A_SECOND = 500
"""Calls from one address that has proven itself that are looked at in a second."""
LONGEST_MESSAGE_S = 300
"""After so many seconds a call is not counted for its worker any more, however it ended."""
_SILENCE = 408
"""What Kamailio makes of silence; any answer to a probe shows that a trunk lives."""
LARGEST_MESSAGE_BYTES = 64 * 1024
"""A request that is larger is answered with 513."""
TCP_BUFFER_BYTES = 2 * LARGEST_MESSAGE_BYTES
"""Of each connection. One that is sent more in one message is closed: Kamailio cannot read on behind it."""
STRANGER_TCP_S, PEER_TCP_S = 5, 3605
"""How long a TCP connection may be idle that no peer has sent a message by, and one that a peer has.

Longer than a trunk may be silent, as what we opened ourselves begins like a stranger's.
"""
LARGE_BYTES = 1300
"""A request that is larger goes by TCP where the trunk takes it (RFC 3261 §18.1.1)."""
SCRIPT = Path(__file__).parents[1] / "router" / "script.py"
"""What Kamailio loads."""
DATAGRAM_BYTES = 65_000
"""A request of more fits into no datagram (65,507 bytes with IPv4), give or take what we add to it."""
ADDED_BYTES = 300
"""What Via and Record-Route of ours add to a request, about."""
EXPECTED_TABLE, ALIASES_TABLE = "expected", "aliases"
"""What the calling sides of calls may send next (route[EXPECT]), and what the called side calls them."""
EXPECTED_S = 60
DOWN_TABLE, UP_TABLE, HEARD_TABLE = "down", "up", "heard"
"""Kamailio's tables of trunks' destinations: down since, up again since (s since 1970), last answer (status, and s)."""
RETRY_TABLE, DATAGRAMS_TABLE = "retry", "datagrams"
"""Those of destinations that are down and tried again when their entry ends, and of those that take no TCP."""
TLS_RELOADS = "tls_reloads"
"""Kamailio's shared variable of how often TLS was configured since its start."""
CERTIFIES = "certifies"
"""Kamailio's shared variable that is 1 while some trunk is known by its certificate."""

NATTED = "natted"
"""Kamailio's shared variable with the names of inbound trunks whose callers are behind NAT."""

_SETS = {
    Probing.ALWAYS: (PROBED_SET, WATCHED_SET),
    Probing.DOWN: (PROBED_SET,),
    Probing.NEVER: (UNPROBED_SET,),
}
RELAY_MS = 300
"""How long the media relay may be silent, twice."""

Addresses = Mapping[str, Sequence[Destination]]
"""Where each outbound trunk is, by its name; a trunk without any gets no calls."""

_environment = Environment(
    loader=PackageLoader("renvoi.edge.kamailio", "."),
    autoescape=False,  # noqa: S701 - not HTML; `quoted` is the escape of this language
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def quoted(value: object) -> str:
    """Return `value` as a string of Kamailio's configuration language.

    Raises:
        ValueError: it has a control character, which no value of ours needs.
    """
    text = str(value)
    if not text.isprintable():
        raise ValueError(f"{text!r} cannot stand in kamailio.cfg")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_environment.filters["quoted"] = quoted


def compile_templates() -> None:
    """Compile all templates, which otherwise the first start of Kamailio does; the process keeps them."""
    for name in _environment.list_templates(extensions=["j2"]):
        _environment.get_template(name)


def configuration(config: EdgeConfig, trunks: TrunkTable, *, tls: bool = False) -> str:
    """Return `kamailio.cfg`, with TLS or without."""
    return _environment.get_template("kamailio.cfg.j2").render(
        config=config,
        listeners=[_listening(config, each) for each in config.listeners],
        inner=[f"{bracketed(host)}:{config.port}" for host in config.inner_hosts],
        advertise=config.public_address,
        advertise_ipv4=config.public_address_towards("127.0.0.1"),
        advertise_ipv6=config.public_address_towards("::1"),
        ipv6=any(each.version == 6 for each in config.listeners),
        tls=tls,
        tls_profiles=profiles.PROFILES,
        secured=SECURED_TABLE,
        asked=ASKED_TABLE,
        certified=CERTIFIED_TABLE,
        certifies=CERTIFIES,
        tls_reloads=TLS_RELOADS,
        certifies_now=int(any(trunk.certificate for trunk in trunks.inbound.values())),
        nobody=NOBODY,
        revision=trunks.revision,
        script=SCRIPT,
        alive=_codes_of_the_living(),
        tcp_buffer=TCP_BUFFER_BYTES,
        tcp_connections=min(2048, config.memory_mib * (1024 * 1024 // TCP_BUFFER_BYTES) // 4),
        hep_name=HEP_NAME,
        # Whether there is anything that is read of them.
        strangers_heard=config.answer_strangers,
        stranger_tcp_s=STRANGER_TCP_S,
        peer_tcp_s=PEER_TCP_S,
        most_bytes=LARGEST_MESSAGE_BYTES,
        large_bytes=LARGE_BYTES,
        datagram_bytes=DATAGRAM_BYTES,
        added_bytes=ADDED_BYTES,
        down=DOWN_TABLE,
        up=UP_TABLE,
        heard=HEARD_TABLE,
        retry=RETRY_TABLE,
        credentials=trunks.credentials,
        registers=trunks.registers,
        relays=needs_relay(config, trunks),
        relay=relay_socket(config),
        relay_ms=RELAY_MS,
        registering=registrations,
        registrations=f"text://{(config.directory / registrations.DIRECTORY).absolute()}",
        proving=trunk_credentials,
        datagrams=DATAGRAMS_TABLE,
        answers=sip_responses,
        longest_phrase=MAX_PHRASE,
        addresses=ADDRESSES,
        destinations=DESTINATIONS,
        socket=SOCKET,
        inbound_group=INBOUND_GROUP,
        peer_group=PEER_GROUP,
        seen=SEEN_TABLE,
        expected=EXPECTED_TABLE,
        aliases=ALIASES_TABLE,
        # Less than the longest call, whose end this must not outlive.
        expected_s=max(1, min(EXPECTED_S, config.longest_call_s // 4)),
        mark=PARAMETER,
        rewritten=REWRITTEN,
        worker_party=WORKER,
        voicemail_user=VOICEMAIL_USER,
        natted=NATTED,
        natted_trunks=natted(trunks),
        shut_out_s=SHUT_OUT_S,
        probed=PROBED_SET,
        watched=WATCHED_SET,
        most_watched=MOST_WATCHED,
        most_destinations=MOST_DESTINATIONS,
        least_second_destinations=LEAST_SECOND_DESTINATIONS,
        to_worker=TO_WORKER,
        to_number=TO_NUMBER,
        most_branches=MOST_BRANCHES if not trunks.credentials else MOST_BRANCHES_WITH_CREDENTIALS,
        workers=WORKER_SET,
        most_workers=MOST_WORKERS,
        last_resort_workers=LAST_RESORT_WORKER_SET,
        handoff_header=voicemail_handoff.HEADER,
        trial_header=trial.HEADER,
        load=LOAD_TABLE,
        left=LEFT_TABLE,
        ongoing=ONGOING_TABLE,
        counting=call_counts,
        challenging=challenges,
        proven_at=PROVEN_AT,
        # A nonce of a node whose clock is ahead is answered for longer.
        nonce_memory_s=3 * NONCE_S,
        most_tries=MOST_TRIES,
        most_wrong=MOST_WRONG,
        most_strangers_a_second=MOST_STRANGERS_A_SECOND,
        most_calls_a_second=MOST_CALLS_A_SECOND,
        # A count is kept for longer than any call that is in it.
        longest_count_s=2 * config.longest_call_s + 3600,
        removed=REMOVED,
        longest_ringing_s=2 * int(MAX_RING_TIMEOUT.total_seconds()) + 60,
        longest_s=LONGEST_MESSAGE_S,
    )


def needs_relay(config: EdgeConfig, trunks: TrunkTable) -> bool:
    """Tell whether Kamailio has to talk to the media relay. A call that needs one goes nowhere where none is set."""
    return trunks.relays and config.relay is not None


def relay_socket(config: EdgeConfig) -> str:
    """Return where the media relay is in the words of Kamailio's module."""
    if config.relay is None:
        return ""
    host, port = config.relay
    return f"udp6:[{host}]:{port}" if ":" in host else f"udp:{host}:{port}"


def natted(trunks: TrunkTable) -> str:
    """Return the names of the inbound trunks whose callers are behind NAT, as a list in Kamailio's words."""
    return ",".join(trunk.name for trunk in trunks.inbound.values() if trunk.nat)


def _listening(config: EdgeConfig, listener: Listener) -> dict[str, str]:
    host = bracketed(listener.host)
    return {
        "address": f"{host}:{config.port}",
        "advertised": listener.public_address(config.port),
        "tls_address": f"{host}:{config.tls_port}",
        "tls_advertised": f"{listener.public_host}:{config.tls_port}",
    }


def _codes_of_the_living() -> str:
    # Kamailio takes 2xx as good by itself, and has no way to say "all of 4xx but one".
    return ";".join(f"code={code}" for code in range(300, 700) if code != _SILENCE)


def addresses(trunks: Iterable[InboundTrunk]) -> str:
    """Return the list of networks that calls may come from, the narrowest first so that it is found first.

    One that several trunks have is there once, for the first of them by name: of two rows Kamailio would take the last
    one for an address, and the first one for a network.
    """
    owners: dict[IPv4Network | IPv6Network, str] = {}
    for trunk in sorted(trunks, key=lambda each: each.name):
        for network in trunk.networks:
            owners |= {part: owners.get(part, trunk.name) for part in _parts(network)}
    rows = sorted(owners.items(), key=lambda row: (-row[0].prefixlen, str(row[0])))
    return "".join(
        f"{INBOUND_GROUP} {network.network_address} {network.prefixlen} 0 {name}\n" for network, name in rows
    )


def peers(config: EdgeConfig, found: Addresses, registrars: Iterable[str] = ()) -> str:
    """Return the list of addresses that are heard besides: outbound trunks, registrars, workers, our own probes."""
    hosts = {destination.address for listed in found.values() for destination in listed} | set(registrars)
    hosts |= {"127.0.0.1", "::1", *config.inner_hosts}
    hosts |= {each.host for each in config.listeners} | {host for host, _ in config.voicemail}
    addresses = {ip_address(host) for host in hosts}
    return "".join(
        f"{PEER_GROUP} {address} {address.max_prefixlen} 0 peer\n"
        for address in sorted(addresses, key=str)
        if not address.is_unspecified
    )


def _parts(network: IPv4Network | IPv6Network) -> Iterable[IPv4Network | IPv6Network]:
    """Return the network itself; the two halves of the one that is everything, which Kamailio does not match."""
    return (network,) if network.prefixlen else network.subnets()


def destinations(
    trunks: Iterable[OutboundTrunk], addresses: Addresses, voicemail: Iterable[tuple[str, int]] = ()
) -> str:
    """Return the dispatcher's list: each address of each outbound trunk, in their order, with the trunk's name.

    The workers of the voicemail follow, each by a name (`duid`) that its calls are counted under.
    """
    listed = [(trunk, destination) for trunk in in_order(trunks) for destination in addresses.get(trunk.name, ())]
    lines = []
    for place, (trunk, destination) in enumerate(listed):
        row = f"{destination.uri} 0 {len(listed) - place} trunk={trunk.name}\n"
        lines += [f"{group} {row}" for group in _SETS[trunk.probes]]
    for host, port in voicemail:
        address = f"{bracketed(host)}:{port}"
        lines += [f"{each} sip:{address} 0 0 duid={address}\n" for each in (WORKER_SET, LAST_RESORT_WORKER_SET)]
    return "".join(lines)


def settings(config: EdgeConfig, boot: str) -> str:
    """Return what the router reads once, at its start; `boot` names this start in the spool."""
    values = {
        # Kamailio works in another directory than we do.
        "database": f"{SQLITE}{file.absolute()}" if (file := config.database_file) is not None else config.database,
        "on_store_loss": config.on_store_loss,
        "store_loss_max_s": config.store_loss_max_s,
        "spool": str(config.spool.absolute()),
        "boot": boot,
        "domain": config.uri_domain,
        "port": config.port,
        "address": config.public_address,
        "voicemail": bool(config.voicemail),
        "relay": config.relay,
        "longest_call_s": config.longest_call_s,
        "cooling_off_s": config.cooling_off_s,
        "certificate_url": config.certificate_url,
        "secured": {
            "addresses": [f"{each.public_host}:{config.tls_port}" for each in config.listeners],
            "domain": config.uri_domain,
            "interval_s": config.probe_interval_s,
            "tables": (DOWN_TABLE, RETRY_TABLE, UP_TABLE, HEARD_TABLE),
        },
    }
    return json.dumps(values, indent=1)


def write_trunks(
    config: EdgeConfig, trunks: TrunkTable, found: Addresses, registrars: Iterable[str], user: EdgeUser | None
) -> None:
    """Write the files that depend on trunks, which are at the addresses `found`, readable by `user`."""
    directory = config.directory
    replace(directory / TRUNKS, trunks.dump(), user)
    replace(directory / ADDRESSES, addresses(trunks.inbound.values()) + peers(config, found, registrars), user)
    replace(directory / DESTINATIONS, destinations(trunks.outbound.values(), found, config.voicemail), user)


def write_all(
    config: EdgeConfig,
    boot: str,
    trunks: TrunkTable,
    found: Addresses,
    registrars: Iterable[str],
    user: EdgeUser | None,
    *,
    tls: bool = False,
) -> None:
    """Write every file that a start of Kamailio needs, with `tls` or without, readable by `user`."""
    directory = config.directory
    replace(directory / CONFIGURATION, configuration(config, trunks, tls=tls), user)
    replace(directory / SETTINGS, settings(config, boot), user)
    write_trunks(config, trunks, found, registrars, user)
    if trunks.registers:
        registrations.write_tables(directory, user)
    copy_identity(config, user)
