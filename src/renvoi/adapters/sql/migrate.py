"""Bring a database to the schema of this program: forward only, all or nothing."""

from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import Connection

from renvoi.adapters.sql.schema import HEAD
from renvoi.application.ports import StoreMismatch

MIGRATIONS = Path(__file__).parent / "migrations"


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database's schema; None for an empty database.

    Raises:
        StoreMismatch: there are tables, but not ours.
    """
    tables = set(sqlalchemy.inspect(connection).get_table_names())
    if "alembic_version" in tables:
        revision: str | None = connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalar()
        return revision
    if tables:
        raise StoreMismatch("the database holds tables of another program: give renvoi a database of its own")
    return None


def upgrade(connection: Connection) -> None:
    """Migrate the database behind `connection`, inside its transaction.

    Raises:
        StoreMismatch: the schema is newer than this program, or not renvoi's.
    """
    revision = current_revision(connection)
    if revision == HEAD:
        return
    # Loaded late: the command line opens the store for each command, and Alembic takes longer than most of them.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise StoreMismatch(
            f"the database has schema {revision}, and this renvoi knows schemas up to {HEAD}: "
            "install the renvoi that made it, or a newer one"
        )
    command.upgrade(config, "head")
