"""The statements about messages, their mails and audio, and greetings, in SQLAlchemy Core."""

import re
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.elements import ColumnElement, CompilerElement

from renvoi.adapters.sql import mappers
from renvoi.adapters.sql.schema import (
    accounts,
    greetings,
    mails,
    message_audio,
    messages,
)
from renvoi.adapters.sql.statements import insert_row
from renvoi.application.ports.mails import MAX_SKIPPED

_DAY_MS = literal_column(str(24 * 3600 * 1000), BigInteger)

_messages = select(*messages.c, *mappers.MAIL).join(mails, mails.c.message_id == messages.c.id)
message = _messages.where(messages.c.id == bindparam("id"))
latest_messages = _messages.order_by(messages.c.received_at_ms.desc(), messages.c.id).limit(bindparam("limit"))
number_messages = latest_messages.where(messages.c.number == bindparam("number"))
# From each account into its index, however many accounts there are; most have nothing that old.
expired_messages = (
    select(messages)
    .select_from(
        accounts.join(
            messages,
            and_(
                messages.c.account_id == accounts.c.id,
                messages.c.received_at_ms
                < bindparam("now_ms", type_=BigInteger) - cast(accounts.c.retention_days, BigInteger) * _DAY_MS,
            ),
        )
    )
    .order_by(accounts.c.id, messages.c.received_at_ms)
    .limit(bindparam("limit"))
)
add_message = insert_row(messages)
remove_message = delete(messages).where(messages.c.id == bindparam("id"))
add_audio = insert_row(message_audio)
audio = select(message_audio.c.audio).where(message_audio.c.message_id == bindparam("id"))
remove_audio = delete(message_audio).where(message_audio.c.message_id == bindparam("id"))

# The state is written out, as the index of pending mails knows it.
_pending = mails.c.state == text("'pending'")
_NOT_LEASED: dict[str, ColumnElement[None]] = {"lease_owner": null(), "leased_until_ms": null()}
_SKIPPED = [f"skipped_{number}" for number in range(MAX_SKIPPED)]


def skipped(domains: Collection[str]) -> dict[str, str]:
    """Return the parameters of `due_mails` that leave out what goes to these domains."""
    patterns = ["%@" + re.sub("([%_/])", r"/\1", domain) for domain in domains]
    # The empty pattern is that of no recipient.
    return dict(zip(_SKIPPED, [*patterns, *[""] * MAX_SKIPPED], strict=False))


due_mails = (
    select(*mappers.MAIL)
    .where(
        and_(
            _pending,
            or_(
                mails.c.due_at_ms <= bindparam("now_ms"),
                mails.c.due_at_ms > bindparam("farthest_ms"),
                mails.c.scheduled_at_ms > bindparam("latest_ms"),
            ),
            *(mails.c.recipient.not_like(bindparam(name), escape="/") for name in _SKIPPED),
            or_(
                mails.c.leased_until_ms.is_(None),
                mails.c.leased_until_ms <= bindparam("now_ms"),
                mails.c.leased_until_ms > bindparam("farthest_ms"),
            ),
        )
    )
    .order_by(mails.c.due_at_ms, mails.c.message_id)
    .limit(bindparam("limit"))
)
_to_report = and_(
    # An older program that sends a mail again leaves the time of the report as it is.
    mails.c.state == text("'failed'"),
    mails.c.report_at_ms.is_not(None),
    or_(mails.c.report_at_ms <= bindparam("now_ms"), mails.c.report_at_ms > bindparam("farthest_ms")),
)
unreported_mails = (
    select(*mappers.MAIL)
    .where(_to_report)
    .order_by(mails.c.ended_at_ms.desc(), mails.c.message_id)
    .limit(bindparam("limit"))
)


def _report_some(condition: ColumnElement[bool], report_at: ColumnElement[Any]) -> CompilerElement:
    # Of several nodes one reports a failure, and none waits for another one.
    some = select(mails.c.message_id).where(condition).limit(bindparam("limit")).with_for_update(skip_locked=True)
    return update(mails).where(mails.c.message_id.in_(some.scalar_subquery())).values(report_at_ms=report_at)


claim_reports = _report_some(_to_report, bindparam("until_ms"))
end_reports = _report_some(mails.c.report_at_ms == bindparam("until_ms"), null())
mail_queue = select(func.count(), func.min(mails.c.queued_at_ms)).where(_pending)
_mail: dict[str, ColumnElement[Any]] = {c.name: bindparam(c.name) for c in (*mappers.MAIL, mails.c.report_at_ms)}
add_mail = insert(mails).values(_mail)
put_mail = (
    update(mails)
    .where(mails.c.message_id == bindparam("key"))
    .values({name: value for name, value in _mail.items() if name != "message_id"} | _NOT_LEASED)
)
put_leased_mail = put_mail.where(mails.c.lease_owner == bindparam("of_owner"))
# A mail that another node is just leasing is that one's: nobody waits for it.
free_mail = (
    select(mails.c.message_id)
    .where(
        and_(
            mails.c.message_id == bindparam("id"),
            _pending,
            or_(
                mails.c.leased_until_ms.is_(None),
                mails.c.leased_until_ms <= bindparam("now_ms"),
                mails.c.leased_until_ms > bindparam("farthest_ms"),
                mails.c.lease_owner == bindparam("of_owner"),
            ),
        )
    )
    .with_for_update(skip_locked=True)
)
lease_mail = (
    update(mails)
    .where(mails.c.message_id == bindparam("key"))
    .values(lease_owner=bindparam("owner"), leased_until_ms=bindparam("until_ms"))
)
release_mails = update(mails).where(and_(_pending, mails.c.lease_owner == bindparam("of_owner"))).values(_NOT_LEASED)
remove_mail = delete(mails).where(mails.c.message_id == bindparam("message_id"))

greeting = select(greetings).where(greetings.c.number == bindparam("number"))
greeting_version = select(greetings.c.version).where(greetings.c.number == bindparam("number"))
add_greeting = insert_row(greetings)
remove_greeting = delete(greetings).where(greetings.c.number == bindparam("number"))
