"""`/operator/trunks`: the peers that calls come from and are forwarded through, with what the node says of each.

As with `/v2/admin/trunks`, a change is stored, and the supervisors of all nodes hear of it; passwords and tests go to
the supervisor of this node.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application import trunks
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import UnreadableTrunk
from renvoi.application.unreadable_rows import row_problem
from renvoi.documents.trunk_document import Side
from renvoi.domain.bilingual import french_of
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode, invalid
from renvoi.domain.trunks.openness import Openness, open_trunks
from renvoi.domain.trunks.presets import PRESETS
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.confirmations import ask, refused
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.operator.frame import OPERATOR, render, shown_findings
from renvoi.http.dashboard.operator.trunk_forms import (
    OPTIONS,
    blank,
    body_of,
    first_options,
    left_out,
    more_options,
    sent_values,
    values_of,
)
from renvoi.http.dashboard.page_store import Away
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.deps import NodeAway
from renvoi.http.v2.admin.common import possible
from renvoi.http.v2.admin.trunk_bodies import NewTrunk, TrunkPatch
from renvoi.http.v2.admin.trunk_models import kinds
from renvoi.http.v2.admin.trunks import Kept, KeptTrunks, trunk_tag

LIST = "/operator/trunks"
NEW = LIST + "/new"
LABELLED = (*(f"has_{kind}" for kind in OPTIONS), *(option.field for each in OPTIONS.values() for option in each))
"""Fields that what is wrong is said of by their labels."""
_MOST_BYTES = 512 * 1024
STATES: Mapping[str, str] = {"up": "good", "retry": "warn", "down": "bad", "unfound": "bad"}
"""What the node says of a trunk, and the colour of its badge; `unknown` has none."""


def routes(site: Site) -> Sequence[Route]:
    one = "/operator/trunk/{name}"
    return [
        site.get(LIST, "operator_trunks", _list, OPERATOR),
        site.get(NEW, "operator_trunk_new", _new, OPERATOR),
        site.post(NEW, "operator_trunk_create", _create, OPERATOR, most_bytes=_MOST_BYTES),
        site.get(one, "operator_trunk", _show, OPERATOR),
        site.post(one, "operator_trunk_update", _update, OPERATOR, most_bytes=_MOST_BYTES),
        site.post(one + "/test", "operator_trunk_test", _test, OPERATOR),
        site.get(one + "/remove", "operator_trunk_remove", _ask_remove, OPERATOR),
        site.post(one + "/remove", "operator_trunk_removed", _remove, OPERATOR),
    ]


def path_of(name: str) -> str:
    """Return where a trunk's page is."""
    return "/operator/trunk/" + quote(name, safe="")


