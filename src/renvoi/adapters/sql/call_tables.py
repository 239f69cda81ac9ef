"""The part of the schema that calls need: records, ladders and counts, what they use up and cost, and mails about it.

What each node counts are rows of its own, which are added up when they are read: a row that all nodes raise would be
waited for by each of them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine


def call_tables(metadata: MetaData, key: TypeEngine[int]) -> tuple[Table, Table, Table]:
    """Return the tables `calls`, `call_ladders` and `call_counts`, as parts of a schema with ids of type `key`."""
    calls = Table(
        "calls",
        metadata,
        Column("id", key, primary_key=True),
        Column("call_id", Text, nullable=False),
        Column("from_tag", Text, nullable=False),
        Column("cseq", BigInteger, nullable=False),
        Column("caller", Text, nullable=False),
        Column("called", Text, nullable=False),
        Column("number", BigInteger),
        Column("revision", BigInteger),
        Column("decision", Text, nullable=False),
        Column("reason", Text),
        Column("target", BigInteger),
        Column("trunk", Text),
        Column("setup_at_ms", BigInteger, nullable=False, index=True),
        Column("ring_at_ms", BigInteger),
        Column("answer_at_ms", BigInteger),
        Column("end_at_ms", BigInteger),
        Column("status", SmallInteger),
        Column("cause", SmallInteger),
        Column("hung_up_by", Text),
        Column("diversions", Text, nullable=False),
        Column("missed", Boolean),
        Column("last_known", Boolean, nullable=False, server_default=false()),
        Column("withheld", Boolean, nullable=False, server_default=false()),
        Column("identity", Text),
        Column("fallback", Boolean, nullable=False, server_default=false()),
        # Names of `usage`, with a space between two.
        Column("used", Text),
        Column("price", BigInteger),
        Column("unheard", Text),
        # Whose number was called when the record was stored; 0: nobody's; NULL: by a program that did not look.
        Column("account_id", BigInteger),
        UniqueConstraint("call_id", "from_tag", "cseq"),
        Index("ix_calls_number", "number", "setup_at_ms"),
        Index("ix_calls_account_id", "account_id", "setup_at_ms", "id"),
        Index("ix_calls_caller", "account_id", "caller", "setup_at_ms", "id"),
        Index(
            "ix_calls_unassigned",
            "id",
            sqlite_where=text("account_id IS NULL AND number IS NOT NULL"),
            postgresql_where=text("account_id IS NULL AND number IS NOT NULL"),
        ),
        # Only calls on their way: small whatever the table's size.
        Index(
            "ix_calls_unfinished",
            "setup_at_ms",
            sqlite_where=text("status IS NULL"),
            postgresql_where=text("status IS NULL"),
        ),
        Index(
            "ix_calls_unended",
            "setup_at_ms",
            sqlite_where=text("end_at_ms IS NULL"),
            postgresql_where=text("end_at_ms IS NULL"),
        ),
    )
    call_ladders = Table(
        "call_ladders",
        metadata,
        # That of `calls`: rows are appended, as a Call-ID would scatter them.
        Column("id", key, primary_key=True, autoincrement=False),
        Column("setup_at_ms", BigInteger, nullable=False, index=True),
        # JSON, see `mappers.ladder_text`.
        Column("ladder", Text, nullable=False),
    )
    call_counts = Table(
        "call_counts",
        metadata,
        Column("decision", Text, primary_key=True),
        Column("status", SmallInteger, primary_key=True, autoincrement=False),
        Column("calls", BigInteger, nullable=False),
    )
    return calls, call_ladders, call_counts


def node_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Return the tables `node_counters`, `node_call_counts` and `hour_counts`, as parts of a schema."""
    node_counters = Table(
        "node_counters",
        metadata,
        Column("name", Text, primary_key=True),
        Column("node", Text, primary_key=True),
        Column("value", BigInteger, nullable=False),
    )
    node_call_counts = Table(
        "node_call_counts",
        metadata,
        Column("decision", Text, primary_key=True),
        Column("status", SmallInteger, primary_key=True, autoincrement=False),
        Column("node", Text, primary_key=True),
        Column("calls", BigInteger, nullable=False),
    )
    hour_counts = Table(
        "hour_counts",
        metadata,
        # Since 1970-01-01 UTC.
        Column("hour", BigInteger, primary_key=True, autoincrement=False),
        Column("name", Text, primary_key=True),
        Column("node", Text, primary_key=True),
        Column("value", BigInteger, nullable=False),
    )
    return node_counters, node_call_counts, hour_counts


def limit_tables(metadata: MetaData) -> tuple[Table, Table, Table, Table]:
    """Return the tables `usage`, `rates`, `limit_notices` and `node_counts`, as parts of a schema."""
    usage = Table(
        "usage",
        metadata,
        # What has a limit, such as a1 or n33199001234, and a day of UTC, in days since 1970-01-01.
        Column("name", Text, primary_key=True),
        Column("day", Integer, primary_key=True, autoincrement=False),
        # See `renvoi.domain.calls.usage`.
        Column("ms", BigInteger, nullable=False),
        Column("running", BigInteger, nullable=False),
        Column("spend", BigInteger, nullable=False),
        Column("price", BigInteger, nullable=False),
        Index("ix_usage_day", "day"),
        sqlite_with_rowid=False,
    )
    rates = Table(
        "rates",
        metadata,
        Column("prefix", Text, primary_key=True),
        # Of a minute, in millionths of the currency, which is the same in all rows.
        Column("price", BigInteger, nullable=False),
        Column("currency", Text, nullable=False),
    )
    limit_notices = Table(
        "limit_notices",
        metadata,
        Column("account_id", BigInteger, primary_key=True, autoincrement=False),
        Column("day", Integer, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        # When the account is to be notified; NULL: it need not be, any more.
        Column("due_at_ms", BigInteger),
        Index(
            "ix_limit_notices_due",
            "due_at_ms",
            sqlite_where=text("due_at_ms IS NOT NULL"),
            postgresql_where=text("due_at_ms IS NOT NULL"),
        ),
    )
    node_counts = Table(
        "node_counts",
        metadata,
        Column("node", Text, primary_key=True),
        Column("beat", BigInteger, nullable=False),
        # JSON: how many by name.
        Column("counts", Text, nullable=False),
    )
    return usage, rates, limit_notices, node_counts
