"""`/v2/calls`: the calls of an account, in pages or as CSV, and one with all that is kept of it."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from renvoi.application import call_log
from renvoi.application.call_log import TracedCall
from renvoi.application.calls import caller_text
from renvoi.application.json_fields import call_fields
from renvoi.application.ports.calls import CallQuery, StoredCall
from renvoi.application.ports.pages import Place
from renvoi.domain.access.api_key import Principal
from renvoi.domain.calls.reason_text import why
from renvoi.domain.calls.steps import Step, StepKind, steps_of
from renvoi.domain.ids import IdKind, parsed_number, written_actor
from renvoi.domain.moment import moment_text
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.request_context import context_of
from renvoi.http.v2.call_lines import csv_answer
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import etag_of
from renvoi.http.v2.filters import CallerFilter, NumberFilter, Since, Until, moment_or_none, number_filter
from renvoi.http.v2.messages import GIVEN
from renvoi.http.v2.models import AnswerModel, Timestamp, answer
from renvoi.http.v2.pages import Page, Paged, page_until
from renvoi.http.v2.problems import language_of
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires

Decision = Literal["forward", "voicemail", "reject"]


class CallOut(AnswerModel):
    """A call to a number of the account."""

    id: str = Field(pattern="^call_-?[0-9]+$", examples=["call_1"])
    number: str | None = Field(description="The number that was called.")
    # A word of the language: the field has another name in Python.
    caller: str | None = Field(
        validation_alias="from",
        serialization_alias="from",
        description="A phone number, or what the network said; null: the caller does not want to be known.",
    )
    withheld: bool = Field(description="The caller does not want to be known.")
    decision: str = Field(
        description="forward, voicemail or reject; another word if a newer version decided it.", examples=["forward"]
    )
    reason: str | None = Field(description="Why it was refused, or why it went to the voicemail: docs/calls.md.")
    target: str | None
    trunk: str | None
    status: int | None = Field(description="The final SIP status; null while the call is on its way.")
    cause: int | None = Field(description="The Q.850 cause of its end.")
    hung_up_by: str | None = Field(description="caller, callee or edge.")
    missed: bool | None = Field(description="The voicemail got no message of it; null: it had no part in it.")
    started_at: Timestamp
    ringing_at: Timestamp | None
    answered_at: Timestamp | None
    ended_at: Timestamp | None
    duration_s: float | None = Field(description="From the answer to the end.")
    revision: int | None = Field(description="That of the rule that it obeyed.")
    diversions: list[str] = Field(description="The numbers that diverted it, first to last.")
    sip_call_id: str


class StepOut(AnswerModel):
    """One message of a call, as far as it is kept."""

    at: Timestamp
    sender: str = Field(serialization_alias="from", description="caller, edge, callee, voicemail, or a trunk.")
    to: str
    message: StepKind = Field(description="closed: nobody ended the call, and its record was closed.")
    uri: str | None = Field(description="Where an INVITE asks for.")
    headers: list[str] = Field(description="Header lines that were added or changed; none of a withheld caller.")
    status: int | None
    phrase: str | None
    cause: int | None


class RuleMadeOut(AnswerModel):
    """The rule that a call obeyed."""

    revision: int
    set_at: Timestamp | None = Field(description="null: the change is not kept any more.")
    set_by: str | None = Field(description="The key that set it; null: the operator, or not kept any more.")


class CallDetail(CallOut):
    """A call with all that is kept of it."""

    explanation: str = Field(description="Why it went where it did, in the language of Accept-Language.")
    rule: RuleMadeOut | None
    ladder: list[StepOut] = Field(description="What passed between the sides, in the order of time.")


_SHOWN: dict[str, Any] = {
    "id": "call_1",
    "number": "+33199001234",
    "from": "+33140000001",
    "withheld": False,
    "decision": "forward",
    "reason": None,
    "target": "+33644630000",
    "trunk": "carrier",
    "status": 200,
    "cause": 16,
    "hung_up_by": "caller",
    "missed": None,
    "started_at": "2026-01-01T00:00:00.000Z",
    "ringing_at": "2026-01-01T00:00:01.000Z",
    "answered_at": "2026-01-01T00:00:05.000Z",
    "ended_at": "2026-01-01T00:01:05.500Z",
    "duration_s": 60.5,
    "revision": 3,
    "diversions": ["+33199001234"],
    "sip_call_id": "a84b4c76e66710@198.51.100.7",
}
_NO_STEP: dict[str, Any] = {"uri": None, "headers": [], "status": None, "phrase": None, "cause": None}
_DETAIL = _SHOWN | {
    "explanation": "forwarded to +33644630000 on behalf of +33199001234",
    "rule": {"revision": 3, "set_at": None, "set_by": None},
    "ladder": [
        _NO_STEP
        | {"at": "2026-01-01T00:00:00.000Z", "from": "caller", "to": "edge", "message": "invite"}
        | {"uri": "sip:+33199001234@renvoi.example"},
        _NO_STEP | {"at": "2026-01-01T00:00:01.000Z", "from": "edge", "to": "caller", "message": "ringing"},
        _NO_STEP
        | {"at": "2026-01-01T00:00:05.000Z", "from": "edge", "to": "caller", "message": "answer", "status": 200},
        _NO_STEP | {"at": "2026-01-01T00:01:05.500Z", "from": "caller", "to": "edge", "message": "bye", "cause": 16},
    ],
}


def call_out(stored: StoredCall, who: Principal) -> CallOut:
    return CallOut.model_validate(call_fields(stored, shows_withheld=who.is_operator))


def _step_out(step: Step, *, hides: bool) -> StepOut:
    return StepOut(
        at=moment_text(step.at_ms) or "",
        sender=step.sender,
        to=step.receiver,
        message=step.kind,
        uri=step.uri or None,
        # A trunk may be told who the caller is; the called side may not.
        headers=[] if hides else list(step.headers),
        status=step.status,
        phrase=step.phrase or None,
        cause=step.cause,
    )


def _rule_of(traced: TracedCall) -> RuleMadeOut | None:
    revision, change = traced.stored.record.revision, traced.trace.change
    if revision is None:
        return None
    return RuleMadeOut(
        revision=revision,
        set_at=moment_text(change.at_ms) if change is not None else None,
        set_by=written_actor(change.key_id) if change is not None else None,
    )


def detail_of(traced: TracedCall, who: Principal, language: str) -> CallDetail:
    """Return a call with all that is kept of it."""
    stored = traced.stored
    hides = stored.record.withheld and not who.is_operator
    return CallDetail.model_validate(
        call_fields(stored, shows_withheld=who.is_operator)
        | {
            "explanation": why(stored.record, language),
            "rule": _rule_of(traced),
            "ladder": [_step_out(step, hides=hides) for step in steps_of(stored.record, traced.trace.ladder)],
        }
    )


def wants_csv(accept: bytes | None) -> bool:
    """Tell whether `Accept` prefers CSV to JSON (RFC 9110 §12.5.1)."""
    best: dict[str, float] = {}
    for part in (accept or b"*/*").decode("latin-1").lower().split(","):
        kind, *parameters = (each.strip() for each in part.split(";"))
        weight = next((each[2:].strip() for each in parameters if each.startswith("q=")), "1")
        try:
            best[kind] = max(best.get(kind, 0.0), float(weight))
        except ValueError:
            continue
    csv = best.get("text/csv", best.get("text/*", 0.0))
    return csv > best.get("application/json", best.get("application/*", best.get("*/*", 0.0)))


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of calls."""
    router = APIRouter(route_class=V2Route, tags=["calls"])

    @router.get(
        "/v2/calls",
        response_model=Page[CallOut],
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
        **operation(
            "calls.list",
            "List calls",
            description="The latest first. A page may hold less than `limit` although more follow. With "
            "`Accept: text/csv` all of them come, however many, one a line; `limit` means nothing then. A cell that a "
            "spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, carriage return) has an apostrophe in "
            "front; phone numbers are left as they are.",
            example=[
                Example(
                    "/v2/calls?decision=forward&limit=2",
                    answer={"data": [_SHOWN], "next_cursor": None},
                    given=GIVEN,
                ),
                Example("/v2/calls?since=2026-01-01T00:00:00Z", headers={"Accept": "text/csv"}, given=GIVEN),
            ],
        ),
    )
    async def list_(
        who: Annotated[Principal, requires("calls:read")],
        paging: Paged,
        request: Request,
        response: Response,
        number: NumberFilter = None,
        caller: CallerFilter = None,
        decision: Annotated[Decision | None, Query(description="Only those that were decided so.")] = None,
        status: Annotated[int | None, Query(ge=100, le=699, description="Only with this final SIP status.")] = None,
        since: Since = None,
        until: Until = None,
    ) -> Page[CallOut] | Response:
        place = paging.after(int, int)
        after = None if place is None else Place(*place)
        only = CallQuery(
            number=number_filter(number, who),
            caller=None if caller is None else caller_text(caller, who.region),
            decision=decision,
            status=status,
            since_ms=moment_or_none(since),
            until_ms=moment_or_none(until),
        )
        if wants_csv(context_of(request.scope).headers.get(b"accept")):
            return await csv_answer(deps.store, who, only, after)
        response.headers["Vary"] = "Accept"
        found = await call_log.list_calls(deps.store, who, only, after, paging.limit)
        return page_until(paging, response, [call_out(each, who) for each in found.items], found.next)

    @router.get(
        "/v2/calls/{id}",
        response_model=CallDetail,
        **operation(
            "calls.get",
            "Read a call",
            description="With its ladder, which comes with its final answer, and why it went where it did.",
            example=Example("/v2/calls/call_1", answer=_DETAIL, given=GIVEN),
            errors=[ProblemCode.CALL_UNKNOWN],
        ),
    )
    async def get(
        who: Annotated[Principal, requires("calls:read")],
        call_id: Annotated[str, Path(alias="id", description="The call's id.", examples=["call_1"])],
        request: Request,
    ) -> Response:
        number = parsed_number(IdKind.CALL, call_id)
        traced = await call_log.show_call(deps.store, who, number if number is not None else 0)
        if traced is None:
            raise Problem(ProblemCode.CALL_UNKNOWN)
        language = language_of(context_of(request.scope), deps.shared.language)
        tag = etag_of(traced.stored, traced.trace.ladder, language)
        return answer(detail_of(traced, who, language), etag=tag, Vary="Accept-Language", Content_Language=language)

    return router
