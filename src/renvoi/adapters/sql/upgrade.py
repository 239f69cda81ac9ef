"""A store on SQLite is brought up to date behind a copy of it as it was: the way back from a newer version."""

import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from renvoi.adapters.sql.backup import copy_database
from renvoi.adapters.sql.migrate import is_outdated
from renvoi.adapters.sql.schema import HEAD
from renvoi.adapters.sql.sqlite import prepare_file, schema_of_file
from renvoi.application.errors import OperatorError
from renvoi.files import sync_directory

_MIB = 1024 * 1024
SPARE_BYTES = 64 * _MIB
"""Room that is left beside the copy: the migration itself needs some."""


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What was done: the schema that was found, None for a new store, and the copy that was made of it, if any."""

    found: str | None
    copy: Path | None


def upgrade_file(path: Path, now_ms: int, *, copies: bool = True, tell: Callable[[str], None]) -> Upgraded:
    """Bring the database at `path` up to date; with `copies` one of an older schema is copied first.

    The copy lies beside it, with the schema and the time in its name, and stays until somebody removes it. `tell` gets
    a line before what takes long.

    Raises:
        OperatorError: there is no room for the copy, or it could not be made; nothing was changed.
        StoreMismatch: the file is not a database of renvoi, or of a newer one.
        StoreUnavailable: it cannot be opened or written.
    """
    copy = None
    found = schema_of_file(path) if path.exists() and path.stat().st_size else None
    if found is not None and is_outdated(found) and copies:
        stamp = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
        copy = path.with_name(f"{path.name}.schema-{found}.{stamp}")
        tell(f"{path} has schema {found} and will be brought to {HEAD}; before, it is copied to {copy}")
        _copy(path, copy)
    return Upgraded(prepare_file(path), copy)


def _copy(path: Path, copy: Path) -> None:
    needed = path.stat().st_size + SPARE_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise OperatorError(
            f"{path} cannot be copied before its schema is brought up to date: that takes {needed // _MIB} MiB in "
            f"{path.parent}, and {free // _MIB} MiB are free. Make room; or back up elsewhere with "
            "`renvoi backup FILE`, then run `renvoi migrate --no-backup`"
        )
    try:
        with tempfile.TemporaryDirectory(prefix=".renvoi-upgrade-", dir=path.parent) as work:
            whole = Path(work) / copy.name
            copy_database(path, whole)
            whole.replace(copy)
        sync_directory(path.parent)
    except (OSError, sqlite3.Error) as error:
        raise OperatorError(f"{path} could not be copied before an upgrade, and is as it was: {error}") from error
