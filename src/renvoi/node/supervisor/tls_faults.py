"""Why trunks by TLS get no calls: found out by connections of our own, while the edge has none that is verified."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping

from renvoi.domain.trunks.address import TLS, Destination
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.tls.profiles import Profile

FIRST_S, AGAIN_S = 2.0, 30.0
"""When a trunk is looked at that gets no calls, and how often from then on."""

Destinations = Mapping[str, Iterable[Destination]]


class TlsFaults:
    """What is wrong with trunks, by their names; nothing of those that get calls."""

    def __init__(self, keys: Callable[[], Mapping[str, str]]) -> None:
        """Make it show them our certificates with these `keys`, by the trunks' names."""
        self._keys = keys
        self._found: dict[str, str] = {}
        self._due: dict[str, float] = {}
        self._running: dict[str, asyncio.Task[None]] = {}

    def get(self, name: str) -> str | None:
        """Return what is wrong with a trunk; None for nothing, and while that is not known."""
        return self._found.get(name)

    def follow(self, trunks: Iterable[OutboundTrunk], down: Destinations) -> None:
        """Look at the trunks that are at these destinations, which get no calls; forget the others."""
        wanted = {trunk.name: trunk for trunk in trunks if trunk.address.is_tls and trunk.name in down}
        for name in self._due.keys() - wanted.keys():
            del self._due[name]
            self._found.pop(name, None)
        now = time.monotonic()
        for name, trunk in wanted.items():
            if name not in self._running and self._due.setdefault(name, now + FIRST_S) <= now:
                self._due[name] = now + AGAIN_S
                found = [each for each in down[name] if each.transport == TLS]
                self._running[name] = asyncio.create_task(self._run(trunk, found))

    async def _run(self, trunk: OutboundTrunk, found: Iterable[Destination]) -> None:
        try:
            await self._look(trunk, found)
        finally:
            self._running.pop(trunk.name, None)

    async def _look(self, trunk: OutboundTrunk, found: Iterable[Destination]) -> None:
        key = self._keys().get(trunk.name, "") if trunk.client_cert else ""
        if trunk.client_cert and not key:
            return
        profile = Profile(trunk.ca, trunk.client_cert, key)
        faults = [f"{each.uri}: {fault}" for each in found if (fault := await _fault(trunk, each, profile))]
        self._found.pop(trunk.name, None)
        # It may have recovered meanwhile, or be another one; or nothing is wrong with its TLS.
        if faults and trunk.name in self._due:
            self._found[trunk.name] = "; ".join(faults)


async def _fault(trunk: OutboundTrunk, at: Destination, profile: Profile) -> str:
    # Loaded late: most nodes have no such trunk.
    from renvoi.edge.tls.handshake import examine  # noqa: PLC0415

    try:
        shown = await examine(trunk.uri, trunk.address.host, at, profile)
    except TimeoutError:
        return "it does not answer"
    except OSError as error:
        return f"it cannot be reached: {error.strerror or error}"
    return str(shown) if shown.fault else ""
