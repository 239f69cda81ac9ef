"""Bring a database to the schema of this program: forward only, all or nothing.

While a group of nodes is upgraded one by one, programs of two versions work on one store. So a migration only adds;
what an older program still needs is dropped by a later one, which raises `compatible_from` in `store_info`: the oldest
schema whose program may work on the store as it is.
"""

from pathlib import Path

import sqlalchemy
from sqlalchemy.engine import Connection

from renvoi.adapters.sql.schema import HEAD
from renvoi.application.ports.errors import StoreMismatch
from renvoi.documents import policy_document, trunk_document
from renvoi.documents.routing_document import VERSION

MIGRATIONS = Path(__file__).parent / "migrations"
REVISION = "SELECT version_num FROM alembic_version"
NEWEST_DOCUMENTS = (
    # In the words of the index, which has no entry as long as all programs know all rules. Then one of each that this
    # program does not know; of numbers in the order of that index, as min(number) would look at all of them.
    "SELECT (SELECT max(routing_version) FROM numbers WHERE routing_version > 2),"  # noqa: S608 - numbers of ours
    " (SELECT max(policy_version) FROM accounts), (SELECT max(options_version) FROM trunks),"
    f" (SELECT number FROM numbers WHERE routing_version > 2 AND routing_version > {VERSION}"
    " ORDER BY routing_version DESC LIMIT 1),"
    f" (SELECT name FROM accounts WHERE policy_version > {policy_document.VERSION} LIMIT 1),"
    f" (SELECT name FROM trunks WHERE options_version > {trunk_document.VERSION} LIMIT 1)"
)
"""What `check_documents` judges."""


def current_revision(connection: Connection) -> str | None:
    """Return the revision of the database's schema; None for an empty database.

    Raises:
        StoreMismatch: there are tables, but not ours.
    """
    tables = set(sqlalchemy.inspect(connection).get_table_names())
    if "alembic_version" in tables:
        revision: str | None = connection.execute(sqlalchemy.text(REVISION)).scalar()
        return revision
    if tables:
        raise StoreMismatch("the database holds tables of another program: give renvoi a database of its own")
    return None


def is_outdated(schema: str | None) -> bool:
    """Tell whether a store with this schema is to be migrated; one without any is new."""
    return schema is not None and schema < HEAD


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


def check_documents(
    rule: object, policy: object, options: object, number: object, account: object, trunk: object
) -> None:
    """Check that this program reads the newest documents of a store, as `NEWEST_DOCUMENTS` finds them.

    Raises:
        StoreMismatch: it does not.
    """
    newest = (
        ("rules", rule, VERSION, f"+{number}"),
        ("policies of accounts", policy, policy_document.VERSION, account),
        ("options of trunks", options, trunk_document.VERSION, trunk),
    )
    for what, found, known, first in newest:
        # SQLite keeps text in a column of numbers, too.
        if found is not None and not (isinstance(found, int) and found <= known):
            raise StoreMismatch(
                f"the database has {what} in documents of version {found} ({first}), and this renvoi reads versions up "
                f"to {known}: install the renvoi that wrote them, or a newer one; if there never was one here, that "
                "row is damaged: restore a backup"
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
