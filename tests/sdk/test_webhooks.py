"""Webhooks are verified as Standard Webhooks has it: what the library of that standard signs, and nothing else."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from renvoi_client import WebhookInvalid, verify_webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + "A" * 32
BODY = '{"type":"call.missed","timestamp":"2026-11-29T12:00:00.000Z","data":{"seq":7,"number":"+33199001234"}}'
NOW = datetime(2026, 11, 29, 12, 0, 5, tzinfo=UTC)


def headers(secret: str = SECRET, **changed: str) -> dict[str, str]:
    """Return the headers of a webhook."""
    signature = Webhook(secret).sign("msg_1", NOW, BODY)
    found = {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(NOW.timestamp())), "Webhook-Signature": signature}
    return found | {name.replace("_", "-"): value for name, value in changed.items()}


def test_what_the_standards_own_library_signs_is_right() -> None:
    event = verify_webhook(BODY.encode(), headers(), SECRET, now=NOW.timestamp())
    assert (event.type, event.data["seq"]) == ("call.missed", 7)


def test_one_of_several_signatures_is_enough() -> None:
    both = f"v1,bm8= v1a,x {headers()['Webhook-Signature']}"
    assert verify_webhook(BODY, headers(Webhook_Signature=both), SECRET, now=NOW.timestamp()).type == "call.missed"


@pytest.mark.parametrize(
    ("body", "sent", "secret", "now"),
    [
        (BODY + " ", headers(), SECRET, 0),
        (BODY, headers(OTHER), SECRET, 0),
        (BODY, headers(), OTHER, 0),
        (BODY, headers(), "whsec_!", 0),
        (BODY, headers(Webhook_Id="msg_2"), SECRET, 0),
        (BODY, headers(), SECRET, 301),
        (BODY, headers(), SECRET, -301),
        (BODY, headers(Webhook_Timestamp="now"), SECRET, 0),
        (BODY, headers(Webhook_Timestamp="-5"), SECRET, 0),
        (BODY, headers(Webhook_Timestamp="9" * 400), SECRET, 0),
        (BODY, headers(Webhook_Signature=""), SECRET, 0),
        (BODY, headers(Webhook_Signature="v1,é"), SECRET, 0),
        (BODY, {}, SECRET, 0),
    ],
)
def test_anything_else_is_not(body: str, sent: dict[str, str], secret: str, now: int) -> None:
    with pytest.raises(WebhookInvalid):
        verify_webhook(body, sent, secret, now=NOW.timestamp() + now)


def test_a_signed_body_that_is_no_event_is_refused() -> None:
    signature = Webhook(SECRET).sign("msg_1", NOW, "[]")
    with pytest.raises(WebhookInvalid, match="not an event"):
        verify_webhook("[]", headers(Webhook_Signature=signature), SECRET, now=NOW.timestamp())
