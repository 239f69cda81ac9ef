"""Webhooks and deliveries as `/v2` takes and shows them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, Field

from renvoi.application.json_fields import webhook_fields
from renvoi.application.webhooks.endpoints import NewWebhook, WebhookWish
from renvoi.domain.events.endpoint_url import MAX_URL
from renvoi.domain.events.event import EventType, StoredEvent
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.events.webhook import (
    EVERY_TYPE,
    MAX_DESCRIPTION,
    MAX_NUMBERS,
    MAX_SHOWN,
    MAX_TYPES,
    Delivery,
    Webhook,
)
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.ids import IdKind, parsed, parsed_number, written
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.etags import etag_of
from renvoi.http.v2.models import (
    AnswerModel,
    Cut,
    InternationalNumber,
    Number,
    RequestModel,
    Timestamp,
    timestamp,
    timestamp_or_none,
)

SENT_TYPES = tuple(kind.value for kind in EventType if kind is not EventType.WEBHOOK_TEST)
_ALL_TYPES = (EVERY_TYPE, *SENT_TYPES)
WebhookPath = Annotated[str, Path(description="The webhook's id.", examples=["wh_019b76daa8000d0d0d0d0d0d"])]
DeliveryPath = Annotated[str, Path(description="The delivery's id.", examples=["dlv_1"])]
State = Literal["waiting", "pending", "delivered", "failed"]


def _is_type(text: str) -> str:
    if text not in _ALL_TYPES:
        raise FieldFault(FieldCode.NOT_ALLOWED, allowed=", ".join(_ALL_TYPES))
    return text


Types = Annotated[
    list[Annotated[str, AfterValidator(_is_type), Field(json_schema_extra={"enum": list(_ALL_TYPES)})]],
    Field(
        min_length=1,
        max_length=MAX_TYPES,
        description="Types of events that it gets; `*` alone: all.",
        examples=[["*"]],
    ),
]
Numbers = Annotated[
    list[InternationalNumber],
    Field(
        max_length=MAX_NUMBERS,
        description="Numbers whose events it gets, besides those without a number; empty: all of the account.",
        examples=[["+33199001234"]],
    ),
]
Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_URL,
        description="Where events are sent, by https. Names and addresses of inner networks get nothing.",
        examples=["https://example.com/hooks/renvoi"],
    ),
]
Description = Annotated[str, Cut, Field(max_length=MAX_DESCRIPTION, description="What it is for.", examples=["CRM"])]


class WebhookRequest(RequestModel):
    """A webhook to make."""

    url: Url
    types: Types = Field(default=[EVERY_TYPE])
    numbers: Numbers = Field(default=[])
    description: Description = ""
    enabled: bool = True


class WebhookPatch(RequestModel):
    """What is to change of a webhook; what is left out stays as it is."""

    url: Url = "https://example.com/hooks/renvoi"
    types: Types = Field(default=[EVERY_TYPE])
    numbers: Numbers = Field(default=[])
    description: Description = ""
    enabled: bool = Field(
        default=True, description="One that is enabled gets what happens from then on, and nothing that it missed."
    )


Reason = Literal["by_hand", "gone", "failing", "account_closed"]
REASONS = "gone: it answered 410. failing: nothing could be delivered for five days."


class WebhookOut(AnswerModel):
    """A webhook: where events are sent."""

    id: str = Field(pattern=r"^wh_", examples=["wh_019b76daa8000d0d0d0d0d0d"])
    account: str | None = Field(description="Whose it is; null: the node's own, for its trunks.")
    url: str
    types: list[str]
    numbers: list[Number]
    description: str
    enabled: bool
    disabled_reason: Reason | None = Field(description=REASONS)
    disabled_at: Timestamp | None
    failing_since: Timestamp | None = Field(description="Since when nothing could be delivered; null: it works.")
    previous_secret_until: Timestamp | None = Field(description="Until when its former secret signs too.")
    created_at: Timestamp
    updated_at: Timestamp


class NewWebhookOut(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(pattern="^whsec_", description="What signatures are proven by (Standard Webhooks 1.0).")


class DeliveryOut(AnswerModel):
    """An event on its way to a webhook."""

    id: str = Field(pattern=r"^dlv_-?[0-9]+$", examples=["dlv_1"])
    webhook: str
    event: str | None = Field(description="The event's id; null: it is not kept any more.")
    type: str
    state: State = Field(
        description="waiting: for the one before it of its number. pending: it is tried at due_at. failed: given up."
    )
    attempts: int
    status: int | None = Field(description="The HTTP status of the last answer.")
    note: str = Field(description="Why the last attempt failed.")
    duration_ms: int | None = Field(description="How long the last attempt took.")
    request: str | None = Field(description=f"The first {MAX_SHOWN} bytes of the body that is sent.")
    answer: str = Field(description=f"The first {MAX_SHOWN} bytes of the last answer's body.")
    created_at: Timestamp
    attempted_at: Timestamp | None
    due_at: Timestamp | None = Field(description="When it is tried next; null: it has ended.")
    ended_at: Timestamp | None


def webhook_out(webhook: Webhook) -> WebhookOut:
    return WebhookOut(**webhook_fields(webhook, timestamp_or_none))


def new_webhook_out(made: NewWebhook) -> NewWebhookOut:
    return NewWebhookOut(**webhook_fields(made.webhook, timestamp_or_none), secret=made.secret)


def webhook_tag(webhook: Webhook) -> str:
    return etag_of(webhook.id, webhook.revision, webhook.failing_since_ms)


def delivery_out(delivery: Delivery, event: StoredEvent | None) -> DeliveryOut:
    return DeliveryOut(
        id=written(IdKind.DELIVERY, delivery.id),
        webhook=written(IdKind.WEBHOOK, delivery.webhook_id),
        event=None if event is None else event.id,
        type=delivery.type,
        state=delivery.state.value,
        attempts=delivery.attempts,
        status=delivery.status,
        note=delivery.note,
        duration_ms=delivery.duration_ms,
        request=None if event is None else body_of(event)[:MAX_SHOWN].decode("utf-8", "ignore"),
        answer=delivery.answer,
        created_at=timestamp(delivery.created_at_ms),
        attempted_at=timestamp_or_none(delivery.attempted_at_ms),
        due_at=timestamp(delivery.due_at_ms) if delivery.ended_at_ms is None else None,
        ended_at=timestamp_or_none(delivery.ended_at_ms),
    )


def wish_of(sent: dict[str, Any]) -> WebhookWish:
    """Return what the fields that were sent ask for."""
    numbers: Sequence[str] | None = sent.get("numbers")
    return WebhookWish(
        url=sent.get("url"),
        types=tuple(sent["types"]) if "types" in sent else None,
        numbers=None if numbers is None else tuple(dict.fromkeys(map(E164, numbers))),
        description=sent.get("description"),
        enabled=sent.get("enabled"),
    )


def webhook_id_of(text: str) -> str:
    """Return the id of a webhook in a path.

    Raises:
        Problem: it is none.
    """
    found = parsed(IdKind.WEBHOOK, text)
    if found is None:
        raise Problem(ProblemCode.WEBHOOK_UNKNOWN)
    return found


def delivery_id_of(text: str) -> int:
    """Return the id of a delivery in a path.

    Raises:
        Problem: it is none.
    """
    found = parsed_number(IdKind.DELIVERY, text)
    if found is None:
        raise Problem(ProblemCode.DELIVERY_UNKNOWN)
    return found
