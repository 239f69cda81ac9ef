"""`/start`: what of a node is ready and what is missing, and a test call in the browser, whose ladder appears live.

The supervisor places the call, as `renvoi try` does. Without JavaScript the page asks for itself again.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.demo import NUMBERS
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.calls.step_text import ExplainedStep
from renvoi.domain.calls.steps import CALLER, EDGE, Step, StepKind
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.ladder_picture import drawn, svg
from renvoi.http.dashboard.operator.frame import OPERATOR, shown_findings
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.deps import NodeAway, PartState

PAGE = "/start"
DEMO_CALLER = "+33199009876"
"""Who calls in a test, unless somebody else is named: a number for fiction, which rings nobody."""
_OFFERED = 50
"""Numbers that the form offers to call; any other one can be written."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something that a node needs: `good`, `bad` or empty (it works without), its title, its text, and where to go.

    `language` is that of the text where it is not the page's: what parts say of themselves is English.
    """

    tone: str
    title: str
    text: str
    href: str = ""
    button: str = ""
    language: str = ""


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get(PAGE, "start", _show, OPERATOR),
        site.post(PAGE + "/call", "start_call", _call, OPERATOR),
        site.get(PAGE + "/call/{name}", "start_call_shown", _shown_call, OPERATOR),
        site.get(PAGE + "/checks", "start_checks", _checks, OPERATOR),
    ]


async def _show(visit: Visit) -> Response:
    return await _page(visit, {}, NO_ERRORS, None, "")


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store says of what a call needs."""

    numbers: Sequence[tuple[str, str]]
    has_numbers: bool
    has_accounts: bool
    inbound: int
    outbound: int


def _find(reader: Reader, account_id: int) -> _Found:
    of = None if account_id == EVERY_ACCOUNT else account_id
    numbers, trunks = reader.numbers(of, None, _OFFERED), reader.listed_trunks()
    return _Found(
        [(record.number.value, record.label) for record in numbers],
        bool(numbers),
        bool(reader.accounts_after(0, 1, closed=False)),
        len(trunks.inbound),
        len(trunks.outbound),
    )


async def _page(
    visit: Visit, sent: Mapping[str, str], errors: FormErrors, call: Mapping[str, Any] | None, name: str
) -> Response:
    deps, who = visit.deps, visit.principal
    parts, found, facts = await asyncio.gather(
        deps.shared.parts(), deps.store.read(lambda reader: _find(reader, who.account_id)), _facts(visit)
    )
    offered = [number for number, _ in found.numbers]
    first = next((number.value for number in NUMBERS if number.value in offered), offered[0] if offered else "")
    return visit.render(
        "start.html.j2",
        errors.status,
        items=list(_items(visit, parts, found, facts)),
        offered=found.numbers,
        form={"called": first, "caller": DEMO_CALLER, **sent},
        call=None if call is None else _shown(visit, call, name),
        errors=errors,
    )


async def _facts(visit: Visit) -> Mapping[str, Any] | None:
    try:
        return await visit.deps.shared.node.facts()
    except NodeAway:
        return None


def _items(
    visit: Visit, parts: Mapping[str, PartState], found: _Found, facts: Mapping[str, Any] | None
) -> Iterator[Item]:
    text = visit.text
    wrong = {name: part for name, part in sorted(parts.items()) if part.state not in ("ok", "absent")}
    if wrong:
        said = "; ".join(f"{name}: {part.detail or part.state}" for name, part in wrong.items())
        # One that needs attention does its work all the same.
        tone = "" if all(part.is_ready for part in wrong.values()) else "bad"
        yield Item(tone, text("start.parts_bad"), said, "/operator", text("operator.overview"), "en")
    else:
        yield Item("good", text("start.parts_good"), ", ".join(sorted(parts)) or text("start.parts_alone"))
    if facts is not None and facts["calls"]:
        yield Item("bad", text("start.no_calls"), str(facts["calls"]), language="en")
    if not found.has_accounts:
        yield Item(
            "bad",
            text("start.no_account"),
            text("start.no_account_text"),
            "/operator/accounts",
            text("operator.account_new"),
        )
    elif found.has_numbers:
        yield Item("good", text("start.numbers"), text("start.numbers_text"), "/numbers", text("start.numbers_see"))
    else:
        yield Item(
            "bad",
            text("start.no_numbers"),
            text("start.no_numbers_text"),
            "/operator/accounts",
            text("operator.accounts"),
        )
    yield _trunk_item(visit, found)
    if facts is not None:
        if facts["mail_server"]:
            yield Item("good", text("start.mail"), str(facts["mail_server"]))
        else:
            yield Item("", text("start.no_mail"), text("start.no_mail_text"), "/operator/mails", text("operator.mails"))


