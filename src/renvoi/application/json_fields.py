"""Calls and webhooks as JSON has them, in the API, events, exports and the command line: names, times and ids."""

from collections.abc import Callable
from typing import Any

from renvoi.application.ports.calls import StoredCall
from renvoi.domain.events.webhook import Webhook
from renvoi.domain.ids import IdKind, written
from renvoi.domain.moment import moment_text


def call_fields(stored: StoredCall, *, shows_withheld: bool) -> dict[str, object]:
    """Return the fields of a call; a caller who does not want to be known is None unless `shows_withheld`."""
    record = stored.record
    is_answered = record.answer_at_ms is not None
    length_ms = (record.end_at_ms or 0) - (record.answer_at_ms or 0) if is_answered and record.end_at_ms else None
    return {
        "id": written(IdKind.CALL, stored.id),
        "number": record.number,
        "from": None if record.withheld and not shows_withheld else record.caller,
        "withheld": record.withheld,
        "decision": record.decision,
        "reason": record.reason,
        "target": record.target,
        "trunk": record.trunk,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by,
        "missed": record.missed,
        "started_at": moment_text(record.setup_at_ms),
        "ringing_at": moment_text(record.ring_at_ms),
        "answered_at": moment_text(record.answer_at_ms),
        "ended_at": moment_text(record.end_at_ms),
        "duration_s": None if length_ms is None else max(0, length_ms) / 1000,
        "revision": record.revision,
        "diversions": list(record.diversions),
        "sip_call_id": record.key.call_id,
    }


def webhook_fields(webhook: Webhook, time_text: Callable[[int | None], str | None]) -> dict[str, Any]:
    """Return the fields of a webhook, without its secret; `time_text` writes its times."""
    reason = webhook.disabled_reason
    return {
        "id": written(IdKind.WEBHOOK, webhook.id),
        "account": written(IdKind.ACCOUNT, webhook.account_id) if webhook.account_id else None,
        "url": webhook.url,
        "types": list(webhook.types),
        "numbers": [number.value for number in webhook.numbers],
        "description": webhook.description,
        "enabled": webhook.enabled,
        "disabled_reason": None if reason is None else reason.value,
        "disabled_at": time_text(webhook.disabled_at_ms),
        "failing_since": time_text(webhook.failing_since_ms),
        "previous_secret_until": time_text(webhook.previous_until_ms),
        "created_at": time_text(webhook.created_at_ms),
        "updated_at": time_text(webhook.updated_at_ms),
    }
