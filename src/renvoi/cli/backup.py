"""`renvoi backup`."""

from pathlib import Path
from typing import Annotated

import typer

from renvoi.cli.base import Data, Json, load, program_of
from renvoi.cli.output import show_json


def back_up(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new tar file")],
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Back up a node whose store is on SQLite, while it serves."""
    made = program_of(ctx).back_up(load(ctx, data), file, replace=force)
    if as_json:
        show_json(
            {"file": str(file), "bytes": made.size, "messages": made.messages, "without_audio": made.without_audio}
        )
        return
    typer.echo(f"{file} ({made.size} bytes) has the store and the recordings of {made.messages} messages")
    if made.without_audio:
        typer.echo(f"renvoi: {made.without_audio} messages have no recording any more", err=True)
