"""`/numbers/{number}`: the rule of a number as a form, its hours, its history, and what a call would meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.calls import caller_text
from renvoi.application.explanations import explain_own
from renvoi.application.managed_numbers import change_number, find_own_number
from renvoi.application.ports.number_lists import NumberFacts
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Reader
from renvoi.application.rule_history import PastChange, past_changes, undo
from renvoi.application.rules import HolidayDates, RuleChange, change_rule
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.moment import is_moment
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import WEEK, zone_named
from renvoi.http.dashboard.actors import Actors, actors_in
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.fields import checked, matching, revision_in
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors, errors_of
from renvoi.http.dashboard.number_view import (
    Explained,
    api_lines,
    explained,
    nights_of,
    past_of,
    sentence_of,
    state_of,
    unbroken,
    week_of,
)
from renvoi.http.dashboard.rule_form import FALLBACKS, RuleInput, exception_places, fields_of, read_fields
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.etags import etag_of
from renvoi.http.v2.forwarding import warnings_of
from renvoi.http.v2.numbers import NumberChange, number_of
from renvoi.http.v2.rule_reading import Expected, holidays_in, whole_change

PAST = 10
"""Changes of the history that are shown at once."""
EMPTY_ROWS = 2
"""Rows for further exceptional days."""


@dataclass
class RulePage:
    """What the page of a number shows besides what the store has of it."""

    fields: Mapping[str, str] | None = None
    """Those of the form, None: as the rule is."""
    errors: FormErrors = NO_ERRORS
    notes: Sequence[str] = ()
    """What stands above the form: what the rule would come to, and warnings about it."""
    settings: Mapping[str, Any] | None = None
    """The fields of the name and the state, None: as they are."""
    part: str = "rule"
    """Which form the errors are of: rule, settings or greeting."""
    status: int = 200


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the store has of a number."""

    record: NumberRecord
    facts: NumberFacts
    greeting: Greeting | None
    past: Sequence[PastChange]
    actors: Actors
    """Who made the changes."""


def routes(site: Site) -> Sequence[Route]:
    path = "/numbers/{number}"
    return [
        site.get(path, "number", show, "numbers:read"),
        site.post(path + "/rule", "number.rule", _save_rule, "forwarding:write"),
        site.post(path + "/undo", "number.undo", _undo, "forwarding:write"),
        site.post(path + "/settings", "number.settings", _save_settings, "numbers:write"),
    ]


def address_of(number: E164) -> str:
    """Return the path of a number's page."""
    return f"/numbers/{number}"


def number_in(visit: Visit) -> E164:
    """Return the number in the path of a request.

    Raises:
        Problem: it is none.
    """
    return number_of(visit.request.path_params["number"], visit.principal)


async def show(visit: Visit) -> Response:
    return await shown(visit, RulePage())


async def shown(visit: Visit, page: RulePage) -> Response:
    """Return the page of the number in the path.

    Raises:
        Problem: there is no such number.
    """
    number = number_in(visit)
    kept = await visit.deps.store.read(lambda reader: _kept(reader, visit, number))
    record, schedule = kept.record, kept.record.rule.schedule
    zone = visit.reader.zone if schedule is None else zone_named(schedule.time_zone)
    now = datetime.fromtimestamp(visit.now_ms / 1000, zone)
    # Of a form that was sent again a box that is not ticked is not there.
    fields = fields_of(record.rule) if page.fields is None else {**fields_of(Rule()), **page.fields}
    fields["schedule/time_zone"] = fields.get("schedule/time_zone") or zone.key
    call, call_error = await _asked(visit, number, zone)
    past = past_of(visit, record, kept.past[:PAST], kept.actors)
    return visit.render(
        "number.html.j2",
        _status_of(visit, page, call_error),
        record=record,
        number=record.number,
        sentence=sentence_of(visit, record),
        state=state_of(visit, record),
        facts=kept.facts,
        fields=fields,
        settings=_settings_of(record) if page.settings is None else page.settings,
        settings_version=_settings_tag(record),
        rows=_rows(fields),
        days=[(day.value, visit.text(f"day.{day.value}")) for day in WEEK],
        fallbacks=FALLBACKS,
        week=() if schedule is None else week_of(visit, schedule, now.hour * 60 + now.minute),
        zone=zone.key,
        call=call,
        call_error=call_error,
        asked={name: visit.query.text(name) for name in ("at", "from")},
        past=past,
        older=past[-1].entry.after.revision if len(kept.past) > PAST else None,
        can_undo=record.rule.revision > 0,
        greeting=kept.greeting,
        api=list(api_lines(visit, record.number)),
        errors=page.errors,
        labels=_labels(visit, fields),
        notes=page.notes,
        part=page.part,
        can_change=record.active and record.forwarding_enabled,
    )


