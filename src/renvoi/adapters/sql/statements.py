"""Every statement of the store, once, in SQLAlchemy Core; those about messages are in `message_statements`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement, CompilerElement

from renvoi.adapters.sql import mappers
from renvoi.adapters.sql.number_indexes import label_key
from renvoi.adapters.sql.schema import (
    accounts,
    audit,
    call_counts,
    call_ladders,
    calls,
    counters,
    hour_counts,
    idempotency,
    leases,
    node_call_counts,
    node_counters,
    numbers,
    removals,
    secrets,
    shared_keys,
    spool_files,
    trunks,
)
from renvoi.documents.number_row import WRITTEN_COLUMNS


def upsert(table: Table, *changed: str, added_up: str | None = None) -> CompilerElement:
    """Insert a row, or put `changed` into the one with the same unique columns; `added_up` is added to what it has.

    The construct is PostgreSQL's; SQLite has the same words for it, and compiles it too.
    """
    keys = [c.name for c in table.c if c.name not in {*changed, added_up, "id"}]
    adding = postgresql.insert(table).values({c.name: bindparam(c.name) for c in table.c if c.name != "id"})
    values: dict[str, ColumnElement[Any]] = {name: adding.excluded[name] for name in changed}
    if added_up is not None:
        values[added_up] = table.c[added_up] + adding.excluded[added_up]
    return adding.on_conflict_do_update(index_elements=keys, set_=values)


def insert_row(table: Table, *without: str) -> CompilerElement:
    return insert(table).values({c.name: bindparam(c.name) for c in table.c if c.name not in without})


_accounts = select(*mappers.ACCOUNT)
account_by_id = _accounts.where(accounts.c.id == bindparam("id"))
account_by_name = _accounts.where(accounts.c.name == bindparam("name"))
# For a share, as of numbers: an account that something is given to is not closed meanwhile.
account_by_id_held = account_by_id.with_for_update(read=True)
account_by_name_held = account_by_name.with_for_update(read=True)
all_accounts = _accounts.order_by(accounts.c.id)
accounts_after = all_accounts.where(accounts.c.id > bindparam("after")).limit(bindparam("limit"))
open_accounts_after = accounts_after.where(accounts.c.closed_at_ms.is_(None))
closed_accounts_after = accounts_after.where(accounts.c.closed_at_ms.is_not(None))
_name_key = label_key(accounts.c.name)
accounts_named = (
    select(_name_key.label("name_key"), *_accounts.selected_columns)
    .where(_name_key >= bindparam("after_key", type_=Text), _name_key < bindparam("last", type_=Text))
    # The lower bound twice: SQLite begins at the one without the id, PostgreSQL at this one.
    .where(
        tuple_(_name_key, accounts.c.id)
        > tuple_(bindparam("after_key", type_=Text), bindparam("after", type_=BigInteger))
    )
    .order_by(_name_key, accounts.c.id)
    .limit(bindparam("limit"))
)
add_account = insert_row(accounts, "id", "policy_version", "policy", "email", "closed_at_ms")
put_account = (
    update(accounts)
    .where(accounts.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in ("locale", "region", "time_zone", "retention_days", "email")})
)

_numbers = select(*mappers.NUMBER)
number = _numbers.where(numbers.c.number == bindparam("number"))
number_for_change = number.with_for_update()
number_held = number.with_for_update(read=True)
numbers_after = (
    _numbers.where(numbers.c.number > bindparam("after")).order_by(numbers.c.number).limit(bindparam("limit"))
)
account_numbers_after = numbers_after.where(numbers.c.account_id == bindparam("account_id"))
# Of the index alone: no row of the table is touched on the way.
account_number_ahead = (
    select(numbers.c.number)
    .where(numbers.c.account_id == bindparam("account_id"), numbers.c.number > bindparam("after"))
    .order_by(numbers.c.number)
    .limit(1)
    .offset(bindparam("offset"))
)
put_rule = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values({name: bindparam(name) for name in ("updated_at_ms", *WRITTEN_COLUMNS)})
)
add_number = insert_row(numbers, "event_seq", "event_tx")
set_active = update(numbers).where(numbers.c.number == bindparam("key")).values(active=bindparam("active"))
set_forwarding_enabled = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values(forwarding_enabled=bindparam("forwarding_enabled"))
)
set_label = update(numbers).where(numbers.c.number == bindparam("key")).values(label=bindparam("label"))

add_audit = insert_row(audit)
number_history = (
    select(audit)
    .where(audit.c.number == bindparam("number"), audit.c.revision <= bindparam("last", type_=BigInteger))
    .order_by(audit.c.revision.desc())
    .limit(bindparam("limit"))
)

PLACE = "place_ms"
"""The filter that leaves out what comes before a place among the latest changes; `place_values` are its parameters."""


def change_filters(table: Table) -> Mapping[str, ColumnElement[bool]]:
    """Return the conditions of lists of changes by name; what is behind a place is earlier, or comes after it."""
    at_ms, number, revision = (bindparam(f"place_{name}", type_=BigInteger) for name in ("ms", "number", "revision"))
    columns = table.c
    same_time = and_(
        columns.at_ms == at_ms,
        or_(columns.number > number, and_(columns.number == number, columns.revision < revision)),
    )
    return {
        "number": columns.number == bindparam("number"),
        "account_id": columns.account_id == bindparam("account_id"),
        "since_ms": columns.at_ms >= bindparam("since_ms", type_=BigInteger),
        "until_ms": columns.at_ms < bindparam("until_ms", type_=BigInteger),
        PLACE: or_(columns.at_ms < at_ms, same_time),
    }


def place_values(place: tuple[int, int, int] | None) -> dict[str, int]:
    """Return the parameters of a place, none for the beginning."""
    return {} if place is None else dict(zip((PLACE, "place_number", "place_revision"), place, strict=True))


def filters_of(values: Mapping[str, object]) -> list[str]:
    """Return the names of the filters whose parameters these are."""
    return [name for name in values if name not in ("place_number", "place_revision")]


_latest_changes = (
    select(audit).order_by(audit.c.at_ms.desc(), audit.c.number, audit.c.revision.desc()).limit(bindparam("limit"))
)
_AUDIT_FILTERS = change_filters(audit)


@cache
def changes_where(*names: str) -> Select[Any]:
    """Return the latest changes of rules to which these filters apply, in the order of their time."""
    return _latest_changes.where(*(_AUDIT_FILTERS[name] for name in names))


_AUDIT_PLACE = tuple_(audit.c.number, audit.c.revision)
_behind = (
    tuple_(bindparam("after_number", type_=BigInteger), bindparam("after_revision", type_=BigInteger)) < _AUDIT_PLACE
)
# By the key, piece by piece: an index on the time would cost every change, for what is done once a day.
audit_places = (
    select(audit.c.number, audit.c.revision)
    .where(_behind)
    .order_by(audit.c.number, audit.c.revision)
    .limit(bindparam("limit"))
)
remove_old_audit = delete(audit).where(
    and_(
        _behind,
        tuple_(bindparam("last_number", type_=BigInteger), bindparam("last_revision", type_=BigInteger))
        >= _AUDIT_PLACE,
        audit.c.at_ms < bindparam("before_ms"),
    )
)

remembered = select(idempotency).where(
    and_(idempotency.c.account_id == bindparam("account_id"), idempotency.c.key == bindparam("key"))
)
# An answer that another node has just remembered stays: the insert behind it then fails, and the work is run again.
forget = delete(idempotency).where(
    and_(
        idempotency.c.account_id == bindparam("account_id"),
        idempotency.c.key == bindparam("key"),
        idempotency.c.at_ms <= bindparam("before_ms"),
    )
)
remember = insert_row(idempotency)
expired_answers = (
    select(idempotency.c.account_id, idempotency.c.key)
    .where(idempotency.c.at_ms <= bindparam("before_ms"))
    .order_by(idempotency.c.at_ms)
    .limit(bindparam("limit"))
)

all_trunks = select(trunks).order_by(trunks.c.name)
add_trunk = insert_row(trunks)
set_trunk = (
    update(trunks)
    .where(trunks.c.name == bindparam("key"))
    .values({c.name: bindparam(c.name) for c in trunks.c if c is not trunks.c.name})
)
remove_trunk = delete(trunks).where(trunks.c.name == bindparam("key"))
# For a name that is damaged: SQLite keeps what no parameter is equal to.
_at_place = select(trunks.c.name).order_by(trunks.c.name).limit(1).offset(bindparam("offset"))
remove_trunk_at = delete(trunks).where(trunks.c.name.is_not_distinct_from(_at_place.scalar_subquery()))

all_counters = select(counters.c.name, counters.c.value)
counter = select(counters.c.value).where(counters.c.name == bindparam("name"))
raise_counter = upsert(counters, added_up="value")
all_node_counters = select(node_counters.c.name, node_counters.c.value)
raise_node_counter = upsert(node_counters, added_up="value")

_latest_calls = select(calls).order_by(calls.c.setup_at_ms.desc(), calls.c.id.desc()).limit(bindparam("limit"))
_CALL_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "number": calls.c.number == bindparam("number"),
    "call_id": calls.c.call_id == bindparam("call_id"),
    "since_ms": calls.c.setup_at_ms >= bindparam("since_ms", type_=BigInteger),
    "until_ms": calls.c.setup_at_ms < bindparam("until_ms", type_=BigInteger),
    "status": calls.c.status == bindparam("status"),
    "decision": calls.c.decision == bindparam("decision"),
    "caller": calls.c.caller == bindparam("caller"),
}


@cache
def calls_where(*names: str) -> Select[Any]:
    """Return the latest calls to which these filters apply; the same names give the same statement."""
    return _latest_calls.where(*(_CALL_FILTERS[name] for name in names))


_same_call = and_(
    calls.c.call_id == bindparam("key_call_id"),
    calls.c.from_tag == bindparam("key_from_tag"),
    calls.c.cseq == bindparam("key_cseq"),
)
call = select(calls).where(_same_call)
stored_call = select(calls).where(calls.c.id == bindparam("id"))
answered_call = (
    select(calls)
    .where(
        and_(
            calls.c.call_id == bindparam("call_id"),
            calls.c.from_tag == bindparam("from_tag"),
            calls.c.answer_at_ms.is_not(None),
        )
    )
    .order_by(calls.c.id.desc())
    .limit(1)
)
# Every node's collector writes about calls: what it has read must not change before it has written.
call_for_change = call.with_for_update()
answered_call_for_change = answered_call.with_for_update()
unfinished_calls = (
    select(calls)
    .where(and_(calls.c.status.is_(None), calls.c.setup_at_ms < bindparam("before_ms")))
    .order_by(calls.c.setup_at_ms)
    .limit(bindparam("limit"))
    # Every node looks for them; each is given up by one.
    .with_for_update(skip_locked=True)
)
unended_calls = (
    select(calls)
    .where(
        and_(
            calls.c.end_at_ms.is_(None),
            calls.c.answer_at_ms.is_not(None),
            calls.c.setup_at_ms < bindparam("before_ms"),
        )
    )
    .order_by(calls.c.setup_at_ms)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_CALL_KEY = ("call_id", "from_tag", "cseq")
_TOLD = [c.name for c in calls.c if c.name not in {"id", "account_id"}]


def _owner_of(number: ColumnElement[int], at_ms: ColumnElement[int]) -> ColumnElement[int]:
    """Return whose a number was at that time, as far as is known when the record of a call comes; 0 for nobody's."""
    lost = (
        select(removals.c.account_id)
        .where(removals.c.number == number, removals.c.at_ms > at_ms)
        .order_by(removals.c.at_ms, removals.c.id)
        .limit(1)
    )
    present = select(numbers.c.account_id).where(numbers.c.number == number)
    return func.coalesce(lost.scalar_subquery(), present.scalar_subquery(), 0)


