"""What the dashboard needs: people who sign in, their sessions, the picture of a message's sound; counts by node.

And who changed which webhook.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables, and columns that may be left out: programs of schema 0006 work on."""
    _add_people()
    _add_sessions()
    op.add_column("messages", sa.Column("peaks", sa.LargeBinary()))
    unheard, failed = sa.text("heard_at_ms IS NULL"), sa.text("state = 'failed'")
    op.create_index("ix_messages_new", "messages", ["number"], sqlite_where=unheard, postgresql_where=unheard)
    for table, columns in (("mails", ["message_id"]), ("further_mails", ["message_id", "place"])):
        found_by = ["ended_at_ms", *columns]
        op.create_index(f"ix_{table}_failed", table, found_by, sqlite_where=failed, postgresql_where=failed)
    _add_counts()
    _add_account_indexes()
    _add_webhook_changes()


def _add_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("made_by", "password")),
        sa.Column("networks", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("language", "scheme")),
        sa.Column("signed_in_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
    )
    op.create_index("ix_users_account_id", "users", ["account_id", "email_key"])
    op.create_table(
        "user_tokens",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "kind", "holder")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("created_at_ms", "expires_at_ms")),
        sa.Column("hash", sa.LargeBinary()),
        *(sa.Column(name, sa.BigInteger()) for name in ("due_at_ms", "acting_for")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_tokens")),
    )
    op.create_index("ix_user_tokens_holder", "user_tokens", ["holder"])
    op.create_index("ix_user_tokens_expires_at_ms", "user_tokens", ["expires_at_ms"])
    due = sa.text("due_at_ms IS NOT NULL")
    op.create_index("ix_user_tokens_due", "user_tokens", ["due_at_ms"], sqlite_where=due, postgresql_where=due)


def _add_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("created_at_ms", "used_at_ms", "ends_at_ms", "expires_at_ms")
        ),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "agent")),
        sa.Column("acting_for", sa.BigInteger()),
        *(sa.Column(name, sa.Text()) for name in ("language", "scheme")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_holder", "sessions", ["holder", "used_at_ms"])
    op.create_index("ix_sessions_ends_at_ms", "sessions", ["ends_at_ms"])
    op.create_table(
        "sign_in_attempts",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_attempts")),
    )
    op.create_index("ix_sign_in_attempts_full_at_ms", "sign_in_attempts", ["full_at_ms"])


def _add_counts() -> None:
    """Add what each node counts in rows of its own."""
    op.create_table(
        "node_counters",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "node")),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", "node", name=op.f("pk_node_counters")),
    )
    op.create_table(
        "node_call_counts",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("decision", "status", "node", name=op.f("pk_node_call_counts")),
    )
    op.create_table(
        "hour_counts",
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "node")),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "name", "node", name=op.f("pk_hour_counts")),
    )


def _add_account_indexes() -> None:
    """Have accounts found by how their names begin, and those that are open or closed however few they are."""
    name = 'lower(name COLLATE "C")' if op.get_bind().dialect.name == "postgresql" else "lower(name)"
    op.execute(f"CREATE INDEX ix_accounts_name_key ON accounts ({name}, id)")
    for state, where in (("open", "IS NULL"), ("closed", "IS NOT NULL")):
        op.execute(f"CREATE INDEX ix_accounts_{state} ON accounts (id) WHERE closed_at_ms {where}")


def _add_webhook_changes() -> None:
    op.create_table(
        "webhook_changes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text()),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "before", "after")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_changes")),
    )
    for column in ("webhook_id", "account_id"):
        op.create_index(f"ix_webhook_changes_{column}", "webhook_changes", [column, "id"])
