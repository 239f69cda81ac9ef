"""`/operator/accounts/{account}/limits` and `/policy`: how much an account may use, and where its calls may go."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from renvoi.application.policies import Held, held_by, replaceable
from renvoi.application.ports.accounts import Account
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.numbers.destination_policy import TYPES, DestinationPolicy
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import Unreadable
from renvoi.http.dashboard import fields
from renvoi.http.dashboard.confirmations import refused
from renvoi.http.dashboard.forms import NO_ERRORS, Choice, Form, FormErrors
from renvoi.http.dashboard.operator.accounts import LIST
from renvoi.http.dashboard.operator.frame import OPERATOR, account, account_path, named, render
from renvoi.http.dashboard.site import Site
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.admin.policies import (
    LimitsPatch,
    PolicyPatch,
    check_destinations,
    limit_values,
    limits_tag,
    policy_tag,
    put_policy,
    read_limits,
    with_destinations,
)
from renvoi.http.v2.models import given

_COUNTRIES_OF = Choice(
    "countries_of", "/countries", "own", "these", "operator.countries_own_short", "operator.countries_these"
)
OF_CALLS = ("calls", "calls_per_minute")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{1,2}$)", re.ASCII)
"""What stands before cents in French; a comma before three digits may be one of thousands, and is refused."""
OF_ALL = (*OF_CALLS, "minutes_per_day", "spend_per_day")
PARTS: Mapping[str, Sequence[str]] = {"account": OF_ALL, "number": OF_ALL, "target": OF_CALLS}
"""What is limited, and the limits that it has."""


def routes(site: Site) -> Sequence[Route]:
    one = LIST + "/{account}"
    return [
        site.get(one + "/limits", "operator_limits", _limits, OPERATOR),
        site.post(one + "/limits", "operator_limits_update", _update_limits, OPERATOR),
        site.get(one + "/policy", "operator_policy", _policy, OPERATOR),
        site.post(one + "/policy", "operator_policy_update", _update_policy, OPERATOR),
    ]


async def _held(visit: Visit, found: Account) -> tuple[AccountPolicy, Mapping[str, Any]]:
    """Return the policy that a form begins with, and what the page says of one that cannot be read."""
    held = await visit.deps.store.read(lambda reader: held_by(reader, found))
    start = replaceable(held, visit.deps.shared.limits_of_new_accounts)
    said = "" if held.problem is None else held.problem.detail(visit.language)
    return start.policy, {"unreadable": said, "is_replaceable": held.unreadable is not Unreadable.NEWER}


async def _limits(visit: Visit) -> Response:
    return await _limits_page(visit, None, NO_ERRORS)


async def _limits_page(visit: Visit, sent: Mapping[str, str] | None, errors: FormErrors) -> Response:
    found = await account(visit)
    policy, said = await _held(visit, found)
    values = limit_values(policy.limits)
    own = {f"{part}/{name}": values[part][name] for part, names in PARTS.items() for name in names}
    return render(
        visit,
        "operator/limits.html.j2",
        LIST,
        errors.status,
        account=named(found),
        parts=PARTS,
        form=own if sent is None else sent,
        version=limits_tag(policy),
        errors=errors,
        **said,
    )


def _sent_limits(form: Form) -> dict[str, str]:
    return {f"{part}/{name}": form.text(f"{part}/{name}") for part, names in PARTS.items() for name in names}


def _limits_body(sent: Mapping[str, str]) -> dict[str, Any]:
    def value(part: str, name: str) -> int | str:
        text = sent[f"{part}/{name}"] or "0"
        return _COMMA.sub(".", text) if name == "spend_per_day" else fields.whole(text)

    return {part: {name: value(part, name) for name in names} for part, names in PARTS.items()}


async def _update_limits(visit: Visit) -> Response:
    found = await account(visit, for_change=True)
    sent, matching = _sent_limits(visit.form), fields.matching(visit.form)

    def change(before: Held) -> AccountPolicy:
        matching.check(limits_tag(before.policy))
        limits = before.policy.limits
        parts = {part: replace(getattr(limits, part), **values) for part, values in changes.items()}
        return replace(before.policy, limits=replace(limits, **parts))

    try:
        body = fields.checked(LimitsPatch, _limits_body(sent))
        changes = {part: read_limits(given(values)) for part, values in given(body).items()}
        await put_policy(visit.deps, visit.deps.store, found, change, visit.principal)
    except Problem as problem:
        return await _limits_page(visit, sent, refused(visit, problem))
    return visit.redirect(account_path(found.id), "said.saved")


async def _policy(visit: Visit) -> Response:
    return await _policy_page(visit, None, NO_ERRORS)


def _own_policy(policy: DestinationPolicy) -> dict[str, Any]:
    return {
        "countries_of": "own" if policy.countries is None else "these",
        "countries": " ".join(sorted(policy.countries or ())),
        "eea": policy.eea,
        "refused_types": sorted(policy.refused_types),
        "allowed_prefixes": "\n".join(sorted(policy.allowed_prefixes)),
        "refused_prefixes": "\n".join(sorted(policy.refused_prefixes)),
    }


async def _policy_page(visit: Visit, sent: Mapping[str, Any] | None, errors: FormErrors) -> Response:
    found = await account(visit)
    policy, said = await _held(visit, found)
    return render(
        visit,
        "operator/policy.html.j2",
        LIST,
        errors.status,
        account=named(found),
        types=sorted(TYPES),
        form=_own_policy(policy.destinations) if sent is None else sent,
        version=policy_tag(policy),
        errors=errors,
        **said,
    )


def _sent_policy(form: Form) -> dict[str, Any]:
    """Return what the form says, to show it again; `wrong` is what is wrong with its choice."""
    countries = form.text("countries")
    countries_of, wrong = _COUNTRIES_OF.read(form, has_more=bool(countries))
    return {
        "countries_of": countries_of,
        "wrong": wrong,
        "countries": countries,
        "eea": form.flag("eea"),
        "refused_types": form.texts("refused_types"),
        "allowed_prefixes": form.text("allowed_prefixes"),
        "refused_prefixes": form.text("refused_prefixes"),
    }


def _policy_body(sent: Mapping[str, Any]) -> dict[str, Any]:
    codes = [code.upper() for code in sent["countries"].replace(",", " ").split()]

    def prefixes(name: str) -> list[str]:
        return [each.lstrip("+").replace(" ", "") for each in fields.lines(sent[name])]

    return {
        "countries": codes if sent["countries_of"] == "these" else None,
        "eea": sent["eea"],
        "refused_types": sent["refused_types"],
        "allowed_prefixes": prefixes("allowed_prefixes"),
        "refused_prefixes": prefixes("refused_prefixes"),
    }


async def _update_policy(visit: Visit) -> Response:
    found = await account(visit, for_change=True)
    sent, matching = _sent_policy(visit.form), fields.matching(visit.form)

    def change(before: Held) -> AccountPolicy:
        matching.check(policy_tag(before.policy))
        return with_destinations(before.policy, wanted)

    try:
        body = given(fields.checked(PolicyPatch, _policy_body(sent), sent["wrong"]))
        wanted: dict[str, Any] = {
            name: frozenset(value) if isinstance(value, list) else value for name, value in body.items()
        }
        check_destinations(wanted)
        await put_policy(visit.deps, visit.deps.store, found, change, visit.principal)
    except Problem as problem:
        return await _policy_page(visit, sent, refused(visit, problem))
    return visit.redirect(account_path(found.id), "said.saved")
