"""`/v2/numbers/{number}/explain`: what a call to a number would meet."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field
from starlette.requests import Request

from renvoi.application.calls import caller_text
from renvoi.application.explanations import OwnExplanation, explain_own
from renvoi.domain.access.api_key import Principal
from renvoi.domain.problem import ProblemCode
from renvoi.domain.routing.decision_text import decision_text
from renvoi.domain.routing.routing import Forward, Reject, Voicemail
from renvoi.domain.trunks.branch_plan import BranchPlan
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.filters import At, moment_ms
from renvoi.http.v2.models import AnswerModel, Number, Timestamp, timestamp
from renvoi.http.v2.numbers import NumberPath, number_of
from renvoi.http.v2.problems import language_of
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.security import requires


class CheckOut(AnswerModel):
    """One check that the call met."""

    number: Number
    check: str = Field(description="What was looked at.")
    verdict: str
    passed: bool = Field(description="false: here the call ends.")


class HeaderOut(AnswerModel):
    """A header that the call gets; one without a value is taken off."""

    name: str
    value: str


class TrunkShown(AnswerModel):
    """How the call would be sent to one trunk, in the order in which they are tried."""

    trunk: str
    request_uri: str
    headers: list[HeaderOut]


class ExplanationOut(AnswerModel):
    """What a call would meet."""

    number: Number
    caller: str = Field(alias="from")
    at: Timestamp
    decision: Literal["forward", "voicemail", "reject"]
    reason: str | None = Field(description="Why it is refused; null: it is not.")
    target: Number | None = Field(description="The number that it goes to, or is not allowed to go to.")
    via: list[Number] = Field(description="The numbers of the account that send it on, the called one first.")
    revision: int | None = Field(description="Of the called number's rule.")
    ring_timeout_s: int | None
    emails: list[str] = Field(description="Where a message would be mailed that the rule takes at once.")
    until: Timestamp | None = Field(description="Until when calls there wait; null: they do not.")
    checks: list[CheckOut]
    trunks: list[TrunkShown]
    unreadable_trunks: int = Field(
        description="How many trunks cannot be read, as the operator sees: running nodes may send the call there too, "
        "as they did before. 0: `trunks` are all."
    )
    summary: str = Field(description="A sentence for people, in the language that was asked for.")


_SHOWN: dict[str, Any] = {
    "number": "+33199001234",
    "from": "+33611223344",
    "at": "2026-12-01T10:00:00.000Z",
    "decision": "forward",
    "reason": None,
    "target": "+33644630000",
    "via": ["+33199001234"],
    "revision": 1,
    "ring_timeout_s": 25,
    "emails": [],
    "until": None,
    "checks": [
        {"number": "+33199001234", "check": "number", "verdict": "active", "passed": True},
        {"number": "+33199001234", "check": "rule", "verdict": "revision 1", "passed": True},
        {"number": "+33199001234", "check": "caller", "verdict": "accept", "passed": True},
        {"number": "+33199001234", "check": "schedule", "verdict": "open", "passed": True},
        {"number": "+33199001234", "check": "destination", "verdict": "allowed", "passed": True},
    ],
    "trunks": [],
    "unreadable_trunks": 0,
    "summary": "The call is forwarded to +33 6 44 63 00 00 and rings for up to 25 s.",
}


def _facts(found: OwnExplanation) -> dict[str, Any]:
    shown: dict[str, Any] = {"reason": None, "target": None, "via": [], "ring_timeout_s": None, "emails": []}
    shown["until"] = None
    match found.decision:
        case Forward(diverting, revision, target, ring_timeout):
            shown |= {"decision": "forward", "target": target.value, "revision": revision}
            shown |= {"via": [each.value for each in diverting], "ring_timeout_s": int(ring_timeout.total_seconds())}
        case Voicemail(diverting, revision, emails):
            shown |= {"decision": "voicemail", "revision": revision, "via": [each.value for each in diverting]}
            shown["emails"] = [email.value for email in emails]
        case Reject(reason, revision, target, _, until_ms):
            shown |= {"decision": "reject", "reason": reason.value, "revision": revision}
            shown["target"] = None if target is None else target.value
            shown["until"] = None if until_ms is None else timestamp(until_ms)
    return shown


def _trunk(plan: BranchPlan) -> TrunkShown:
    return TrunkShown(trunk=plan.trunk, request_uri=plan.request_uri, headers=list(_headers(plan.shown_headers)))


def _headers(lines: str) -> Iterator[HeaderOut]:
    for line in lines.splitlines():
        name, _, value = line.partition(":")
        yield HeaderOut(name=name, value=value.strip())


def routes(deps: V2Deps) -> APIRouter:
    """Return the operation that explains calls."""
    router = APIRouter(route_class=V2Route, tags=["forwarding"])

    @router.get(
        "/v2/numbers/{number}/explain",
        **operation(
            "forwarding.explain",
            "Explain what a call would meet",
            description="By the rules as they are now, decided by what decides calls; no call is placed. A number of "
            "another account that the call would come to is shown as any number outside.",
            example=Example(
                "/v2/numbers/+33199001234/explain?from=%2B33611223344&at=2026-12-01T10:00:00Z",
                answer=_SHOWN,
                given="a number with a rule",
            ),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE, ProblemCode.POLICY_UNREADABLE],
            versioned=False,
        ),
    )
    async def explain(
        who: Annotated[Principal, requires("numbers:read")],
        number: NumberPath,
        request: Request,
        response: Response,
        caller: Annotated[
            str, Query(alias="from", max_length=200, description="The caller's number; anything else is anonymous.")
        ] = "anonymous",
        at: At = None,
    ) -> ExplanationOut:
        called = number_of(number, who)
        now_ms = deps.clock.now_ms() if at is None else moment_ms(at)
        who_calls = caller_text(caller, who.region)
        shared = deps.shared
        found = await deps.store.read(
            lambda reader: explain_own(reader, who, called, who_calls, now_ms, shared.cooling_off_ms, shared.sip_domain)
        )
        language = language_of(context_of(request.scope), shared.language)
        response.headers["Content-Language"] = language
        response.headers["Vary"] = "Accept-Language"
        return ExplanationOut.model_validate(
            {
                "number": called.value,
                "from": who_calls,
                "at": timestamp(now_ms),
                **_facts(found),
                "checks": [
                    CheckOut(number=each.number.value, check=each.name, verdict=each.verdict, passed=each.passed)
                    for each in found.checks
                ],
                "trunks": [_trunk(plan) for plan in found.plans],
                "unreadable_trunks": found.unreadable_trunks,
                "summary": decision_text(found.decision, language),
            }
        )

    return router
