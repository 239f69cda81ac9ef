"""Keys that nodes share; what the log must not contain about a call; an index of calls without an end; staged imports.

And when a mail was scheduled, whether the operator is to be told that it failed, and which options of a rule changed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables, an index, and columns that may be left out: programs of schema 0002 work on."""
    op.add_column("calls", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("audit", sa.Column("options", sa.Text(), nullable=False, server_default=""))
    op.add_column("mails", sa.Column("scheduled_at_ms", sa.BigInteger()))
    op.add_column("mails", sa.Column("report_at_ms", sa.BigInteger()))
    reported = sa.text("report_at_ms IS NOT NULL")
    op.create_index("ix_mails_unreported", "mails", ["report_at_ms"], sqlite_where=reported, postgresql_where=reported)
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
    op.create_table(
        "imports",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("alive_until_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_imports_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_table(
        "import_rows",
        sa.Column("number", KEY, autoincrement=False, nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("forwarding_enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_import_rows")),
    )
