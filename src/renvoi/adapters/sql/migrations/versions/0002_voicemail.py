"""Messages, their mails, greetings, and what a rule does with calls that are not taken."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns with defaults, which rewrites no row, and new tables."""
    op.add_column("accounts", sa.Column("time_zone", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("retention_days", sa.SmallInteger(), nullable=False, server_default="30"))
    op.add_column("numbers", sa.Column("no_answer", sa.Text(), nullable=False, server_default="release"))
    op.add_column("numbers", sa.Column("busy", sa.Text(), nullable=False, server_default="release"))
    op.add_column("numbers", sa.Column("fallback_email", sa.Text(), nullable=True))
    op.add_column("calls", sa.Column("missed", sa.Boolean(), nullable=True))
    _add_messages()
    _add_mails()
    op.create_table(
        "greetings",
        sa.Column("number", _KEY, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("spoken", sa.Boolean(), nullable=False),
        sa.Column("audio", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["number"], ["numbers.number"], name=op.f("fk_greetings_number")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_greetings")),
    )


def _add_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("account_id", _KEY, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("cut_off", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_messages_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    op.create_index(op.f("ix_messages_received_at_ms"), "messages", ["received_at_ms"])
    op.create_index("ix_messages_number", "messages", ["number", "received_at_ms"])
    op.create_index("ix_messages_account_id", "messages", ["account_id", "received_at_ms"])


def _add_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("queued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_mails_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_mails")),
    )
    pending = sa.text("state = 'pending'")
    op.create_index("ix_mails_pending", "mails", ["due_at_ms"], sqlite_where=pending, postgresql_where=pending)