_owner = _owner_of(bindparam("number", type_=BigInteger), bindparam("setup_at_ms", type_=BigInteger))
_putting_call = postgresql.insert(calls).values({name: bindparam(name) for name in _TOLD} | {"account_id": _owner})
put_call = _putting_call.on_conflict_do_update(
    index_elements=_CALL_KEY,
    set_={name: _putting_call.excluded[name] for name in _TOLD if name not in _CALL_KEY}
    | {"account_id": func.coalesce(calls.c.account_id, _putting_call.excluded.account_id)},
).returning(calls.c.id, calls.c.account_id)
assign_calls = (
    update(calls)
    .where(
        calls.c.id.in_(
            select(calls.c.id)
            .where(and_(calls.c.account_id.is_(None), calls.c.number.is_not(None)))
            .order_by(calls.c.id)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
    )
    .values(account_id=_owner_of(calls.c.number, calls.c.setup_at_ms))
)

remove_old_calls = delete(calls).where(
    calls.c.id.in_(
        select(calls.c.id)
        .where(calls.c.setup_at_ms < bindparam("before_ms"))
        .order_by(calls.c.setup_at_ms)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)

ladder = select(call_ladders.c.ladder).join(calls, calls.c.id == call_ladders.c.id).where(_same_call)
_adding_ladder = postgresql.insert(call_ladders).from_select(
    ["id", "setup_at_ms", "ladder"],
    select(calls.c.id, calls.c.setup_at_ms, bindparam("ladder", type_=Text)).where(_same_call),
)
put_ladder = _adding_ladder.on_conflict_do_update(
    index_elements=["id"],
    set_={name: _adding_ladder.excluded[name] for name in ("setup_at_ms", "ladder")},
)
remove_old_ladders = delete(call_ladders).where(
    call_ladders.c.id.in_(
        select(call_ladders.c.id)
        .where(call_ladders.c.setup_at_ms < bindparam("before_ms"))
        .order_by(call_ladders.c.setup_at_ms)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)

all_call_counts = select(call_counts)
all_node_call_counts = select(node_call_counts.c.decision, node_call_counts.c.status, node_call_counts.c.calls)
raise_node_call_count = upsert(node_call_counts, added_up="calls")
hour_counts_since = (
    select(hour_counts.c.hour, hour_counts.c.name, func.sum(hour_counts.c.value))
    .where(hour_counts.c.hour >= bindparam("first"))
    .group_by(hour_counts.c.hour, hour_counts.c.name)
)
raise_hour_count = upsert(hour_counts, added_up="value")
# Of each node its own: nodes do not wait for each other.
forget_hour_counts = delete(hour_counts).where(
    and_(hour_counts.c.hour < bindparam("before"), hour_counts.c.node == bindparam("of_node"))
)

all_spool_offsets = select(spool_files)
put_spool_offset = upsert(spool_files, "offset")
forget_spool_file = delete(spool_files).where(spool_files.c.file == bindparam("key"))

all_shared_keys = select(shared_keys).order_by(shared_keys.c.created_at_ms, shared_keys.c.id)
add_shared_key = insert_row(shared_keys)
remove_shared_key = delete(shared_keys).where(shared_keys.c.id == bindparam("key"))

all_secrets = select(secrets).order_by(secrets.c.name)
secret = select(secrets.c.sealed).where(secrets.c.name == bindparam("key"))
put_secret = upsert(secrets, "sealed")
remove_secret = delete(secrets).where(secrets.c.name == bindparam("key"))

_lease = postgresql.insert(leases).values({c.name: bindparam(c.name) for c in leases.c})
take_lease = _lease.on_conflict_do_update(
    index_elements=["name"],
    set_={"owner": _lease.excluded.owner, "until_ms": _lease.excluded.until_ms},
    where=or_(leases.c.owner == _lease.excluded.owner, leases.c.until_ms <= bindparam("now_ms", type_=BigInteger)),
)
release_lease = delete(leases).where(and_(leases.c.name == bindparam("key"), leases.c.owner == bindparam("of_owner")))
