"""The part of the store in memory that reads keys."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from renvoi.application.ports.keys import KeyChange, KeyPlace
from renvoi.domain.access.api_key import KeyRecord

if TYPE_CHECKING:
    # It holds what this reads, and is read by it.
    from tests.support.memory_state import State


class MemoryKeyReader:
    """Keys, when they were used, and their changes; see `application.ports.Reader`."""

    _state: "State"

    def key(self, key_id: str) -> KeyRecord | None:
        return self._state.keys.get(key_id)

    def keys(
        self, account_id: int | None = None, after: KeyPlace | None = None, limit: int = 100
    ) -> Sequence[KeyRecord]:
        found = [
            key
            for key in self._state.keys.values()
            if key.account_id == account_id or (account_id is None and not key.is_operator)
        ]
        behind = [key for key in found if after is None or (key.created_at_ms, key.id) > after]
        return sorted(behind, key=lambda key: (key.created_at_ms, key.id))[:limit]

    def live_keys(self, account_id: int, limit: int) -> int:
        live = [key for key in self._state.keys.values() if key.revoked_at_ms is None]
        return min(limit, sum(key.account_id == account_id for key in live))

    def key_uses(self, key_ids: Collection[str]) -> Mapping[str, int]:
        return {key: at_ms for key, at_ms in self._state.key_uses.items() if key in key_ids}

    def key_changes(self, key_id: str, limit: int = 100, before_revision: int | None = None) -> Sequence[KeyChange]:
        found = [
            each
            for each in reversed(self._state.key_changes)
            if each.changed_key == key_id and (before_revision is None or each.after.revision < before_revision)
        ]
        return sorted(found, key=lambda each: each.after.revision, reverse=True)[:limit]
