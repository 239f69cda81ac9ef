"""`renvoi migrate` and `renvoi backup`: the schema of a store, its way from SQLite to PostgreSQL, and its backup."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from renvoi.cli.base import REFUSED, Data, Json, load, program_of, usage_error
from renvoi.cli.output import show_json, show_table
from renvoi.configuration.setting_sources import SettingsInvalid
from renvoi.configuration.setting_types import postgresql_url
from renvoi.configuration.settings import Settings
from renvoi.domain.text import counted

if TYPE_CHECKING:
    # It brings SQLAlchemy along, which would cost every command its start.
    from renvoi.adapters.sql.sqlite_to_postgres.move import MovedTable

_COLUMNS = ("table", "rows", "rows there", "checksum", "checksum there", "same")
_CHECKSUM_SHOWN = 12


def migrate(
    ctx: typer.Context,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="Move the SQLite store to this empty PostgreSQL database")
    ] = None,
    back: Annotated[
        bool, typer.Option("--back", help="Have the SQLite store take changes again, moved or not")
    ] = False,
    clean: Annotated[
        bool, typer.Option("--clean", help="Remove the SQLite store that was moved, and its recordings")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="With --back: even after a completed move")] = False,
    no_backup: Annotated[
        bool, typer.Option("--no-backup", help="Copy no SQLite store before its schema is brought up to date")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Bring the store's schema up to date, or move the store from SQLite to PostgreSQL."""
    if (to is not None) + back + clean > 1:
        usage_error("give one of --to, --back and --clean")
    if force and not back:
        usage_error("--force belongs to --back")
    if no_backup and (to is not None or back or clean):
        usage_error("--no-backup is for the schema: give it alone")
    settings = load(ctx, data)
    if to is not None:
        _move(ctx, settings, to, as_json=as_json)
    elif back:
        _go_back(ctx, settings, force=force, as_json=as_json)
    elif clean:
        _clean(ctx, settings, as_json=as_json)
    else:
        _migrate_schema(ctx, settings, copies=not no_backup, as_json=as_json)


def _migrate_schema(ctx: typer.Context, settings: Settings, *, copies: bool, as_json: bool) -> None:
    program = program_of(ctx)
    before, after, copy = program.migrate_schema(settings, lambda text: typer.echo(text, err=True), copies=copies)
    if as_json:
        shown = {"store": settings.database_shown, "schema": after, "schema_before": before}
        show_json(shown | {"backup": None if copy is None else str(copy)})
    else:
        was = "new" if before is None else "as it was" if before == after else f"it was {before}"
        typer.echo(f"{settings.database_shown} has schema {after} ({was})")


def _move(ctx: typer.Context, settings: Settings, url: str, *, as_json: bool) -> None:
    try:
        url = postgresql_url(url)
    except ValueError as error:
        # The URL is not repeated: it may hold a password.
        raise SettingsInvalid(f"--to: this value is not allowed: {error}") from error
    tables = program_of(ctx).move_store(settings, url, lambda text: typer.echo(text, err=True))
    shown = replace(settings, database_url=url).database_shown
    moved = all(table.same for table in tables)
    if as_json:
        show_json({"to": shown, "moved": moved, "tables": [_row(table) for table in tables]})
    elif tables:
        show_table(_COLUMNS, map(_shown, tables))
    if not moved:
        different = ", ".join(table.name for table in tables if not table.same)
        typer.echo(
            f"renvoi: not moved: {different} differ in {shown}, and the SQLite store still takes no changes: "
            "give the same command again, or `renvoi migrate --back`",
            err=True,
        )
        raise typer.Exit(REFUSED)
    if not as_json:
        typer.echo(f"the store is in {shown}: set RENVOI_DATABASE_URL to that, and start the node again")


def _row(table: "MovedTable") -> dict[str, object]:
    return {
        "table": table.name,
        "rows": table.source.rows,
        "rows_there": table.target.rows,
        "checksum": table.source.checksum,
        "checksum_there": table.target.checksum,
        "same": table.same,
    }


def _shown(table: "MovedTable") -> tuple[object, ...]:
    checksums = (text[:_CHECKSUM_SHOWN] for text in (table.source.checksum, table.target.checksum))
    return (table.name, table.source.rows, table.target.rows, *checksums, table.same)


def _go_back(ctx: typer.Context, settings: Settings, *, force: bool, as_json: bool) -> None:
    path, was_marked = program_of(ctx).move_back(settings, force=force)
    _tell_path(path, "takes changes again" if was_marked else "was not being moved", "changed", was_marked, as_json)


def _clean(ctx: typer.Context, settings: Settings, *, as_json: bool) -> None:
    path, recordings = program_of(ctx).remove_moved(settings)
    _tell_path(path, f"is removed, with {counted(recordings, 'recording')}", "recordings", recordings, as_json)


def _tell_path(path: Path, text: str, key: str, value: object, as_json: bool) -> None:
    if as_json:
        show_json({"store": str(path), key: value})
    else:
        typer.echo(f"{path} {text}")


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
