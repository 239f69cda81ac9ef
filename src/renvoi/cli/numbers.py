"""`renvoi number` and `renvoi greeting`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from renvoi.application import csv_import, numbers
from renvoi.application.accounts import list_accounts
from renvoi.application.errors import OperatorError
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, Number, group, interrupted, load, program_of, with_store
from renvoi.cli.output import show_json, show_table, write_file
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.rules.rule import NumberRecord, Unreadable
from renvoi.domain.text import counted

number_commands = group("Virtual numbers.")

_Account = Annotated[str, typer.Option(help="Account that owns it, by name or id")]

MAX_TABLE_ROWS = 1000
"""Rows of `number list` that a person is shown."""
greeting_commands = group("What callers of a number hear before they leave a message.")

MAX_FILE_BYTES = 10 * 1024 * 1024
"""A larger file is not read: a greeting of a minute is far smaller."""


@number_commands.command("add")
def add_number(
    ctx: typer.Context,
    number: Number,
    account: _Account,
    label: Annotated[str, typer.Option(help="Label, for your own eyes")] = "",
    forwarding: Annotated[bool, typer.Option("--forwarding/--no-forwarding", help="Call-forwarding option")] = True,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a virtual number, with calls disabled until a rule is set."""
    clock = program_of(ctx).clock

    async def add(store: Store) -> dict[str, object]:
        record = await numbers.add_number(store, clock, number, account, label=label, forwarding_enabled=forwarding)
        return number_row(record, await names_of_accounts(store))

    row = with_store(ctx, data, add)
    if as_json:
        show_json(row)
    else:
        typer.echo(f"{row['number']} belongs to account {row['account']}")


