"""`/operator/accounts/{account}/numbers`: numbers of an account are added, changed, given to others and removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.auth import actor_of
from renvoi.application.managed_numbers import show_own_number
from renvoi.application.operators_numbers import MOST_AT_ONCE, NumberWish, add_numbers, change_number
from renvoi.application.reach import THE_OPERATOR
from renvoi.application.removals import remove_number
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.ids import IdKind, written
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, invalid
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.rules.summary import summary
from renvoi.http.dashboard import fields, words
from renvoi.http.dashboard.confirmations import ask, refused
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.operator.accounts import LIST
from renvoi.http.dashboard.operator.frame import OPERATOR, account, account_path, named, render
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.admin.common import account_of, possible
from renvoi.http.v2.admin.numbers import ManagedNumberChange, NumberImport, number_rows, record_tag
from renvoi.http.v2.models import given
from renvoi.http.v2.numbers import listed_number_of

ONE = "/operator/numbers/{number}"
_MOST_BYTES = 128 * 1024
"""Of a form with as many numbers as can be added at once."""

_NOWHERE = words.texts("operator.with_rule_alone")


def routes(site: Site) -> Sequence[Route]:
    of_account = LIST + "/{account}/numbers"
    return [
        site.get(of_account, "operator_numbers", _list, OPERATOR),
        site.post(of_account, "operator_numbers_add", _add, OPERATOR, most_bytes=_MOST_BYTES),
        site.get(ONE, "operator_number", _show, OPERATOR),
        site.post(ONE, "operator_number_update", _update, OPERATOR),
        site.get(ONE + "/remove", "operator_number_remove", _ask_remove, OPERATOR),
        site.post(ONE + "/remove", "operator_number_removed", _remove, OPERATOR),
    ]


async def _list(visit: Visit) -> Response:
    return await _page(visit, {}, NO_ERRORS)


async def _page(visit: Visit, sent: Mapping[str, Any], errors: FormErrors) -> Response:
    found, listed = await account(visit), Listed(visit)
    after = listed.after(int)
    first = E164.from_digits(after[0]) if after else None
    records = await visit.deps.store.read(lambda reader: reader.numbers(found.id, first, listed.limit + 1))
    shown, follows = listed.cut(records, lambda record: (record.number.digits,))
    return render(
        visit,
        "operator/numbers.html.j2",
        LIST,
        (errors or visit.query_errors).status,
        account=named(found),
        numbers=shown,
        next_page=follows,
        is_first=listed.is_first,
        form={"numbers": "", "label": "", **sent},
        most=MOST_AT_ONCE,
        errors=errors,
    )


async def _add(visit: Visit) -> Response:
    found = await account(visit, for_change=True)
    sent = {"numbers": visit.form.text("numbers"), "label": visit.form.text("label")}
    try:
        body = fields.checked(
            NumberImport,
            {
                "account": written(IdKind.ACCOUNT, found.id),
                "numbers": [{"number": number, "label": sent["label"]} for number in fields.lines(sent["numbers"])],
            },
        )
        rows = number_rows(body.numbers, found.region, "/numbers/{place}")
        await possible(add_numbers(visit.deps.store, visit.deps.clock, found.id, rows))
    except Problem as problem:
        return await _page(visit, sent, refused(visit, _with_numbers(problem, sent["numbers"])))
    return visit.redirect(account_path(found.id) + "/numbers", "operator.numbers_added")


def _with_numbers(problem: Problem, text: str) -> Problem:
    """Return a problem whose texts say which of the lines they are about; in a box a place alone says little."""
    written_there = fields.lines(text)
    errors = []
    for error in problem.errors:
        parts = error.pointer.split("/")
        place = int(parts[2]) if len(parts) > 2 and parts[1] == "numbers" and parts[2].isdigit() else None
        if place is None or place >= len(written_there) or parts[3:] == ["label"]:
            errors.append(FieldError("/label", error.code, error.args) if parts[3:] == ["label"] else error)
            continue
        why = {language: f"{written_there[place][:50]} {error.detail(language)}" for language in ("en", "fr")}
        errors.append(FieldError(error.pointer, FieldCode.REFUSED, {"why": why}))
    return invalid(*errors) if errors else problem


async def _record(visit: Visit) -> NumberRecord:
    wanted = listed_number_of(visit.request.path_params["number"], THE_OPERATOR)
    return await visit.deps.store.read(lambda reader: show_own_number(reader, THE_OPERATOR, wanted))


async def _show(visit: Visit) -> Response:
    return await _one(visit, None, NO_ERRORS)


async def _one(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    record = await _record(visit)
    owner = await account_of(visit.deps, written(IdKind.ACCOUNT, record.account_id))
    own = {
        "label": record.label,
        "state": "active" if record.active else "inactive",
        "forwarding_enabled": record.forwarding_enabled,
        "account": written(IdKind.ACCOUNT, record.account_id),
        "with_rule": False,
    }
    return render(
        visit,
        "operator/number.html.j2",
        LIST,
        errors.status,
        account=named(owner),
        number=record.number,
        unreadable=summary(record, visit.now_ms, visit.language) if record.unreadable is not None else "",
        form=own if sent is None else sent,
        version=record_tag(record),
        errors=errors,
    )


async def _update(visit: Visit) -> Response:
    record, form = await _record(visit), visit.form
    matching, own = fields.matching(form), written(IdKind.ACCOUNT, record.account_id)
    sent = {
        "label": form.text("label"),
        "state": form.text("state"),
        "forwarding_enabled": form.flag("forwarding_enabled"),
        "account": form.text("account"),
        "with_rule": form.flag("with_rule"),
    }
    asked = sent if sent["account"] != own else {name: sent[name] for name in ("label", "state", "forwarding_enabled")}
    # A rule goes with a number to another account: the box alone is a move without its account.
    moves_nowhere = sent["with_rule"] and sent["account"] == own
    wrong = [FieldError("/account", FieldCode.REFUSED, {"why": _NOWHERE})] if moves_nowhere else []
    try:
        wanted = given(fields.checked(ManagedNumberChange, asked, wrong))
        to = await account_of(visit.deps, wanted["account"], for_change=True) if "account" in wanted else None
        wish = NumberWish(
            None if to is None else to.id,
            bool(wanted.get("with_rule")),
            # One that is given to another account without its rule leaves its label as well.
            wanted["label"] if to is None or sent["label"] != record.label else None,
            wanted["state"] == "active",
            wanted["forwarding_enabled"],
        )
        await possible(
            change_number(
                visit.deps.store,
                visit.deps.clock,
                record.number,
                wish,
                actor_of(visit.principal),
                lambda before: matching.check(record_tag(before)),
            )
        )
    except Problem as problem:
        return await _one(visit, sent, refused(visit, _of_account(problem)))
    return visit.redirect(f"/operator/numbers/{record.number}", "said.saved")


def _of_account(problem: Problem) -> Problem:
    """Return a problem of the account that a number is to go to as one of that field: the page itself is there."""
    if problem.code.word not in ("account_unknown", "account_closed"):
        return problem
    why = {language: problem.code.title(language) for language in ("en", "fr")}
    return invalid(FieldError("/account", FieldCode.REFUSED, {"why": why}))


async def _ask_remove(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    record = await _record(visit)
    return ask(
        visit,
        visit.text("operator.remove_number_title", number=str(record.number)),
        [visit.text("operator.remove_number_text")],
        visit.text("operator.remove_number"),
        f"/operator/numbers/{record.number}",
        ticks=[("keep_messages", visit.text("operator.keep_messages"), False)],
        version=record_tag(record),
        errors=errors,
    )


async def _remove(visit: Visit) -> Response:
    record, matching = await _record(visit), fields.matching(visit.form)
    try:
        await possible(
            remove_number(
                visit.deps.store,
                visit.deps.clock,
                record.number,
                keeps_messages=visit.form.flag("keep_messages"),
                actor=actor_of(visit.principal),
                check=lambda before: matching.check(record_tag(before)),
            )
        )
    except Problem as problem:
        return await _ask_remove(visit, refused(visit, problem))
    return visit.redirect(account_path(record.account_id) + "/numbers", "operator.number_removed")
