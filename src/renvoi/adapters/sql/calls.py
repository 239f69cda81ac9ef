"""Calls in the store: their records and counts, and how far each file of the spool has been read."""

from collections import Counter
from collections.abc import Mapping, Sequence

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import statements
from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.pages import CALLS, page_of, place_of
from renvoi.adapters.sql.row_repair import is_number
from renvoi.application.ports.calls import EVERY_CALL, HOURS_KEPT, CallFilter, CallQuery, StoredCall
from renvoi.application.ports.pages import Page, Place
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder


class CallReader:
    """The part of `application.ports.Reader` that calls need."""

    _connection: Connection

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        values = tables.filter_values(only)
        found = self._connection.all(statements.calls_where(*values), limit=limit, **values)
        return [tables.call_record(row) for row in found]

    def call(self, key: CallKey) -> CallRecord | None:
        row = self._connection.one(statements.call, **_call_key(key))
        return tables.call_record(row) if row else None

    def call_page(self, only: CallQuery, after: Place | None, limit: int) -> Page[StoredCall]:
        def make(row: Row) -> tuple[Place, StoredCall]:
            return place_of(row, CALLS), tables.stored_call(row)

        return page_of(self._connection, CALLS, only, after, limit, make)

    def stored_call(self, number: int) -> StoredCall | None:
        row = self._connection.one(statements.stored_call, id=number)
        return tables.stored_call(row) if row else None

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        row = self._connection.one(statements.answered_call, call_id=call_id, from_tag=from_tag)
        return tables.call_record(row) if row else None

    def ladder(self, key: CallKey) -> Ladder | None:
        row = self._connection.one(statements.ladder, **_call_key(key))
        return tables.ladder(key, row) if row else None

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        # Programs of schema 0006 raise the counts of all nodes together.
        found: Counter[tuple[str, int]] = Counter()
        for counts in (statements.all_call_counts, statements.all_node_call_counts):
            for decision, status, calls in self._connection.all(counts):
                if isinstance(decision, str) and isinstance(status, int) and is_number(calls):
                    found[decision, status] += int(calls)
        return found

    def hour_counts(self, first: int) -> Mapping[tuple[int, str], int]:
        rows = self._connection.all(statements.hour_counts_since, first=first)
        return {(hour, name): int(value) for hour, name, value in rows if isinstance(hour, int) and is_number(value)}

    def spool_offsets(self) -> Mapping[str, int]:
        return {row[0]: row[1] for row in self._connection.all(statements.all_spool_offsets)}


class CallWriter(CallReader):
    """The part of `application.ports.Writer` that calls need; records that it reads stay as they are meanwhile."""

    _node: str

    def call(self, key: CallKey) -> CallRecord | None:
        row = self._connection.one(statements.call_for_change, **_call_key(key))
        return tables.call_record(row) if row else None

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        row = self._connection.one(statements.answered_call_for_change, call_id=call_id, from_tag=from_tag)
        return tables.call_record(row) if row else None

    def unfinished_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        found = self._connection.all(statements.unfinished_calls, before_ms=before_ms, limit=limit)
        return [tables.call_record(row) for row in found]

    def unended_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        found = self._connection.all(statements.unended_calls, before_ms=before_ms, limit=limit)
        return [tables.call_record(row) for row in found]

    def put_call(self, record: CallRecord) -> StoredCall:
        row = self._connection.one(statements.put_call, **tables.call_values(record))
        assert row is not None
        return StoredCall(row[0], row[1], record)

    def assign_calls(self, limit: int) -> int:
        return self._connection.run(statements.assign_calls, limit=limit)

    def remove_old_calls(self, before_ms: int, limit: int) -> int:
        return self._connection.run(statements.remove_old_calls, before_ms=before_ms, limit=limit)

    def put_ladders(self, ladders: Mapping[CallKey, Ladder]) -> None:
        if ladders:
            values = ({"ladder": tables.ladder_text(ladder), **_call_key(key)} for key, ladder in ladders.items())
            self._connection.run_many(statements.put_ladder, values)

    def remove_old_ladders(self, before_ms: int, limit: int) -> int:
        return self._connection.run(statements.remove_old_ladders, before_ms=before_ms, limit=limit)

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        # Always in the same order, or two parts of a node could wait for each other.
        for (decision, status), calls in sorted(counts.items()):
            key = {"decision": decision, "status": status, "node": self._node}
            self._connection.run(statements.raise_node_call_count, **key, calls=calls)

    def count_hours(self, counts: Mapping[tuple[int, str], int]) -> None:
        for (hour, name), value in sorted(counts.items()):
            self._connection.run(statements.raise_hour_count, hour=hour, name=name, node=self._node, value=value)
        if counts:
            before = max(hour for hour, _ in counts) - HOURS_KEPT
            self._connection.run(statements.forget_hour_counts, before=before, of_node=self._node)

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        if offset is None:
            self._connection.run(statements.forget_spool_file, key=file)
        else:
            self._connection.run(statements.put_spool_offset, file=file, offset=offset)


def _call_key(key: CallKey) -> dict[str, object]:
    return {"key_call_id": key.call_id, "key_from_tag": key.from_tag, "key_cseq": key.cseq}
