"""What commands share: common options, files that are given, errors as lines and an exit code, access to the store."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from typer.core import TyperGroup

from renvoi.application.csv_files import STANDARD_INPUT
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict, StoreMismatch, StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.staging import settle
from renvoi.application.unreadable_rows import problem_of
from renvoi.bootstrap import Renvoi
from renvoi.configuration import setting_types
from renvoi.configuration.setting_sources import SettingsInvalid
from renvoi.configuration.settings import Settings
from renvoi.domain.numbers.number import E164, NO_REGION, NumberInvalid
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.trunks.faults import TrunkInvalid

T = TypeVar("T")

EVERY = 1 << 40
"""More things of one kind than there are, for lists that are kept as a whole."""
REFUSED, USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes beside 0: what was asked cannot be done; it was not asked in a way that can be understood; Ctrl-C."""

_WHAT_TO_DO = {
    ProblemCode.NUMBER_UNKNOWN: "`renvoi number list` shows them",
    ProblemCode.ACCOUNT_UNKNOWN: "`renvoi account list` shows them",
    ProblemCode.TRUNK_UNKNOWN: "`renvoi trunk list` shows them",
    ProblemCode.KEY_UNKNOWN: "`renvoi key list` shows them",
    ProblemCode.WEBHOOK_UNKNOWN: "`renvoi webhook list` shows them",
    ProblemCode.DELIVERY_UNKNOWN: "`renvoi webhook deliveries ID` shows those of a webhook that are kept",
    ProblemCode.MESSAGE_UNKNOWN: "`renvoi messages` shows them",
    ProblemCode.CALL_UNKNOWN: "`renvoi calls` shows them",
    ProblemCode.GREETING_UNKNOWN: "callers hear the included one; `renvoi greeting set` changes that",
}
"""What the command line says in place of requests that lead on from a problem of `/v2`."""

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Data directory [default: ./var]")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings file [default: renvoi.toml in the data]")
]
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
    """Commands whose refusals end in an exit code and a line on stderr, one for each thing that is wrong."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that `ctx` names."""
        try:
            return super().invoke(ctx)
        except SettingsInvalid as error:
            _end(str(error), USAGE)
        except (OperatorError, Conflict, StoreMismatch, StoreRefused) as error:
            _end(str(error), REFUSED)
        except TrunkInvalid as error:
            _end_by(map(str, error.faults), REFUSED)
        except Problem as problem:
            _end_by(problem_lines(problem), REFUSED)
        except StoreUnavailable as error:
            found = problem_of(error)
            if found.code is not ProblemCode.UNAVAILABLE:
                _end_by(problem_lines(found), REFUSED)
            _end(f"the store cannot do this now, nothing was changed: {error}", REFUSED)
        except KeyboardInterrupt:
            _end("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output has gone, as `| head` does; Python would complain again at its exit.
            raise typer.Exit(REFUSED) from None


def _end(reason: str, code: int) -> NoReturn:
    _end_by((reason,), code)


def _end_by(reasons: Iterable[str], code: int) -> NoReturn:
    for reason in reasons:
        typer.echo(f"renvoi: {reason}", err=True)
    raise typer.Exit(code)


def problem_lines(problem: Problem) -> Iterator[str]:
    """Yield what is wrong with what was asked, in the words of `/v2`: each wrong field, or the problem as a whole."""
    if not problem.errors:
        yield f"{problem.code.title('en')}: {_WHAT_TO_DO.get(problem.code) or problem.detail('en')}"
    for error in problem.errors:
        yield f"{error.pointer.strip('/').replace('/', ' ') or 'the request'} {error.detail('en')}"


def interrupted(reason: str) -> NoReturn:
    """End the command because of Ctrl-C; `reason` says what has come of it."""
    _end(f"interrupted: {reason}", INTERRUPTED)


def refuse(*reasons: str) -> NoReturn:
    """End the command because what was asked cannot be done, for all of these reasons."""
    _end_by(reasons, REFUSED)


def usage_error(*reasons: str) -> NoReturn:
    """End the command because it was not asked in a way that can be understood."""
    _end_by([*reasons[:-1], f"{reasons[-1]}; see --help"], USAGE)


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
    return program_of(ctx).load(places_of(ctx, data))


def places_of(ctx: typer.Context, data: Path | None, config: Path | None = None) -> dict[str, object]:
    """Return where a command was told to find data and settings, behind it or before it."""
    return {"data_dir": data_of(ctx, data), "config_file": config or ctx.find_root().params.get("config")}


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


def read_file(file: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file, - for standard input.

    Raises:
        OperatorError: it cannot be read.
    """
    try:
        if file == STANDARD_INPUT:
            return sys.stdin.buffer.read(most)
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from error


def read_numbers(texts: Iterable[str], region: str) -> list[E164]:
    """Return the values of `--number`; without a `region` they are international. A wrong one ends the command."""
    found = []
    for text in texts:
        try:
            found.append(E164.parse(text, region or NO_REGION))
        except NumberInvalid:
            usage_error(f"--number: {text[:40]!r} is not a phone number: write it like +33199001234")
    return found
