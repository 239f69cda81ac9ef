"""Bring a database to the schema of this program: forward only, all or nothing.

While a group of nodes is upgraded one by one, programs of two versions work on one store. So a migration only adds;
what an older program still needs is dropped by a later one, which raises `compatible_from` in `store_info`: the oldest
schema whose program may work on the store as it is.
"""

from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import Connection

from renvoi import account_policy, trunk_document
from renvoi.adapters.sql.schema import HEAD
from renvoi.application.ports.errors import StoreMismatch
from renvoi.routing_document import VERSION

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST_DOCUMENTS = (
    # In the words of the index, which has no entry as long as all programs know all rules.
    "SELECT (SELECT max(routing_version) FROM numbers WHERE routing_version > 1),"
    " (SELECT max(policy_version) FROM accounts), (SELECT max(options_version) FROM trunks)"
)
"""What `check_documents` judges."""


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


def upgrade(connection: Connection) -> str | None:
    """Migrate the database behind `connection`, inside its transaction; return the revision that was found.

    Raises:
        StoreMismatch: the schema is newer than this program, or not renvoi's.
    """
    revision = current_revision(connection)
    if revision is not None and _admits_us(connection, revision):
        return revision
    # Loaded late: the command line opens the store for each command, and Alembic takes longer than most of them.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise _unknown(revision)
    command.upgrade(config, "head")
    return revision


def check_documents(rule: object, policy: object, options: object) -> None:
    """Check that this program reads the newest documents of a store, as `NEWEST_DOCUMENTS` finds them.

    Raises:
        StoreMismatch: it does not.
    """
    newest = (
        ("rules", rule, VERSION),
        ("policies of accounts", policy, account_policy.VERSION),
        ("options of trunks", options, trunk_document.VERSION),
    )
    for what, found, known in newest:
        # SQLite keeps text in a column of numbers, too.
        if found is not None and not (isinstance(found, int) and found <= known):
            raise StoreMismatch(
                f"the database has {what} in documents of version {found}, and this renvoi reads versions up to "
                f"{known}: install the renvoi that wrote them, or a newer one"
            )


def require(connection: Connection) -> str:
    """Return the revision of a database's schema that this program can work on as it is.

    Raises:
        StoreMismatch: it has no schema, an older one or an unknown one; the text says what to do.
    """
    revision = current_revision(connection)
    if revision is None:
        raise StoreMismatch("the database has no schema yet: `renvoi serve` or `renvoi migrate` makes it")
    if _admits_us(connection, revision):
        return revision
    if revision > HEAD:
        raise _unknown(revision)
    raise StoreMismatch(
        f"the database has schema {revision}, and this renvoi works on {HEAD}: make a backup, then bring it up to date "
        "with `renvoi serve` or `renvoi migrate`"
    )


def _admits_us(connection: Connection, revision: str) -> bool:
    if revision > HEAD:
        oldest = _compatible_from(connection)
        return oldest is not None and oldest <= HEAD
    return revision == HEAD


def _unknown(revision: str) -> StoreMismatch:
    return StoreMismatch(
        f"the database has schema {revision}, and this renvoi knows schemas up to {HEAD}: "
        "install the renvoi that made it, or a newer one"
    )


def _compatible_from(connection: Connection) -> str | None:
    """Return the oldest schema whose program may work on this store; None when the store does not say."""
    if not sqlalchemy.inspect(connection).has_table("store_info"):
        return None
    known: str | None = connection.execute(
        sqlalchemy.text("SELECT value FROM store_info WHERE key = 'compatible_from'")
    ).scalar()
    return known
