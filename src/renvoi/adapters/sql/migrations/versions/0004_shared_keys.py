"""Keys that nodes share; what the log may not tell of a call; an index of the calls without an end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, an index, and a column that has a default: programs of schema 0002 work on."""
    op.add_column("calls", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "shared_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_keys")),
    )
    op.create_index(
        "ix_calls_unended",
        "calls",
        ["setup_at_ms"],
        unique=False,
        sqlite_where=sa.text("end_at_ms IS NULL"),
        postgresql_where=sa.text("end_at_ms IS NULL"),
    )
