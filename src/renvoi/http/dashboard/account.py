"""`/account`: the settings of the account, what it has used up of what it may, and where its calls may go."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.managed_accounts import change_own_account, find_own_account
from renvoi.application.policies import held_by, used_by_accounts
from renvoi.application.ports.accounts import Account
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.ids import IdKind, written
from renvoi.domain.moment import zone_of
from renvoi.domain.problem import Problem
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.allowances import allowances, destinations
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.formats import countries, zones
from renvoi.http.dashboard.forms import NO_ERRORS, Form, FormErrors
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.account import AccountPatch, account_tag, change_of

READS, WRITES = "numbers:read", "numbers:write"


def routes(site: Site) -> Sequence[Route]:
    return [
        site.get("/account", "account", _show, READS),
        site.post("/account", "account_update", _update, WRITES),
    ]


async def _show(visit: Visit) -> Response:
    if visit.principal.account_id == EVERY_ACCOUNT:
        return visit.redirect("/operator/accounts", "account.choose")
    return await _page(visit, None, NO_ERRORS)


def settings_of(account: Account) -> dict[str, Any]:
    """Return the settings of an account as its form has them."""
    return {
        "language": "fr" if account.locale == "fr" else "en",
        "region": account.region,
        "time_zone": account.time_zone or "",
        "retention/messages_days": account.retention_days,
        "notices/email": "" if account.email is None else account.email.value,
    }


def sent_settings(form: Form) -> dict[str, Any]:
    """Return what a form says of settings, to show it again."""
    names = ("language", "region", "time_zone", "retention/messages_days", "notices/email")
    return {name: form.text(name) for name in names}


def settings_body(sent: Mapping[str, Any]) -> AccountPatch:
    """Return what a form says of settings.

    Raises:
        Problem: fields are wrong.
    """
    return fields.checked(
        AccountPatch,
        {
            "language": sent["language"],
            "region": sent["region"],
            "time_zone": sent["time_zone"] or None,
            "retention": {"messages_days": fields.whole(sent["retention/messages_days"])},
            "notices": {"email": sent["notices/email"] or None},
        },
    )


def choices_of(visit: Visit) -> dict[str, Any]:
    """Return what can be chosen in the form of settings."""
    return {"countries": countries(visit.language), "zones": zones()}


async def _page(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    deps, who = visit.deps, visit.principal
    held = await deps.store.read(lambda reader: held_by(reader, find_own_account(reader, who)))
    account = held.account
    used = (await used_by_accounts(deps.store, deps.clock, [account.id]))[account.id]
    return visit.render(
        "account.html.j2",
        errors.status,
        account=account,
        id=written(IdKind.ACCOUNT, account.id),
        form=settings_of(account) if sent is None else sent,
        own_zone=zone_of(account.region),
        version=account_tag(account),
        may_change=visit.may(WRITES) and who.numbers is None,
        allowances=allowances(visit, held, used),
        destinations=destinations(visit, held),
        errors=errors,
        **choices_of(visit),
    )


async def _update(visit: Visit) -> Response:
    sent, matching = sent_settings(visit.form), fields.matching(visit.form)
    try:
        change = change_of(settings_body(sent))
        await change_own_account(
            visit.deps.store, visit.principal, change, lambda account: matching.check(account_tag(account))
        )
    except Problem as problem:
        return await _page(visit, sent, refused(visit, problem))
    return visit.redirect("/account", "said.saved")
