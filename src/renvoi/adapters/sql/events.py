"""Events in the store.

On PostgreSQL transactions end in another order than they take positions. So a log is in the order of transactions'
numbers, and shows what those added that began before the oldest one that still writes: nothing comes before what was
read once. A transaction that began earlier may come to a number later than another one; its event then takes that one's
number, so that the events of each number are in the order of their `seq`. SQLite has one writer at a time, so positions
do.
"""

import logging
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, and_, bindparam, delete, literal_column, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import event_seqs, events, numbers
from renvoi.adapters.sql.statements import upsert
from renvoi.application.ports.errors import StoreRefused
from renvoi.domain.events.event import MAX_DATA_BYTES, Event, EventType, StoredEvent
from renvoi.domain.numbers.number import E164

_WITHOUT_NUMBER = 0
_log = logging.getLogger("renvoi.store")


class Settled(ColumnElement[Any]):
    """That no transaction can add an event before this one any more; on SQLite that is always so."""

    # As a Boolean it would be compared with 1, and SQLite look at each row.
    type = NullType()
    inherit_cache = True


@compiles(Settled)
def _settled(*_: Any, **__: Any) -> str:
    # No comparison of `tx`: SQLite would then use no more of the index than that.
    return "1"


@compiles(Settled, "postgresql")
def _settled_on_postgresql(*_: Any, **__: Any) -> str:
    # A place that is not above 0 can only be damage, and whoever reads on behind 0 begins: it would never end.
    return "events.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint AND events.position > 0"


class Behind(FunctionElement[Any]):
    """That an event, by its `tx` and `position`, comes after another one, by the same of that."""

    type = NullType()
    inherit_cache = True


@compiles(Behind)
def _behind(element: Behind, compiler: SQLCompiler, **words: Any) -> str:
    # Both columns of the index are used only so.
    tx, position, _, after = (compiler.process(clause, **words) for clause in element.clauses)
    return f"{tx} = 0 AND {position} > {after}"


@compiles(Behind, "postgresql")
def _behind_on_postgresql(element: Behind, compiler: SQLCompiler, **words: Any) -> str:
    tx, position, after_tx, after = (compiler.process(clause, **words) for clause in element.clauses)
    return f"({tx}, {position}) > ({after_tx}, {after})"


class Latest(FunctionElement[int]):
    """The number of the transaction that this runs in, or a later one that is given; 0 on SQLite."""

    type = BigInteger()
    inherit_cache = True


@compiles(Latest)
def _no_transaction(*_: Any, **__: Any) -> str:
    return "0"


@compiles(Latest, "postgresql")
def _latest(element: Latest, compiler: SQLCompiler, **words: Any) -> str:
    return f"GREATEST({compiler.process(element.clauses, **words)}, pg_current_xact_id()::text::bigint)"


COLUMNS = (
    *(events.c.position, events.c.type, events.c.account_id, events.c.number),
    *(events.c.seq, events.c.data, events.c.at_ms),
)
_repair = RowRepair(COLUMNS)
_decode_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_event = select(*COLUMNS)
event = _event.where(events.c.position == bindparam("position"))
event_tx = select(events.c.tx).where(
    and_(events.c.position == bindparam("position"), events.c.account_id == bindparam("account_id"))
)
readable = and_(events.c.account_id == bindparam("account_id"), Settled())
account_events = (
    _event.where(
        readable,
        Behind(
            *(events.c.tx, events.c.position),
            *(bindparam("after_tx", type_=BigInteger), bindparam("after", type_=BigInteger)),
        ),
    )
    .order_by(events.c.tx, events.c.position)
    .limit(bindparam("limit"))
)
last_place = (
    select(events.c.tx, events.c.position)
    .where(readable)
    .order_by(events.c.tx.desc(), events.c.position.desc())
    .limit(1)
)
place_of = select(events.c.tx).where(events.c.position == bindparam("position"))
add_event = events.insert().values({c.name: bindparam(c.name) for c in events.c if c.name != "position"})
add_returned_event = add_event.returning(events.c.position)
next_seq_of_number = (
    update(numbers)
    .where(and_(numbers.c.number == bindparam("key"), numbers.c.account_id == bindparam("of_account")))
    .values(event_seq=numbers.c.event_seq + 1, event_tx=Latest(numbers.c.event_tx))
    .returning(numbers.c.event_seq, numbers.c.event_tx)
)
put_seq_of_number = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values(event_seq=bindparam("seq"), event_tx=bindparam("tx"))
)
kept_seq = select(event_seqs.c.seq, event_seqs.c.tx).where(
    and_(event_seqs.c.account_id == bindparam("account_id"), event_seqs.c.number == bindparam("number"))
)
keep_seq = upsert(event_seqs, "seq", "tx")
_counting = postgresql.insert(event_seqs).values(
    account_id=bindparam("account_id"), number=bindparam("number"), seq=1, tx=Latest(literal_column("0"))
)
next_kept_seq = _counting.on_conflict_do_update(
    index_elements=["account_id", "number"], set_={"seq": event_seqs.c.seq + 1, "tx": Latest(event_seqs.c.tx)}
).returning(event_seqs.c.seq, event_seqs.c.tx)
_some_old = select(events.c.position).order_by(events.c.position).limit(bindparam("limit"))
# By the key, from its beginning: an index on the time would cost every change, for what is done once an hour. Events
# are nearly in the order of their times, so no more are looked at than are removed.
remove_old_events = delete(events).where(
    and_(
        events.c.position.in_(_some_old.with_for_update(skip_locked=True).scalar_subquery()),
        events.c.at_ms < bindparam("before_ms", type_=BigInteger),
    )
)
remove_events = delete(events).where(
    events.c.position.in_(
        select(events.c.position)
        .where(events.c.account_id == bindparam("account_id"))
        .order_by(events.c.tx, events.c.position)
        .limit(bindparam("limit"))
        .scalar_subquery()
    )
)
remove_seqs = delete(event_seqs).where(event_seqs.c.account_id == bindparam("account_id"))


