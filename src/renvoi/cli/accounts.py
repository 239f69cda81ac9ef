"""`renvoi account` and `renvoi key`."""

from typing import Annotated

import typer

from renvoi.application import accounts, auth, new_accounts
from renvoi.application.ports.accounts import Account
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import cell, show_json, show_rows, time_text
from renvoi.domain.access.api_key import KeyRecord

account_commands = group("The customers that own numbers and keys.")
key_commands = group("The keys that customers' programs use.")


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
        show_json(_account_row(account))
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
        show_json(_account_row(changed))
    else:
        row = _account_row(changed)
        shown = (f"{name} {cell(row[name])}" for name in ("locale", "region", "time_zone", "retention_days", "email"))
        typer.echo(f"account {changed.id}: {changed.name}, {', '.join(shown)}")


@account_commands.command("list")
def list_accounts(ctx: typer.Context, data: Data = None, as_json: Json = False) -> None:
    """List the accounts."""
    found = with_store(ctx, data, accounts.list_accounts)
    rows = [_account_row(account) for account in found]
    show_rows(rows, as_json=as_json, empty="no accounts: `renvoi account add NAME` makes one")


def _account_row(account: Account) -> dict[str, object]:
    return {
        "id": account.id,
        "name": account.name,
        "locale": account.locale,
        "region": account.region,
        "time_zone": account.time_zone,
        "retention_days": account.retention_days,
        "email": None if account.email is None else account.email.value,
        "created_at": time_text(account.created_at_ms),
    }


@key_commands.command("add")
def add_key(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="Account, by name or id")],
    name: Annotated[str, typer.Option("--name", help="Label, for your own eyes")] = "",
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="A scope of the key, repeat it for more; default all")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a key and print it: this is the only time that it is shown."""
    for name_of_scope in scope or ():
        if name_of_scope not in auth.SCOPES:
            usage_error(f"unknown scope {name_of_scope!r}: the scopes are {', '.join(auth.SCOPES)}")
    clock = program_of(ctx).clock
    key = with_store(ctx, data, lambda store: auth.add_key(store, clock, account, name, scope or ()))
    if as_json:
        show_json({"id": key.id, "key": key.reveal()})
    else:
        typer.echo(key.reveal())


@key_commands.command("list")
def list_keys(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only of this account, by name or id")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the keys, without their secrets."""
    found = with_store(ctx, data, lambda store: auth.list_keys(store, account))
    show_rows([_key_row(key) for key in found], as_json=as_json, empty="no keys: `renvoi key add ACCOUNT` makes one")


def _key_row(key: KeyRecord) -> dict[str, object]:
    return {
        "id": key.id,
        "account": key.account_id,
        "label": key.label,
        "scopes": list(key.scopes),
        "created_at": time_text(key.created_at_ms),
        "expires_at": time_text(key.expires_at_ms),
        "revoked_at": time_text(key.revoked_at_ms),
    }


@key_commands.command("revoke")
def revoke_key(
    ctx: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="ID", help="The key's id")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Revoke a key, from the next request on."""
    clock = program_of(ctx).clock
    with_store(ctx, data, lambda store: auth.revoke_key(store, clock, key_id))
    if as_json:
        show_json({"id": key_id, "revoked": True})
    else:
        typer.echo(f"key {key_id} is revoked")