@number_commands.command("list")
def list_numbers(
    ctx: typer.Context,
    account: Annotated[str | None, typer.Option(help="Only of this account, by name or id")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the numbers with their rules; as JSON all of them, as a table the first 1,000."""
    with_store(ctx, data, lambda store: _print_json(store, account) if as_json else _print_table(store, account))


async def _print_json(store: Store, account: str | None) -> None:
    names = await names_of_accounts(store)
    before = "["
    async for record in numbers.iterate_numbers(store, account):
        typer.echo(before, nl=False)
        show_json(number_row(record, names))
        before = ","
    typer.echo("[]" if before == "[" else "]")


async def _print_table(store: Store, account: str | None) -> None:
    names = await names_of_accounts(store)
    rows: list[dict[str, object]] = []
    unreadable: dict[Unreadable, NumberRecord] = {}
    more = False
    async for record in numbers.iterate_numbers(store, account):
        if len(rows) == MAX_TABLE_ROWS:
            more = True
            break
        rows.append(number_row(record, names))
        if record.unreadable is not None:
            unreadable.setdefault(record.unreadable, record)
    if not rows:
        typer.echo("no numbers: `renvoi number add E164 --account ACCOUNT` makes one", err=True)
        return
    show_table(list(rows[0]), (list(row.values()) for row in rows))
    if more:
        typer.echo(f"these are the first {MAX_TABLE_ROWS}; --json prints all", err=True)
    if unreadable:
        # Loaded late: names of days are a large table, and few lists need it.
        from renvoi.domain.rules.summary import summary  # noqa: PLC0415

        for first in unreadable.values():
            typer.echo(f"{first.number}: {summary(first, 0, LANGUAGES[0])}", err=True)


async def names_of_accounts(store: Store) -> dict[int, str]:
    """Return the names of all accounts by id."""
    return {account.id: account.name for account in await list_accounts(store)}


def number_row(record: NumberRecord, names: dict[int, str]) -> dict[str, object]:
    """Return a number with the keys of `--json`."""
    return {
        "number": record.number.value,
        "account": names.get(record.account_id, str(record.account_id)),
        "active": record.active,
        "forwarding": record.forwarding_enabled,
        "type": int(record.rule.type) if record.unreadable is None else None,
        "param": record.rule.param if record.unreadable is None else None,
        "revision": record.rule.revision,
        "label": record.label,
        "unreadable": record.unreadable,
    }


def _switch(name: str, help_text: str, *, active: bool | None = None, forwarding: bool | None = None) -> None:
    def command(ctx: typer.Context, number: Number, data: Data = None, as_json: Json = False) -> None:
        parsed = numbers.parse_number(number, load(ctx, data).region)
        clock = program_of(ctx).clock

        async def switch(store: Store) -> dict[str, object]:
            record = await numbers.set_state(store, clock, parsed, active=active, forwarding_enabled=forwarding)
            return number_row(record, await names_of_accounts(store))

        row = with_store(ctx, data, switch)
        if as_json:
            show_json(row)
        else:
            state = "active" if row["active"] else "deactivated"
            option = "enabled" if row["forwarding"] else "disabled"
            typer.echo(f"{row['number']} is {state}, call forwarding {option}")

    number_commands.command(name, help=help_text)(command)


_switch("activate", "Let calls reach a number again.", active=True)
_switch("deactivate", "Answer calls and changes of a number as if it did not exist.", active=False)
_switch("enable-forwarding", "Switch a number's call-forwarding option on.", forwarding=True)
_switch("disable-forwarding", "Switch a number's call-forwarding option off.", forwarding=False)


@number_commands.command("import")
def import_numbers(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE.csv", help="Columns number[,label][,forwarding], UTF-8; - for standard input"),
    ],
    account: _Account,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add the numbers of a CSV file: all of its rows, or none when one is wrong."""
    clock = program_of(ctx).clock
    is_checked = False

    def note(done: int, total: int) -> None:
        nonlocal is_checked
        is_checked = done == total
        show(done, total)

    try:
        with _progress() as show:
            count = with_store(ctx, data, lambda store: csv_import.import_numbers(store, clock, file, account, note))
    except KeyboardInterrupt:
        # A commit that has begun is not taken back.
        interrupted("`renvoi number list` shows whether it was stored" if is_checked else "nothing was imported")
    if as_json:
        show_json({"imported": count, "account": account})
    else:
        typer.echo(f"{counted(count, 'number')} imported")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Show how far the check of a file is, on a terminal."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("checking")

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total, description="checking" if done < total else "storing")

        yield show


@greeting_commands.command("set")
def set_greeting(
    ctx: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="WAV, MP3 or another audio file, at most 10 MiB")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give a number a greeting of its own, from the next call on."""
    program, parsed = program_of(ctx), _parsed(ctx, data, number)
    # The number first: whoever mistyped it shall not wait for the conversion to learn that.
    with_store(ctx, data, lambda store: numbers.show_greeting(store, parsed))
    audio = program.read_greeting(_read(file))
    with_store(ctx, data, lambda store: numbers.set_greeting(store, program.clock, parsed, audio))
    _show(ctx, data, parsed, as_json=as_json)


@greeting_commands.command("reset")
def reset_greeting(
    ctx: typer.Context,
    number: Number,
    speak_number: Annotated[bool, typer.Option("--speak-number", help="Have it read out the called number")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Go back to the included greeting, from the next call on."""
    clock, parsed = program_of(ctx).clock, _parsed(ctx, data, number)
    with_store(ctx, data, lambda store: numbers.reset_greeting(store, clock, parsed, spoken=speak_number))
    _show(ctx, data, parsed, as_json=as_json)


@greeting_commands.command("show")
def show_greeting(
    ctx: typer.Context,
    number: Number,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Save the number's own greeting, a WAV")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say how a number greets."""
    parsed = _parsed(ctx, data, number)
    if save is not None:
        found = with_store(ctx, data, lambda store: numbers.show_greeting(store, parsed))
        if found is None or found.audio is None:
            raise OperatorError(f"{parsed} has no greeting of its own to save")
        write_file(save, found.audio, replace=force)
    _show(ctx, data, parsed, as_json=as_json)


def _parsed(ctx: typer.Context, data: Path | None, number: str) -> E164:
    return numbers.parse_number(number, load(ctx, data).region)


def _show(ctx: typer.Context, data: Path | None, number: E164, *, as_json: bool) -> None:
    found = with_store(ctx, data, lambda store: numbers.show_greeting(store, number))
    if as_json:
        show_json(_greeting_row(number, found))
    else:
        typer.echo(f"{number} {_TEXTS[_kind(found)]}")


_TEXTS = {
    "own": "has a greeting of its own",
    "spoken-number": "has the included greeting, which says the number",
    "default": "has the included greeting",
}


def _kind(greeting: Greeting | None) -> str:
    if greeting is None:
        return "default"
    return "own" if greeting.audio is not None else "spoken-number"


def _greeting_row(number: E164, greeting: Greeting | None) -> dict[str, object]:
    return {
        "number": number.value,
        "greeting": _kind(greeting),
        "version": greeting.version if greeting is not None else None,
        "bytes": len(greeting.audio) if greeting is not None and greeting.audio is not None else None,
    }


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from error
    if len(content) > MAX_FILE_BYTES:
        raise OperatorError(f"{file} is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB: give a shorter greeting")
    return content
