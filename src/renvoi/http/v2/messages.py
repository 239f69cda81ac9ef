"""`/v2/messages`: what callers have left, its audio, and links to it."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from renvoi.application import inbox
from renvoi.application.calls import caller_text
from renvoi.application.inbox import Resending, Resent
from renvoi.application.messages import delete_files, remove_messages
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.pages import Place
from renvoi.application.ports.unit_of_work import Reader, Writer
from renvoi.domain.access.api_key import Principal
from renvoi.domain.ids import IdKind, parsed, written
from renvoi.domain.messages.message import Mail, MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import Matching, etag_of
from renvoi.http.v2.filters import CallerFilter, NumberFilter, Since, moment_or_none, number_filter
from renvoi.http.v2.idempotency import Idempotent
from renvoi.http.v2.models import (
    AnswerModel,
    Number,
    RequestModel,
    Timestamp,
    answer,
    no_content,
    timestamp,
    timestamp_or_none,
)
from renvoi.http.v2.pages import Page, Paged, page_until
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

MessagePath = Annotated[str, Path(description="The message's id.", examples=["msg_4f6b3c0e9a7d4d5c8b1f2e3a4d5c6b7a"])]


class MailOut(AnswerModel):
    """A mail that brings a message to one recipient."""

    to: str
    state: Literal["pending", "sent", "failed", "kept"] = Field(description="kept: as a file, without a mail server.")
    attempts: int
    note: str | None = Field(description="What the mail server said last, or what went wrong.")
    due_at: Timestamp | None = Field(description="When it is tried next.")
    ended_at: Timestamp | None


class MessageOut(AnswerModel):
    """A message that a caller left."""

    id: str = Field(pattern="^msg_", examples=["msg_4f6b3c0e9a7d4d5c8b1f2e3a4d5c6b7a"])
    number: Number
    # A word of the language: the field has another name in Python.
    caller: str | None = Field(serialization_alias="from", description="null: the caller does not want to be known.")
    received_at: Timestamp
    duration_s: float
    heard: bool
    heard_at: Timestamp | None
    transcript: str | None = Field(description="What is said in it; null where nobody has written that down.")
    cut_off: bool = Field(description="A fault ended the recording, not the caller.")
    revision: int = Field(description="That of the rule that the call obeyed.")
    sip_call_id: str
    mails: list[MailOut] = Field(description="One for each recipient.")


class MessageChange(RequestModel):
    """What is to change of a message."""

    heard: bool


ID = "msg_4f6b3c0e9a7d4d5c8b1f2e3a4d5c6b7a"
_SHOWN: dict[str, Any] = {
    "id": ID,
    "number": "+33199001234",
    "from": "+33140000001",
    "received_at": "2026-01-01T00:00:00.000Z",
    "duration_s": 4.2,
    "heard": False,
    "heard_at": None,
    "transcript": None,
    "cut_off": False,
    "revision": 3,
    "sip_call_id": "a84b4c76e66710@198.51.100.7",
    "mails": [
        {
            "to": "owner@example.com",
            "state": "sent",
            "attempts": 1,
            "note": "250 OK",
            "due_at": None,
            "ended_at": "2026-01-01T00:00:09.000Z",
        }
    ],
}
GIVEN = "a message and a call"
"""The state that examples are sent in."""
UNKNOWN = [ProblemCode.MESSAGE_UNKNOWN]
_HEARD = _SHOWN | {"heard": True, "heard_at": "2026-01-01T00:00:00.000Z"}


def message_out(stored: StoredMessage) -> MessageOut:
    message = stored.message
    return MessageOut(
        id=written(IdKind.MESSAGE, message.id),
        number=message.number.value,
        caller=None if message.caller == WITHHELD else message.caller,
        received_at=timestamp(message.received_at_ms),
        duration_s=message.duration_ms / 1000,
        heard=message.heard_at_ms is not None,
        heard_at=timestamp_or_none(message.heard_at_ms),
        transcript=message.transcript,
        cut_off=message.cut_off,
        revision=message.revision,
        sip_call_id=message.call_id,
        mails=[_mail_out(each) for each in stored.mails],
    )


def _mail_out(mail: Mail) -> MailOut:
    return MailOut(
        to=mail.recipient.value,
        state=mail.state.value,
        attempts=mail.attempts,
        # Of one that was kept it names a file of the node.
        note=(mail.note or None) if mail.state is not MailState.KEPT else None,
        due_at=timestamp(mail.due_at_ms) if mail.state is MailState.PENDING else None,
        ended_at=timestamp_or_none(mail.ended_at_ms),
    )


def message_tag(stored: StoredMessage) -> str:
    return etag_of(stored.message, stored.mails)


def find(reader: Reader, who: Principal, text: str) -> StoredMessage:
    """Return the message that a path names.

    Raises:
        Problem: there is none that `who` reaches.
    """
    # Looked up whatever the text is: what is not an id takes as long as an unknown one.
    stored = inbox.find_message(reader, who, parsed(IdKind.MESSAGE, text) or "-")
    if stored is None:
        raise Problem(ProblemCode.MESSAGE_UNKNOWN)
    return stored


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of messages."""
    router = APIRouter(route_class=V2Route, tags=["messages"])
    _add_reads(router, deps)
    _add_changes(router, deps)
    return router


