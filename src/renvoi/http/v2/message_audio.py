"""The audio of messages: with a key at `/v2/messages/{id}/audio`, by a link at `/v2/audio`."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from renvoi.application.message_links import SCOPE, follow_link, make_link
from renvoi.domain.access.api_key import Principal
from renvoi.domain.messages.audio_link import DEFAULT_S, LEAST_S, MOST_S
from renvoi.domain.messages.message import Message
from renvoi.domain.moment import shown_moment
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.messages import GIVEN, ID, UNKNOWN, MessagePath, find
from renvoi.http.v2.models import AnswerModel, RequestModel, Timestamp, answer, timestamp
from renvoi.http.v2.problems import judged
from renvoi.http.v2.recordings import MEDIA_TYPES, Recordings
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

Format = Annotated[Literal["wav", "mp3"], Query(description="As it is kept, or converted.")]
_AUDIO: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}},
    206: {
        "description": "The part that `Range` asks for.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()},
    },
}


_TOKEN = f"0a0a0a0a.1767229200000.wav.{ID[4:]}.0a0a0a0a0a0a.Wz1xSufaMQ0t-n_OneIEipuo0MQ0qqbbKxoorA3QZ7I"


class LinkWish(RequestModel):
    """What a link is to give, and for how long."""

    expires_in_s: int = Field(default=DEFAULT_S, ge=LEAST_S, le=MOST_S)
    format: Literal["wav", "mp3"] = "wav"


class LinkOut(AnswerModel):
    """A link that needs no key: whoever has it may listen until it ends, or until the message is deleted."""

    url: str
    expires_at: Timestamp


def file_name(message: Message) -> str:
    """Return what the audio of a message is called when it is saved, without its extension."""
    moment = shown_moment(message.received_at_ms)
    when = f"-{moment:%Y%m%d-%H%M%S}" if moment is not None else ""
    return f"message-{message.number.digits}{when}"


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of recordings."""
    router = APIRouter(route_class=V2Route, tags=["messages"])
    recordings = Recordings(deps)

    @router.get(
        "/v2/messages/{id}/audio",
        response_class=Response,
        responses=_AUDIO,
        **operation(
            "messages.audio",
            "Listen to a message",
            description="One range of bytes may be asked for (`Range`, `If-Range`); the answer is 206 then.",
            example=Example(f"/v2/messages/{ID}/audio", given=GIVEN),
            errors=[*UNKNOWN, ProblemCode.AUDIO_GONE, ProblemCode.RANGE_NOT_SATISFIABLE],
        ),
    )
    async def audio(
        who: Annotated[Principal, requires(SCOPE)],
        message_id: Annotated[MessagePath, Path(alias="id")],
        request: Request,
        format_: Annotated[Format, Query(alias="format")] = "wav",
    ) -> Response:
        stored = await deps.store.read(lambda reader: find(reader, who, message_id))
        message = stored.message
        return await recordings.reply(request, message.id, format_, file_name(message))

    @router.post(
        "/v2/messages/{id}/audio-link",
        status_code=201,
        response_model=LinkOut,
        **operation(
            "messages.link",
            "Make a link to a message's audio",
            description="It needs no key and ends by itself, at the latest with the key that asks for it, revoked or "
            "expired; deleting the message ends it at once.",
            example=Example(
                f"/v2/messages/{ID}/audio-link",
                body={"expires_in_s": 600, "format": "mp3"},
                answer={
                    "url": f"https://renvoi.example/v2/audio?link={_TOKEN}",
                    "expires_at": "2026-01-01T00:10:00.000Z",
                },
                given=GIVEN,
            ),
            errors=UNKNOWN,
            secret=True,
            versioned=False,
        ),
    )
    async def link(
        who: Annotated[Principal, requires(SCOPE)],
        message_id: Annotated[MessagePath, Path(alias="id")],
        body: LinkWish = LinkWish(),  # noqa: B008 - it cannot be changed
    ) -> Response:
        stored = await deps.store.read(lambda reader: find(reader, who, message_id))
        made = await make_link(
            deps.store, deps.clock, who, stored.message.id, body.format, body.expires_in_s, deps.public_url
        )
        if made is None:
            raise Problem(ProblemCode.UNAVAILABLE)
        url, given = made
        return answer(LinkOut(url=url, expires_at=timestamp(given.expires_at_ms)), 201)

    @router.get(
        "/v2/audio",
        response_class=Response,
        responses=_AUDIO,
        **operation(
            "audio.get",
            "Listen by a link",
            description="Without a key: the link is the proof. `Range` as for `messages.audio`.",
            example=Example(f"/v2/audio?link={_TOKEN}", given=GIVEN),
            errors=[ProblemCode.LINK_UNKNOWN, ProblemCode.AUDIO_GONE, ProblemCode.RANGE_NOT_SATISFIABLE],
        ),
    )
    async def by_link(
        request: Request, link: Annotated[str, Query(max_length=300, description="What a link holds.")]
    ) -> Response:
        found = await follow_link(deps.store, deps.clock, link)
        if found is None:
            # Who guesses gets 429 soon.
            raise judged(deps.refusals, context_of(request.scope), Problem(ProblemCode.LINK_UNKNOWN))
        given, stored = found
        return await recordings.reply(request, given.message_id, given.format, file_name(stored.message))

    return router
