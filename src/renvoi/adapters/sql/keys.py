"""Keys of accounts and of operators in the store, when they were used, and the trail of their changes."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Select,
    Table,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement

from renvoi.adapters.sql.column_limits import is_key
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.row_repair import LAST, UNREADABLE, RowRepair, place_value, readable_numbers
from renvoi.adapters.sql.schema import accounts, api_keys, key_changes, key_uses, operator_keys
from renvoi.application.ports.keys import KeyChange, KeyPlace, KeyState
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord, is_operator_id
from renvoi.domain.moment import is_moment
from renvoi.domain.numbers.number import E164, NO_REGION

_CHANGED = (
    "hash",
    "label",
    "scopes",
    "expires_at_ms",
    "revoked_at_ms",
    "numbers",
    "previous_hash",
    "previous_until_ms",
    "revision",
)
"""What of a key can be changed."""
_COLUMNS = ("id", "account_id", *_CHANGED, "created_at_ms", "made_by")
_USES_AT_ONCE = 200


def _put(table: Table) -> Any:
    return update(table).where(table.c.id == bindparam("key")).values({name: bindparam(name) for name in _CHANGED})


def _revoke(table: Table) -> Any:
    is_new = table.c.revoked_at_ms.is_(None)
    return (
        update(table)
        .where(table.c.id == bindparam("id"))
        .values(
            revoked_at_ms=func.coalesce(table.c.revoked_at_ms, bindparam("at_ms")),
            revision=table.c.revision + case((is_new, 1), else_=0),
        )
    )


def _count(some: "Select[Any]") -> "Select[Any]":
    """Count rows, but not on and on."""
    return select(func.count()).select_from(some.limit(bindparam("limit")).subquery())


def _revoked(table: Table) -> "Select[Any]":
    return (
        select(table.c.id)
        .where(table.c.revoked_at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(table.c.revoked_at_ms)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )


def _behind(statement: "Select[Any]", table: Table) -> "Select[Any]":
    place: ColumnElement[Any] = tuple_(table.c.created_at_ms, table.c.id)
    after = tuple_(bindparam("after_ms", type_=BigInteger), bindparam("after_id", type_=Text))
    return statement.where(place > after).order_by(table.c.created_at_ms, table.c.id).limit(bindparam("limit"))


_keys = select(*(api_keys.c[name] for name in _COLUMNS), accounts.c.region).join(accounts)
key_by_id = _keys.where(api_keys.c.id == bindparam("id"))
key_for_change = key_by_id.with_for_update(of=api_keys)
keys_after = _behind(_keys, api_keys)
account_keys_after = keys_after.where(api_keys.c.account_id == bindparam("account_id"))
add_key = insert(api_keys).values({c.name: bindparam(c.name) for c in api_keys.c})
put_key = _put(api_keys)
revoke_key = _revoke(api_keys)

_operator_keys = select(
    *(literal(EVERY_ACCOUNT) if name == "account_id" else operator_keys.c[name] for name in _COLUMNS),
    literal(NO_REGION),
)
operator_key_by_id = _operator_keys.where(operator_keys.c.id == bindparam("id"))
operator_key_for_change = operator_key_by_id.with_for_update(of=operator_keys)
operator_keys_after = _behind(_operator_keys, operator_keys)
add_operator_key = insert(operator_keys).values({c.name: bindparam(c.name) for c in operator_keys.c})
put_operator_key = _put(operator_keys)
revoke_operator_key = _revoke(operator_keys)

live_keys = _count(
    select(api_keys.c.id).where(api_keys.c.account_id == bindparam("account_id"), api_keys.c.revoked_at_ms.is_(None))
)
live_operator_keys = _count(select(operator_keys.c.id).where(operator_keys.c.revoked_at_ms.is_(None)))
remove_key = delete(api_keys).where(api_keys.c.id == bindparam("key"))
remove_operator_key = delete(operator_keys).where(operator_keys.c.id == bindparam("key"))
remove_key_use = delete(key_uses).where(key_uses.c.key_id == bindparam("key"))
revoked_keys = _revoked(api_keys)
revoked_operator_keys = _revoked(operator_keys)

uses_of_keys = select(key_uses.c.key_id, key_uses.c.at_ms).where(
    key_uses.c.key_id.in_([bindparam(f"key_id_{n}", type_=Text) for n in range(_USES_AT_ONCE)])
)
_noting = postgresql.insert(key_uses).values({c.name: bindparam(c.name) for c in key_uses.c})
note_key_use = _noting.on_conflict_do_update(
    index_elements=["key_id"],
    set_={"at_ms": _noting.excluded.at_ms},
    where=key_uses.c.at_ms < _noting.excluded.at_ms,
)

add_key_change = insert(key_changes).values({c.name: bindparam(c.name) for c in key_changes.c if c.name != "id"})
latest_key_changes = (
    select(key_changes)
    .where(
        key_changes.c.changed_key == bindparam("changed_key"),
        key_changes.c.revision < bindparam("before_revision", type_=BigInteger),
    )
    .order_by(key_changes.c.revision.desc(), key_changes.c.id.desc())
    .limit(bindparam("limit"))
)
remove_old_key_changes = delete(key_changes).where(
    key_changes.c.id.in_(
        select(key_changes.c.id)
        .where(key_changes.c.at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(key_changes.c.id)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)

_log = logging.getLogger("renvoi.store")
_decode = msgspec.json.Decoder(KeyState).decode
# A key whose limits cannot be read is over, as one that may be revoked or expired is, and reaches no number.
_repair = RowRepair([api_keys.c[name] for name in _COLUMNS], numbers="", expires_at_ms=0, revoked_at_ms=0)
_repair_change = RowRepair(tuple(key_changes.c))
_CREATED = _COLUMNS.index("created_at_ms")
_REVISION = key_changes.c.keys().index("revision")


class KeyReader:
    """The part of `application.ports.Reader` that keys need."""

    _connection: Connection

    def key(self, key_id: str) -> KeyRecord | None:
        if not is_key(key_id):
            return None
        row = self._connection.one(operator_key_by_id if is_operator_id(key_id) else key_by_id, id=key_id)
        return _record(row) if row else None

    def keys(
        self, account_id: int | None = None, after: KeyPlace | None = None, limit: int = 100
    ) -> Sequence[KeyRecord]:
        after_ms, after_id = after or (-(1 << 63), "")
        if after_ms == LAST:
            # Behind all numbers there is only what was damaged on SQLite, which has no place of its own there.
            return []
        place = {"after_ms": after_ms, "after_id": after_id, "limit": limit}
        if account_id is None:
            found = self._connection.all_planned(keys_after, **place)
        elif account_id == EVERY_ACCOUNT:
            found = self._connection.all_planned(operator_keys_after, **place)
        else:
            found = self._connection.all_planned(account_keys_after, account_id=account_id, **place)
        return [_record(row) for row in found]

    def live_keys(self, account_id: int, limit: int) -> int:
        if account_id == EVERY_ACCOUNT:
            row = self._connection.one(live_operator_keys, limit=limit)
        else:
            row = self._connection.one(live_keys, account_id=account_id, limit=limit)
        assert row is not None
        return int(row[0])

    def key_uses(self, key_ids: Collection[str]) -> Mapping[str, int]:
        wanted = sorted(set(key_ids))
        found: dict[str, int] = {}
        for first in range(0, len(wanted), _USES_AT_ONCE):
            some = wanted[first : first + _USES_AT_ONCE]
            places = {f"key_id_{n}": some[n] if n < len(some) else "" for n in range(_USES_AT_ONCE)}
            rows = self._connection.all(uses_of_keys, **places)
            found |= {key_id: at_ms for key_id, at_ms in rows if is_moment(at_ms)}
        return found

    def key_changes(self, key_id: str, limit: int = 100, before_revision: int | None = None) -> Sequence[KeyChange]:
        before = (1 << 63) - 1 if before_revision is None else before_revision
        found: list[KeyChange] = []
        while len(found) < limit:
            asked = limit - len(found)
            rows = self._connection.all_planned(
                latest_key_changes, changed_key=key_id, before_revision=before, limit=asked
            )
            found += _changes(rows)
            if len(rows) < asked:
                break
            # Some cannot be read: what is behind them is there all the same.
            before = rows[-1][_REVISION]
        return found


class KeyWriter(KeyReader):
    """The part of `application.ports.Writer` that keys need."""

    _duplicate: Callable[[Exception], str | None]

    def key_for_change(self, key_id: str) -> KeyRecord | None:
        row = self._connection.one(operator_key_for_change if is_operator_id(key_id) else key_for_change, id=key_id)
        return _record(row) if row else None

    def add_key(self, record: KeyRecord) -> None:
        made = {"id": record.id, "created_at_ms": record.created_at_ms, "made_by": record.made_by}
        values = key_values(record) | made
        with unique(f"key {record.id}", self._duplicate):
            if record.is_operator:
                self._connection.run(add_operator_key, **values)
            else:
                self._connection.run(add_key, account_id=record.account_id, **values)

    def put_key(self, record: KeyRecord) -> None:
        self._connection.run(put_operator_key if record.is_operator else put_key, key=record.id, **key_values(record))

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        statement = revoke_operator_key if is_operator_id(key_id) else revoke_key
        return self._connection.run(statement, id=key_id, at_ms=at_ms) > 0

    def note_key_uses(self, uses: Mapping[str, int]) -> None:
        # Always in the same order, or two nodes could wait for each other.
        self._connection.run_many(note_key_use, [{"key_id": key, "at_ms": uses[key]} for key in sorted(uses)])

    def remove_revoked_keys(self, before_ms: int, limit: int) -> int:
        found = self._connection.all(revoked_keys, before_ms=before_ms, limit=limit)
        of_operators = self._connection.all(revoked_operator_keys, before_ms=before_ms, limit=limit)
        return self._remove_keys(remove_key, found) + self._remove_keys(remove_operator_key, of_operators)

    def _remove_keys(self, statement: Any, ids: Sequence[Row]) -> int:
        for (key_id,) in ids:
            self._connection.run(remove_key_use, key=key_id)
        return sum(self._connection.run(statement, key=key_id) for (key_id,) in ids)

    def add_key_change(self, change: KeyChange) -> None:
        self._connection.run(add_key_change, **change_values(change))

    def remove_old_key_changes(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_key_changes, before_ms=before_ms, limit=limit)


def change_values(change: KeyChange) -> dict[str, object]:
    """Return the row of a change, without its id."""
    return {
        "at_ms": change.at_ms,
        "changed_key": change.changed_key,
        "revision": change.after.revision,
        "account_id": change.account_id,
        "key_id": change.key_id,
        "source": change.source,
        "before": "" if change.before is None else msgspec.json.encode(change.before).decode(),
        "after": msgspec.json.encode(change.after).decode(),
    }


def _changes(rows: Sequence[Row]) -> Iterator[KeyChange]:
    for change_id, at_ms, changed_key, _, account_id, key_id, source, before, after in map(_repair_change, rows):
        try:
            states = _decode(before) if before else None, _decode(after)
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
            _log.warning("change %s of key %s cannot be read: %s", change_id, changed_key, str(error)[:200])
            continue
        yield KeyChange(at_ms, changed_key, account_id, key_id, source, *states)


def _record(row: Row) -> KeyRecord:
    (
        key_id, account_id, digest, label, scopes, expires, revoked, numbers, previous, previous_until, revision,
        created, made_by, region,
    ) = _repair(row)  # fmt: skip
    at, name = row[_CREATED], row[0]
    return KeyRecord(
        key_id,
        account_id,
        bytes(digest),
        region,
        label,
        tuple(scopes.replace(",", " ").split()),
        created,
        expires,
        revoked,
        None if numbers is None else _numbers(numbers),
        None if previous is None else bytes(previous),
        previous_until,
        revision,
        made_by,
        (place_value(at), name if isinstance(name, str) else UNREADABLE),
    )


@lru_cache(maxsize=64)
def _numbers(text: str) -> frozenset[E164]:
    """Return the numbers that a key is limited to: the same at each of its requests."""
    return frozenset(readable_numbers(text)[0])


def key_values(record: KeyRecord) -> dict[str, object]:
    """Return what can be changed of a key, as its row has it."""
    # Programs of schema 0005 do not know that a key is limited to numbers. What they find here has none of the scopes
    # that they know, so they refuse the key rather than let it do more than it may.
    scopes = " ".join(record.scopes) if record.numbers is None else ",".join(record.scopes) + ","
    return {
        "hash": record.hash,
        "label": record.label,
        "scopes": scopes,
        "expires_at_ms": record.expires_at_ms,
        "revoked_at_ms": record.revoked_at_ms,
        "numbers": None if record.numbers is None else " ".join(sorted(each.value[1:] for each in record.numbers)),
        "previous_hash": record.previous_hash,
        "previous_until_ms": record.previous_until_ms,
        "revision": record.revision,
    }