def _add_reads(router: APIRouter, deps: V2Deps) -> None:
    @router.get(
        "/v2/messages",
        **operation(
            "messages.list",
            "List messages",
            description="The latest first. A page may hold less than `limit` although more follow.",
            example=Example(
                "/v2/messages?heard=false&limit=2",
                answer={"data": [_SHOWN], "next_cursor": None},
                given=GIVEN,
            ),
        ),
    )
    async def list_(
        who: Annotated[Principal, requires("messages:read")],
        paging: Paged,
        response: Response,
        number: NumberFilter = None,
        caller: CallerFilter = None,
        since: Since = None,
        heard: Annotated[bool | None, Query(description="Only those that were heard, or were not.")] = None,
    ) -> Page[MessageOut]:
        place = paging.after(int, str)
        only = MessageQuery(
            number=number_filter(number, who),
            caller=None if caller is None else caller_text(caller, who.region),
            since_ms=moment_or_none(since),
            heard=heard,
        )
        found = await inbox.list_messages(deps.store, who, only, None if place is None else Place(*place), paging.limit)
        return page_until(paging, response, [message_out(each) for each in found.items], found.next)

    @router.get(
        "/v2/messages/{id}",
        **operation(
            "messages.get",
            "Read a message",
            example=Example(f"/v2/messages/{ID}", answer=_SHOWN, given=GIVEN),
            errors=UNKNOWN,
        ),
    )
    async def get(
        who: Annotated[Principal, requires("messages:read")],
        message_id: Annotated[MessagePath, Path(alias="id")],
        response: Response,
    ) -> MessageOut:
        stored = await deps.store.read(lambda reader: find(reader, who, message_id))
        response.headers["ETag"] = message_tag(stored)
        return message_out(stored)


def _add_changes(router: APIRouter, deps: V2Deps) -> None:
    @router.patch(
        "/v2/messages/{id}",
        response_model=MessageOut,
        **operation(
            "messages.update",
            "Mark a message as heard, or as not heard",
            example=Example(f"/v2/messages/{ID}", body={"heard": True}, answer=_HEARD, given=GIVEN),
            errors=UNKNOWN,
        ),
    )
    async def update(
        who: Annotated[Principal, requires("messages:write")],
        message_id: Annotated[MessagePath, Path(alias="id")],
        body: MessageChange,
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        now_ms = deps.clock.now_ms()

        def work(writer: Writer) -> StoredMessage:
            stored = find(writer, who, message_id)
            matching.check(message_tag(stored))
            return inbox.mark(writer, stored, now_ms, heard=body.heard)

        return await once.run(
            lambda store: store.write(work), lambda stored: answer(message_out(stored), etag=message_tag(stored))
        )

    @router.delete(
        "/v2/messages/{id}",
        status_code=204,
        **operation(
            "messages.delete",
            "Delete a message",
            description="For good: its audio, and its mails that still wait. A mail that is being sent arrives.",
            example=Example(f"/v2/messages/{ID}", given=GIVEN),
            errors=UNKNOWN,
        ),
    )
    async def delete(
        who: Annotated[Principal, requires("messages:write")],
        message_id: Annotated[MessagePath, Path(alias="id")],
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        stored = await deps.store.read(lambda reader: find(reader, who, message_id))
        matching.check(message_tag(stored))
        message = stored.message
        try:
            await delete_files(deps.store, message.id, deps.files.remove)
        except OSError as error:
            raise Problem(ProblemCode.UNAVAILABLE) from error
        remove = partial(remove_messages, [message], now_ms=deps.clock.now_ms())

        def render(removed: object) -> Response:
            if not removed:
                raise Problem(ProblemCode.MESSAGE_UNKNOWN)
            return no_content()

        return await once.run(lambda store: store.write(remove), render)

    @router.post(
        "/v2/messages/{id}/resend",
        response_model=MessageOut,
        **operation(
            "messages.resend",
            "Mail a message again",
            description="To each recipient, whatever came of that mail before, unless it is being sent at this moment.",
            example=Example(f"/v2/messages/{ID}/resend", given=GIVEN),
            errors=[*UNKNOWN, ProblemCode.MAIL_UNDER_WAY],
        ),
    )
    async def resend(
        who: Annotated[Principal, requires("messages:write")],
        message_id: Annotated[MessagePath, Path(alias="id")],
        matching: Matching,
        once: Idempotent,
    ) -> Response:
        now_ms = deps.clock.now_ms()

        def work(writer: Writer) -> Resending:
            stored = find(writer, who, message_id)
            matching.check(message_tag(stored))
            resending = inbox.resend(writer, stored, now_ms)
            if resending.result is not Resent.QUEUED:
                is_sent = resending.result is Resent.UNDER_WAY
                raise Problem(ProblemCode.MAIL_UNDER_WAY if is_sent else ProblemCode.MESSAGE_UNKNOWN)
            return resending

        return await once.run(
            lambda store: store.write(work),
            lambda done: answer(message_out(done.stored), etag=message_tag(done.stored)),
        )
