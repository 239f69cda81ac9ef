"""What the management API needs: rules with more options, and what is kept of a change to undo it.

And removals of numbers, and accounts that are closed.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


LET_READERS_SEE_CLOSED = """
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'numbers'::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
    LOOP
        EXECUTE 'GRANT SELECT (closed_at_ms) ON accounts TO ' || reader;
    END LOOP;
END $$
"""
"""The edge's role was given SELECT on `numbers`, and a look-up now asks whether the number's account is closed too."""


def upgrade() -> None:
    """Add tables, and columns that may be left out: programs of schema 0005 work on."""
    _add_rules()
    _add_answers()
    _add_keys()
    _add_reading()
    _add_events()
    _add_webhooks()
    _add_removals()
    _add_number_indexes()
    _add_mails()


def _add_rules() -> None:
    newer = sa.text("routing_version > 2")
    op.create_index(
        "ix_numbers_routing_newer", "numbers", ["routing_version"], sqlite_where=newer, postgresql_where=newer
    )
    op.add_column("numbers", sa.Column("renew_at_ms", sa.BigInteger()))
    due = sa.text("renew_at_ms IS NOT NULL")
    op.create_index(
        "ix_numbers_renew_at_ms", "numbers", ["renew_at_ms", "number"], sqlite_where=due, postgresql_where=due
    )
    op.add_column("audit", sa.Column("after_rule", sa.Text(), nullable=False, server_default=""))


def _add_answers() -> None:
    op.create_table(
        "api_answers",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.Boolean(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_api_answers")),
    )
    op.create_index("ix_api_answers_at_ms", "api_answers", ["at_ms"])


def _more_of_keys() -> "tuple[sa.Column[Any], ...]":
    return (
        sa.Column("numbers", sa.Text()),
        sa.Column("previous_hash", sa.LargeBinary()),
        sa.Column("previous_until_ms", sa.BigInteger()),
        sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("made_by", sa.Text()),
    )


def _add_keys() -> None:
    for column in _more_of_keys():
        op.add_column("api_keys", column)
    op.create_index("ix_api_keys_created_at_ms", "api_keys", ["created_at_ms", "id"])
    op.create_index("ix_api_keys_listed", "api_keys", ["account_id", "created_at_ms", "id"])
    op.create_table(
        "operator_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger()),
        sa.Column("revoked_at_ms", sa.BigInteger()),
        *_more_of_keys(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator_keys")),
    )
    op.create_index("ix_operator_keys_created_at_ms", "operator_keys", ["created_at_ms", "id"])
    live = sa.text("revoked_at_ms IS NULL")
    op.create_index("ix_api_keys_live", "api_keys", ["account_id"], sqlite_where=live, postgresql_where=live)
    revoked = sa.text("revoked_at_ms IS NOT NULL")
    for table in ("api_keys", "operator_keys"):
        name = f"ix_{table}_revoked_at_ms"
        op.create_index(name, table, ["revoked_at_ms"], sqlite_where=revoked, postgresql_where=revoked)
    op.create_table(
        "key_uses",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_uses")),
    )
    op.create_table(
        "key_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_key", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_changes")),
    )
    op.create_index("ix_key_changes_changed_key", "key_changes", ["changed_key", "revision"])


def _add_reading() -> None:
    """Add whose call it is, whether a message was heard and what it says, and indexes for lists of both."""
    op.add_column("calls", sa.Column("account_id", sa.BigInteger()))
    op.create_index("ix_calls_account_id", "calls", ["account_id", "setup_at_ms", "id"])
    op.create_index("ix_calls_caller", "calls", ["account_id", "caller", "setup_at_ms", "id"])
    unassigned = sa.text("account_id IS NULL AND number IS NOT NULL")
    op.create_index("ix_calls_unassigned", "calls", ["id"], sqlite_where=unassigned, postgresql_where=unassigned)
    op.add_column("messages", sa.Column("heard_at_ms", sa.BigInteger()))
    op.add_column("messages", sa.Column("transcript", sa.Text()))
    op.create_index("ix_messages_caller", "messages", ["account_id", "caller", "received_at_ms"])
    unheard = sa.text("heard_at_ms IS NULL")
    op.create_index(
        "ix_messages_unheard",
        "messages",
        ["account_id", "received_at_ms"],
        sqlite_where=unheard,
        postgresql_where=unheard,
    )


def _add_webhooks() -> None:
    """Add endpoints of webhooks, and deliveries to them."""
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("url", "types", "numbers", "description")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at_ms", "updated_at_ms")),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ("failing_since_ms", "disabled_at_ms")),
        sa.Column("disabled_reason", sa.Text()),
        sa.Column("previous_until_ms", sa.BigInteger()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("cursor_tx", "cursor")),
        sa.Column("notice_due_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_index("ix_webhooks_account_id", "webhooks", ["account_id", "id"])
    due = sa.text("notice_due_at_ms IS NOT NULL")
    op.create_index("ix_webhooks_notice", "webhooks", ["notice_due_at_ms"], sqlite_where=due, postgresql_where=due)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", KEY, nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("lane", sa.BigInteger()),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at_ms", "due_at_ms")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ("attempted_at_ms", "ended_at_ms")),
        sa.Column("duration_ms", sa.Integer()),
        sa.Column("status", sa.SmallInteger()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("note", "answer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index("ix_webhook_deliveries_webhook_id", "webhook_deliveries", ["webhook_id", "id"])
    for name, columns, where in (
        ("due", ["webhook_id", "due_at_ms"], "state = 'pending'"),
        ("unended", ["webhook_id", "lane", "id"], "state IN ('pending', 'waiting')"),
    ):
        some = sa.text(where)
        op.create_index(
            f"ix_webhook_deliveries_{name}", "webhook_deliveries", columns, sqlite_where=some, postgresql_where=some
        )


def _add_events() -> None:
    """Add the log of events, and how far those of each number are counted."""
    for name in ("event_seq", "event_tx"):
        op.add_column("numbers", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "events",
        sa.Column("position", KEY, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("tx", "account_id")),
        sa.Column("number", sa.BigInteger()),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_events")),
    )
    op.create_index("ix_events_account_id", "events", ["account_id", "tx", "position"])
    op.create_table(
        "event_seqs",
        *(sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False) for name in ("account_id", "number")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("seq", "tx")),
        sa.PrimaryKeyConstraint("account_id", "number", name=op.f("pk_event_seqs")),
    )


def _add_removals() -> None:
    op.add_column("accounts", sa.Column("closed_at_ms", sa.BigInteger()))
    op.create_table(
        "removals",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger()) for name in ("number", "revision", "to_account_id", "closing_id")),
        *(
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            for name in ("keeps_messages", "keeps_rule")
        ),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in ("numbers", "messages")),
        sa.Column("ended_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
    )
    op.create_index("ix_removals_at_ms", "removals", ["at_ms"])
    op.create_index("ix_removals_number", "removals", ["number", "at_ms"])
    op.create_index("ix_removals_account_id", "removals", ["account_id", "at_ms"])
    under_way = sa.text("ended_at_ms IS NULL")
    op.create_index("ix_removals_open", "removals", ["at_ms"], sqlite_where=under_way, postgresql_where=under_way)
    op.create_table(
        "past_changes",
        sa.Column("removal_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("before_type", sa.SmallInteger(), nullable=False),
        sa.Column("before_param", sa.Text(), nullable=False),
        sa.Column("after_type", sa.SmallInteger(), nullable=False),
        sa.Column("after_param", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("options", "after_rule")),
        sa.PrimaryKeyConstraint("removal_id", "revision", name=op.f("pk_past_changes")),
    )
    op.create_index("ix_past_changes_at_ms", "past_changes", ["at_ms"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LET_READERS_SEE_CLOSED)


def _add_number_indexes() -> None:
    op.create_index("ix_numbers_kind", "numbers", ["account_id", "rule_type", "active", "number"])
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    label = 'lower(label COLLATE "C")' if is_postgresql else "lower(label)"
    op.execute(f"CREATE INDEX ix_numbers_label ON numbers (account_id, {label}, number)")


def _delivery() -> "tuple[sa.Column[Any], ...]":
    return (
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("queued_at_ms", "due_at_ms")),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger()),
        sa.Column("lease_owner", sa.Text()),
        *(sa.Column(name, sa.BigInteger()) for name in ("leased_until_ms", "scheduled_at_ms")),
    )


def _add_mails() -> None:
    """Add mails to further recipients of messages, and of calls that were missed."""
    op.create_table(
        "further_mails",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("message_id", "recipient")),
        *_delivery(),
        sa.Column("report_at_ms", sa.BigInteger()),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "place", name=op.f("pk_further_mails")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_further_mails_message_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "missed_call_mails",
        sa.Column("id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("account_id", "number")),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("called_at_ms", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("why", "recipient")),
        *_delivery(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_call_mails")),
    )
    op.create_index("ix_missed_call_mails_caller", "missed_call_mails", ["number", "caller", "called_at_ms"])
    op.create_index("ix_missed_call_mails_queued_at_ms", "missed_call_mails", ["queued_at_ms"])
    pending, unreported = sa.text("state = 'pending'"), sa.text("report_at_ms IS NOT NULL")
    for table in ("further_mails", "missed_call_mails"):
        name = f"ix_{table}_pending"
        op.create_index(name, table, ["due_at_ms"], sqlite_where=pending, postgresql_where=pending)
    op.create_index(
        "ix_further_mails_unreported",
        "further_mails",
        ["report_at_ms"],
        sqlite_where=unreported,
        postgresql_where=unreported,
    )
