"""Who made, changed or removed which endpoint: noted with each change, and read back."""

from collections.abc import Sequence
from dataclasses import replace

from renvoi.application.auth import Actor
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.application.ports.webhook_changes import WebhookChange, WebhookState
from renvoi.application.reach import account_of
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.webhook import DisabledReason, Webhook


def note(
    writer: Writer,
    actor: Actor,
    at_ms: int,
    before: Webhook | None,
    after: Webhook | None,
    *,
    rotated: bool = False,
) -> None:
    """Note a change, in its transaction. `before` is None for an endpoint that is made, `after` for a removed one."""
    webhook = after or before
    assert webhook is not None
    was, now = _state(before), _state(after, rotated=rotated)
    change = WebhookChange(at_ms, webhook.id, webhook.account_id, actor.key_id, actor.source, was, now)
    writer.add_webhook_change(change)


def note_disabled(writer: Writer, actor: Actor, at_ms: int, webhook: Webhook, reason: DisabledReason) -> None:
    """Note that an endpoint gets nothing any more, in the transaction in which it was disabled."""
    note(writer, actor, at_ms, webhook, replace(webhook, enabled=False, disabled_reason=reason))


def _state(webhook: Webhook | None, *, rotated: bool = False) -> WebhookState | None:
    if webhook is None:
        return None
    numbers = tuple(number.value for number in webhook.numbers)
    return WebhookState(
        webhook.url,
        webhook.types,
        numbers,
        webhook.description,
        webhook.enabled,
        rotated,
        webhook.disabled_reason,
    )


def change_page(
    reader: Reader, who: Principal, webhook_id: str | None, before: int | None, limit: int
) -> Sequence[WebhookChange]:
    """Return up to `limit` of the latest changes that the principal may see, newest first, with ids below `before`.

    Those of one endpoint, which may be gone, or of all. A key that is limited to numbers sees what was and is of these.
    """
    found: list[WebhookChange] = []
    while len(found) < limit:
        page = reader.webhook_changes(account_of(who), webhook_id, before, limit)
        found += [each for each in page if _may_see(who, each)]
        if len(page) < limit:
            break
        before = page[-1].id
    return found[:limit]


def _may_see(who: Principal, change: WebhookChange) -> bool:
    if who.numbers is None:
        return True
    own = {number.value for number in who.numbers}
    states = [state for state in (change.before, change.after) if state is not None]
    # Of a change that is damaged nobody knows whose numbers it was about.
    return bool(states) and all(state.numbers and own.issuperset(state.numbers) for state in states)
