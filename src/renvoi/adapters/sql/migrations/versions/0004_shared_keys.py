"""Keys that nodes share; what the log must not contain about a call; an index of calls without an end; staged imports.

And when a mail was scheduled, whether the operator is to be told that it failed, and which options of a rule changed.
A rule as one document, and the policy of an account.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LET_READERS_SEE_POLICIES = """
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'numbers'::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
    LOOP
        EXECUTE 'GRANT SELECT (id, region, policy_version, policy) ON accounts TO ' || reader;
    END LOOP;
END $$
"""
"""The edge's role was given SELECT on `numbers`, and a look-up now reads the policy of the number's account too."""
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
    _add_documents()


def _add_documents() -> None:
    # No row is touched: as long as a rule has no document its columns count.
    op.add_column("numbers", sa.Column("routing_version", sa.SmallInteger()))
    op.add_column("numbers", sa.Column("routing", sa.Text()))
    op.add_column("accounts", sa.Column("policy_version", sa.SmallInteger()))
    op.add_column("accounts", sa.Column("policy", sa.Text()))
    op.add_column("trunks", sa.Column("options_version", sa.SmallInteger()))
    op.add_column("trunks", sa.Column("options", sa.Text()))
    op.create_table(
        "policy_changes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_changes")),
    )
    newer = sa.text("routing_version > 1")
    op.create_index(
        "ix_numbers_routing_version", "numbers", ["routing_version"], sqlite_where=newer, postgresql_where=newer
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LET_READERS_SEE_POLICIES)
