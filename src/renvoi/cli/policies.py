"""`renvoi policy`: where an account's calls may be forwarded to."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from renvoi.application import policies
from renvoi.application.errors import OperatorError
from renvoi.application.policies import Held
from renvoi.application.ports.policies import PolicyChange
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.limits import limit_values, limits_text
from renvoi.cli.output import actor_kind, show_json, show_rows, time_text, warn_unreadable, without_empty
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.numbers.destination_policy import DEFAULT, DestinationPolicy

policy_commands = group("Where accounts' calls may be forwarded to.")

OWN, DEFAULTS, NONE = "own", "default", "none"
Account = Annotated[str, typer.Argument(help="Account, by name or id")]
AnyAccount = Annotated[str | None, typer.Argument(help="Only this account, by name or id")]


@policy_commands.command("show")
def show_policies(ctx: typer.Context, account: AnyAccount = None, data: Data = None, as_json: Json = False) -> None:
    """Show where calls may be forwarded to, of all accounts or one."""
    found = with_store(ctx, data, lambda store: policies.list_policies(store, account))
    empty = "no accounts: `renvoi account add NAME` makes one"
    if as_json:
        show_json([_row(held) for held in found])
        return
    show_rows(without_empty("unreadable", [_shown(held) for held in found]), as_json=False, empty=empty)
    warn_unreadable(held.problem for held in found)


@policy_commands.command("set")
def change_policy(
    ctx: typer.Context,
    account: Account,
    countries: Annotated[
        str | None,
        typer.Option(
            metavar="LIST", help=f"Countries: FR,BE, say; {OWN}: the account's; ALL; 001: numbers of no country"
        ),
    ] = None,
    eea: Annotated[bool | None, typer.Option("--eea/--no-eea", help="All countries of the EU and EEA besides")] = None,
    refused_types: Annotated[
        str | None, typer.Option(metavar="LIST", help=f"Types of numbers that are refused; {DEFAULTS}, {NONE}")
    ] = None,
    allowed_prefixes: Annotated[
        str | None, typer.Option(metavar="LIST", help=f"First digits, such as 33800: allowed whatever else; {NONE}")
    ] = None,
    refused_prefixes: Annotated[
        str | None, typer.Option(metavar="LIST", help=f"The same: refused whatever else; {NONE}")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change where calls may be forwarded to, from the next call on; lists are replaced, what is not given stays.

    Of a policy that is damaged nothing can stay: it becomes that of a new account, with what is given.
    """
    listed = _list(countries, str.upper)
    changes: dict[str, Any] = {
        "countries": None if listed == frozenset((OWN.upper(),)) else listed,
        "eea": eea,
        "refused_types": DEFAULT.refused_types if refused_types == DEFAULTS else _list(refused_types, str.lower),
        "allowed_prefixes": _list(allowed_prefixes, _digits),
        "refused_prefixes": _list(refused_prefixes, _digits),
    }
    given = {name: value for name, value in changes.items() if value is not None or (name == "countries" and countries)}
    if not given:
        options = (f"--{name.replace('_', '-')}" for name in changes)
        usage_error(f"give one of {', '.join(options)}")

    def change(held: Held) -> AccountPolicy:
        new = given
        if wanted := given.get("countries"):
            # Beside others the account's own is the one that it has now.
            new = given | {
                "countries": frozenset(held.account.region if each == OWN.upper() else each for each in wanted)
            }
        try:
            return replace(held.policy, destinations=replace(held.policy.destinations, **new))
        except ValueError as error:
            raise OperatorError(str(error)) from error

    clock, new_limits = program_of(ctx).clock, load(ctx, data).limits_of_new_accounts
    made = with_store(ctx, data, lambda store: policies.change_policy(store, clock, account, change, new_limits))
    if as_json:
        show_json({"account_id": made.account_id, **_destinations(made.after.destinations)})
    else:
        typer.echo(f"account {made.account_id}: {_text(made.after)}")


@policy_commands.command("history")
def list_changes(
    ctx: typer.Context,
    account: AnyAccount = None,
    limit: Annotated[int, whole("How many to show at most", 1, 100_000)] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest changes of policies, newest first: who made them, what was before and after."""
    found = with_store(ctx, data, lambda store: policies.list_policy_changes(store, limit, account))
    if as_json:
        show_json([_change_row(each) for each in found])
        return
    rows = [_change_row(each) | {"before": _whole(each.before), "after": _whole(each.after)} for each in found]
    show_rows(rows, as_json=False, empty="no changes yet")


def _list(text: str | None, read: Callable[[str], str]) -> frozenset[str] | None:
    if text is None:
        return None
    if text == NONE:
        return frozenset()
    return frozenset(read(part.strip()) for part in text.split(","))


def _digits(prefix: str) -> str:
    return prefix.removeprefix("+")


def _row(held: Held) -> dict[str, object]:
    account, found = held.account, _destinations(held.policy.destinations)
    return {
        "account_id": account.id,
        "account": account.name,
        "region": account.region,
        **(found if held.unreadable is None else dict.fromkeys(found)),
        "unreadable": held.unreadable,
    }


def _destinations(found: DestinationPolicy) -> dict[str, object]:
    """Return the part of a row that says where calls may go; `countries` is null for the account's own."""
    return {
        "countries": None if found.countries is None else sorted(found.countries),
        "eea": found.eea,
        "refused_types": sorted(found.refused_types),
        "allowed_prefixes": sorted(found.allowed_prefixes),
        "refused_prefixes": sorted(found.refused_prefixes),
    }


def _shown(held: Held) -> dict[str, object]:
    row = _row(held)
    return row | ({"countries": OWN} if row["countries"] is None and held.unreadable is None else {})


def _text(policy: AccountPolicy) -> str:
    """Return a policy in words."""
    found = policy.destinations
    parts = [
        "countries " + (OWN if found.countries is None else ",".join(sorted(found.countries)) or NONE),
        "EEA" if found.eea else "",
        f"refused types {','.join(sorted(found.refused_types)) or NONE}",
        f"allowed prefixes {','.join(sorted(found.allowed_prefixes))}" if found.allowed_prefixes else "",
        f"refused prefixes {','.join(sorted(found.refused_prefixes))}" if found.refused_prefixes else "",
    ]
    return "; ".join(filter(None, parts))


def _whole(policy: AccountPolicy) -> str:
    """Return a policy in words, with its limits where there are some."""
    parts = [_text(policy)]
    if policy.limits:
        parts.append(f"limits: {limits_text(policy.limits)}")
    if policy.used.since_ms:
        parts.append(f"used countries {','.join(country for country, _ in policy.used.since_ms)}")
    return "; ".join(parts)


def _used(policy: AccountPolicy) -> dict[str, object]:
    """Return the part of a row that says which countries are used, and since when."""
    return {"used": {country: time_text(at_ms) if at_ms else None for country, at_ms in policy.used.since_ms}}


def _change_row(change: PolicyChange) -> dict[str, object]:
    by_key = change.key_id is not None
    return {
        "at": time_text(change.at_ms),
        "account_id": change.account_id,
        "by": actor_kind(change.key_id) if by_key else change.source,
        "key": change.key_id,
        "address": change.source if by_key else None,
        "before": _destinations(change.before.destinations) | limit_values(change.before.limits) | _used(change.before),
        "after": _destinations(change.after.destinations) | limit_values(change.after.limits) | _used(change.after),
    }
