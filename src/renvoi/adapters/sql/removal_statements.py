"""What removals ask of the store, and change there."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from renvoi.adapters.sql.schema import (
    accounts,
    api_answers,
    api_keys,
    audit,
    greetings,
    idempotency,
    import_rows,
    imports,
    messages,
    numbers,
    past_changes,
    removals,
    usage,
)
from renvoi.adapters.sql.statements import change_filters, insert_row
from renvoi.application.ports.numbers import REMOVING, ImportState
from renvoi.application.ports.removals import RemovalKind
from renvoi.documents.number_row import WRITTEN_COLUMNS

_ACCOUNT = RemovalKind.ACCOUNT.value
_open = removals.c.ended_at_ms.is_(None)
_removals = select(*removals.c)
removal_by_id = _removals.where(removals.c.id == bindparam("id"))
held_removal = removal_by_id.where(_open).with_for_update(skip_locked=True)
_latest_removals = _removals.order_by(removals.c.at_ms.desc(), removals.c.id.desc()).limit(bindparam("limit"))
_place = tuple_(removals.c.at_ms, removals.c.id)
_REMOVAL_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "number": removals.c.number == bindparam("number"),
    "account_id": and_(removals.c.account_id == bindparam("account_id"), removals.c.closing_id.is_(None)),
    "before_ms": tuple_(bindparam("before_ms", type_=BigInteger), bindparam("before_id", type_=BigInteger)) > _place,
}


@cache
def removals_where(*names: str) -> Select[Any]:
    """Return the latest removals to which these filters apply."""
    return _latest_removals.where(*(_REMOVAL_FILTERS[name] for name in names))


open_removals = (
    _removals.where(_open)
    .order_by(case((removals.c.kind == literal(_ACCOUNT), 1), else_=0), removals.c.at_ms, removals.c.id)
    .limit(bindparam("limit"))
)
removals_since = _latest_removals.where(
    removals.c.at_ms >= bindparam("since_ms", type_=BigInteger), removals.c.closing_id.is_(None)
)
removal_after = (
    _removals.where(removals.c.number == bindparam("number"), removals.c.at_ms > bindparam("after_ms"))
    .order_by(removals.c.at_ms, removals.c.id)
    .limit(1)
)
# Those of an account that is being closed go by the account, whichever number they were left for.
_doomed = (
    select(removals.c.id, *messages.c).where(_open, removals.c.keeps_messages == false()).limit(bindparam("limit"))
)
doomed_of_numbers = _doomed.join_from(
    removals,
    messages,
    and_(messages.c.number == removals.c.number, messages.c.account_id == removals.c.account_id),
).where(removals.c.kind == RemovalKind.NUMBER.value, removals.c.closing_id.is_(None))
doomed_of_accounts = _doomed.join_from(removals, messages, messages.c.account_id == removals.c.account_id).where(
    removals.c.kind == _ACCOUNT
)

_of_account = exists().where(messages.c.account_id == bindparam("account_id"))
has_messages_of_account = select(_of_account)
has_messages_of_number = select(_of_account.where(messages.c.number == bindparam("number")))

add_removal = insert_row(removals)
take_number = delete(numbers).where(numbers.c.number == bindparam("key"))
take_greeting = delete(greetings).where(greetings.c.number == bindparam("number"))
give_number = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values(account_id=bindparam("account_id"), created_at_ms=bindparam("at_ms"))
)
begin_again = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values(label="", **{name: bindparam(name) for name in ("updated_at_ms", *WRITTEN_COLUMNS)})
)
close_account = (
    update(accounts)
    .where(accounts.c.id == bindparam("key"))
    .values(closed_at_ms=bindparam("at_ms"), name=bindparam("name"), email=null())
)
end_keys = (
    update(api_keys)
    .where(api_keys.c.account_id == bindparam("of_account"), api_keys.c.revoked_at_ms.is_(None))
    .values(revoked_at_ms=bindparam("at_ms"), revision=api_keys.c.revision + 1)
)
abandon_imports = (
    update(imports)
    .where(imports.c.account_id == bindparam("of_account"), imports.c.state == ImportState.STAGING.value)
    .values(state=ImportState.ABANDONED.value)
)
# Rows that an import holds are passed over: they are free when it has ended.
numbers_of = (
    select(numbers.c.number, numbers.c.revision)
    .where(
        numbers.c.account_id == bindparam("account_id"),
        ~exists().where(import_rows.c.number == numbers.c.number),
    )
    .order_by(numbers.c.number)
    .limit(bindparam("limit"))
    .with_for_update(of=numbers)
)
_changes_up_to = and_(audit.c.number == bindparam("number"), audit.c.revision <= bindparam("last", type_=BigInteger))
_some_changes = select(audit.c.revision).where(_changes_up_to).order_by(audit.c.revision).limit(bindparam("limit"))
last_of_changes = select(func.max(_some_changes.subquery().c.revision))
archive_changes = insert(past_changes).from_select(
    ["removal_id", *audit.c.keys()],
    select(bindparam("removal_id", type_=BigInteger), *audit.c).where(_changes_up_to),
)
drop_changes = delete(audit).where(_changes_up_to)
_answers = tuple_(idempotency.c.account_id, idempotency.c.key)
_api_answers = tuple_(api_answers.c.account_id, api_answers.c.key)
forget_api_answers_of = delete(api_answers).where(
    _api_answers.in_(
        select(api_answers.c.account_id, api_answers.c.key)
        .where(api_answers.c.account_id == bindparam("account_id"))
        .limit(bindparam("limit"))
    )
)
forget_answers_of = delete(idempotency).where(
    _answers.in_(
        select(idempotency.c.account_id, idempotency.c.key)
        .where(idempotency.c.account_id == bindparam("account_id"))
        .limit(bindparam("limit"))
    )
)
_sums = tuple_(usage.c.name, usage.c.day)
forget_usage = delete(usage).where(
    _sums.in_(
        select(usage.c.name, usage.c.day)
        .where(
            or_(
                usage.c.name == bindparam("name"),
                and_(usage.c.name >= bindparam("first"), usage.c.name < bindparam("behind")),
            ),
            usage.c.running == 0,
        )
        .limit(bindparam("limit"))
    )
)
owns_anything = select(
    or_(
        exists().where(numbers.c.account_id == bindparam("account_id")),
        exists().where(imports.c.account_id == bindparam("account_id")),
        exists().where(_open, removals.c.kind != _ACCOUNT, removals.c.account_id == bindparam("account_id")),
    )
)
count_messages = (
    update(removals)
    .where(removals.c.id == bindparam("key"))
    .values(messages=removals.c.messages + bindparam("more", type_=BigInteger))
)
count_numbers = (
    update(removals)
    .where(removals.c.id == bindparam("key"))
    .values(numbers=removals.c.numbers + bindparam("more", type_=BigInteger))
)
end_removal = update(removals).where(removals.c.id == bindparam("key")).values(ended_at_ms=bindparam("at_ms"))
free_number = delete(import_rows).where(
    import_rows.c.number == bindparam("number"), import_rows.c.import_id == REMOVING
)
remove_old_removals = delete(removals).where(
    removals.c.id.in_(
        select(removals.c.id)
        .where(removals.c.at_ms < bindparam("before_ms", type_=BigInteger), removals.c.ended_at_ms.is_not(None))
        .order_by(removals.c.at_ms)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)
_past = tuple_(past_changes.c.removal_id, past_changes.c.revision)
remove_old_past_changes = delete(past_changes).where(
    _past.in_(
        select(past_changes.c.removal_id, past_changes.c.revision)
        .where(past_changes.c.at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(past_changes.c.at_ms)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )
)
_latest_past_changes = (
    select(*(past_changes.c[name] for name in audit.c.keys()))  # noqa: SIM118 - a collection of columns
    .order_by(past_changes.c.at_ms.desc(), past_changes.c.number, past_changes.c.revision.desc())
    .limit(bindparam("limit"))
)
_PAST_FILTERS = change_filters(past_changes)


@cache
def past_changes_where(*names: str) -> Select[Any]:
    """Return the latest changes of former owners to which these filters apply."""
    return _latest_past_changes.where(*(_PAST_FILTERS[name] for name in names))
