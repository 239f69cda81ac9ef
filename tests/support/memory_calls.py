"""Calls in a store in memory: their records, ladders and counts, and how far the spool has been read."""

from collections.abc import Mapping, Sequence

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import mappers as rows
from renvoi.application.ports.calls import HOURS_KEPT, StoredCall
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.numbers.number import E164
from tests.support.memory_limits import MemoryLimits


class MemoryCalls(MemoryLimits):
    """See `application.ports.calls.CallWriter`."""

    def unfinished_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        found = [
            record for record in self._state.calls.values() if record.status is None and record.setup_at_ms < before_ms
        ]
        return sorted(found, key=lambda record: record.setup_at_ms)[:limit]

    def unended_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        found = [
            record
            for record in self._state.calls.values()
            if record.answer_at_ms is not None and record.end_at_ms is None and record.setup_at_ms < before_ms
        ]
        return sorted(found, key=lambda record: record.setup_at_ms)[:limit]

    def put_call(self, record: CallRecord) -> StoredCall:
        column_limits.check_row(schema.calls, rows.call_values(record))
        self._state.calls[record.key] = record
        if record.key not in self._state.call_ids:
            number = max((each for each, _ in self._state.call_ids.values()), default=0) + 1
            self._state.call_ids[record.key] = number, self._owner(record)
        return StoredCall(*self._state.call_ids[record.key], record)

    def assign_calls(self, limit: int) -> int:
        found = [key for key, (_, owner) in self._state.call_ids.items() if owner is None][:limit]
        for key in found:
            self._state.call_ids[key] = self._state.call_ids[key][0], self._owner(self._state.calls[key])
        return len(found)

    def _owner(self, record: CallRecord) -> int:
        number = E164(record.number) if record.number is not None else None
        lost = [each for each in self._state.removals.values() if each.number == number is not None]
        lost = [each for each in lost if each.at_ms > record.setup_at_ms]
        if lost:
            return min(lost, key=lambda each: (each.at_ms, each.id)).account_id
        owned = self._state.numbers.get(number) if number is not None else None
        return owned.account_id if owned is not None else 0

    def put_ladders(self, ladders: Mapping[CallKey, Ladder]) -> None:
        for key, ladder in ladders.items():
            column_limits.check_row(schema.call_ladders, {"ladder": rows.ladder_text(ladder)})
            if key in self._state.calls:
                self._state.ladders[key] = ladder

    def remove_old_ladders(self, before_ms: int, limit: int) -> int:
        set_up = {key: self._state.calls[key].setup_at_ms for key in self._state.ladders if key in self._state.calls}
        old = sorted((key for key, at_ms in set_up.items() if at_ms < before_ms), key=set_up.__getitem__)[:limit]
        for key in old:
            del self._state.ladders[key]
        return len(old)

    def remove_old_calls(self, before_ms: int, limit: int) -> int:
        old = [record for record in self._state.calls.values() if record.setup_at_ms < before_ms]
        old = sorted(old, key=lambda record: record.setup_at_ms)[:limit]
        for record in old:
            del self._state.calls[record.key], self._state.call_ids[record.key]
        return len(old)

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        for key, count in counts.items():
            self._state.call_counts[key] = self._state.call_counts.get(key, 0) + count

    def count_hours(self, counts: Mapping[tuple[int, str], int]) -> None:
        for key, value in counts.items():
            self._state.hour_counts[key] = self._state.hour_counts.get(key, 0) + value
        before = max((hour for hour, _ in counts), default=0) - HOURS_KEPT
        self._state.hour_counts = {key: value for key, value in self._state.hour_counts.items() if key[0] >= before}

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        column_limits.check_row(schema.spool_files, {"file": file, "offset": offset})
        if offset is None:
            self._state.spool_offsets.pop(file, None)
        else:
            self._state.spool_offsets[file] = offset
