"""One attempt at a delivery: what is sent, and what comes of the answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from renvoi.application.ports.unit_of_work import Clock
from renvoi.application.ports.webhooks import Answer, EndpointClient
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.signed_body import body_of, sign
from renvoi.domain.events.webhook import Delivery, DeliveryState, Webhook, next_pause

GONE = 410
EVENT_GONE = "its event is not kept any more"
MAX_NOTE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the delivery as it is after it, and what the endpoint showed of itself."""

    delivery: Delivery
    event_id: str
    is_success: bool
    is_gone: bool = False
    """It wants no more, and said so."""
    retry_after: timedelta | None = None


async def attempt(
    client: EndpointClient,
    clock: Clock,
    jitter: Callable[[], float],
    webhook: Webhook,
    secrets: Sequence[bytes],
    delivery: Delivery,
    event: StoredEvent | None,
) -> Outcome:
    """Try a delivery; return what came of it."""
    now_ms, begun_ms = clock.now_ms(), clock.monotonic_ms()
    if event is None:
        return Outcome(_ended(delivery, DeliveryState.FAILED, now_ms, note=EVENT_GONE), "", is_success=False)
    body = body_of(event)
    headers = headers_of(event.id, now_ms // 1000, body, secrets)
    answer = await client.post(webhook.url, headers, body)
    tried = replace(
        delivery,
        attempts=delivery.attempts + 1,
        attempted_at_ms=now_ms,
        duration_ms=min(clock.monotonic_ms() - begun_ms, (1 << 31) - 1),
        status=answer.status,
        answer=answer.body,
    )
    after = _after(tried, answer, clock.now_ms(), jitter())
    return Outcome(after, event.id, answer.is_success, answer.status == GONE, answer.retry_after)


def headers_of(event_id: str, timestamp_s: int, body: bytes, secrets: Sequence[bytes]) -> dict[str, str]:
    """Return the headers of a request (Standard Webhooks 1.0)."""
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": sign(secrets, event_id, timestamp_s, body),
    }


def _after(tried: Delivery, answer: Answer, now_ms: int, jitter: float) -> Delivery:
    if answer.is_success:
        return _ended(tried, DeliveryState.DELIVERED, now_ms)
    note = answer.note[:MAX_NOTE]
    pause = next_pause(tried.attempts, jitter, answer.retry_after)
    if answer.status == GONE or pause is None:
        return _ended(tried, DeliveryState.FAILED, now_ms, note)
    return replace(tried, due_at_ms=now_ms + int(pause.total_seconds() * 1000), note=note)


def _ended(delivery: Delivery, state: DeliveryState, now_ms: int, note: str = "") -> Delivery:
    return replace(delivery, state=state, ended_at_ms=now_ms, note=note)
