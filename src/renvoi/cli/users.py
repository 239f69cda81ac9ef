"""`renvoi user` and `renvoi sign-in-link`: the people who sign in to the dashboard."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from renvoi.application import people, sign_in
from renvoi.application.accounts import find_account
from renvoi.application.person_mail import link_url, password_url
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, group, load, program_of, usage_error, with_store
from renvoi.cli.output import show_json, show_rows, time_text
from renvoi.cli.trunk_passwords import read_password
from renvoi.domain.access.person import MIN_PASSWORD, Person
from renvoi.domain.access.session import Token
from renvoi.domain.ids import IdKind, written

user_commands = group("The people who sign in to the dashboard with an e-mail address and a password.")

Who = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address, or id")]
Link = Annotated[bool, typer.Option("--link", help="Print the link instead of sending it by mail")]


@user_commands.command("add")
def add_user(
    ctx: typer.Context,
    email: Annotated[str, typer.Argument(help="The e-mail address to sign in with")],
    account: Annotated[str | None, typer.Option(help="The account, by name or id")] = None,
    operator: Annotated[bool, typer.Option("--operator", help="An operator, for all accounts")] = False,
    link: Link = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a user, who is invited by mail to choose a password."""
    if (account is None) != operator:
        usage_error("give --account, or --operator for an operator")
    clock = program_of(ctx).clock

    async def add(store: Store) -> tuple[Person, Token | None]:
        person = await people.add_person(store, clock, email, account, invite=not link)
        return await people.make_password_link(store, clock, person.id) if link else (person, None)

    person, token = with_store(ctx, data, add)
    _tell_mail(ctx, data, person, token, "an invitation", as_json=as_json)


@user_commands.command("list")
def list_users(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only of this account, by name or id")] = None,
    operator: Annotated[bool, typer.Option("--operator", help="Only operators")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the users, and when each signed in last."""
    if account is not None and operator:
        usage_error("give --account or --operator")
    found = with_store(ctx, data, lambda store: people.list_people(store, account, operators=operator))
    show_rows([_row(each) for each in found], as_json=as_json, empty="no users: `renvoi user add EMAIL` adds one")


@user_commands.command("invite")
def invite_user(ctx: typer.Context, who: Who, link: Link = False, data: Data = None, as_json: Json = False) -> None:
    """Send a user another invitation, in place of the one before."""
    _send(ctx, who, "an invitation", link=link, data=data, as_json=as_json)


@user_commands.command("reset-password")
def reset_password(
    ctx: typer.Context,
    who: Who,
    link: Link = False,
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE|-", help="Has the new password; - reads standard input"),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Send a user a link to choose another password, or set one."""
    if password_file is None:
        _send(ctx, who, "a link to set a password", link=link, data=data, as_json=as_json)
        return
    if link:
        usage_error("give --link or --password-file")
    passwords = program_of(ctx).passwords()
    given = read_password(password_file, MIN_PASSWORD)
    person = with_store(ctx, data, lambda store: people.set_password(store, passwords, who, given))
    _show(person, f"the password of {person.email} is set, and all sessions have ended", as_json=as_json)


@user_commands.command("remove")
def remove_user(ctx: typer.Context, who: Who, data: Data = None, as_json: Json = False) -> None:
    """Remove a user, whose sessions end at once."""
    person = with_store(ctx, data, lambda store: people.remove_person(store, who))
    _show(person, f"user {person.email} is removed", as_json=as_json)


def make_link(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Option(help="The account to begin with, by name or id")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Print a link that signs in as the operator, once, within an hour, in a browser on this machine."""
    settings, clock = load(ctx, data), program_of(ctx).clock

    async def make(store: Store) -> Token:
        found = None if account is None else await store.read(lambda reader: find_account(reader, account))
        return await sign_in.make_link(store, clock, None if found is None else str(found.id))

    token = with_store(ctx, data, make)
    url = link_url(asyncio.run(program_of(ctx).address(settings)), token)
    if as_json:
        show_json({"url": url})
    else:
        typer.echo(url)


def _send(ctx: typer.Context, who: str, what: str, *, link: bool, data: Path | None, as_json: bool) -> None:
    clock = program_of(ctx).clock

    async def send(store: Store) -> tuple[Person, Token | None]:
        if link:
            return await people.make_password_link(store, clock, who)
        person, _ = await people.send_mail(store, clock, who)
        return person, None

    person, token = with_store(ctx, data, send)
    _tell_mail(ctx, data, person, token, what, as_json=as_json)


def _tell_mail(
    ctx: typer.Context, data: Path | None, person: Person, token: Token | None, what: str, *, as_json: bool
) -> None:
    url = None if token is None else password_url(_public_url(ctx, data), token)
    if as_json:
        show_json({**_row(person), "url": url})
    else:
        typer.echo(url or f"{person.email} is sent {what}")


def _public_url(ctx: typer.Context, data: Path | None) -> str:
    settings = load(ctx, data)
    return settings.public_url or asyncio.run(program_of(ctx).address(settings))


def _show(person: Person, text: str, *, as_json: bool) -> None:
    if as_json:
        show_json(_row(person))
    else:
        typer.echo(text)


def _row(person: Person) -> dict[str, object]:
    return {
        "id": person.id,
        "email": person.email.value,
        "account": None if person.is_operator else written(IdKind.ACCOUNT, person.account_id),
        "state": "invited" if person.password is None else "active",
        "created_at": time_text(person.created_at_ms),
        "made_by": person.made_by,
        "signed_in_at": time_text(person.signed_in_at_ms),
    }