def _status_of(visit: Visit, page: RulePage, call_error: str) -> int:
    """Return the status of a page: what its form was refused with comes before what is wrong with its address."""
    if page.status != HTTPStatus.OK:
        return page.status
    return HTTPStatus.UNPROCESSABLE_ENTITY if call_error else visit.query_errors.status


def _kept(reader: Reader, visit: Visit, number: E164) -> _Kept:
    record = find_own_number(reader, visit.principal, number)
    before = visit.query.text("before", most=18)
    below = int(before) if before.isascii() and before.isdecimal() else None
    if before and below is None:
        visit.query.wrong.append(FieldError("?before", FieldCode.BAD_FORMAT, {"expected": "12"}))
    past = past_changes(reader, visit.principal, number, below, PAST + 1)
    facts = reader.number_facts([number]).get(number, NumberFacts())
    actors = actors_in(reader, visit, (each.entry.key_id for each in past))
    return _Kept(record, facts, reader.greeting(number), past, actors)


def _rows(fields: Mapping[str, str]) -> Sequence[int]:
    """Return the numbers of the rows of exceptional days, with some that are empty."""
    there = list(exception_places(fields))
    first = max(there, default=-1) + 1
    return [*there, *range(first, first + EMPTY_ROWS)]


def _labels(visit: Visit, fields: Mapping[str, str]) -> Mapping[str, str]:
    """Return what the fields of the rule are called, by name, in the order of the form."""
    labels = {"action": "number.action", "to": "number.to", "ring_timeout_s": "number.ring"}
    for name in FALLBACKS:
        labels |= {f"{name}/action": f"number.{name}", f"{name}/to": f"number.{name}", f"{name}/then": f"number.{name}"}
    labels |= {"voicemail/emails": "number.emails", "hours": "number.hours"}
    labels |= {f"day/{day.value}": f"day.{day.value}" for day in WEEK}
    labels |= {"schedule/time_zone": "number.time_zone", "schedule/holidays": "number.holidays"}
    labels |= {"schedule/closed/action": "number.closed", "schedule/closed/to": "number.closed_to"}
    for row in exception_places(fields):
        labels |= {f"exception/{row}/{part}": f"number.exception_{part}" for part in ("from", "to", "hours")}
    labels |= {f"callers/{part}": f"number.{part}" for part in ("anonymous", "blocked", "block", "allow")}
    return {name: visit.text(key) for name, key in labels.items()}


async def _asked(visit: Visit, number: E164, zone: ZoneInfo) -> tuple[Explained | None, str]:
    """Return what the call would meet that the query asks about, None without one, and what is wrong with the query."""
    query = visit.request.query_params
    if "at" not in query and "from" not in query:
        return None, ""
    at_ms, text, caller_given = visit.now_ms, visit.query.text("at"), visit.query.text("from")
    if visit.query.wrong:
        return None, ""
    if text:
        try:
            found_at = datetime.fromisoformat(text)
            # An address that a program made may name a zone of its own.
            at_ms = int((found_at if found_at.tzinfo else found_at.replace(tzinfo=zone)).timestamp() * 1000)
        except (ValueError, OverflowError):
            return None, visit.text("number.at_invalid")
        if not is_moment(at_ms):
            return None, visit.text("number.at_invalid")
    who, shared = visit.principal, visit.deps.shared
    caller = caller_text(caller_given or "anonymous", who.region)
    found = await visit.deps.store.read(
        lambda reader: explain_own(reader, who, number, caller, at_ms, shared.cooling_off_ms, shared.sip_domain)
    )
    return explained(visit, found), ""


