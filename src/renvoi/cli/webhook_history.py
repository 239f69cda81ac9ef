"""`renvoi webhook history`: who made, changed or removed which webhook."""

from collections.abc import Sequence
from typing import Annotated

import typer

from renvoi.application.auth import RENVOI, Actor
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.ports.webhook_changes import WebhookChange
from renvoi.application.webhooks import endpoints
from renvoi.cli.base import Data, Json, whole, with_store
from renvoi.cli.output import actor_text, show_rows, time_text
from renvoi.cli.webhooks import id_of, whoever
from renvoi.domain.events.webhook import DisabledReason
from renvoi.domain.ids import IdKind, written

_CHOSEN = ("url", "types", "numbers", "description")
"""What of a webhook is changed besides its state."""


def show_history(
    ctx: typer.Context,
    webhook_id: Annotated[str | None, typer.Argument(metavar="ID", help="Only changes of this webhook")] = None,
    account: Annotated[str | None, typer.Option("--account", help="Only of this account: its name or id")] = None,
    limit: Annotated[int, whole("How many, at most", 1, 10_000)] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest changes of webhooks, newest first, removed ones too: who made them, when, and from where."""

    async def find(store: Store) -> Sequence[WebhookChange]:
        who = await whoever(store, account, node=account is None, reads=True)
        wanted = None if webhook_id is None else id_of(webhook_id)
        return await store.read(lambda reader: endpoints.changes_of(reader, who, wanted, None, limit))

    rows = [_change_row(each) for each in with_store(ctx, data, find)]
    show_rows(rows, as_json=as_json, empty="no changes are known")


def _change_row(change: WebhookChange) -> dict[str, object]:
    state = change.after or change.before
    by_itself = Actor(change.key_id, change.source) == RENVOI
    return {
        "at": time_text(change.at_ms),
        "webhook": written(IdKind.WEBHOOK, change.webhook_id),
        "account": written(IdKind.ACCOUNT, change.account_id) if change.account_id else None,
        "by": RENVOI.source if by_itself else actor_text(change.key_id),
        "address": change.source,
        "what": _what(change),
        "url": None if state is None else state.url,
        "types": [] if state is None else list(state.types),
        "numbers": [] if state is None else list(state.numbers),
        "description": "" if state is None else state.description,
        "enabled": change.after is not None and change.after.enabled,
    }


def _disabled(reason: DisabledReason | None) -> str:
    return "disabled" if reason in (None, DisabledReason.BY_HAND) else f"disabled ({reason})"


def _what(change: WebhookChange) -> str:
    if change.after is None:
        return "removed" if change.before is not None else "damaged"
    if change.before is None:
        return "made"
    before, after = change.before, change.after
    done = ["rotated"] if after.rotated else []
    if after.enabled != before.enabled:
        done.append("enabled" if after.enabled else _disabled(after.disabled_reason))
    changed = [name for name in _CHOSEN if getattr(after, name) != getattr(before, name)]
    if changed:
        done.append(f"changed {', '.join(changed)}")
    return ", ".join(done) or "changed"
