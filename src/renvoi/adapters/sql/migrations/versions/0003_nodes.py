"""What several nodes on one store need: leases of mails, audio in the store, what is known of the store itself."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that have defaults or may be empty, and tables: programs of schema 0002 work on."""
    op.add_column("calls", sa.Column("last_known", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("mails", sa.Column("lease_owner", sa.Text(), nullable=True))
    op.add_column("mails", sa.Column("leased_until_ms", sa.BigInteger(), nullable=True))
    op.create_table(
        "message_audio",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("audio", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_audio_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_audio")),
    )
    op.create_table(
        "store_info",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_store_info")),
    )
    # The oldest program that may work on a store is a fact of the store: see `adapters.sql.migrate`.
    op.execute("INSERT INTO store_info (key, value) VALUES ('compatible_from', '0002')")