async def _save_rule(visit: Visit) -> Response:
    """Store the rule of the form, or show what it would come to."""
    deps, who, number = visit.deps, visit.principal, number_in(visit)
    present = await deps.store.read(lambda reader: find_own_number(reader, who, number))
    fields = visit.form.values()
    found = read_fields(fields, who.region, present.rule)
    tries = visit.form.flag("try")
    try:
        change = _change_of(number, found, _revision(visit))
        changed = await change_rule(deps.store, deps.clock, deps.shared.holidays, who, change, dry_run=tries)
    except Problem as problem:
        if problem.code is ProblemCode.PRECONDITION_FAILED:
            return await _overtaken(visit, fields, present)
        dates = HolidayDates(deps.shared.holidays, deps.clock.now_ms())
        problem = await dates.told_with(problem, holidays_in(found.value))
        page = RulePage(fields, _errors_of(visit, problem, found), status=problem.code.status)
        return await shown(visit, page)
    if tries:
        warnings = [each.detail(visit.language) for each in await warnings_of(deps, who, changed.record)]
        nights = nights_of(visit, changed.record.rule.schedule)
        return await shown(visit, RulePage(fields, notes=[sentence_of(visit, changed.record), *nights, *warnings]))
    return visit.redirect(address_of(number), "said.rule_saved" if changed.is_changed else "said.rule_same")


def _change_of(number: E164, found: RuleInput, revision: int) -> RuleChange:
    """Return the change that a form asks for.

    Raises:
        Problem: it is wrong; all that is wrong is named.
    """
    try:
        change = whole_change(number, found.value | {"revision": revision})
    except Problem as problem:
        if problem.code is not ProblemCode.FIELDS_INVALID:
            raise
        raise invalid(*problem.errors, *found.errors) from problem
    if found.errors:
        raise invalid(*found.errors)
    return change


def _revision(visit: Visit) -> int:
    """Return the revision of the rule that the form shows; one that is none is that of no rule."""
    return revision_in(visit.form.text("version"))


def _errors_of(visit: Visit, problem: Problem, found: RuleInput) -> FormErrors:
    """Return what is wrong, by the fields of the form.

    Raises:
        Problem: it is nothing that another form could help.
    """
    errors = refused(visit, problem)
    by_field: dict[str, list[str]] = {}
    rest = list(errors.general)
    for pointer, texts in errors.by_field.items():
        name = found.field_of("/" + pointer)
        (rest if name is None else by_field.setdefault(name, [])).extend(texts)
    return FormErrors(errors.title, by_field, rest)


async def _overtaken(visit: Visit, fields: Mapping[str, str], present: NumberRecord) -> Response:
    """Return the page with the form as it was sent, of the rule as it is now, since somebody else changed that."""
    visit.context.outcome = ProblemCode.PRECONDITION_FAILED
    text = visit.text("number.overtaken", summary=unbroken(sentence_of(visit, present)))
    errors = FormErrors(visit.text("number.overtaken_title"), {}, [text])
    return await shown(visit, RulePage(fields, errors, status=ProblemCode.PRECONDITION_FAILED.status))


async def _undo(visit: Visit) -> Response:
    """Give the number the rule that it had before the last change, or at the revision that the form names."""
    deps, number = visit.deps, number_in(visit)
    named = visit.form.text("revision")
    check = Expected(_revision(visit))
    try:
        # One that is none must not be taken for the last change.
        revision = revision_in(named) if named else None
        await undo(deps.store, deps.clock, deps.shared.holidays, visit.principal, number, revision, check)
    except Problem as problem:
        if problem.code is ProblemCode.PRECONDITION_FAILED:
            return await shown(visit, RulePage(errors=refused(visit, problem), status=problem.code.status))
        refused(visit, problem)
        return await shown(visit, RulePage(errors=errors_of(problem, visit.language), status=problem.code.status))
    return visit.redirect(address_of(number), "said.undone")


def _settings_of(record: NumberRecord) -> Mapping[str, Any]:
    """Return the name and the state of a number as their form has them."""
    return {"label": record.label, "active": record.active}


def _settings_tag(record: NumberRecord) -> str:
    """Return the version of what that form shows; a rule that somebody changed meanwhile is none of its business."""
    return etag_of(record.label, record.active)


async def _save_settings(visit: Visit) -> Response:
    """Store the label and the state of the number, if they are as the form showed them."""
    deps, number, expected = visit.deps, number_in(visit), matching(visit.form)
    sent: Mapping[str, Any] = {"label": visit.form.text("label"), "active": visit.form.flag("active")}

    def check(record: NumberRecord) -> None:
        expected.check(_settings_tag(record))

    try:
        label = checked(NumberChange, {"label": sent["label"]}).label
        await change_number(deps.store, deps.clock, visit.principal, number, label, sent["active"], check)
    except Problem as problem:
        errors = refused(visit, problem)
        return await shown(visit, RulePage(errors=errors, settings=sent, part="settings", status=problem.code.status))
    return visit.redirect(address_of(number), "said.saved")