def _trunk_item(visit: Visit, found: _Found) -> Item:
    text = visit.text
    if found.inbound and found.outbound:
        return Item(
            "good", text("start.trunks"), text("start.trunks_text"), "/operator/trunks", text("operator.trunks")
        )
    missing = (
        "start.no_trunk"
        if not found.inbound and not found.outbound
        else ("start.no_outbound" if found.inbound else "start.no_inbound")
    )
    return Item("", text(missing), text(missing + "_text"), "/operator/trunks/new", text("trunk.add"))


def _read(visit: Visit, sent: Mapping[str, str]) -> tuple[E164, E164]:
    region = NO_REGION if visit.account is None else visit.account.region
    found: list[E164] = []
    errors = []
    for name, text in sent.items():
        try:
            found.append(E164.parse(text, region))
        except NumberInvalid:
            errors.append(FieldError(f"/{name}", FieldCode.NUMBER_INVALID))
    if errors:
        raise invalid(*errors)
    called, caller = found
    return called, caller


async def _call(visit: Visit) -> Response:
    sent = {"called": visit.form.text("called"), "caller": visit.form.text("caller")}
    try:
        called, caller = _read(visit, sent)
        try:
            name = await visit.deps.shared.node.start_call(called.value, caller.value)
        except NodeAway as error:
            raise invalid(FieldError("", FieldCode.REFUSED, {"why": error.texts})) from error
    except Problem as problem:
        return await _page(visit, sent, refused(visit, problem), None, "")
    return visit.redirect(f"{PAGE}/call/{name}")


async def _shown_call(visit: Visit) -> Response:
    name = str(visit.request.path_params["name"])
    try:
        call = await visit.deps.shared.node.test_call(name)
    except NodeAway:
        call = None
    if call is None:
        raise Problem(ProblemCode.CALL_UNKNOWN)
    return await _page(visit, {"called": str(call["called"]), "caller": str(call["caller"])}, NO_ERRORS, call, name)


def _shown(visit: Visit, call: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    steps = list(_steps(visit, call["messages"]))
    status = call["status"]
    return {
        "path": f"{PAGE}/call/{name}",
        "is_over": call["is_over"],
        "error": call["error"],
        "note": call["note"],
        "status": status,
        "is_answered": status is not None and 200 <= status < 300,
        "called": call["called"],
        "caller": call["caller"],
        "picture": svg(drawn(steps, visit.language)) if steps else Markup(""),
        "steps": steps,
        "began": steps[0].step.at_ms if steps else 0,
    }


def _steps(visit: Visit, messages: Sequence[Mapping[str, Any]]) -> Iterator[ExplainedStep]:
    """Yield the messages of a test call as steps; ACKs and provisional answers without news say nothing."""
    sides = {CALLER: visit.text("start.side_caller"), EDGE: "renvoi", "trunk": visit.text("start.side_trunk")}
    for each in messages:
        line = str(each["line"])
        kind, status, said = _kind(line)
        if kind is None:
            continue
        sender, receiver = str(each["sender"]), str(each["receiver"])
        uri = line.split()[1] if kind is StepKind.INVITE else ""
        step = Step(round(each["at_ms"]), sender, receiver, kind, uri=uri, status=status)
        yield ExplainedStep(step, sides.get(sender, sender), sides.get(receiver, receiver), said, "")


def _kind(line: str) -> tuple[StepKind | None, int | None, str]:
    """Return what the first line of a SIP message says, with the status of a final answer (RFC 3261 §7)."""
    if line.startswith("SIP/2.0 "):
        said = line.removeprefix("SIP/2.0 ")
        status = int(said[:3])
        if status >= 200:
            return StepKind.ANSWER, status, said
        return (None, None, "") if status == 100 else (StepKind.RINGING, None, said)
    method = line.split(" ", 1)[0]
    kinds = {"INVITE": StepKind.INVITE, "BYE": StepKind.BYE, "CANCEL": StepKind.CANCEL}
    return kinds.get(method), None, method


async def _checks(visit: Visit) -> Response:
    """Show what `renvoi check` finds."""
    try:
        findings = await visit.deps.shared.node.check()
        away = None
    except NodeAway as error:
        findings, away = (), error.texts
    return visit.render("checks.html.j2", findings=shown_findings(visit, findings), away=away)
