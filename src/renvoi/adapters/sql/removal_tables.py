"""The part of the schema that removals need: what was taken away, how far that is, and changes of former owners."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text, false, text


def removal_tables(metadata: MetaData, audit: Table) -> tuple[Table, Table]:
    """Return the tables `removals` and `past_changes`, as parts of a schema."""
    removals = Table(
        "removals",
        metadata,
        # Random, as those of imports.
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("kind", Text, nullable=False),
        # Who has lost the number, or is closed; no foreign key, as in the audit trail.
        Column("account_id", BigInteger, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        Column("key_id", Text),
        Column("source", Text, nullable=False),
        # Of a number: which one, the revision of its rule, and to whom it went.
        Column("number", BigInteger),
        Column("revision", BigInteger),
        Column("to_account_id", BigInteger),
        # The closing of an account that it is a part of.
        Column("closing_id", BigInteger),
        Column("keeps_messages", Boolean, nullable=False, server_default=false()),
        Column("keeps_rule", Boolean, nullable=False, server_default=false()),
        Column("numbers", BigInteger, nullable=False, server_default="0"),
        Column("messages", BigInteger, nullable=False, server_default="0"),
        # NULL: it is under way.
        Column("ended_at_ms", BigInteger),
        Index("ix_removals_at_ms", "at_ms"),
        Index("ix_removals_number", "number", "at_ms"),
        Index("ix_removals_account_id", "account_id", "at_ms"),
        # Only those under way: small whatever the table's size.
        Index(
            "ix_removals_open",
            "at_ms",
            sqlite_where=text("ended_at_ms IS NULL"),
            postgresql_where=text("ended_at_ms IS NULL"),
        ),
    )
    past_changes = Table(
        "past_changes",
        metadata,
        Column("removal_id", BigInteger, primary_key=True, autoincrement=False),
        # As in the audit trail, where a number that is added again starts again.
        *(_of_past(column) for column in audit.c),
        Index("ix_past_changes_at_ms", "at_ms"),
    )
    return removals, past_changes


def _of_past(column: Column[Any]) -> Column[Any]:
    return Column(
        column.name,
        column.type,
        primary_key=column.name == "revision",
        autoincrement=False,
        nullable=column.nullable,
        server_default=None if column.server_default is None else "",
    )
