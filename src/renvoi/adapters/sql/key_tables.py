"""Keys besides `api_keys` in the schema: operators', uses, changes, and answers to requests with `Idempotency-Key`."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)


def more_of_keys() -> "tuple[Column[Any], ...]":
    """Return the columns that keys of either kind have had since schema 0006."""
    return (
        # Digits, with a space between two; NULL: the key is limited to none.
        Column("numbers", Text),
        Column("previous_hash", LargeBinary),
        Column("previous_until_ms", BigInteger),
        Column("revision", BigInteger, nullable=False, server_default="0"),
        Column("made_by", Text),
    )


def revoked_index(table: str) -> Index:
    """Return the index by which revoked keys are found when their time has come."""
    revoked = text("revoked_at_ms IS NOT NULL")
    name = f"ix_{table}_revoked_at_ms"
    return Index(name, "revoked_at_ms", sqlite_where=revoked, postgresql_where=revoked)


def key_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    """Return the tables `operator_keys`, `key_uses` and `key_changes`, as parts of a schema."""
    operator_keys = Table(
        "operator_keys",
        metadata,
        # Apart from `api_keys`, whose rows older programs take for those of accounts.
        Column("id", Text, primary_key=True),
        Column("hash", LargeBinary, nullable=False),
        Column("label", Text, nullable=False),
        Column("scopes", Text, nullable=False),
        Column("created_at_ms", BigInteger, nullable=False),
        Column("expires_at_ms", BigInteger),
        Column("revoked_at_ms", BigInteger),
        *more_of_keys(),
        Index("ix_operator_keys_created_at_ms", "created_at_ms", "id"),
        revoked_index("operator_keys"),
    )
    key_uses = Table(
        "key_uses",
        metadata,
        # No column of the keys: what is written each minute must not lock or move what each request reads.
        Column("key_id", Text, primary_key=True),
        Column("at_ms", BigInteger, nullable=False),
    )
    key_changes = Table(
        "key_changes",
        metadata,
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("at_ms", BigInteger, nullable=False),
        Column("changed_key", Text, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("account_id", BigInteger, nullable=False),
        Column("key_id", Text),
        Column("source", Text, nullable=False),
        # Documents, see `adapters.sql.keys`; `before` is empty for a key that was made.
        Column("before", Text, nullable=False),
        Column("after", Text, nullable=False),
        Index("ix_key_changes_changed_key", "changed_key", "revision"),
    )
    return operator_keys, key_uses, key_changes


def answer_table(metadata: MetaData) -> Table:
    """Return the table `api_answers`, of what requests with an `Idempotency-Key` were answered."""
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
