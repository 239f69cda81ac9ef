"""The part of the schema that mails need besides `mails`: further recipients of messages, and missed calls."""

from collections.abc import Iterator

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text


def _delivery() -> Iterator[Column[object]]:
    """Yield the columns that say how far a mail has come, as `mails` has them."""
    for name in ("queued_at_ms", "due_at_ms"):
        yield Column(name, BigInteger, nullable=False)
    yield Column("state", Text, nullable=False)
    yield Column("attempts", Integer, nullable=False)
    yield Column("note", Text, nullable=False)
    yield Column("ended_at_ms", BigInteger)
    yield Column("lease_owner", Text)
    yield Column("leased_until_ms", BigInteger)
    yield Column("scheduled_at_ms", BigInteger)


def _some(name: str, columns: str, where: str) -> Index:
    return Index(name, *columns.split(), sqlite_where=text(where), postgresql_where=text(where))


def mail_tables(metadata: MetaData) -> tuple[Table, Table]:
    """Return the tables `further_mails` and `missed_call_mails`, as parts of a schema."""
    further_mails = Table(
        "further_mails",
        metadata,
        # Programs of schema 0005 delete messages without knowing of this table.
        Column("message_id", Text, ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
        Column("recipient", Text, nullable=False),
        *_delivery(),
        Column("report_at_ms", BigInteger),
        # That of the recipient among those of the message; 0, the first one, is in `mails`.
        Column("place", Integer, primary_key=True, autoincrement=False),
        _some("ix_further_mails_pending", "due_at_ms", "state = 'pending'"),
        _some("ix_further_mails_failed", "ended_at_ms message_id place", "state = 'failed'"),
        _some("ix_further_mails_unreported", "report_at_ms", "report_at_ms IS NOT NULL"),
    )
    missed_call_mails = Table(
        "missed_call_mails",
        metadata,
        Column("id", Text, primary_key=True),
        Column("account_id", BigInteger, nullable=False),
        Column("number", BigInteger, nullable=False),
        # Empty for one who does not want to be known.
        Column("caller", Text, nullable=False),
        Column("called_at_ms", BigInteger, nullable=False),
        Column("why", Text, nullable=False),
        Column("recipient", Text, nullable=False),
        *_delivery(),
        Index("ix_missed_call_mails_caller", "number", "caller", "called_at_ms"),
        Index("ix_missed_call_mails_queued_at_ms", "queued_at_ms"),
        _some("ix_missed_call_mails_pending", "due_at_ms", "state = 'pending'"),
    )
    return further_mails, missed_call_mails
