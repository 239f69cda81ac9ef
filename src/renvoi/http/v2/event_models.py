"""The events of each type as receivers get them: models for the description; a test holds them against what is sent."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.routing import BaseRoute

from renvoi.domain.events.event import EventType
from renvoi.http.v2.models import Number, Timestamp

Option = int | str | None


class EventData(BaseModel):
    """What every event says: whose it is, and its place among those of the same number."""

    model_config = ConfigDict(extra="forbid")

    account: str | None = Field(description="Whose it is; null: the node's.", examples=["acc_1"])
    number: Number | None
    seq: int = Field(description="Grows by one with each event of the same account and number: a gap is a loss.")


class RuleState(BaseModel):
    """What a rule did, or does."""

    action: Literal["off", "forward", "voicemail"]
    to: list[Number]
    emails: list[str]


class OptionChange(BaseModel):
    """An option of a rule that was changed; null where it is too long: read it at the number."""

    name: str
    before: Option
    after: Option


class ForwardingChanged(EventData):
    """A rule was changed."""

    revision: int
    key: str | None = Field(description="The key that changed it; null: the operator.")
    before: RuleState
    after: RuleState
    options: list[OptionChange]


class NumberChanged(EventData):
    """A number was added, removed, given to another account, or changed; or many were imported, which is one event."""

    change: Literal["added", "imported", "removed", "moved_in", "moved_out", "changed"]
    count: int | None = Field(default=None, description="Of `imported`, which has no number: how many were added.")
    label: str | None = None
    state: Literal["active", "inactive"] | None = None
    forwarding_enabled: bool | None = None


class CallEnded(EventData):
    """A call is over."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(examples=["call_1"])
    caller: str | None = Field(alias="from", description="null: the caller does not want to be known.")
    withheld: bool
    decision: Literal["forward", "voicemail", "reject"]
    reason: str | None
    target: str | None
    status: int | None
    cause: int | None
    hung_up_by: str | None
    missed: bool | None = Field(description="The voicemail got no message of it; null: not known, or it had no part.")
    started_at: Timestamp
    ringing_at: Timestamp | None
    answered_at: Timestamp | None
    ended_at: Timestamp | None
    duration_s: float | None
    revision: int | None
    diversions: list[str]
    sip_call_id: str


class MessageCreated(EventData):
    """A caller left a message."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    id: str = Field(examples=["msg_4f6b3c0e9a7d4d5c"])
    caller: str | None = Field(alias="from", description="null: the caller does not want to be known.")
    received_at: Timestamp
    duration_s: float


class MessageNamed(EventData):
    """A message has a transcript, or is deleted."""

    id: str = Field(examples=["msg_4f6b3c0e9a7d4d5c"])


class MailFailed(EventData):
    """The mail of a message could not be delivered."""

    message: str = Field(examples=["msg_4f6b3c0e9a7d4d5c"])
    recipient: str
    attempts: int
    reason: str


class LimitReached(EventData):
    """Calls have reached a limit, the first one of a day."""

    limit: Literal["calls", "rate", "minutes", "spend"]
    of: Literal["account", "number"]


class TrunkState(EventData):
    """A trunk takes no calls, or takes some again; of the node."""

    trunk: str
    node: str


class WebhookDisabled(EventData):
    """A webhook gets no more events."""

    webhook: str = Field(examples=["wh_019b76daa8000d0d0d0d0d0d"])
    url: str
    reason: Literal["gone", "failing"]
    failing_since: Timestamp | None


class WebhookTest(EventData):
    """Somebody tries a webhook."""

    webhook: str = Field(examples=["wh_019b76daa8000d0d0d0d0d0d"])


DATA: dict[EventType, type[EventData]] = {
    EventType.CALL_COMPLETED: CallEnded,
    EventType.CALL_MISSED: CallEnded,
    EventType.MESSAGE_CREATED: MessageCreated,
    EventType.MESSAGE_TRANSCRIBED: MessageNamed,
    EventType.MESSAGE_DELETED: MessageNamed,
    EventType.MAIL_FAILED: MailFailed,
    EventType.FORWARDING_CHANGED: ForwardingChanged,
    EventType.NUMBER_CHANGED: NumberChanged,
    EventType.LIMIT_REACHED: LimitReached,
    EventType.TRUNK_DOWN: TrunkState,
    EventType.TRUNK_UP: TrunkState,
    EventType.WEBHOOK_DISABLED: WebhookDisabled,
    EventType.WEBHOOK_TEST: WebhookTest,
}
"""The model of `data` of each type."""
_HEADERS = """With the headers of Standard Webhooks 1.0: `webhook-id` (the event's id, the same at each attempt),
`webhook-timestamp` (seconds, of the attempt) and `webhook-signature` (`v1,` and HMAC-SHA256). Any 2xx within 15 s is
taken as received; anything else is tried again for three days, 410 disables the webhook."""


def _model_of(kind: EventType) -> type[BaseModel]:
    name = "".join(part.title() for part in kind.value.replace(".", "_").split("_")) + "Event"
    fields: dict[str, Any] = {"type": Literal[kind.value], "timestamp": Timestamp, "data": DATA[kind]}
    summary = DATA[kind].__doc__
    return type(name, (BaseModel,), {"__annotations__": fields, "__doc__": summary, "__module__": __name__})


MODELS = {kind: _model_of(kind) for kind in EventType}
"""The whole body of each type."""


def _receiver(model: type[BaseModel]) -> Callable[..., Any]:
    async def receive(body: Any) -> None:
        """Stand for whoever receives it."""

    receive.__annotations__ = {"body": model, "return": None}
    return receive


def webhook_routes() -> Sequence[BaseRoute]:
    """Return the section `webhooks` of the description, as FastAPI takes it."""
    router = APIRouter()
    for kind, model in MODELS.items():
        router.add_api_route(
            kind.value,
            _receiver(model),
            methods=["POST"],
            operation_id=f"event.{kind.value}",
            summary=(DATA[kind].__doc__ or "").rstrip("."),
            description=_HEADERS,
            status_code=204,
            tags=["events"],
        )
    return router.routes
