"""The part of the schema that limits need: what calls use up and cost, who is told, and what nodes count."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text


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
        # When the account is to be told; NULL: it need not be, any more.
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
