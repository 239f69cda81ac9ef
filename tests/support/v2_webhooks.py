"""Webhooks with deliveries, as examples and tests of `/v2` read them."""

from dataclasses import replace

from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.webhook import DeliveryState, Webhook, secret_of
from renvoi.http.v2.webhooks import EXAMPLE_ID
from tests.support.http_api import NUMBER, SECOND, START_MS
from tests.support.receivers import SECRET
from tests.support.v2_api import SEALER

WEBHOOK = Webhook(
    EXAMPLE_ID, 1, "https://example.com/hooks/renvoi", ("*",), (), "CRM", created_at_ms=START_MS, updated_at_ms=START_MS
)
OF_OTHER = replace(WEBHOOK, id="f" * 24, account_id=2)
OF_SECOND = replace(WEBHOOK, id="e" * 24, numbers=(SECOND,))


def put_webhook(writer: Writer, webhook: Webhook = WEBHOOK) -> None:
    """Store a webhook with its secret, and an event that was delivered to it."""
    name = secret_of(webhook.id)
    writer.put_secret(name, SEALER.seal(name, SECRET))
    writer.add_webhook(webhook)
    told = Event(EventType.NUMBER_CHANGED, webhook.account_id, NUMBER, {"change": "added"}, START_MS)
    event = writer.add_stored_event(told)
    writer.add_deliveries(webhook.id, [event], event.position, START_MS)
    delivery, _ = writer.due_deliveries(webhook.id, START_MS, 1)[0]
    done = replace(delivery, state=DeliveryState.DELIVERED, attempts=1, status=200, duration_ms=41, answer="ok")
    writer.put_deliveries([replace(done, attempted_at_ms=START_MS, ended_at_ms=START_MS)])
