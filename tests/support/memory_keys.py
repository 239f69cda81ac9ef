"""The part of the store in memory that changes keys."""

from collections.abc import Mapping
from dataclasses import replace

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import keys as rows
from renvoi.application.ports.errors import Conflict, StoreRefused
from renvoi.application.ports.keys import KeyChange
from renvoi.domain.access.api_key import KeyRecord
from tests.support.memory_limits import MemoryLimits


class MemoryKeys(MemoryLimits):
    """Keys, when they were used, and their changes; see `application.ports.Writer`."""

    def key_for_change(self, key_id: str) -> KeyRecord | None:
        return self.key(key_id)

    def add_key(self, record: KeyRecord) -> None:
        if record.id in self._state.keys:
            raise Conflict(f"key {record.id} exists already")
        _check(record)
        if not record.is_operator and record.account_id not in self._state.accounts:
            raise StoreRefused(f"there is no account {record.account_id}")
        self._state.keys[record.id] = record

    def put_key(self, record: KeyRecord) -> None:
        _check(record)
        if record.id in self._state.keys:
            self._state.keys[record.id] = record

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        record = self._state.keys.get(key_id)
        if record is None:
            return False
        if record.revoked_at_ms is None:
            self._state.keys[key_id] = replace(record, revoked_at_ms=at_ms, revision=record.revision + 1)
        return True

    def note_key_uses(self, uses: Mapping[str, int]) -> None:
        for key_id, at_ms in uses.items():
            column_limits.check_row(schema.key_uses, {"key_id": key_id, "at_ms": at_ms})
            self._state.key_uses[key_id] = max(at_ms, self._state.key_uses.get(key_id, at_ms))

    def remove_revoked_keys(self, before_ms: int, limit: int) -> int:
        def ids(*, of_operators: bool) -> list[str]:
            found = [key for key in self._state.keys.values() if key.is_operator == of_operators]
            return [key.id for key in found if key.revoked_at_ms is not None and key.revoked_at_ms < before_ms][:limit]

        removed = ids(of_operators=False) + ids(of_operators=True)
        for key_id in removed:
            del self._state.keys[key_id]
            self._state.key_uses.pop(key_id, None)
        return len(removed)

    def add_key_change(self, change: KeyChange) -> None:
        column_limits.check_row(schema.key_changes, rows.change_values(change))
        self._state.key_changes.append(change)

    def remove_old_key_changes(self, before_ms: int, limit: int) -> int:
        old = [each for each in self._state.key_changes if each.at_ms < before_ms][:limit]
        self._state.key_changes = [each for each in self._state.key_changes if each not in old]
        return len(old)


def _check(record: KeyRecord) -> None:
    values = rows.key_values(record) | {"id": record.id, "created_at_ms": record.created_at_ms}
    column_limits.check_row(schema.api_keys, values | {"made_by": record.made_by})
