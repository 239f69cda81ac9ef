"""The part of the schema that events and webhooks need."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.types import TypeEngine


def event_tables(metadata: MetaData, key: TypeEngine[int]) -> tuple[Table, Table]:
    """Return the tables `events` and `event_seqs`, as parts of a schema; `key` is the type of a row's address."""
    events = Table(
        "events",
        metadata,
        Column("position", key, primary_key=True),
        # The number of the transaction that added it, or a later one: see `events.py`. 0 on SQLite.
        Column("tx", BigInteger, nullable=False),
        # 0: the node.
        Column("account_id", BigInteger, nullable=False),
        Column("number", BigInteger),
        Column("seq", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("at_ms", BigInteger, nullable=False),
        # JSON.
        Column("data", Text, nullable=False),
        Index("ix_events_account_id", "account_id", "tx", "position"),
    )
    # The last `seq` of what is not a number of the account (any more); of a number it is in `numbers.event_seq`.
    event_seqs = Table(
        "event_seqs",
        metadata,
        Column("account_id", BigInteger, primary_key=True, autoincrement=False),
        # 0: events without a number.
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("seq", BigInteger, nullable=False),
        # `tx` of that event.
        Column("tx", BigInteger, nullable=False),
    )
    return events, event_seqs


UNENDED = "state IN ('pending', 'waiting')"


def webhook_tables(metadata: MetaData, key: TypeEngine[int]) -> tuple[Table, Table, Table]:
    """Return `webhooks`, `webhook_deliveries` and `webhook_changes`; `key` is the type of a row's address."""
    webhooks = Table(
        "webhooks",
        metadata,
        Column("id", Text, primary_key=True),
        # 0: the node.
        Column("account_id", BigInteger, nullable=False),
        Column("url", Text, nullable=False),
        # Names, with a space between two; numbers as digits.
        Column("types", Text, nullable=False),
        Column("numbers", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("created_at_ms", BigInteger, nullable=False),
        Column("updated_at_ms", BigInteger, nullable=False),
        Column("enabled", Boolean, nullable=False),
        Column("revision", BigInteger, nullable=False),
        Column("failing_since_ms", BigInteger),
        Column("disabled_at_ms", BigInteger),
        Column("disabled_reason", Text),
        Column("previous_until_ms", BigInteger),
        # The last event of the account's log that was looked at: `tx` and `position` of `events`.
        Column("cursor_tx", BigInteger, nullable=False),
        Column("cursor", BigInteger, nullable=False),
        # When the account is to be notified that it was disabled; NULL: it need not be, any more.
        Column("notice_due_at_ms", BigInteger),
        Index("ix_webhooks_account_id", "account_id", "id"),
        Index(
            "ix_webhooks_notice",
            "notice_due_at_ms",
            sqlite_where=text("notice_due_at_ms IS NOT NULL"),
            postgresql_where=text("notice_due_at_ms IS NOT NULL"),
        ),
    )
    deliveries = Table(
        "webhook_deliveries",
        metadata,
        Column("id", key, primary_key=True),
        # No foreign key: an endpoint goes at once, its deliveries piece by piece.
        Column("webhook_id", Text, nullable=False),
        # Of `events`.
        Column("position", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        # The number, 0: none; of each only one is pending. NULL: it waits for no other.
        Column("lane", BigInteger),
        Column("created_at_ms", BigInteger, nullable=False),
        Column("due_at_ms", BigInteger, nullable=False),
        Column("state", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("attempted_at_ms", BigInteger),
        Column("ended_at_ms", BigInteger),
        Column("duration_ms", Integer),
        Column("status", SmallInteger),
        Column("note", Text, nullable=False),
        Column("answer", Text, nullable=False),
        Index("ix_webhook_deliveries_webhook_id", "webhook_id", "id"),
        # Only those on their way: small whatever the table's size.
        Index(
            "ix_webhook_deliveries_due",
            "webhook_id",
            "due_at_ms",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_webhook_deliveries_unended",
            "webhook_id",
            "lane",
            "id",
            sqlite_where=text(UNENDED),
            postgresql_where=text(UNENDED),
        ),
    )
    changes = Table(
        "webhook_changes",
        metadata,
        Column("id", key, primary_key=True),
        Column("at_ms", BigInteger, nullable=False),
        Column("webhook_id", Text, nullable=False),
        Column("account_id", BigInteger, nullable=False),
        Column("key_id", Text),
        Column("source", Text, nullable=False),
        # Documents, see `adapters.sql.webhook_changes`; empty before it was made, and after it was removed.
        Column("before", Text, nullable=False),
        Column("after", Text, nullable=False),
        Index("ix_webhook_changes_webhook_id", "webhook_id", "id"),
        Index("ix_webhook_changes_account_id", "account_id", "id"),
    )
    return webhooks, deliveries, changes
