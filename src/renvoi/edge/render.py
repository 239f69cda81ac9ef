"""Renders the files that Kamailio and the router in it read."""

import json
import os
import secrets
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from renvoi.domain import deposit
from renvoi.domain.trunk import DiversionHeaders, InboundTrunk, OutboundTrunk
from renvoi.edge import answers
from renvoi.edge.config import SQLITE, EdgeConfig, bracketed
from renvoi.edge.privileges import EdgeUser
from renvoi.edge.trunktable import TrunkTable

CONFIGURATION = "kamailio.cfg"
ADDRESSES = "addresses.list"
DESTINATIONS = "destinations.list"
TRUNKS = "trunks.json"
SETTINGS = "edge.json"
SECRET = "secret"  # noqa: S105 - the name of a file
RUNTIME = "run"
"""The one directory that Kamailio may write to; all others belong to the serving process."""
SOCKET = "rpc.sock"
"""In `RUNTIME`, where Kamailio puts it by itself."""

INBOUND_GROUP = 1
PROBED_SET, LAST_RESORT_SET = 1, 2
"""Both sets hold all outbound trunks; in the second one they are never marked as down."""
WORKER_SET, LAST_RESORT_WORKER_SET = 3, 4
"""The same for the workers of the voicemail."""
MOST_WORKERS = 8
"""Workers that one call is sent to, one after the other, before it is given up."""
LOAD_TABLE = "load"
"""Kamailio's table of the calls that are counted for a worker."""
LEFT_TABLE = "left"
"""Kamailio's table of calls that have given up a leg."""
LONGEST_MESSAGE_S = 300
"""After so many seconds a call is not counted for its worker any more, whatever became of it."""
_NOT_ALIVE = (408, 503)
"""Answers to a probe that do not show a trunk to work: 408 is also what Kamailio makes of silence."""

_environment = Environment(
    loader=PackageLoader("renvoi.edge", "."),
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


def configuration(config: EdgeConfig, secret: str, trunks: TrunkTable) -> str:
    """Return `kamailio.cfg`. `secret` (hexadecimal) proves that a dialog was begun by this edge."""
    return _environment.get_template("kamailio.cfg.j2").render(
        config=config,
        listen=f"{bracketed(config.host)}:{config.port}",
        inner=[f"{bracketed(host)}:{config.port}" for host in config.inner_hosts],
        advertise=f"{config.public_host}:{config.port}",
        secret=secret,
        revision=trunks.revision,
        script=Path(__file__).with_name("script.py"),
        alive=_codes_of_the_living(),
        answers=answers,
        addresses=ADDRESSES,
        destinations=DESTINATIONS,
        socket=SOCKET,
        inbound_group=INBOUND_GROUP,
        probed=PROBED_SET,
        last_resort=LAST_RESORT_SET,
        workers=WORKER_SET,
        most_workers=MOST_WORKERS,
        last_resort_workers=LAST_RESORT_WORKER_SET,
        deposit_header=deposit.HEADER,
        load=LOAD_TABLE,
        left=LEFT_TABLE,
        longest_s=LONGEST_MESSAGE_S,
    )


def _codes_of_the_living() -> str:
    # Kamailio takes 2xx as good by itself, and has no way to say "all of 4xx but one".
    return ";".join(f"code={code}" for code in range(300, 700) if code not in _NOT_ALIVE)


def addresses(trunks: Iterable[InboundTrunk]) -> str:
    """Return the list of networks that calls may come from, the narrowest first so that it is found first."""
    rows = [(part, trunk.name) for trunk in trunks for network in trunk.networks for part in _parts(network)]
    rows.sort(key=lambda row: (-row[0].prefixlen, str(row[0])))
    return "".join(
        f"{INBOUND_GROUP} {network.network_address} {network.prefixlen} 0 {name}\n" for network, name in rows
    )


def _parts(network: IPv4Network | IPv6Network) -> Iterable[IPv4Network | IPv6Network]:
    """Return the network itself; the two halves of the one that is everything, which Kamailio does not match."""
    return (network,) if network.prefixlen else network.subnets()


def destinations(trunks: Iterable[OutboundTrunk], voicemail: Iterable[tuple[str, int]] = ()) -> str:
    """Return the dispatcher's list: each outbound trunk with its priority and what a branch to it needs to know.

    The workers of the voicemail follow, each by a name (`duid`) that its calls are counted under.
    """
    lines = []
    for trunk in sorted(trunks, key=lambda trunk: (-trunk.priority, trunk.name)):
        headers = trunk.diversion_headers
        diversion = int(headers in (DiversionHeaders.BOTH, DiversionHeaders.DIVERSION))
        history = int(headers in (DiversionHeaders.BOTH, DiversionHeaders.HISTORY_INFO))
        attributes = f"trunk={trunk.name};diversion={diversion};history={history}"
        lines += [f"{each} {trunk.uri} 0 {trunk.priority} {attributes}\n" for each in (PROBED_SET, LAST_RESORT_SET)]
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
        "host": config.host,
        "port": config.port,
        "address": f"{config.public_host}:{config.port}",
        "voicemail": bool(config.voicemail),
    }
    return json.dumps(values, indent=1)


def write_trunks(config: EdgeConfig, trunks: TrunkTable, user: EdgeUser | None) -> None:
    """Write the files that depend on trunks, readable by `user`."""
    directory = config.directory
    replace(directory / TRUNKS, trunks.dump(), user)
    replace(directory / ADDRESSES, addresses(trunks.inbound.values()), user)
    replace(directory / DESTINATIONS, destinations(trunks.outbound.values(), config.voicemail), user)


def write_all(config: EdgeConfig, boot: str, trunks: TrunkTable, user: EdgeUser | None) -> None:
    """Write every file that a start of Kamailio needs, readable by `user`."""
    directory = config.directory
    replace(directory / CONFIGURATION, configuration(config, _secret(directory / SECRET), trunks), user)
    replace(directory / SETTINGS, settings(config, boot), user)
    write_trunks(config, trunks, user)


def _secret(path: Path) -> str:
    """Return the key of the marks in Record-Route; it is kept, so that calls in progress outlive a restart."""
    if not path.exists():
        replace(path, secrets.token_hex(16), None)
    return path.read_text("ascii").strip()


def replace(path: Path, text: str, user: EdgeUser | None) -> None:
    """Put `text` into `path` in one step; its owner alone may write it, and `user` may read it."""
    temporary = path.with_name(path.name + ".new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        if user is not None:
            os.fchown(fd, -1, user.gid)
            os.fchmod(fd, 0o640)
    temporary.replace(path)
