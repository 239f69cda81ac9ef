"""The trail of changes of webhooks' endpoints in the store."""

import logging
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import BigInteger, bindparam, delete, select

from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import webhook_changes
from renvoi.adapters.sql.statements import insert_row
from renvoi.application.ports.webhook_changes import WebhookChange, WebhookState

_LAST = (1 << 63) - 1
_columns = webhook_changes.c
add_change = insert_row(webhook_changes, "id")
_latest = (
    select(webhook_changes)
    .where(_columns.id < bindparam("before", type_=BigInteger))
    .order_by(_columns.id.desc())
    .limit(bindparam("limit"))
)
_of_webhook = _latest.where(_columns.webhook_id == bindparam("webhook_id"))
_is_of_account = _columns.account_id == bindparam("account_id")
# By what they have values for: the index differs.
latest_changes = {
    frozenset[str](): _latest,
    frozenset({"account_id"}): _latest.where(_is_of_account),
    frozenset({"webhook_id"}): _of_webhook,
    frozenset({"account_id", "webhook_id"}): _of_webhook.where(_is_of_account),
}
remove_old_changes = delete(webhook_changes).where(
    _columns.id.in_(
        select(_columns.id)
        .where(_columns.at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(_columns.id)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)
_repair = RowRepair(tuple(webhook_changes.c))
_decode = msgspec.json.Decoder(WebhookState).decode
_log = logging.getLogger("renvoi.store")


class WebhookChangeReader:
    """The part of `application.ports.Reader` that the trail needs."""

    _connection: Connection

    def webhook_changes(
        self, account_id: int | None = None, webhook_id: str | None = None, before: int | None = None, limit: int = 100
    ) -> Sequence[WebhookChange]:
        wanted = {"account_id": account_id, "webhook_id": webhook_id}
        values = {name: value for name, value in wanted.items() if value is not None}
        place = _LAST if before is None else before
        statement = latest_changes[frozenset(values)]
        return list(_changes(self._connection.all(statement, before=place, limit=limit, **values)))


class WebhookChangeWriter(WebhookChangeReader):
    """The part of `application.ports.Writer` that the trail needs."""

    def add_webhook_change(self, change: WebhookChange) -> None:
        self._connection.run(add_change, **change_values(change))

    def remove_old_webhook_changes(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_changes, before_ms=before_ms, limit=limit)


def change_values(change: WebhookChange) -> dict[str, object]:
    """Return the row of a change, without its id."""
    return {
        "at_ms": change.at_ms,
        "webhook_id": change.webhook_id,
        "account_id": change.account_id,
        "key_id": change.key_id,
        "source": change.source,
        "before": _document(change.before),
        "after": _document(change.after),
    }


def _document(state: WebhookState | None) -> str:
    return "" if state is None else msgspec.json.encode(state).decode()


def _changes(rows: Sequence[Row]) -> Iterator[WebhookChange]:
    for change_id, at_ms, webhook_id, account_id, key_id, source, before, after in map(_repair, rows):
        try:
            states = _decode(before) if before else None, _decode(after) if after else None
        except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
            # Who changed it and when is still known.
            _log.warning("change %s of webhook %s cannot be read: %s", change_id, webhook_id, str(error)[:200])
            states = None, None
        yield WebhookChange(at_ms, webhook_id, account_id, key_id, source, *states, change_id)
