"""The part of the store in memory that trunks need."""

from renvoi.application.ports.errors import Conflict, UnreadableTrunk
from renvoi.domain.rules.rule import Unreadable
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.support.memory_state import MemoryReader


class MemoryTrunks(MemoryReader):
    """Trunks; see `application.ports.Writer`."""

    def add_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int:
        if sides[0].name in self._state.trunks.keys() | self._state.unreadable_trunks:
            raise Conflict(f"trunk {sides[0].name} exists already")
        self._state.trunks[sides[0].name] = sides
        return self._raise_trunks_revision()

    def set_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int | None:
        if sides[0].name not in self._state.trunks:
            return None
        self._state.trunks[sides[0].name] = sides
        return self._raise_trunks_revision()

    def remove_trunk(self, name: str) -> int | None:
        removed = self._state.trunks.pop(name, None) or self._state.unreadable_trunks.pop(name, None)
        if removed is None:
            return None
        return self._raise_trunks_revision()

    def make_trunk_unreadable(self, name: str, why: Unreadable) -> None:
        """Have lists show a trunk without its sides, as those of a real store may."""
        del self._state.trunks[name]
        self._state.unreadable_trunks[name] = UnreadableTrunk(name, why)

    def _raise_trunks_revision(self) -> int:
        self._state.trunks_revision += 1
        return self._state.trunks_revision
