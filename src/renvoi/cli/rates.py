"""`renvoi rates`: what forwarded calls cost."""

from pathlib import Path
from typing import Annotated

import typer

from renvoi.application import rates
from renvoi.application.csv_files import MAX_FILE_BYTES
from renvoi.cli.base import Data, Json, group, load, read_file, with_store
from renvoi.cli.output import show_json, show_rows
from renvoi.domain.calls.rates import amount_text
from renvoi.domain.text import counted

rate_commands = group("What forwarded calls cost, for limits of spend.")


@rate_commands.command("import")
def import_rates(
    ctx: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="Columns prefix,price,currency, UTF-8; - for standard input")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put the prices a minute of a CSV file in place of those before: all of its rows, or none when one is wrong."""
    content = read_file(file, MAX_FILE_BYTES + 1)
    count = with_store(ctx, data, lambda store: rates.import_rates(store, file, content))
    if as_json:
        show_json({"imported": count})
    else:
        typer.echo(f"{counted(count, 'rate')} imported")


@rate_commands.command("show")
def show_rates(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Argument(help="Only the rate of calls to this number")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show what a minute costs, by prefix; the longest prefix of a number counts."""
    region = load(ctx, data).region
    found = with_store(ctx, data, lambda store: rates.list_rates(store, number, region))
    rows = [{"prefix": each.prefix, "price": amount_text(each.price), "currency": each.currency} for each in found]
    show_rows(rows, as_json=as_json, empty="no rates: `renvoi rates import FILE.csv` reads them")
