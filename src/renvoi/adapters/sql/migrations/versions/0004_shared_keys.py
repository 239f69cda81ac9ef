"""Keys that nodes share; what the log must not contain about a call; an index of calls without an end; staged imports.

And when a mail was scheduled, whether the operator is to be told that it failed, and which options of a rule changed.
A rule as one document, and the policy of an account. What the signed identity of a call has proven. Passwords that we
have at others, sealed. What calls use up by the day, what they
cost, and what accounts are told of limits, at which address.
"""

import json
import re
import time

import sqlalchemy as sa
from alembic import op

from renvoi.domain.numbers.destination_policy import DEFAULT, GLOBAL, MAX_PREFIXES, Refusal, refusal
from renvoi.domain.numbers.number import E164

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LET_READERS_SEE_MORE = """
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'numbers'::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
    LOOP
        EXECUTE 'GRANT SELECT (id, region, policy_version, policy) ON accounts TO ' || reader;
        EXECUTE 'GRANT SELECT ON usage TO ' || reader;
    END LOOP;
END $$
"""
"""The edge's role was given SELECT on `numbers`, and a call now needs the policy and the usage of the account too."""
TARGETS = """
SELECT account_id, region, part, min(target), max(target) FROM (
    SELECT account_id, region, target, length(digits) AS digit_count, substr(digits, 1,
        CASE WHEN substr(digits, 1, 3) IN ('212', '262', '290', '358', '590', '599') THEN 9 ELSE 7 END) AS part
    FROM (
        SELECT account_id, region, target, CAST(target AS TEXT) AS digits
        FROM numbers JOIN accounts ON accounts.id = account_id
        WHERE rule_type = 1 AND target IS NOT NULL
    ) AS written
) AS parted
GROUP BY account_id, region, part, digit_count
"""
"""Two targets of each range that belongs to one country: the country codes that regions share are split further on."""
_DIGITS = re.compile("[1-9][0-9]*")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables, an index, and columns that may be left out: programs of schema 0002 work on."""
    # Read before anything is altered: on PostgreSQL calls cannot be looked up from then on to the end.
    policies = _policies_for_rules()
    op.add_column("calls", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("identity", sa.Text()))
    op.add_column("calls", sa.Column("fallback", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("used", sa.Text()))
    op.add_column("calls", sa.Column("price", sa.BigInteger()))
    op.add_column("calls", sa.Column("unheard", sa.Text()))
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
    op.create_table(
        "call_ladders",
        sa.Column("id", KEY, autoincrement=False, nullable=False),
        sa.Column("setup_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("ladder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_ladders")),
    )
    op.create_index("ix_call_ladders_setup_at_ms", "call_ladders", ["setup_at_ms"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    _add_documents()
    _add_usage()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LET_READERS_SEE_MORE)
    _put_policies(policies)


def _policies_for_rules() -> dict[int, str]:
    """Return the documents of the policies without which calls that work would be refused, by accounts' ids."""
    countries: dict[int, set[str]] = {}
    prefixes: dict[int, set[str]] = {}
    regions: dict[int, str] = {}
    for account_id, region, part, *targets in op.get_bind().execute(sa.text(TARGETS)):
        if not _DIGITS.fullmatch(part):
            continue  # SQLite keeps anything in a column of numbers; no call goes there.
        regions[account_id] = region
        for target in targets:
            refused = refusal(E164.from_digits(target), DEFAULT, region)
            if refused is None:
                continue
            if refused.why is Refusal.COUNTRY and refused.what != GLOBAL:
                countries.setdefault(account_id, set()).add(refused.what)
            else:
                # A free number of no country; else a number that was a destination when its rule was written.
                prefixes.setdefault(account_id, set()).add(part[:3] if refused.why is Refusal.COUNTRY else part)
    documents = {}
    for account_id in countries.keys() | prefixes.keys():
        policy: dict[str, list[str]] = {}
        used: dict[str, int] = {}
        if found := countries.get(account_id):
            policy["countries"] = sorted({regions[account_id], *found})
            # Rules have named them: they are nothing new.
            used = dict.fromkeys(sorted(found), 0)
        if parts := prefixes.get(account_id):
            policy["allowed_prefixes"] = sorted(parts, key=lambda part: (len(part), part))[:MAX_PREFIXES]
        documents[account_id] = json.dumps({"destinations": policy} | ({"used": used} if used else {}))
    return documents


def _put_policies(documents: dict[int, str]) -> None:
    if not documents:
        return
    bind = op.get_bind()
    rows = [{"key": account_id, "after": document} for account_id, document in sorted(documents.items())]
    bind.execute(sa.text("UPDATE accounts SET policy_version = 1, policy = :after WHERE id = :key"), rows)
    # Who wonders later where a policy comes from finds it in its history.
    at_ms = time.time_ns() // 1_000_000
    changes = (
        "INSERT INTO policy_changes (at_ms, account_id, source, before, after)"
        " VALUES (:at_ms, :key, 'upgrade', :before, :after)"
    )
    bind.execute(sa.text(changes), [{**row, "at_ms": at_ms, "before": "{}"} for row in rows])


def _add_usage() -> None:
    op.create_table(
        "usage",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("ms", "running", "spend", "price")),
        sa.PrimaryKeyConstraint("name", "day", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_usage_day", "usage", ["day"])
    op.create_table(
        "rates",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_rates")),
    )
    op.create_table(
        "node_counts",
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("node", name=op.f("pk_node_counts")),
    )
    op.add_column("accounts", sa.Column("email", sa.Text()))
    op.create_table(
        "limit_notices",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("due_at_ms", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account_id", "day", name=op.f("pk_limit_notices")),
    )
    due = sa.text("due_at_ms IS NOT NULL")
    op.create_index("ix_limit_notices_due", "limit_notices", ["due_at_ms"], sqlite_where=due, postgresql_where=due)


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