def rows(visit: Visit, found: Mapping[str, Kept], states: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Return what a list shows of trunks."""
    return [
        _unreadable(visit, each) if isinstance(each, UnreadableTrunk) else _row(visit, each, states.get(name, {}))
        for name, each in found.items()
    ]


def _unreadable(visit: Visit, found: UnreadableTrunk) -> Mapping[str, Any]:
    said = row_problem(found).detail(visit.language)
    return {"name": found.name, "path": path_of(found.name), "unreadable": said}


def _row(visit: Visit, sides: Sequence[Side], said: Mapping[str, Any]) -> Mapping[str, Any]:
    of = kinds(sides)
    inbound, outbound = of.get("inbound"), of.get("outbound")
    state = str(said.get("state") or "unknown")
    return {
        "name": sides[0].name,
        "path": path_of(sides[0].name),
        "unreadable": "",
        "from": [str(each) for each in inbound.networks] if isinstance(inbound, InboundTrunk) else None,
        "user": inbound.inbound_user if isinstance(inbound, InboundTrunk) else "",
        "uri": outbound.uri if isinstance(outbound, OutboundTrunk) else None,
        "priority": outbound.priority if isinstance(outbound, OutboundTrunk) else None,
        "state": visit.text(f"trunk.state_{state}") if state in STATES else visit.text("trunk.state_unknown"),
        "colour": STATES.get(state, ""),
        "detail": said.get("french" if visit.language == "fr" else "text") or said.get("text") or "",
    }


async def _list(visit: Visit) -> Response:
    kept = KeptTrunks(visit.deps)
    states, found = await kept.control.states(), await kept.all()
    return render(visit, "operator/trunks.html.j2", LIST, trunks=rows(visit, found, states))


async def _new(visit: Visit) -> Response:
    preset = visit.query.choice("preset", tuple(PRESETS))
    # Which sides it has is the operator's to say; a preset is of a carrier that calls are sent to.
    values: dict[str, Any] = {"name": "", "region": "FR", "has_inbound": False, "has_outbound": preset in PRESETS}
    values |= blank("inbound") | blank("outbound", preset)
    return _form(visit, values, visit.query_errors, preset=preset)


def _form(visit: Visit, values: Mapping[str, Any], errors: FormErrors, **more: Any) -> Response:
    """Return the page of a trunk: of a new one, or of that named by `name` in `more`."""
    given = {"name": None, "row": None, "version": "", "preset": "", "tested": None, "is_open": [], **more}
    return render(
        visit,
        "operator/trunk.html.j2",
        LIST,
        errors.status,
        form=values,
        kinds=tuple(OPTIONS),
        first=first_options,
        more=more_options,
        presets=PRESETS,
        labels={name: visit.text(f"trunk.{name}") for name in LABELLED},
        errors=errors,
        **given,
    )


async def _create(visit: Visit) -> Response:
    kept, form = KeptTrunks(visit.deps), visit.form
    try:
        body = fields.checked(NewTrunk, body_of(form, name=form.text("name")), left_out(form))
        sides, sealed = await kept.new(body)
        await possible(trunks.add_trunk(visit.deps.store, *sides, secrets=sealed))
    except Problem as problem:
        return _form(visit, sent_values(form), _errors(visit, problem))
    return visit.redirect(path_of(body.name), "trunk.added")


def _errors(visit: Visit, problem: Problem) -> FormErrors:
    """Return what is wrong with the form; that the node could not seal a password is said on it as well."""
    if problem.code is ProblemCode.UNAVAILABLE and not isinstance(problem, Away):
        visit.context.outcome = problem.code
        texts = [visit.text("trunk.node_away_text")]
        return FormErrors(visit.text("trunk.node_away"), {}, texts, problem.code.status)
    return refused(visit, problem)


async def _show(visit: Visit) -> Response:
    return await _one(visit, None, NO_ERRORS)


def _name(visit: Visit) -> str:
    return str(visit.request.path_params["name"])


async def _one(
    visit: Visit, values: Mapping[str, Any] | None, errors: FormErrors, tested: Mapping[str, Any] | None = None
) -> Response:
    kept, name = KeptTrunks(visit.deps), _name(visit)
    sides = await kept.of(name)
    states = await kept.control.states()
    own = values_of(kinds(sides)) | {"name": name, "region": sides[0].region}
    if values is not None:
        # A side that is there stays: it is removed with the trunk.
        values = {**values, "name": name, **{f"has_{kind}": True for kind in kinds(sides)}}
    return _form(
        visit,
        own if values is None else values,
        errors,
        name=name,
        row=_row(visit, sides, states.get(name, {})),
        version=trunk_tag(sides),
        is_open=[_in_language(visit, said) for _, said in open_trunks(sides)],
        tested=None if tested is None else {**tested, "findings": shown_findings(visit, tested["findings"])},
    )


def _in_language(visit: Visit, said: Openness) -> Sequence[str]:
    return [french_of(each) if visit.language == "fr" else str(each) for each in said]


async def _update(visit: Visit) -> Response:
    kept, name = KeptTrunks(visit.deps), _name(visit)
    try:
        body = fields.checked(TrunkPatch, body_of(visit.form), left_out(visit.form))
        change, sealed = await kept.changed(name, body, fields.matching(visit.form))
        await possible(trunks.change_trunk(visit.deps.store, name, change, sealed))
    except Problem as problem:
        return await _one(visit, sent_values(visit.form), _errors(visit, problem))
    return visit.redirect(path_of(name), "said.saved")


async def _test(visit: Visit) -> Response:
    kept, name = KeptTrunks(visit.deps), _name(visit)
    await kept.of(name)
    try:
        await trunks.find_outbound(visit.deps.store, name)
        tested = await kept.control.test(name)
    except (OperatorError, NodeAway) as error:
        wrong = invalid(FieldError("", FieldCode.REFUSED, {"why": error.texts}))
        return await _one(visit, None, refused(visit, wrong))
    return await _one(visit, None, NO_ERRORS, tested)


async def _ask_remove(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    name = _name(visit)
    found = await KeptTrunks(visit.deps).any_of(name)
    sides = () if isinstance(found, UnreadableTrunk) else found
    return ask(
        visit,
        visit.text("trunk.remove_title", name=name),
        [visit.text("trunk.remove_text")],
        visit.text("trunk.remove"),
        # A trunk that cannot be read has no page, and no sides that somebody could have changed.
        path_of(name) if sides else LIST,
        version=trunk_tag(sides),
        errors=errors,
    )


async def _remove(visit: Visit) -> Response:
    name, matching = _name(visit), fields.matching(visit.form)
    await KeptTrunks(visit.deps).any_of(name)
    try:
        await possible(trunks.remove_trunk(visit.deps.store, name, lambda before: matching.check(trunk_tag(before))))
    except Problem as problem:
        return await _ask_remove(visit, refused(visit, problem))
    return visit.redirect(LIST, "trunk.removed")
