"""`/numbers/change`: the rules of several numbers at once, which are tried before they are changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.rule_batches import BatchChange, BatchRefused, change_all
from renvoi.application.rules import Changed, HolidayDates
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.fields import checked, lines, numbers, revision_in, whole
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors, errors_of
from renvoi.http.dashboard.number_view import sentence_of
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.batch_reading import ReadChange, read_changes
from renvoi.http.v2.rule_models import ForwardingPatch

MOST = 200
"""Numbers that one form changes; the API takes more."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What would become of one number: what a call would meet before and after, or why it cannot be changed."""

    number: str
    result: str
    before: str = ""
    after: str = ""
    why: Sequence[str] = ()
    revision: int | None = None
    """That of the rule that would be replaced."""

    @property
    def changes(self) -> bool:
        return self.result == "changes"


def routes(site: Site) -> Sequence[Route]:
    path = "/numbers/change"
    return [
        site.get(path, "numbers.change", _ask, "forwarding:write"),
        site.post(path, "numbers.change", _change, "forwarding:write"),
    ]


async def _ask(visit: Visit) -> Response:
    if visit.principal.account_id == EVERY_ACCOUNT:
        return visit.redirect("/operator/accounts", "account.choose")
    chosen = visit.query.texts("number", MOST)
    return _page(visit, {"numbers": "\n".join(chosen)}, visit.query_errors, status=visit.query_errors.status)


def _page(
    visit: Visit,
    fields: Mapping[str, str],
    errors: FormErrors = NO_ERRORS,
    tried: Sequence[Tried] = (),
    status: int = 200,
) -> Response:
    return visit.render(
        "bulk.html.j2",
        status,
        fields=fields,
        errors=errors,
        tried=tried,
        changes=sum(each.changes for each in tried),
        without="\n".join(each.number for each in tried if each.result != "refused"),
        is_refused=any(each.result == "refused" for each in tried),
        most=MOST,
    )


async def _change(visit: Visit) -> Response:
    """Show what the form would do; do it, if it was sent from there."""
    fields = visit.form.values()
    dates = HolidayDates(visit.deps.shared.holidays, visit.now_ms)
    try:
        named = numbers(lines(visit.form.text("numbers")), visit.principal.region)
        _check(named)
        patch = _patch(visit)
        read = await read_changes([{"number": each, "patch": patch} for each in named], dates)
    except Problem as problem:
        return _page(visit, fields, refused(visit, problem), status=problem.code.status)
    if not visit.form.flag("confirmed"):
        return _page(visit, fields, tried=await _try(visit, dates, read))
    try:
        await change_all(visit.deps.store, dates, visit.principal, await _as_tried(visit, dates, named, patch))
    except BatchRefused:
        # Something was changed since it was tried: what is now, and what it would become, is shown again.
        visit.context.outcome = ProblemCode.BATCH_REFUSED
        errors = FormErrors(visit.text("form.overtaken"), {}, [visit.text("form.overtaken_text")])
        return _page(visit, fields, errors, await _try(visit, dates, read), ProblemCode.BATCH_REFUSED.status)
    except Problem as problem:
        errors = refused(visit, problem)
        return _page(visit, fields, errors, await _try(visit, dates, read), problem.code.status)
    return visit.redirect("/numbers", "said.numbers_changed")


def _check(named: Sequence[str]) -> None:
    if not named:
        raise invalid(FieldError("/numbers", FieldCode.MISSING))
    if len(named) > MOST:
        raise invalid(FieldError("/numbers", FieldCode.TOO_MANY, {"most": MOST}))
    twice = next((place for place, each in enumerate(named) if each in named[:place]), None)
    if twice is not None:
        raise invalid(FieldError(f"/numbers/{twice}", FieldCode.REPEATED))


def _patch(visit: Visit) -> dict[str, Any]:
    """Return the merge patch that the form asks for; what is left empty is none of it.

    Raises:
        Problem: fields are wrong, or all of them are empty.
    """
    form = visit.form
    patch: dict[str, Any] = {}
    if action := form.text("action"):
        patch["action"] = action
    if to := form.text("to"):
        patch["to"] = numbers([to], visit.principal.region)
    if seconds := form.text("ring_timeout_s"):
        patch["ring_timeout_s"] = whole(seconds)
    if emails := lines(form.text("voicemail/emails")):
        patch["voicemail"] = {"emails": emails}
    if not patch:
        raise invalid(FieldError("/action", FieldCode.MISSING))
    checked(ForwardingPatch, patch)
    return patch


async def _as_tried(
    visit: Visit, dates: HolidayDates, named: Sequence[str], patch: Mapping[str, Any]
) -> Sequence[BatchChange]:
    """Return the changes of the numbers, if they can be read, from the revisions that they had when they were tried.

    Raises:
        BatchRefused: some cannot be read.
    """
    values = [{"number": each, "patch": {**patch, **_expected(visit, each)}} for each in named]
    read = await read_changes(values, dates)
    problems = {place: each.change for place, each in enumerate(read) if isinstance(each.change, Problem)}
    if problems:
        raise BatchRefused(problems, {})
    return [each.change for each in read if isinstance(each.change, BatchChange)]


def _expected(visit: Visit, number: str) -> dict[str, int]:
    """Return the revision that the rule of a number had when the change was tried."""
    return {"revision": revision_in(visit.form.text(f"revision/{number}"))}


async def _try(visit: Visit, dates: HolidayDates, read: Sequence[ReadChange]) -> Sequence[Tried]:
    """Return what would become of each number, in their order."""
    good = [place for place, each in enumerate(read) if isinstance(each.change, BatchChange)]
    changes = [each.change for each in read if isinstance(each.change, BatchChange)]
    problems = {place: each.change for place, each in enumerate(read) if isinstance(each.change, Problem)}
    made: Mapping[int, Changed]
    try:
        found = await change_all(visit.deps.store, dates, visit.principal, changes, dry_run=True)
        made = dict(zip(good, found, strict=True))
    except BatchRefused as error:
        problems |= {good[place]: problem for place, problem in error.problems.items()}
        made = {good[place]: each for place, each in error.others.items()}
    return [
        _refused(visit, each, problems[place]) if place in problems else _tried(visit, made[place])
        for place, each in enumerate(read)
    ]


def _tried(visit: Visit, changed: Changed) -> Tried:
    record = changed.record
    before = sentence_of(visit, replace(record, rule=changed.before))
    result = "changes" if changed.is_changed else "stays"
    return Tried(record.number.value, result, before, sentence_of(visit, record), (), changed.before.revision)


def _refused(visit: Visit, read: ReadChange, problem: Problem) -> Tried:
    number = "" if read.number is None else read.number.value
    if problem.code is ProblemCode.NUMBER_INACTIVE:
        return Tried(number, "refused", why=[visit.text("bulk.inactive")])
    errors = errors_of(problem, visit.language)
    details = (each[:1].upper() + each[1:] for each in errors.rest())
    return Tried(number, "refused", why=[*dict.fromkeys([errors.title, *details])])
