"""`/v2/numbers/{number}/forwarding`: the rule of a number, read and changed as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Query, Response
from pydantic import SkipValidation
from starlette.requests import Request

from renvoi.application.managed_numbers import find_own_number
from renvoi.application.rules import HolidayDates, RuleChange, change_rule
from renvoi.documents.rule_json import rule_json
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.rules.rule_warnings import RuleWarning, rule_warnings
from renvoi.domain.rules.summary import summary
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import V2Deps
from renvoi.http.v2.etags import IfMatch, Matching, shown_tag
from renvoi.http.v2.idempotency import Idempotent, IdempotentWrite
from renvoi.http.v2.models import timestamp_or_none
from renvoi.http.v2.numbers import NumberPath, number_of
from renvoi.http.v2.problems import language_of
from renvoi.http.v2.route import Example, V2Route, operation
from renvoi.http.v2.rule_answers import ForwardingOut
from renvoi.http.v2.rule_models import ForwardingIn, ForwardingPatch
from renvoi.http.v2.rule_reading import holidays_in, patch_change, patch_faults, rule_faults, tag_of, whole_change
from renvoi.http.v2.security import requires

MERGE_PATCH = "application/merge-patch+json"
"""RFC 7396 §4."""
DryRun = Annotated[bool, Query(description="Answer what would be stored, with warnings, and store nothing.")]
PATH = "/v2/numbers/{number}/forwarding"
EXAMPLE_PATH = "/v2/numbers/+33199001234/forwarding"
RULE: dict[str, Any] = {
    "action": "forward",
    "to": ["+33644630000"],
    "ring_timeout_s": 25,
    "on_no_answer": {"action": "voicemail"},
    "on_busy": {"action": "forward", "to": ["+33261910123"]},
    "on_unreachable": {"action": "voicemail"},
    "voicemail": {"emails": ["owner@example.com", "office@example.com"], "missed_call_mail": True},
    "schedule": {
        "time_zone": "Europe/Paris",
        "open": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"}],
        "holidays": "FR",
        "exceptions": [{"from": "2026-12-24", "to": "2026-12-26", "open": []}],
        "closed": {"action": "voicemail"},
    },
    "callers": {"anonymous": "accept", "block": ["+33162*"], "allow": []},
}
"""The rule of the examples."""
SHOWN: dict[str, Any] = RULE | {
    "revision": 1,
    "updated_at": "2026-11-28T13:08:28.914Z",
    "summary": "Rings +33 6 44 63 00 00 for 25 s, then takes a message; when busy, rings +33 2 61 91 01 23. "
    "Closed until Friday 09:00: takes a message. Blocked callers are rejected.",
}
CHANGES = (
    ProblemCode.NUMBER_UNKNOWN,
    ProblemCode.RULE_UNREADABLE,
    ProblemCode.POLICY_UNREADABLE,
    ProblemCode.ACCOUNT_CLOSING,
    ProblemCode.FORWARDING_NOT_ENABLED,
    ProblemCode.NUMBER_INACTIVE,
    ProblemCode.FORWARDING_WOULD_LOOP,
    ProblemCode.DESTINATION_NOT_ALLOWED,
)
"""What a change of a rule can be refused for."""


def routes(deps: V2Deps) -> APIRouter:
    """Return the operations of rules."""
    router = APIRouter(route_class=V2Route, tags=["forwarding"])

    @router.get(
        PATH,
        response_model=ForwardingOut,
        **operation(
            "forwarding.get",
            "Read a number's rule",
            description="`summary` goes with the time and the language, and so does the `ETag`. `If-Match` compares "
            "the revision alone, with which the tag begins.",
            example=Example(EXAMPLE_PATH, answer=SHOWN, given="a number with a rule"),
            errors=[ProblemCode.NUMBER_UNKNOWN, ProblemCode.RULE_UNREADABLE],
        ),
    )
    async def get(
        who: Annotated[Principal, requires("numbers:read")], number: NumberPath, request: Request
    ) -> Response:
        record = await deps.store.read(lambda reader: find_own_number(reader, who, number_of(number, who)))
        return rule_answer(deps, request, record)

    @router.put(
        PATH,
        response_model=ForwardingOut,
        **operation(
            "forwarding.replace",
            "Set a number's rule",
            description="In force for the next call. What is left out gets its default. The same rule again "
            "changes nothing, and keeps its revision.",
            example=Example(EXAMPLE_PATH, body=RULE, answer=SHOWN),
            errors=CHANGES,
            faults=rule_faults,
        ),
    )
    async def put(
        who: Annotated[Principal, requires("forwarding:write")],
        number: NumberPath,
        body: Annotated[SkipValidation[ForwardingIn], Body()],
        matching: Matching,
        once: Idempotent,
        request: Request,
        dry_run: DryRun = False,
    ) -> Response:
        change = await _read(deps, whole_change, number_of(number, who), body)
        return await _change(deps, request, who, change, matching, once, dry_run=dry_run)

    @router.patch(
        PATH,
        response_model=ForwardingOut,
        **operation(
            "forwarding.update",
            "Change parts of a number's rule",
            description="A JSON merge patch (RFC 7396): what is left out stays as it is, null takes a part out, so "
            "that it has its default, and lists are replaced as a whole.",
            example=Example(
                EXAMPLE_PATH,
                body={"ring_timeout_s": 25},
                answer=SHOWN | {"revision": 2},
                given="a number with another timeout",
            ),
            errors=CHANGES,
            json_types=(MERGE_PATCH,),
            faults=patch_faults,
        ),
    )
    async def update(
        who: Annotated[Principal, requires("forwarding:write")],
        number: NumberPath,
        body: Annotated[SkipValidation[ForwardingPatch], Body()],
        matching: Matching,
        once: Idempotent,
        request: Request,
        dry_run: DryRun = False,
    ) -> Response:
        change = await _read(deps, patch_change, number_of(number, who), body)
        return await _change(deps, request, who, change, matching, once, dry_run=dry_run)

    return router


async def _read(deps: V2Deps, read: Callable[[E164, Any], RuleChange], number: E164, body: Any) -> RuleChange:
    try:
        return read(number, body)
    except Problem as problem:
        dates = HolidayDates(deps.shared.holidays, deps.clock.now_ms())
        raise await dates.told_with(problem, holidays_in(body)) from problem


async def _change(
    deps: V2Deps,
    request: Request,
    who: Principal,
    change: RuleChange,
    matching: IfMatch,
    once: IdempotentWrite,
    *,
    dry_run: bool,
) -> Response:
    expected = change.check

    def check(record: NumberRecord) -> None:
        matching.check(tag_of(record))
        expected(record)

    checked = replace(change, check=check)
    if dry_run:
        changed = await change_rule(deps.store, deps.clock, deps.shared.holidays, who, checked, dry_run=True)
        return rule_answer(deps, request, changed.record, warnings=await _warnings(deps, request, who, changed.record))
    return await once.run(
        lambda store: change_rule(store, deps.clock, deps.shared.holidays, who, checked),
        lambda changed: rule_answer(deps, request, changed.record),
    )


async def _warnings(deps: V2Deps, request: Request, who: Principal, record: NumberRecord) -> Sequence[dict[str, str]]:
    language = language_of(context_of(request.scope), deps.shared.language)
    found = await warnings_of(deps, who, record)
    return [{"code": each.code.word, "pointer": each.pointer, "detail": each.detail(language)} for each in found]


async def warnings_of(deps: V2Deps, who: Principal, record: NumberRecord) -> Sequence[RuleWarning]:
    """Return what is hardly wanted of the rule that a number has, or would have."""
    rule = record.rule
    targets = {target for _, target in rule.named_targets()}
    parts = await deps.shared.parts()
    found = await deps.store.read(lambda reader: [reader.listed_number(target) for target in targets])
    # A number of another account is as any number outside.
    own = {
        each.number: each
        for each in found
        if each is not None
        and each.unreadable is None
        and each.account_id == record.account_id
        and who.may_number(each.number)
    }
    # A node without parts is an API alone, which does not know.
    states = [part.state for name, part in parts.items() if name.startswith("voicemail")]
    has_voicemail = not parts or any(state != "absent" for state in states)
    return rule_warnings(rule, deps.clock.now_ms(), own.get, has_voicemail=has_voicemail)


def rule_answer(deps: V2Deps, request: Request, record: NumberRecord, **more: object) -> Response:
    """Return the answer that shows the rule of a number, and `more` beside it."""
    language = language_of(context_of(request.scope), deps.shared.language)
    shown: dict[str, object] = {
        **rule_json(record.rule),
        "updated_at": timestamp_or_none(record.updated_at_ms),
        "summary": summary(record, deps.clock.now_ms(), language),
        **more,
    }
    content = msgspec.json.encode(shown)
    headers = {"ETag": shown_tag(tag_of(record), content), "Content-Language": language, "Vary": "Accept-Language"}
    return Response(content, 200, headers, media_type="application/json")
