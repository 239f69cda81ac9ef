"""The part of the schema that `/v2` needs: the answers that were given to requests with an `Idempotency-Key`."""

from sqlalchemy import BigInteger, Boolean, Column, LargeBinary, MetaData, SmallInteger, Table, Text


def api_tables(metadata: MetaData) -> Table:
    """Return the table `api_answers`, as a part of a schema."""
    return Table(
        "api_answers",
        metadata,
        Column("account_id", BigInteger, primary_key=True, autoincrement=False),
        Column("key", Text, primary_key=True),
        Column("request_hash", LargeBinary, nullable=False),
        # Which request is or was the first one, and until when it may be under way.
        Column("owner", Text, nullable=False),
        Column("until_ms", BigInteger, nullable=False),
        # 0 while it is under way.
        Column("status", SmallInteger, nullable=False),
        # JSON: pairs of names and values.
        Column("headers", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("sealed", Boolean, nullable=False),
        Column("at_ms", BigInteger, nullable=False, index=True),
    )
