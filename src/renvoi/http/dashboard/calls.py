"""`/calls`: the calls of an account, one with its ladder as a picture and as a list, and both as files."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import call_log
from renvoi.application.call_log import TracedCall
from renvoi.application.calls import caller_text, no_ladder
from renvoi.application.ports.calls import CallQuery, StoredCall
from renvoi.application.ports.pages import Place
from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.calls.missed_call import WhyMissed, why_missed
from renvoi.domain.calls.reason_text import reason_text, why
from renvoi.domain.calls.step_text import ExplainedStep, explained
from renvoi.domain.calls.steps import CALLEE, CALLER, EDGE, steps_of
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.ids import IdKind, parsed_number, written
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.dashboard import words
from renvoi.http.dashboard.actors import ShownCaller, actors_of, shown_caller
from renvoi.http.dashboard.formats import phone
from renvoi.http.dashboard.ladder_picture import drawn, seconds, svg, svg_file, tone_of
from renvoi.http.dashboard.ladder_text import ladder_text
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import HEADERS, Visit
from renvoi.http.v2.call_lines import csv_answer
from renvoi.http.v2.filters import number_filter

SCOPE = "calls:read"
LIVE = "call.completed call.missed"
"""The events after which the list is another one."""
DECISIONS = ("forward", "voicemail", "reject")
_BEFORE_SINCE = words.texts("calls.until_before_since")
_FIELDS = ("number", "from", "decision", "status", "since", "until")
_BESIDE = 3
"""Sides of a ladder that fits beside the details."""
_NUMBER = re.compile(r"\+[0-9]{6,15}", re.ASCII)
_STATUS = re.compile(r"[1-6][0-9]{2}", re.ASCII)
_EXAMPLE, _STATUS_EXAMPLE = "2026-11-28", "486"
_BAD = frozenset({WhyMissed.UNREACHABLE})


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get("/calls", "calls", _list, SCOPE),
        site.get("/calls.csv", "calls_csv", _csv, SCOPE),
        site.get("/calls/{id}", "call", _show, SCOPE),
        site.get("/calls/{id}/ladder.svg", "call_picture", _picture, SCOPE),
        site.get("/calls/{id}/ladder.txt", "call_text", _text, SCOPE),
    ]


async def _list(visit: Visit) -> Response:
    listed = Listed(visit)
    rows: list[dict[str, Any]] = []
    next_page = None
    wish = _wish(visit)
    try:
        only = _query(visit, wish)
    except Problem as problem:
        visit.query.wrong += [error for error in problem.errors if error not in visit.query.wrong]
    if not visit.query.wrong:
        after = listed.after(int, int)
        place = None if after is None else Place(*after)
        found = await call_log.list_calls(visit.deps.store, visit.principal, only, place, listed.limit)
        rows = [_row(visit, each) for each in found.items]
        next_page = listed.next_url(found.next)
    given = {name: text for name, text in wish.items() if text}
    return visit.render(
        "calls.html.j2",
        visit.query_errors.status,
        calls=rows,
        wish=wish,
        decisions=[("", visit.text("calls.everything"))]
        + [(each, visit.text(f"calls.decision_{each}")) for each in DECISIONS],
        is_filtered=bool(given),
        csv="/calls.csv" + (f"?{urlencode(given)}" if given else ""),
        is_first=listed.is_first,
        next_page=next_page,
        live=LIVE if listed.is_first else "",
        errors=visit.query_errors,
    )


async def _csv(visit: Visit) -> Response:
    """Answer with the file, or with the page of the list, where what is wrong with the filter stands beside it."""
    try:
        only = _query(visit, _wish(visit))
    except Problem:
        return await _list(visit)
    if visit.query.wrong:
        return await _list(visit)
    answer = await csv_answer(visit.deps.store, visit.principal, only)
    answer.headers.update(HEADERS)
    return answer


def _wish(visit: Visit) -> Mapping[str, str]:
    return {name: visit.query.text(name) for name in _FIELDS}


def _query(visit: Visit, wish: Mapping[str, str]) -> CallQuery:
    """Return which calls are wanted. Days are those of the reader's time zone, the last one is included.

    Raises:
        Problem: the number is none, or the status, or a day.
    """
    who = visit.principal
    wrong: list[FieldError] = []
    number: E164 | None = None
    try:
        number = number_filter(wish["number"] or None, who)
    except Problem as problem:
        wrong += problem.errors
    status = _status(wish["status"], wrong)
    since_ms = _day(visit, "since", wish["since"], timedelta(0), wrong)
    until_ms = _day(visit, "until", wish["until"], timedelta(1), wrong)
    decision = wish["decision"] or None
    if decision is not None and decision not in DECISIONS:
        wrong.append(FieldError("?decision", FieldCode.NOT_ALLOWED, {"allowed": ", ".join(DECISIONS)}))
    if since_ms is not None and until_ms is not None and until_ms <= since_ms:
        wrong.append(FieldError("?until", FieldCode.REFUSED, {"why": _BEFORE_SINCE}))
    if wrong:
        raise invalid(*wrong)
    return CallQuery(
        number=number,
        caller=caller_text(wish["from"], who.region) if wish["from"] else None,
        decision=decision,
        status=status,
        since_ms=since_ms,
        until_ms=until_ms,
    )


def _status(text: str, wrong: list[FieldError]) -> int | None:
    """Return the final status of SIP (RFC 3261 §7.2) that calls are filtered by; None if by none."""
    if not text:
        return None
    if not _STATUS.fullmatch(text):
        wrong.append(FieldError("?status", FieldCode.BAD_FORMAT, {"expected": _STATUS_EXAMPLE}))
        return None
    return int(text)


def _day(visit: Visit, name: str, text: str, later: timedelta, wrong: list[FieldError]) -> int | None:
    """Return when a day begins, in ms since 1970-01-01 UTC, or the one so much later; None if there is none."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + later
        return round(datetime.combine(day, time.min, visit.reader.zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        wrong.append(FieldError(f"?{name}", FieldCode.BAD_FORMAT, {"expected": _EXAMPLE}))
        return None


def _row(visit: Visit, stored: StoredCall) -> dict[str, Any]:
    """Return what the list shows of a call."""
    record = stored.record
    tone, outcome = outcome_of(record)
    return {
        "id": written(IdKind.CALL, stored.id),
        "at": record.setup_at_ms,
        "caller": _caller(visit, record),
        "number": record.number or record.called,
        "went": record.decision,
        "target": record.target,
        "tone": tone,
        "outcome": f"call.outcome_{outcome}",
        "refused": reason_text(record.reason, visit.language) if record.decision == "reject" and record.reason else "",
        "length": _length_ms(record),
    }


def _caller(visit: Visit, record: CallRecord) -> ShownCaller:
    return shown_caller(visit, None if _hides(visit, record) else record.caller)


def _hides(visit: Visit, record: CallRecord) -> bool:
    """Tell whether the caller does not want to be known to whoever looks."""
    return record.withheld and not visit.principal.is_operator


def _length_ms(record: CallRecord) -> int | None:
    """Return how long the caller spoke or was spoken to; None where that has not begun, or not ended."""
    if record.answer_at_ms is None or record.end_at_ms is None:
        return None
    return max(0, record.end_at_ms - record.answer_at_ms)


def outcome_of(record: CallRecord) -> tuple[str, str]:
    """Return what came of a call: the tone of its badge, and the name of the word in it."""
    if record.decision == "reject":
        return "warn", "refused"
    if record.status is None:
        return "info", "under_way"
    missed = why_missed(record)
    if missed is not None:
        return "bad" if missed in _BAD else "", missed.value.replace("-", "_")
    if record.decision == "voicemail":
        return ("info", "message") if record.missed is False else ("info", "recording")
    return "good", "talking" if record.end_at_ms is None else "answered"


async def _traced(visit: Visit) -> TracedCall:
    """Return the call that the path names.

    Raises:
        Problem: there is none that the visitor reaches.
    """
    number = parsed_number(IdKind.CALL, visit.request.path_params["id"])
    traced = await call_log.show_call(visit.deps.store, visit.principal, number if number is not None else 0)
    if traced is None:
        raise Problem(ProblemCode.CALL_UNKNOWN)
    return traced


def _steps(visit: Visit, traced: TracedCall) -> list[ExplainedStep]:
    record = traced.stored.record
    return list(explained(record, steps_of(record, traced.trace.ladder), visit.language))


async def _show(visit: Visit) -> Response:
    traced = await _traced(visit)
    record = traced.stored.record
    steps = _steps(visit, traced)
    missing = no_ladder(traced.trace)
    change, picture = traced.trace.change, drawn(steps, visit.language)
    actors = await actors_of(visit, () if change is None else (change.key_id,))
    return visit.render(
        "call.html.j2",
        call=_row(visit, traced.stored) | _details(record),
        change=change,
        set_by=None if change is None else actors.shown(change.key_id, change.source),
        picture=svg(picture),
        is_wide=len(picture.columns) > _BESIDE,
        steps=[_step(visit, record, step) for step in steps],
        missing=None if missing is None else f"call.ladder_{missing.value}",
        why=_begun(_NUMBER.sub(lambda found: phone(visit.reader, found[0]), why(record, visit.language))),
        reason=None if record.reason is None else reason_text(record.reason, visit.language),
        text=_written(visit, traced, steps),
    )


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _details(record: CallRecord) -> dict[str, Any]:
    """Return what the page of a call shows besides."""
    rang_until_ms = record.answer_at_ms if record.answer_at_ms is not None else record.end_at_ms
    rings = record.ring_at_ms is not None and rang_until_ms is not None
    return {
        "rang": max(0, (rang_until_ms or 0) - (record.ring_at_ms or 0)) if rings else None,
        "reason": record.reason,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by if record.end_at_ms is not None else None,
        "is_known_end": record.hung_up_by in (CALLER, CALLEE, EDGE),
        "trunk": record.trunk,
        "revision": record.revision,
        "last_known": record.last_known,
        "diversions": record.diversions,
        "call_id": record.key.call_id,
        "is_ours": record.number is not None,
    }


def _step(visit: Visit, record: CallRecord, step: ExplainedStep) -> Mapping[str, Any]:
    return {
        "at": seconds(step, record.setup_at_ms),
        "sender": step.sender,
        "receiver": step.receiver,
        "what": _begun(step.what),
        "why": step.why,
        "tone": tone_of(step),
        # A trunk may be told who the caller is; the called side may not. Where a trunk is, is for operators.
        "headers": () if _hides(visit, record) else step.step.headers,
        "destination": step.step.destination if visit.principal.is_operator else "",
    }


def _written(visit: Visit, traced: TracedCall, steps: Sequence[ExplainedStep]) -> str:
    record = traced.stored.record
    return ladder_text(
        record,
        visit.text("caller.withheld") if _hides(visit, record) else record.caller,
        steps,
        visit.language,
        shows_headers=not _hides(visit, record),
        shows_addresses=visit.principal.is_operator,
    )


async def _picture(visit: Visit) -> Response:
    traced = await _traced(visit)
    content = svg_file(drawn(_steps(visit, traced), visit.language))
    return _file(traced, content, "image/svg+xml", "svg")


async def _text(visit: Visit) -> Response:
    traced = await _traced(visit)
    return _file(traced, _written(visit, traced, _steps(visit, traced)), "text/plain; charset=utf-8", "txt")


def _file(traced: TracedCall, content: str, kind: str, form: str) -> Response:
    name = f"{written(IdKind.CALL, traced.stored.id)}.{form}"
    saved = {"content-type": kind, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, headers={**HEADERS, **saved})
