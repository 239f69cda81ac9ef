"""`renvoi rules import`: the rules of many numbers at once, from a CSV file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from renvoi.application.accounts import find_account
from renvoi.application.auth import operator_for
from renvoi.application.csv_files import MAX_FILE_BYTES, SHOWN_ERRORS
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import REFUSED, Data, Json, group, program_of, read_file, with_store
from renvoi.cli.output import show_json
from renvoi.domain.text import counted

if TYPE_CHECKING:
    from renvoi.application.rule_csv import Done

rule_commands = group("Rules of many numbers.")


@rule_commands.command("import")
def import_rules(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="First line number,action,to,emails,ring_timeout_s; - for standard input"
        ),
    ],
    account: Annotated[str, typer.Option(help="Account that owns the numbers, by name or id")],
    each: Annotated[bool, typer.Option("--each", help="Change each number for itself [default: all or none]")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be, and change nothing")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set the rules of the numbers in a CSV file; options that it does not name stay."""
    # Loaded late, all four: they take longer than most commands, which do without.
    from renvoi.adapters.holidays import PackagedHolidays  # noqa: PLC0415
    from renvoi.application import rule_csv  # noqa: PLC0415
    from renvoi.application.rule_batches import BatchRefused  # noqa: PLC0415
    from renvoi.application.rules import HolidayDates  # noqa: PLC0415

    program = program_of(ctx)
    content = read_file(file, MAX_FILE_BYTES + 1)

    async def run(store: Store) -> "Done":
        owner = await store.read(lambda reader: find_account(reader, account))
        who, dates = operator_for(owner), HolidayDates(PackagedHolidays(), program.clock.now_ms())
        lines = rule_csv.read_rules(file, content, owner.region)
        if not each:
            try:
                return await rule_csv.import_rules(store, dates, who, lines, dry_run=dry_run)
            except BatchRefused as error:
                raise rule_csv.refusal(file, lines, error) from error
        with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
            task = bar.add_task("changing", total=len(lines))
            return await rule_csv.import_each(
                store, dates, who, lines, lambda done: bar.update(task, completed=done), dry_run=dry_run
            )

    done = with_store(ctx, data, run)
    if as_json:
        errors = [{"line": line, "error": text} for line, text in done.errors]
        show_json({"changed": done.changed, "same": done.same, "errors": errors, "dry_run": dry_run})
    else:
        words = "would be changed" if dry_run else "changed"
        typer.echo(f"{counted(done.changed, 'rule')} {words}, {counted(done.same, 'was', 'were')} so already")
        for line, text in done.errors[:SHOWN_ERRORS]:
            typer.echo(f"line {line}: {text}", err=True)
        if len(done.errors) > SHOWN_ERRORS:
            typer.echo(f"and {len(done.errors) - SHOWN_ERRORS} more", err=True)
    if done.errors:
        raise typer.Exit(REFUSED)