def event_values(event: Event) -> dict[str, Any]:
    """Return what the row of an event has besides its position and `seq`.

    Raises:
        StoreRefused: its data are not JSON, or too large.
    """
    return {
        "account_id": event.account_id,
        "number": None if event.number is None else event.number.digits,
        "type": event.type.value,
        "at_ms": event.at_ms,
        "data": data_text(event),
    }


def data_text(event: Event) -> str:
    """Return the data of an event as they are stored.

    Raises:
        StoreRefused: they are not JSON, or too large.
    """
    try:
        data = msgspec.json.encode(event.data)
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        raise StoreRefused(f"the data of an event {event.type.value} are not JSON: {error}") from error
    if len(data) > MAX_DATA_BYTES:
        raise StoreRefused(f"an event {event.type.value} has {len(data)} bytes of data, and may have {MAX_DATA_BYTES}")
    return data.decode()


def stored_event(row: Row) -> StoredEvent:
    """Make an event of a row of `COLUMNS`; one of a newer program may be of a type that this one does not know."""
    position, kind, account_id, number, seq, data, at_ms = _repair(row)
    if not _is_object(data):
        _log.warning("data of events %d are damaged (%.40r) and count as empty", position, data)
        data = "{}"
    return StoredEvent(
        position, kind, account_id, None if number is None else E164.from_digits(number), seq, data, at_ms
    )


def _is_object(data: str) -> bool:
    try:
        _decode_object(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    return True


class EventReader:
    """The part of `application.ports.Reader` that events need."""

    _connection: Connection

    def events(self, account_id: int, after: int, limit: int) -> Sequence[StoredEvent]:
        place = {"after_tx": -1, "after": 0}
        row = self._connection.one(event_tx, position=after, account_id=account_id) if after else None
        if row is not None:
            place = {"after_tx": row[0], "after": after}
        found = self._connection.all(account_events, account_id=account_id, limit=limit, **place)
        return [stored_event(row) for row in found]

    def event(self, position: int) -> StoredEvent | None:
        row = self._connection.one(event, position=position)
        return stored_event(row) if row else None

    def last_event(self, account_id: int) -> int:
        row = self._connection.one(last_place, account_id=account_id)
        return row[1] if row else 0


class EventWriter(EventReader):
    """The part of `application.ports.Writer` that events need."""

    def add_event(self, event: Event) -> None:
        values = event_values(event)
        seq, tx = self._next_seq(event)
        self._connection.run(add_event, seq=seq, tx=tx, **values)

    def add_stored_event(self, event: Event) -> StoredEvent:
        values = event_values(event)
        seq, tx = self._next_seq(event)
        row = self._connection.one(add_returned_event, seq=seq, tx=tx, **values)
        assert row is not None
        return StoredEvent(row[0], event.type.value, event.account_id, event.number, seq, values["data"], event.at_ms)

    def _next_seq(self, event: Event) -> tuple[int, int]:
        """Return the `seq` of an event, and the number of the transaction that it counts as."""
        number = _WITHOUT_NUMBER if event.number is None else event.number.digits
        if event.number is not None:
            row = self._connection.one(next_seq_of_number, key=number, of_account=event.account_id)
            if row is not None:
                changed = event.type is EventType.NUMBER_CHANGED
                return self._kept(event.account_id, number, *row) if changed else (row[0], row[1])
        row = self._connection.one(next_kept_seq, account_id=event.account_id, number=number)
        assert row is not None
        return row[0], row[1]

    def _kept(self, account_id: int, number: int, seq: int, tx: int) -> tuple[int, int]:
        """Return `_next_seq` of a number that is added, removed or moved, and have it outlast the number's row."""
        row = self._connection.one(kept_seq, account_id=account_id, number=number)
        if row is not None and row[0] >= seq:
            seq, tx = row[0] + 1, max(tx, row[1])
            self._connection.run(put_seq_of_number, key=number, seq=seq, tx=tx)
        self._connection.run(keep_seq, account_id=account_id, number=number, seq=seq, tx=tx)
        return seq, tx

    def remove_old_events(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_events, before_ms=before_ms, limit=limit)

    def remove_events(self, account_id: int, limit: int) -> int:
        removed = self._connection.run(remove_events, account_id=account_id, limit=limit)
        return removed or self._connection.run(remove_seqs, account_id=account_id)
