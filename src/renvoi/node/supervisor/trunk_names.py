"""The names of trunks: looked up in the background, and remembered."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from renvoi.domain.text import read_json
from renvoi.domain.trunks.address import Destination, NameNotFound, TrunkAddress
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.files import replace
from renvoi.edge.kamailio.registrations import registrar_at

REFRESH_S = 30.0
"""How often a name is looked up that leads to its trunk."""
AGAIN_S = 2.0
"""How often one is that does not: DNS fails, or the trunk is down."""
MOST_AT_ONCE = 16

LookUp = Callable[[TrunkAddress], Awaitable[tuple[Destination, ...]]]


@dataclass(slots=True)
class Name:
    """What is known of a trunk's name. `error` says why the last look-up found nothing, `found_at_s` is of 1970."""

    address: TrunkAddress
    destinations: tuple[Destination, ...] = ()
    found_at_s: int | None = None
    error: str | None = None
    tried: bool = False
    due: float = 0.0


class TrunkNames:
    """The names of a node's outbound trunks, by their URI: looked up in the background.

    Calls never wait for DNS, as Kamailio is given addresses. Those found last serve until others are found, and after a
    restart too.
    """

    def __init__(self, path: Path, look_up: LookUp) -> None:
        """Make it remember in the file `path`."""
        self._path = path
        self._look_up = look_up
        self._names: dict[str, Name] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._remembered = _read(path)

    @property
    def is_empty(self) -> bool:
        """Whether no trunk has a name that is looked up."""
        return not self._names

    def follow(self, trunks: Iterable[OutboundTrunk]) -> None:
        """Keep the names of these trunks, and no others."""
        wanted = {trunk.uri: trunk.address for trunk in trunks if trunk.address.is_name}
        wanted |= {
            trunk.registrar: trunk.registrar_address
            for trunk in trunks
            if trunk.register and trunk.registrar and trunk.registrar_address.is_name
        }
        self._names = {uri: self._names.get(uri) or self._new(uri, address) for uri, address in wanted.items()}

    def _new(self, uri: str, address: TrunkAddress) -> Name:
        destinations, found_at_s = self._remembered.get(uri, ((), None))
        return Name(address, destinations, found_at_s)

    async def refresh(self, patience_s: float) -> None:
        """Look up what is due; wait up to `patience_s` seconds for names that were never tried, and for no others."""
        now = time.monotonic()
        for uri, name in self._names.items():
            if name.due <= now and uri not in self._running:
                self._running[uri] = asyncio.create_task(self._find(uri, name))
        new = [task for uri, task in self._running.items() if uri in self._names and not self._names[uri].tried]
        if new:
            await asyncio.wait(new, timeout=patience_s)

    def hurry(self, uri: str) -> None:
        """Look a name up soon, as its trunk does not take calls."""
        if uri in self._names:
            name = self._names[uri]
            name.due = min(name.due, time.monotonic() + AGAIN_S)

    def get(self, uri: str) -> Name | None:
        """Return what is known of a trunk's name, None when its URI has an IP address."""
        return self._names.get(uri)

    def addresses(self, trunks: Iterable[OutboundTrunk]) -> Mapping[str, tuple[Destination, ...]]:
        """Return where trunks are, by their names as trunks."""
        return {trunk.name: self._names[trunk.uri].destinations for trunk in trunks if trunk.uri in self._names}

    def destinations(self, trunk: OutboundTrunk) -> tuple[Destination, ...]:
        """Return where a trunk is, whether it is known by name or not."""
        name = self._names.get(trunk.uri)
        return name.destinations if name is not None else registrar_at(trunk.address)

    def registrars(self, trunks: Iterable[OutboundTrunk]) -> Mapping[str, tuple[Destination, ...]]:
        """Return where the registrars of trunks are, by the names of the trunks."""
        return {trunk.name: self._registrar(trunk) for trunk in trunks if trunk.register}

    def _registrar(self, trunk: OutboundTrunk) -> tuple[Destination, ...]:
        name = self._names.get(trunk.registrar or trunk.uri)
        return name.destinations if name is not None else registrar_at(trunk.registrar_address)

    async def _find(self, uri: str, name: Name) -> None:
        log = structlog.get_logger("node").bind(trunk=uri)
        try:
            async with self._room:
                found = await self._look_up(name.address)
        except NameNotFound as error:
            if name.error is None:
                log.warning("the name of a trunk is not found", error=str(error), known=_shown(name.destinations))
            name.error = str(error)
        else:
            if name.error is not None or found != name.destinations:
                log.info("the name of a trunk is found", addresses=_shown(found))
            changed = found != name.destinations
            name.destinations, name.error, name.found_at_s = found, None, int(time.time())
            if changed:
                self._remember(uri, name)
        finally:
            name.tried = True
            name.due = time.monotonic() + (REFRESH_S if name.error is None else AGAIN_S)
            self._running.pop(uri, None)

    def _remember(self, uri: str, name: Name) -> None:
        assert name.found_at_s is not None
        kept = {each: self._remembered[each] for each in self._names if each in self._remembered}
        self._remembered = {**kept, uri: (name.destinations, name.found_at_s)}
        try:
            replace(self._path, _dump(self._remembered), None)
        except OSError as error:
            structlog.get_logger("node").warning("addresses of trunks cannot be kept", error=str(error))


def _shown(destinations: Iterable[Destination]) -> list[str]:
    return [each.uri for each in destinations]


_Remembered = dict[str, tuple[tuple[Destination, ...], int | None]]


def _dump(remembered: _Remembered) -> str:
    rows = {
        uri: {"found_at_s": at_s, "at": [[d.address, d.port, d.transport, d.stream_port] for d in destinations]}
        for uri, (destinations, at_s) in remembered.items()
    }
    return json.dumps(rows, indent=1)


def _read(path: Path) -> _Remembered:
    """Return what was remembered; nothing when the file is missing or damaged, as DNS knows better."""
    try:
        rows = read_json(path.read_text("utf-8"))
        return {
            str(uri): (tuple(Destination(*each) for each in row["at"]), int(row["found_at_s"]))
            for uri, row in rows.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return {}
