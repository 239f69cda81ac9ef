"""What all commands share: their common options, errors as one line and an exit code, and access to the store."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

from renvoi import setting_types
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict, StoreMismatch, StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.staging import settle
from renvoi.bootstrap import Renvoi
from renvoi.domain.trunks.trunk import TrunkInvalid
from renvoi.setting_sources import SettingsInvalid
from renvoi.settings import Settings

T = TypeVar("T")

REFUSED, USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0: what was asked cannot be done; it was not asked in a way that can be understood; Ctrl-C."""

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data directory [default: ./var]")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON")]
Number = Annotated[str, typer.Argument(help="Virtual number, such as +33199001234")]


def whole(text: str, least: int | None = None, most: int | None = None, *, metavar: str = "INTEGER") -> Any:
    """Return an option whose value is a whole number from `least` to `most`, None for no limit; `text` is its help.

    Numbers are read as in settings.
    """
    read = setting_types.whole(least, most)

    def parse(value: str) -> int:
        try:
            return read(value)
        except ValueError as error:
            raise typer.BadParameter(f"{value!r}: {error}") from None

    return typer.Option(parser=parse, metavar=metavar, help=text)


class Group(TyperGroup):
    """Commands whose refusals end in one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that `ctx` names."""
        try:
            return super().invoke(ctx)
        except SettingsInvalid as error:
            _end(str(error), USAGE)
        except (OperatorError, Conflict, StoreMismatch, StoreRefused, TrunkInvalid) as error:
            _end(str(error), REFUSED)
        except StoreUnavailable as error:
            _end(f"the store cannot do this now, nothing was changed: {error}", REFUSED)
        except KeyboardInterrupt:
            _end("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output has gone, as `| head` does; Python would complain again at its exit.
            raise typer.Exit(REFUSED) from None


def _end(reason: str, code: int) -> NoReturn:
    typer.echo(f"renvoi: {reason}", err=True)
    raise typer.Exit(code)


def interrupted(reason: str) -> NoReturn:
    """End the command because of Ctrl-C; `reason` says what has come of it."""
    _end(f"interrupted: {reason}", INTERRUPTED)


def usage_error(reason: str) -> NoReturn:
    """End the command because it was not asked in a way that can be understood."""
    _end(f"{reason}; see --help", USAGE)


def group(help_text: str, *, bare: bool = False, completion: bool = False) -> typer.Typer:
    """Return an empty group of commands; with `bare` its callback is a command too, for when no other is named.

    `completion`: it is the program itself, whose words a shell may complete.
    """
    return typer.Typer(
        context_settings={"help_option_names": ["-h", "--help"]},
        help=help_text,
        cls=Group,
        no_args_is_help=not bare,
        invoke_without_command=bare,
        add_completion=completion,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


def program_of(ctx: typer.Context) -> Renvoi:
    program: Renvoi = ctx.obj
    return program


def load(ctx: typer.Context, data: Path | None) -> Settings:
    """Load the settings for a command that was given `--data`, or before which it was."""
    return program_of(ctx).load({"data_dir": data_of(ctx, data)})


def data_of(ctx: typer.Context, data: Path | None) -> Path | None:
    """Return the data directory that a command was given, the one behind it rather than the one before it."""
    before: Path | None = ctx.find_root().params.get("data")
    return data if data is not None else before


def with_store(
    ctx: typer.Context, data: Path | None, use: Callable[[Store], Awaitable[T]], *, create: bool = False
) -> T:
    """Run `use` on the store of the data directory."""
    program = program_of(ctx)
    settings = load(ctx, data)

    async def run() -> T:
        async with program.open_store(settings, create=create) as store:
            # All or none of an import is there for every command, also after one that was killed.
            await settle(store, program.clock)
            return await use(store)

    return asyncio.run(run())
