"""`renvoi number remove` and `move`, `renvoi account close` and `show`: what is taken away, and what came of it."""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress as Bar

from renvoi.application import numbers, removals
from renvoi.application.accounts import find_account, find_any_account
from renvoi.application.ports.removals import Removal, RemovalKind
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import AccountState
from renvoi.cli.accounts import account_row
from renvoi.cli.base import REFUSED, Data, Json, Number, load, program_of, usage_error, with_store
from renvoi.cli.numbers import names_of_accounts, number_row
from renvoi.cli.output import cell, show_json, show_table, time_text
from renvoi.domain.ids import IdKind, written
from renvoi.domain.text import counted

_SHOWN = 20
"""Removals that `account show` has, the latest."""
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask: nothing of it comes back")]


def remove_number(
    ctx: typer.Context,
    number: Number,
    keep_messages: Annotated[
        bool,
        typer.Option("--keep-messages", help="Leave its messages with the account, for as long as that keeps them"),
    ] = False,
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Take a number away from its account, from the next call on, with rule, greeting and messages."""
    program = program_of(ctx)
    parsed = numbers.parse_listed(number, load(ctx, data).region)
    what = "rule and greeting" if keep_messages else "rule, greeting and messages"
    if not yes:
        # What is not there needs no question.
        with_store(ctx, data, lambda store: store.read(lambda reader: numbers.find_listed(reader, parsed)))
        _ask(f"Remove {parsed}, with its {what}?", "nothing of a removed number comes back: give --yes to remove it")

    async def remove(store: Store) -> Removal:
        return await removals.remove_number(store, program.clock, parsed, keeps_messages=keep_messages)

    done, row = _carry_out(ctx, data, remove)
    if as_json:
        show_json(row)
    else:
        typer.echo(f"{parsed} is removed from account {row['account']}, with {_messages(done)}")
    _tell_rest(done)


def move_number(
    ctx: typer.Context,
    number: Number,
    account: Annotated[str, typer.Argument(help="Account that gets it, by name or id")],
    with_rule: Annotated[
        bool, typer.Option("--with-rule", help="Let rule, greeting and label go along [default: start again]")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Give a number to another account, from the next call on; messages and history stay with the former one."""
    program = program_of(ctx)
    settings = load(ctx, data)
    parsed = numbers.parse_number(number, settings.region)
    files = program.message_files(settings)

    async def move(store: Store) -> dict[str, object]:
        record = await removals.move_number(store, program.clock, parsed, account, with_rule=with_rule)
        await removals.settle_removals(store, program.clock, files.remove)
        return number_row(record, await names_of_accounts(store))

    row = with_store(ctx, data, move)
    if as_json:
        show_json(row)
    else:
        rule = "with its rule" if with_rule else "and has no rule yet"
        typer.echo(f"{row['number']} belongs to account {row['account']} now, {rule}")


def close_account(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="Account, by name or id")],
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Close an account: its keys end at once, its numbers are nobody's, and its messages are deleted."""
    program = program_of(ctx)
    if not yes:
        with_store(ctx, data, lambda store: store.read(lambda reader: find_account(reader, account)))
        _ask(
            f"Close account {account}, with its keys, numbers and messages?",
            "nothing of a closed account comes back: give --yes to close it",
        )

    async def close(store: Store) -> Removal:
        return await removals.close_account(store, program.clock, account)

    done, row = _carry_out(ctx, data, close)
    if as_json:
        show_json(row)
    else:
        typer.echo(f"account {row['account']} is closed, with {counted(done.numbers, 'number')} and {_messages(done)}")
    _tell_rest(done)


def show_account(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(help="Account, by name or id; closed ones too")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show an account, its state, how many numbers it has, and what was taken from it."""
    state = with_store(ctx, data, lambda store: removals.show_account(store, account, _SHOWN))
    row = state_row(state)
    removed = [removal_row(each, state.account.name) for each in state.removals]
    if as_json:
        show_json(row | {"removals": removed})
        return
    for name, value in row.items():
        typer.echo(f"{name:<14} {cell(value)}")
    if removed:
        typer.echo("")
        columns = [name for name in removed[0] if name != "account"]
        show_table(columns, ([each[name] for name in columns] for each in removed))


def state_row(state: AccountState) -> dict[str, object]:
    """Return an account with the keys of `--json`."""
    return account_row(state.account, state.name) | {"numbers": state.numbers}


def removal_row(removal: Removal, account: str) -> dict[str, object]:
    """Return what was taken from `account`, with the keys of `--json`."""
    return {
        "id": removal.id,
        "what": removal.kind.value,
        "number": None if removal.number is None else removal.number.value,
        "account": account,
        "to_account": None if removal.to_account_id is None else written(IdKind.ACCOUNT, removal.to_account_id),
        "at": time_text(removal.at_ms),
        "by": removal.key_id or removal.source,
        "source": removal.source,
        "numbers": removal.numbers,
        "messages": removal.messages,
        "messages_kept": removal.keeps_messages,
        "rule_kept": removal.keeps_rule,
        "ended_at": time_text(removal.ended_at_ms),
    }


def _ask(question: str, why_not: str) -> None:
    """Ask before something goes for good; a script, which nobody can ask, has to say `--yes`."""
    if not sys.stdin.isatty():
        usage_error(why_not)
    typer.confirm(question, abort=True, err=True)


def _carry_out(
    ctx: typer.Context, data: Path | None, begin: Callable[[Store], Awaitable[Removal]]
) -> tuple[Removal, dict[str, object]]:
    """Begin a removal, and carry it to its end; return it as it is then, and with the keys of `--json`."""
    program = program_of(ctx)
    files = program.message_files(load(ctx, data))

    async def run(store: Store) -> tuple[Removal, dict[str, object]]:
        removal = await begin(store)
        with _bar() as note:
            progress = await removals.settle_removals(store, program.clock, files.remove, note=note)
        if progress.failed is not None:
            typer.echo(f"renvoi: a file of a message does not go: {progress.failed}", err=True)
        done = await store.read(lambda reader: reader.removal(removal.id)) or removal
        owner = await store.read(lambda reader: find_any_account(reader, str(removal.account_id)))
        return done, removal_row(done, owner.name)

    return with_store(ctx, data, run)


def _tell_rest(done: Removal) -> None:
    if done.ended_at_ms is None:
        typer.echo("renvoi: what hung on it is not all gone yet: a node that serves removes the rest", err=True)
        raise typer.Exit(REFUSED)


def _messages(done: Removal) -> str:
    if done.kind is RemovalKind.NUMBER and done.keeps_messages:
        return "its messages kept"
    return counted(done.messages, "message")


@contextmanager
def _bar() -> Iterator[Callable[[int], None]]:
    """Show how much has gone, on a terminal."""
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("removing", total=None)
        yield lambda steps: bar.update(task, completed=steps, description=f"removing: {steps} entries gone")
