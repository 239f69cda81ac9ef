"""Opens the store that a URL names."""

from pathlib import Path

from renvoi.application.ports.unit_of_work import Committed, Store

SQLITE = "sqlite:///"
FEW = 2
"""Connections to PostgreSQL that are enough for a process which does one thing at a time."""


def schema_of(url: str) -> str | None:
    """Return the revision of the schema at `url`, which `open_store` might change; None where there is none yet.

    Raises:
        StoreMismatch: it is not a store of renvoi, or on a server that cannot serve.
        StoreUnavailable: it cannot be opened.
    """
    if url.startswith(SQLITE):
        from renvoi.adapters.sql.sqlite import schema_of_file  # noqa: PLC0415 - see below

        return schema_of_file(Path(url.removeprefix(SQLITE)))
    from renvoi.adapters.sql.schema_setup import schema_of_database  # noqa: PLC0415 - see below

    return schema_of_database(url)


async def open_store(
    url: str,
    *,
    on_commit: Committed | None = None,
    connections: int = FEW,
    patience_s: float = 0,
    migrates: bool = True,
    node: str = "",
) -> Store:
    """Open the store at `url` (`sqlite:///PATH` or `postgresql://…`), made or migrated as needed.

    Without `migrates` a store that is not there, or whose schema is older, is refused. `on_commit` is told what
    each commit held. On PostgreSQL up to `connections` work at once, and a server that does not answer yet is
    tried again for `patience_s` seconds. There counters are raised for `node`, so that nodes do not wait for
    each other.

    Raises:
        StoreMismatch: it is not a store of renvoi, or one of a newer renvoi.
        StoreUnavailable: it cannot be opened.
    """
    # Loaded late: each command opens one store, of one kind.
    if url.startswith(SQLITE):
        from renvoi.adapters.sql.sqlite import open_sqlite  # noqa: PLC0415

        return await open_sqlite(Path(url.removeprefix(SQLITE)), on_commit=on_commit, migrates=migrates)
    from renvoi.adapters.sql.postgres import open_postgres  # noqa: PLC0415

    return await open_postgres(
        url, on_commit=on_commit, connections=connections, patience_s=patience_s, migrates=migrates, node=node
    )
