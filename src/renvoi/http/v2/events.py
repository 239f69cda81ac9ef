"""`/v2/events`: what happened to an account, in pages, or live as server-sent events (WHATWG HTML §9.2)."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from renvoi.application.auth import authenticate
from renvoi.application.event_log import EventFilter, event_page
from renvoi.domain.access.api_key import Principal
from renvoi.domain.events.event import EventType, StoredEvent, position_of
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import RequestContext, context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.event_stream import STREAM, EventStream, Streams
from renvoi.http.v2.filters import NumberFilter, number_filter
from renvoi.http.v2.models import AnswerModel, Timestamp
from renvoi.http.v2.pages import Page, Paged, page_until
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import bearer_of, requires

SCOPE = "webhooks:write"
"""Who may have events sent to a webhook may read them."""
GIVEN = "a webhook with a delivery"
_MAX_ID = 60
_SHOWN: dict[str, Any] = {
    "id": "evt_1-19b76daa800",
    "type": "number.changed",
    "timestamp": "2026-01-01T00:00:00.000Z",
    "data": {"account": "acc_1", "number": "+33199001234", "seq": 1, "change": "added"},
}
TypeFilter = Annotated[list[EventType], Query(alias="type", description="Only events of these types.")]


class EventOut(AnswerModel):
    """Something that happened. What `data` has besides these fields, the section of webhooks says for each type."""

    id: str = Field(pattern=r"^evt_", examples=["evt_1-19b76daa800"])
    type: str = Field(
        description="One of those that `type=` takes; a newer version of the program may tell of more.",
        examples=["number.changed"],
    )
    timestamp: Timestamp
    data: dict[str, Any]


def event_out(event: StoredEvent) -> EventOut:
    return EventOut.model_validate_json(f'{{"id":"{event.id}",{body_of(event).decode()[1:]}'.encode())


async def _may_still(deps: V2Deps, context: RequestContext, who: Principal) -> bool:
    given = bearer_of(context)
    if given is None:
        return False
    found = await authenticate(deps.store, deps.clock, given, context.client, deps.shared.key_uses)
    return found is not None and found.may(SCOPE) and found.numbers == who.numbers


def _shown(event: StoredEvent) -> str:
    # JSON has no line break outside of its texts, and none in them.
    return f"id: {event.id}\nevent: {event.type}\ndata: {body_of(event).decode()}\n\n"


def wants_stream(accept: bytes | None) -> bool:
    """Tell whether `Accept` names the type of streams."""
    kinds = (part.partition(";")[0].strip() for part in (accept or b"").decode("latin-1").lower().split(","))
    return STREAM in kinds


def _first(context: RequestContext, last: int) -> int:
    """Return behind which position a stream begins: that of `Last-Event-ID`, else the end of the log."""
    given = context.headers.get(b"last-event-id")
    if given is None:
        return last
    position = position_of(given.decode("latin-1").strip()) if len(given) <= _MAX_ID else None
    if position is None:
        error = FieldError("Last-Event-ID:", FieldCode.BAD_FORMAT, {"expected": "evt_1-19b76daa800"})
        raise Problem(ProblemCode.HEADER_MALFORMED, errors=[error])
    return position


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of events."""
    router = APIRouter(route_class=V2Route, tags=["events"])
    streams = Streams()

    @router.get(
        "/v2/events",
        response_model=Page[EventOut],
        responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}},
        **operation(
            "events.list",
            "List what happened",
            description="The oldest first, as long as the operator keeps them. `next_cursor` is never null, so that "
            "the list can be read on when more has happened; a page without `Link` is the last one. With `Accept: "
            "text/event-stream` they come as they happen, from now on, or from behind the event that `Last-Event-ID` "
            "names; the stream ends with its key. An operator's key that names no account reads the node's events.",
            example=Example(
                "/v2/events?limit=1&type=number.changed",
                answer={"data": [_SHOWN], "next_cursor": "WzFd"},
                given=GIVEN,
            ),
            errors=[ProblemCode.TOO_MANY_STREAMS],
        ),
    )
    async def list_(
        who: Annotated[Principal, requires(SCOPE)],
        paging: Paged,
        request: Request,
        response: Response,
        number: NumberFilter = None,
        types: TypeFilter = [],  # noqa: B006 - FastAPI makes a new one for each request
    ) -> Page[EventOut] | Response:
        after = paging.after(int)
        only = EventFilter(frozenset(types), number_filter(number, who))
        context = context_of(request.scope)
        if wants_stream(context.headers.get(b"accept")):
            last = await deps.store.read(lambda reader: reader.last_event(who.account_id))
            first = after[0] if after is not None else _first(context, last)
            streams.check(who.account_id)

            async def is_good() -> bool:
                return await _may_still(deps, context, who)

            return EventStream(deps, streams, who, first, only, is_good, _shown)
        response.headers["Vary"] = "Accept"
        first = 0 if after is None else after[0]
        found = await deps.store.read(lambda reader: event_page(reader, who, first, paging.limit, only))
        shown = [event_out(each) for each in found.events]
        made = page_until(paging, response, shown, (found.upto,))
        if found.is_last and "Link" in response.headers:
            del response.headers["Link"]
        return made

    return router
