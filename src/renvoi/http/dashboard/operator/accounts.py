"""`/operator/accounts`: accounts found, made, acted for, changed and closed."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.account_lists import MAX_SEARCH, find_accounts
from renvoi.application.auth import actor_of
from renvoi.application.managed_accounts import change_own_account
from renvoi.application.new_accounts import make_account
from renvoi.application.policies import held_by, used_by_accounts
from renvoi.application.ports.errors import Conflict
from renvoi.application.removals import close_account
from renvoi.application.sessions import set_choice
from renvoi.domain.moment import zone_of
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.account import choices_of, sent_settings, settings_body, settings_of
from renvoi.http.dashboard.allowances import allowances, destinations
from renvoi.http.dashboard.confirmations import ask, refused
from renvoi.http.dashboard.formats import countries
from renvoi.http.dashboard.forms import NO_ERRORS, FormErrors
from renvoi.http.dashboard.lists import Listed
from renvoi.http.dashboard.operator.frame import OPERATOR, account, account_path, named, render
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.account import account_tag, change_of
from renvoi.http.v2.admin.accounts import NewAccount
from renvoi.http.v2.admin.common import account_of, possible

LIST = "/operator/accounts"
_NUMBERS = 5
"""Numbers that the page of an account shows; another one has them all."""
_STATES: Mapping[str, bool | None] = {"open": False, "closed": True, "all": None}
"""The choices of the filter by state, and whether accounts are closed then; None: some are."""


def routes(site: Site) -> Sequence[Route]:
    one = LIST + "/{account}"
    return [
        site.get(LIST, "operator_accounts", _list, OPERATOR),
        site.post(LIST, "operator_account_create", _create, OPERATOR),
        site.post("/operator/act", "operator_act", _act, OPERATOR),
        site.get(one, "operator_account", _show, OPERATOR),
        site.post(one, "operator_account_update", _update, OPERATOR),
        site.get(one + "/close", "operator_account_close", _ask_close, OPERATOR),
        site.post(one + "/close", "operator_account_closed", _close, OPERATOR),
    ]


async def _list(visit: Visit) -> Response:
    return await _page(visit, {}, NO_ERRORS)


async def _page(visit: Visit, sent: Mapping[str, Any], errors: FormErrors) -> Response:
    listed = Listed(visit)
    wanted = visit.query.text("q", most=MAX_SEARCH)
    # Who looks for one account is not to be told that there is none because it is closed.
    state = visit.query.choice("state", _STATES, "all" if wanted else "open")
    closed = _STATES[state]
    if wanted:
        parts = listed.after(str, int)
        shown, place = await find_accounts(visit.deps.store, wanted, closed, parts, listed.limit)
        follows = listed.next_url(place)
    else:
        after = listed.after(int)
        first = after[0] if after else 0
        found = await visit.deps.store.read(
            lambda reader: reader.accounts_after(first, listed.limit + 1, closed=closed)
        )
        shown, follows = listed.cut(found, lambda each: (each.id,))
    errors = errors or visit.query_errors
    return render(
        visit,
        "operator/accounts.html.j2",
        LIST,
        errors.status,
        accounts=[named(each) for each in shown],
        wanted=wanted,
        state=state,
        states=[(each, visit.text(f"operator.state_{each}")) for each in _STATES],
        next_page=follows,
        is_first=listed.is_first,
        form={"name": "", "language": visit.language, "region": "FR", **sent},
        countries=countries(visit.language),
        acting_for=None if visit.account is None else visit.account.id,
        errors=errors,
    )


async def _create(visit: Visit) -> Response:
    form, deps = visit.form, visit.deps
    sent = {name: form.text(name) for name in ("name", "language", "region")}
    limits, now_ms, actor = deps.shared.limits_of_new_accounts, visit.now_ms, actor_of(visit.principal)
    try:
        body = fields.checked(NewAccount, sent)
        try:
            made = await deps.store.write(
                lambda writer: make_account(writer, body.name, body.language, body.region, limits, now_ms, actor)
            )
        except Conflict as error:
            raise Problem(ProblemCode.ACCOUNT_NAME_TAKEN) from error
    except Problem as problem:
        return await _page(visit, sent, refused(visit, problem))
    return visit.redirect(account_path(made.id), "operator.account_made")


async def _act(visit: Visit) -> Response:
    """Let the session act for an account, or for none."""
    wanted = visit.form.text("account")
    assert visit.session is not None
    if not wanted:
        await set_choice(visit.deps.store, visit.session, "acting_for", None)
        return visit.redirect("/operator", "operator.acts_for_nobody")
    found = await account_of(visit.deps, wanted, for_change=True)
    await set_choice(visit.deps.store, visit.session, "acting_for", found.id)
    return visit.redirect("/numbers", "operator.acts_for")


async def _show(visit: Visit) -> Response:
    return await _one(visit, None, NO_ERRORS)


async def _one(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    found, deps = await account(visit), visit.deps
    held, numbers = await deps.store.read(
        lambda reader: (held_by(reader, found), reader.numbers(found.id, None, _NUMBERS + 1))
    )
    used = (await used_by_accounts(deps.store, deps.clock, [found.id]))[found.id]
    return render(
        visit,
        "operator/account.html.j2",
        LIST,
        errors.status,
        account=named(found),
        numbers=numbers[:_NUMBERS],
        has_more=len(numbers) > _NUMBERS,
        is_chosen=visit.account is not None and visit.account.id == found.id,
        form=settings_of(found) if sent is None else sent,
        own_zone=zone_of(found.region),
        version=account_tag(found),
        allowances=allowances(visit, held, used),
        destinations=destinations(visit, held),
        errors=errors,
        **choices_of(visit),
    )


async def _update(visit: Visit) -> Response:
    found = await account(visit, for_change=True)
    sent, matching = sent_settings(visit.form), fields.matching(visit.form)
    acting = visit.principal.acting_for(found.id, found.region)
    try:
        change = change_of(settings_body(sent))
        await change_own_account(visit.deps.store, acting, change, lambda before: matching.check(account_tag(before)))
    except Problem as problem:
        return await _one(visit, sent, refused(visit, problem))
    return visit.redirect(account_path(found.id), "said.saved")


async def _ask_close(visit: Visit, errors: FormErrors = NO_ERRORS) -> Response:
    found = await account(visit)
    return ask(
        visit,
        visit.text("operator.close_title", name=found.name),
        [visit.text("operator.close_text"), visit.text("operator.close_kept")],
        visit.text("operator.close"),
        account_path(found.id),
        version=account_tag(found),
        errors=errors,
    )


async def _close(visit: Visit) -> Response:
    found = await account(visit, for_change=True)
    matching = fields.matching(visit.form)
    try:
        await possible(
            close_account(
                visit.deps.store,
                visit.deps.clock,
                str(found.id),
                actor=actor_of(visit.principal),
                check=lambda before: matching.check(account_tag(before)),
            )
        )
    except Problem as problem:
        return await _ask_close(visit, refused(visit, problem))
    return visit.redirect(account_path(found.id), "operator.account_closed")
