"""What an operator should know of the PostgreSQL that the store is on."""

from dataclasses import dataclass

import psycopg

from renvoi.adapters.sql.postgres_pool import connection_info, is_pooled, limited, reason
from renvoi.application.ports.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """A server as one of its roles sees it.

    `standbys` is `synchronous_standby_names`, the servers that a commit waits for; `pooled` whether a pooler in
    transaction mode stands in between; `reads_numbers` whether the role may look up numbers, as the edge does;
    `writes` whether it may change any table there.
    """

    version: str
    synchronous_commit: str
    standbys: str
    pooled: bool
    reads_numbers: bool
    writes: bool


def diagnose(url: str) -> Diagnostics:
    """Ask the server at `url`.

    Raises:
        StoreUnavailable: it cannot be reached.
    """
    try:
        with psycopg.connect(connection_info(url), autocommit=True, prepare_threshold=None) as raw, limited(raw):
            row = raw.execute(
                "SELECT current_setting('server_version'), current_setting('synchronous_commit'),"
                " current_setting('synchronous_standby_names'),"
                " coalesce(has_table_privilege(to_regclass('numbers'), 'SELECT'), false),"
                " coalesce((SELECT bool_or(has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) FROM pg_class"
                " WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace), false)"
            ).fetchone()
            assert row is not None
            version, synchronous_commit, standbys, reads, writes = row
            return Diagnostics(
                str(version), str(synchronous_commit), str(standbys), is_pooled(raw), bool(reads), bool(writes)
            )
    except psycopg.Error as error:
        raise StoreUnavailable(f"the database cannot be used: {reason(error)}") from error
