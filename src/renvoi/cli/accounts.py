"""`renvoi account`."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from renvoi.application import account_lists, accounts, new_accounts
from renvoi.application.ports.accounts import Account
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import cell, show_json, show_rows, time_text

account_commands = group("The customers that own numbers and keys.")


@account_commands.command("add")
def add_account(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name, unique")],
    locale: Annotated[str | None, typer.Option(help="Language of mails and greetings: en or fr")] = None,
    region: Annotated[str | None, typer.Option(help="Region that its numbers are written in, such as FR")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add an account, with limits (`renvoi limits show`); makes the data directory when there is none."""
    settings, clock = load(ctx, data), program_of(ctx).clock
    account = with_store(
        ctx,
        data,
        lambda store: new_accounts.add_account(
            store,
            clock,
            name,
            locale or settings.locale,
            region or settings.region,
            settings.limits_of_new_accounts,
        ),
        create=True,
    )
    if as_json:
        show_json(account_row(account))
    else:
        typer.echo(f"account {account.id}: {account.name}")


@account_commands.command("set")
def change_account(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="Account, by name or id")],
    locale: Annotated[str | None, typer.Option(help="Language of mails and greetings: en or fr")] = None,
    region: Annotated[str | None, typer.Option(help="Region that its numbers are written in, such as FR")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Time zone of times in mails, such as Europe/Paris")] = None,
    retention_days: Annotated[int | None, whole("Days that messages are kept, 1 to 3650")] = None,
    email: Annotated[str | None, typer.Option(help="Who is notified of limits that are reached; none: nobody")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Change an account; what is not given stays. Messages that are older than it keeps them are deleted."""
    changes = (locale, region, time_zone, retention_days, email)
    if changes == (None,) * len(changes):
        usage_error("give one of --locale, --region, --time-zone, --retention-days and --email")
    email = "" if email == "none" else email
    changed = with_store(
        ctx,
        data,
        lambda store: accounts.change_account(
            store,
            account,
            locale=locale,
            region=region,
            time_zone=time_zone,
            retention_days=retention_days,
            email=email,
        ),
    )
    if as_json:
        show_json(account_row(changed))
    else:
        row = account_row(changed)
        shown = (f"{name} {cell(row[name])}" for name in ("locale", "region", "time_zone", "retention_days", "email"))
        typer.echo(f"account {changed.id}: {changed.name}, {', '.join(shown)}")


class AccountState(StrEnum):
    """Whether an account is in use."""

    OPEN = "open"
    CLOSED = "closed"


@account_commands.command("list")
def list_accounts(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Option(help="Only those whose names begin so, or the one with that id or phone number")
    ] = None,
    state: Annotated[AccountState | None, typer.Option(help="Only those in this state")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the accounts, those to which all of the options apply."""
    if name is not None and not 0 < len(name) <= account_lists.MAX_SEARCH:
        usage_error(f"give --name 1 to {account_lists.MAX_SEARCH} characters: how a name begins, an id or a number")
    closed = None if state is None else state is AccountState.CLOSED
    if name is None:
        listed = with_store(ctx, data, accounts.list_accounts)
        found: Sequence[Account] = [each for each in listed if account_lists.admits(closed, each)]
        empty = "no accounts: `renvoi account add NAME` makes one"
    else:
        found = with_store(ctx, data, lambda store: account_lists.all_accounts_found(store, name, closed))
        empty = f"no account has a name that begins with {name!r}: `renvoi account list` shows all"
    if state is not None:
        empty = f"no such account is {state}: `renvoi account list` shows all"
    show_rows([account_row(account) for account in found], as_json=as_json, empty=empty)


def account_row(account: Account, state: str | None = None) -> dict[str, object]:
    """Return an account with the keys of `--json`; `state` where more is known than whether it is closed."""
    return {
        "id": account.id,
        "name": account.name,
        "state": state or ("open" if account.closed_at_ms is None else "closed"),
        "locale": account.locale,
        "region": account.region,
        "time_zone": account.time_zone,
        "retention_days": account.retention_days,
        "email": None if account.email is None else account.email.value,
        "created_at": time_text(account.created_at_ms),
        "closed_at": time_text(account.closed_at_ms),
    }
