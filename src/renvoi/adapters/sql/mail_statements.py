"""The statements about mails of messages, for the table of the first recipients and that of further ones alike."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Table, and_, bindparam, func, insert, null, or_, select, text, tuple_, update
from sqlalchemy.sql.elements import ColumnElement, CompilerElement

from renvoi.application.ports.mails import MAX_SKIPPED

NOT_OF_MAIL = {"lease_owner", "leased_until_ms", "report_at_ms"}
_NOT_LEASED: dict[str, ColumnElement[None]] = {"lease_owner": null(), "leased_until_ms": null()}
OF_A_CALL = {"account_id", "number", "caller", "called_at_ms", "why"}
"""What a mail about a missed call tells, which stays as it is however far the mail has come."""
_NOBODY = "@"
"""The pattern of no recipient; the empty one would be that of a row whose recipient is empty, and is reported."""
_SKIPPED = [f"skipped_{number}" for number in range(MAX_SKIPPED)]


def columns(table: Table) -> tuple[Column[Any], ...]:
    """Return what a mail is, apart from who is sending it and whether the operator is to be notified of its failure."""
    return tuple(column for column in table.c if column.name not in NOT_OF_MAIL)


def skipped(domains: Collection[str]) -> dict[str, str]:
    """Return the parameters of `due` that leave out what goes to these domains."""
    patterns = ["%@" + re.sub("([%_/])", r"/\1", domain) for domain in domains]
    return dict(zip(_SKIPPED, [*patterns, *[_NOBODY] * MAX_SKIPPED], strict=False))


def _pending(table: Table) -> ColumnElement[bool]:
    # The state is written out, as the index of pending mails knows it.
    return table.c.state == text("'pending'")


def _is_free(table: Table) -> ColumnElement[bool]:
    until_ms = table.c.leased_until_ms
    return or_(until_ms.is_(None), until_ms <= bindparam("now_ms"), until_ms > bindparam("farthest_ms"))


def _key(table: Table) -> ColumnElement[bool]:
    """Tell a mail by `key`, and one of several of a message by `of_place` too."""
    of_message = next(iter(table.primary_key)) == bindparam("key")
    return and_(of_message, table.c.place == bindparam("of_place")) if "place" in table.c else of_message


def due(table: Table) -> CompilerElement:
    is_due = or_(
        table.c.due_at_ms <= bindparam("now_ms"),
        table.c.due_at_ms > bindparam("farthest_ms"),
        table.c.scheduled_at_ms > bindparam("latest_ms"),
    )
    wanted = (table.c.recipient.not_like(bindparam(name), escape="/") for name in _SKIPPED)
    return (
        select(*columns(table))
        .where(and_(_pending(table), is_due, *wanted, _is_free(table)))
        .order_by(table.c.due_at_ms, *table.primary_key)
        .limit(bindparam("limit"))
    )


def _to_report(table: Table) -> ColumnElement[bool]:
    return and_(
        # An older program that sends a mail again leaves the time of the report as it is.
        table.c.state == text("'failed'"),
        table.c.report_at_ms.is_not(None),
        or_(table.c.report_at_ms <= bindparam("now_ms"), table.c.report_at_ms > bindparam("farthest_ms")),
    )


def unreported(table: Table) -> CompilerElement:
    return (
        select(*columns(table))
        .where(_to_report(table))
        .order_by(table.c.ended_at_ms.desc(), *table.primary_key)
        .limit(bindparam("limit"))
    )


def failed(table: Table) -> CompilerElement:
    # By the index of failed mails, backwards.
    keys = [each.desc() for each in table.primary_key]
    return (
        select(*columns(table))
        .where(table.c.state == text("'failed'"))
        .order_by(table.c.ended_at_ms.desc(), *keys)
        .limit(bindparam("limit"))
    )


def _report_some(table: Table, condition: ColumnElement[bool], report_at: ColumnElement[Any]) -> CompilerElement:
    # Of several nodes one reports a failure, and none waits for another one.
    keys = list(table.primary_key)
    some = select(*keys).where(condition).limit(bindparam("limit")).with_for_update(skip_locked=True)
    is_one = keys[0].in_(some.scalar_subquery()) if len(keys) == 1 else tuple_(*keys).in_(some)
    return update(table).where(is_one).values(report_at_ms=report_at)


def claim(table: Table) -> CompilerElement:
    return _report_some(table, _to_report(table), bindparam("until_ms"))


def end(table: Table) -> CompilerElement:
    return _report_some(table, table.c.report_at_ms == bindparam("until_ms"), null())


def queue(table: Table) -> CompilerElement:
    return select(func.count(), func.min(table.c.queued_at_ms)).where(_pending(table))


def _values(table: Table) -> dict[str, ColumnElement[Any]]:
    reported = [table.c.report_at_ms] if "report_at_ms" in table.c else []
    return {column.name: bindparam(column.name) for column in (*columns(table), *reported)}


def add(table: Table) -> CompilerElement:
    return insert(table).values(_values(table))


def put(table: Table) -> "Any":
    kept = OF_A_CALL | set(table.primary_key.columns.keys())
    values = {name: value for name, value in _values(table).items() if name not in kept}
    return update(table).where(_key(table)).values(values | _NOT_LEASED)


def queue_again(table: Table) -> CompilerElement:
    # One that a node is sending now stays as it is: the answer to that attempt would be lost, and it would come twice.
    found: CompilerElement = put(table).where(or_(table.c.state != text("'pending'"), _is_free(table)))
    return found


def put_leased(table: Table) -> CompilerElement:
    found: CompilerElement = put(table).where(table.c.lease_owner == bindparam("of_owner"))
    return found


def free(table: Table) -> CompilerElement:
    # A mail that another node is just leasing is that one's: nobody waits for it.
    is_ours = table.c.lease_owner == bindparam("of_owner")
    return (
        select(next(iter(table.primary_key)))
        .where(and_(_key(table), _pending(table), or_(_is_free(table), is_ours)))
        .with_for_update(skip_locked=True)
    )


def lease(table: Table) -> CompilerElement:
    return (
        update(table).where(_key(table)).values(lease_owner=bindparam("owner"), leased_until_ms=bindparam("until_ms"))
    )


def release(table: Table) -> CompilerElement:
    is_ours = table.c.lease_owner == bindparam("of_owner")
    return update(table).where(and_(_pending(table), is_ours)).values(_NOT_LEASED)
