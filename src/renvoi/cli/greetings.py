"""`renvoi greeting`."""

from pathlib import Path
from typing import Annotated

import typer

from renvoi.application import numbers
from renvoi.application.errors import OperatorError
from renvoi.application.ports.numbers import Greeting
from renvoi.cli.base import Data, Json, Number, group, load, program_of, with_store
from renvoi.cli.output import show_json, write_file
from renvoi.domain.numbers.number import E164

greeting_commands = group("What callers of a number hear before they leave a message.")

MAX_FILE_BYTES = 10 * 1024 * 1024
"""A larger file is not read: a greeting of a minute is far smaller."""


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
        show_json(_row(number, found))
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


def _row(number: E164, greeting: Greeting | None) -> dict[str, object]:
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
