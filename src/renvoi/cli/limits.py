"""`renvoi limits`: how much accounts may use."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from renvoi.application import policies
from renvoi.application.policies import LIMIT_SCOPES, Held
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import show_json, show_rows, warn_unreadable, without_empty
from renvoi.domain.access.limits import MINUTE_MS, MOST_CALLS, MOST_MINUTES, MOST_SPEND, AccountLimits, Limits, Used
from renvoi.domain.calls.rates import RateInvalid, amount_text, read_amount
from renvoi.domain.text import counted

limit_commands = group("How much accounts may use.")

_SPEND = "What its calls may cost in a day, by the rates (`renvoi rates show`), such as 25.50; 0 means no limit"
_Account = Annotated[str, typer.Argument(help="Account, by name or id")]
_AnyAccount = Annotated[str | None, typer.Argument(help="Only this account, by name or id")]


@limit_commands.command("show")
def show_limits(ctx: typer.Context, account: _AnyAccount = None, data: Data = None, as_json: Json = False) -> None:
    """Show how much may be used, and what was today, of all accounts or one."""
    clock = program_of(ctx).clock

    async def look(store: Store) -> tuple[Sequence[Held], Mapping[int, Used]]:
        found = await policies.list_policies(store, account)
        return found, await policies.used_by_accounts(store, clock, [each.account.id for each in found])

    found, used = with_store(ctx, data, look)
    if as_json:
        show_json([_row(held, limit_values(held.policy.limits), _used_values(used[held.account.id])) for held in found])
        return
    rows = [_row(held, limit_texts(held.policy.limits), _used_text(used[held.account.id])) for held in found]
    empty = "no accounts: `renvoi account add NAME` makes one"
    show_rows(without_empty("unreadable", rows), as_json=False, empty=empty)
    warn_unreadable(held.problem for held in found)


def _row(held: Held, allowed: Mapping[str, object], used: Mapping[str, object]) -> dict[str, object]:
    return {
        "account_id": held.account.id,
        "account": held.account.name,
        **(allowed if held.unreadable is None else dict.fromkeys(allowed)),
        **used,
        "unreadable": held.unreadable,
    }


@limit_commands.command("set")
def change_limits(
    ctx: typer.Context,
    account: _Account,
    calls: Annotated[int | None, whole("Calls at once of the account; 0 means no limit", 0, MOST_CALLS)] = None,
    calls_per_minute: Annotated[int | None, whole("Its calls in a minute", 0, MOST_CALLS)] = None,
    minutes_per_day: Annotated[int | None, whole("Minutes a day that it forwards calls", 0, MOST_MINUTES)] = None,
    spend_per_day: Annotated[str | None, typer.Option(help=_SPEND)] = None,
    number_calls: Annotated[int | None, whole("Calls at once of each of its numbers", 0, MOST_CALLS)] = None,
    number_calls_per_minute: Annotated[int | None, whole("Their calls in a minute", 0, MOST_CALLS)] = None,
    number_minutes_per_day: Annotated[int | None, whole("Their minutes a day, each", 0, MOST_MINUTES)] = None,
    number_spend_per_day: Annotated[str | None, typer.Option(help="Their spend a day, each")] = None,
    target_calls: Annotated[int | None, whole("Its calls at once to one target", 0, MOST_CALLS)] = None,
    target_calls_per_minute: Annotated[int | None, whole("Those in a minute", 0, MOST_CALLS)] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change how much may be used, from the next call on; what is not given stays. Days are those of UTC.

    Of a policy that is damaged nothing can stay: it becomes that of a new account, with what is given.
    """
    given = {
        "account": {
            "calls": calls,
            "calls_per_minute": calls_per_minute,
            "minutes_per_day": minutes_per_day,
            "spend_per_day": _amount(spend_per_day),
        },
        "number": {
            "calls": number_calls,
            "calls_per_minute": number_calls_per_minute,
            "minutes_per_day": number_minutes_per_day,
            "spend_per_day": _amount(number_spend_per_day),
        },
        "target": {"calls": target_calls, "calls_per_minute": target_calls_per_minute},
    }
    changes = {
        scope: {name: value for name, value in values.items() if value is not None} for scope, values in given.items()
    }
    if not any(changes.values()):
        usage_error("give one of the limits")
    clock, new = program_of(ctx).clock, load(ctx, data).limits_of_new_accounts
    account_id, after = with_store(ctx, data, lambda store: policies.change_limits(store, clock, account, changes, new))
    if as_json:
        show_json({"account_id": account_id, **limit_values(after)})
    else:
        typer.echo(f"account {account_id}: {limits_text(after)}")


def _amount(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        micros = read_amount(text)
    except RateInvalid as error:
        usage_error(str(error))
    if micros > MOST_SPEND:
        usage_error(f"{text} is too much: give at most {amount_text(MOST_SPEND)}")
    return micros


def _used_values(used: Used) -> dict[str, object]:
    return {"used_today": {"minutes": round(used.ms / MINUTE_MS, 1), "spend": amount_text(used.spend)}}


def _used_text(used: Used) -> dict[str, object]:
    spend = f", spend of {amount_text(used.spend)}" if used.spend else ""
    return {"used today": f"{used.ms / MINUTE_MS:.1f} minutes{spend}"}


def limit_values(found: AccountLimits) -> dict[str, object]:
    """Return limits for a program; 0 is none."""
    parts: dict[str, Limits] = {scope: getattr(found, scope) for scope in LIMIT_SCOPES}
    return {"limits": {scope: _values(scope, part) for scope, part in parts.items()}}


def _values(scope: str, part: Limits) -> dict[str, object]:
    values: dict[str, object] = {"calls": part.calls, "calls_per_minute": part.calls_per_minute}
    if scope == "target":
        return values
    return values | {"minutes_per_day": part.minutes_per_day, "spend_per_day": amount_text(part.spend_per_day)}


def limit_texts(found: AccountLimits) -> dict[str, object]:
    """Return limits for people, those of each scope in a column."""
    return {f"of the {scope}": _text(getattr(found, scope)) for scope in LIMIT_SCOPES}


def limits_text(found: AccountLimits) -> str:
    """Return limits in one line."""
    return "; ".join(f"{scope}: {_text(getattr(found, scope))}" for scope in LIMIT_SCOPES)


def _text(part: Limits) -> str:
    texts = [f"{part.calls} at once"] if part.calls else []
    if part.calls_per_minute:
        texts.append(f"{part.calls_per_minute} a minute")
    if part.minutes_per_day:
        texts.append(f"{counted(part.minutes_per_day, 'minute')} a day")
    if part.spend_per_day:
        texts.append(f"spend of {amount_text(part.spend_per_day)} a day")
    return ", ".join(texts) or "no limit"
