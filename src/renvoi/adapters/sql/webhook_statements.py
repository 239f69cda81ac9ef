"""The statements about endpoints of webhooks and deliveries to them, in SQLAlchemy Core."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.elements import ColumnElement, TextClause
from sqlalchemy.sql.selectable import FromClause

from renvoi.adapters.sql import events as event_statements
from renvoi.adapters.sql.event_tables import UNENDED
from renvoi.adapters.sql.schema import events, leases, webhook_deliveries, webhooks
from renvoi.adapters.sql.statements import insert_row

_NOT_OF_WEBHOOK = {"cursor_tx", "cursor", "notice_due_at_ms"}
WEBHOOK = tuple(c for c in webhooks.c if c.name not in _NOT_OF_WEBHOOK)
_is_webhook = webhooks.c.id == bindparam("webhook_id")
_webhooks = select(*WEBHOOK)
webhook = _webhooks.where(_is_webhook)
webhook_cursor = select(webhooks.c.cursor).where(_is_webhook)
webhook_for_change = webhook.with_for_update()
all_webhooks = _webhooks.where(webhooks.c.id > bindparam("after")).order_by(webhooks.c.id).limit(bindparam("limit"))
account_webhooks = all_webhooks.where(webhooks.c.account_id == bindparam("account_id"))
count_webhooks = select(func.count()).where(webhooks.c.account_id == bindparam("account_id"))
add_webhook = insert_row(webhooks, "notice_due_at_ms")
put_webhook = (
    update(webhooks)
    .where(_is_webhook)
    .values(
        {
            name: bindparam(name)
            for name in (
                *("url", "types", "numbers", "description", "updated_at_ms", "enabled", "revision"),
                *("failing_since_ms", "disabled_at_ms", "disabled_reason", "previous_until_ms"),
            )
        }
    )
)
put_cursor = update(webhooks).where(_is_webhook).values(cursor_tx=bindparam("cursor_tx"), cursor=bindparam("cursor"))
put_failing_since = update(webhooks).where(_is_webhook).values(failing_since_ms=bindparam("at_ms"))
_DISABLED: dict[str, Any] = {
    "enabled": False,
    "disabled_at_ms": bindparam("at_ms"),
    "disabled_reason": bindparam("reason"),
    "updated_at_ms": bindparam("at_ms"),
    "revision": webhooks.c.revision + 1,
}
disable_webhook = (
    update(webhooks)
    .where(_is_webhook, webhooks.c.enabled)
    .values(_DISABLED | {"notice_due_at_ms": bindparam("due_at_ms")})
)
disable_webhooks = (
    update(webhooks).where(webhooks.c.account_id == bindparam("of_account"), webhooks.c.enabled).values(_DISABLED)
)
remove_webhook = delete(webhooks).where(_is_webhook)

_unended = text(f"webhook_deliveries.{UNENDED}")


def _exists(table: FromClause, *conditions: ColumnElement[bool] | TextClause) -> ColumnElement[bool]:
    return exists(select(literal_column("1")).select_from(table).where(*conditions))


has_webhooks = select(or_(_exists(webhooks, webhooks.c.enabled), _exists(webhook_deliveries, _unended)))
_is_unread = event_statements.Behind(events.c.tx, events.c.position, webhooks.c.cursor_tx, webhooks.c.cursor)
webhooks_with_events = (
    select(webhooks.c.id)
    .where(
        webhooks.c.enabled,
        _exists(
            events,
            events.c.account_id == webhooks.c.account_id,
            event_statements.Settled(),
            _is_unread,
        ),
    )
    .limit(bindparam("limit"))
)
unread_events = (
    select(*event_statements.COLUMNS)
    .select_from(webhooks.join(events, events.c.account_id == webhooks.c.account_id))
    .where(
        _is_webhook,
        webhooks.c.enabled,
        event_statements.Settled(),
        _is_unread,
    )
    .order_by(events.c.tx, events.c.position)
    .limit(bindparam("limit"))
)

_is_pending = webhook_deliveries.c.state == text("'pending'")
_is_theirs = webhook_deliveries.c.webhook_id == webhooks.c.id
# One look-up for each endpoint, however many deliveries one of them has.
webhooks_with_deliveries = select(webhooks.c.id).where(
    or_(
        _exists(webhook_deliveries, _is_theirs, _is_pending, webhook_deliveries.c.due_at_ms <= bindparam("now_ms")),
        _exists(webhook_deliveries, _is_theirs, _is_pending, webhook_deliveries.c.due_at_ms > bindparam("farthest_ms")),
    )
)
disabled_with_deliveries = select(webhooks.c.id).where(
    webhooks.c.enabled.is_(False),
    _exists(webhook_deliveries, _is_theirs, webhook_deliveries.c.lane.is_not(None), _unended),
)
due_deliveries = (
    select(*webhook_deliveries.c, *event_statements.COLUMNS)
    .select_from(webhook_deliveries.outerjoin(events, events.c.position == webhook_deliveries.c.position))
    .where(
        webhook_deliveries.c.webhook_id == bindparam("webhook_id"),
        _is_pending,
        webhook_deliveries.c.due_at_ms > bindparam("after_ms"),
        webhook_deliveries.c.due_at_ms <= bindparam("until_ms"),
    )
    .order_by(webhook_deliveries.c.due_at_ms, webhook_deliveries.c.id)
    .limit(bindparam("limit"))
)
_deliveries = select(webhook_deliveries)
delivery = _deliveries.where(webhook_deliveries.c.id == bindparam("id"))
deliveries = (
    _deliveries.where(
        webhook_deliveries.c.webhook_id == bindparam("webhook_id"), webhook_deliveries.c.id < bindparam("before")
    )
    .order_by(webhook_deliveries.c.id.desc())
    .limit(bindparam("limit"))
)
deliveries_in_state = deliveries.where(webhook_deliveries.c.state == bindparam("of_state"))
delivery_queue = select(func.count(), func.min(webhook_deliveries.c.created_at_ms)).where(_unended)

_adding: dict[str, ColumnElement[Any]] = {
    "webhook_id": bindparam("webhook_id", type_=Text),
    "position": bindparam("position", type_=BigInteger),
    "type": bindparam("type", type_=Text),
    "lane": bindparam("lane", type_=BigInteger),
    "created_at_ms": bindparam("at_ms", type_=BigInteger),
    "due_at_ms": bindparam("at_ms", type_=BigInteger),
    "attempts": literal_column("0"),
    "note": literal_column("''"),
    "answer": literal_column("''"),
}
_earlier = webhook_deliveries.alias("earlier")
_has_one_before = _exists(
    _earlier,
    _earlier.c.webhook_id == _adding["webhook_id"],
    _earlier.c.lane == _adding["lane"],
    text(f"earlier.{UNENDED}"),
)
add_deliveries = webhook_deliveries.insert().values(
    _adding | {"state": case((_has_one_before, literal_column("'waiting'")), else_=literal_column("'pending'"))}
)
add_delivery = add_deliveries.returning(webhook_deliveries.c.id)
_CHANGED = (
    "due_at_ms",
    "state",
    "attempts",
    "attempted_at_ms",
    "ended_at_ms",
    "duration_ms",
    "status",
    "note",
    "answer",
)
put_delivery = (
    update(webhook_deliveries)
    .where(webhook_deliveries.c.id == bindparam("key"), _is_pending)
    .values({name: bindparam(name) for name in _CHANGED})
)
_next = webhook_deliveries.alias("following")
wake_next = (
    update(webhook_deliveries)
    .where(
        webhook_deliveries.c.id
        == select(func.min(_next.c.id))
        .where(
            _next.c.webhook_id == bindparam("of_webhook"),
            _next.c.lane == bindparam("of_lane"),
            text(f"following.{UNENDED}"),
        )
        .scalar_subquery()
    )
    .values(state=text("'pending'"))
)
end_deliveries = (
    update(webhook_deliveries)
    .where(
        webhook_deliveries.c.id.in_(
            select(webhook_deliveries.c.id)
            .where(
                webhook_deliveries.c.webhook_id == bindparam("of_webhook"),
                webhook_deliveries.c.lane.is_not(None),
                _unended,
            )
            .limit(bindparam("limit"))
            .scalar_subquery()
        )
    )
    .values(state=text("'failed'"), ended_at_ms=bindparam("at_ms"), note=bindparam("note"))
)
_ended = webhook_deliveries.c.state.in_([literal_column("'delivered'"), literal_column("'failed'")])
remove_old_deliveries = delete(webhook_deliveries).where(
    webhook_deliveries.c.id.in_(
        select(webhook_deliveries.c.id)
        .where(_ended)
        .order_by(webhook_deliveries.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    ),
    webhook_deliveries.c.created_at_ms < bindparam("before_ms", type_=BigInteger),
)
_removed = select(webhook_deliveries.c.id).limit(bindparam("limit")).with_for_update(skip_locked=True)
remove_deliveries_of = delete(webhook_deliveries).where(
    webhook_deliveries.c.id.in_(
        _removed.where(webhook_deliveries.c.webhook_id == bindparam("webhook_id")).scalar_subquery()
    )
)
# Those that have ended go with their time.
remove_lost_deliveries = delete(webhook_deliveries).where(
    webhook_deliveries.c.id.in_(_removed.where(_unended, ~_exists(webhooks, _is_theirs)).scalar_subquery())
)

_notice_is_due = or_(
    webhooks.c.notice_due_at_ms <= bindparam("now_ms", type_=BigInteger),
    webhooks.c.notice_due_at_ms > bindparam("farthest_ms", type_=BigInteger),
)
due_notices = _webhooks.where(_notice_is_due).order_by(webhooks.c.notice_due_at_ms).limit(bindparam("limit"))
claim_notice = update(webhooks).where(_is_webhook, _notice_is_due).values(notice_due_at_ms=bindparam("until_ms"))
end_notice = update(webhooks).where(_is_webhook).values(notice_due_at_ms=null())
release_leases = delete(leases).where(
    and_(leases.c.owner == bindparam("of_owner"), leases.c.name.like(bindparam("prefix") + "%"))
)
