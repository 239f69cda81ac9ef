"""What trunks, identity and limits need: secrets, leases, how each call went, what calls use up by the day and cost.

And what a call's signed identity has proven, which limits accounts are notified of, and at which address. Accounts get
the countries that their rules use.
"""

import json
import re
import time

import sqlalchemy as sa
from alembic import op

from renvoi.domain.numbers.destination_policy import DEFAULT, GLOBAL, MAX_PREFIXES, Refusal, refusal
from renvoi.domain.numbers.number import E164

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LET_READERS_SEE_USAGE = """
DO $$
DECLARE reader text;
BEGIN
    FOR reader IN
        SELECT DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END
        FROM pg_class, aclexplode(relacl)
        WHERE oid = 'numbers'::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
    LOOP
        EXECUTE 'GRANT SELECT ON usage TO ' || reader;
    END LOOP;
END $$
"""
"""The edge's role was given SELECT on `numbers`, and a call now needs what its account has used up too."""
TARGETS = """
SELECT account_id, region, part, min(target), max(target) FROM (
    SELECT account_id, region, target, length(digits) AS digit_count, substr(digits, 1,
        CASE WHEN substr(digits, 1, 3) IN ('212', '262', '290', '358', '590', '599') THEN 9 ELSE 7 END) AS part
    FROM (
        SELECT account_id, region, target, CAST(target AS TEXT) AS digits
        FROM numbers JOIN accounts ON accounts.id = account_id
        WHERE rule_type = 1 AND target IS NOT NULL AND policy IS NULL
    ) AS written
) AS parted
GROUP BY account_id, region, part, digit_count
"""
"""Two targets of each range that belongs to one country: the country codes that regions share are split further on."""
_DIGITS = re.compile("[1-9][0-9]*")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add tables, and columns that may be left out: programs of schema 0002 work on."""
    # Read before anything is altered: on PostgreSQL calls cannot be looked up from then on to the end.
    policies = _policies_for_rules()
    op.add_column("calls", sa.Column("identity", sa.Text()))
    op.add_column("calls", sa.Column("fallback", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("calls", sa.Column("used", sa.Text()))
    op.add_column("calls", sa.Column("price", sa.BigInteger()))
    op.add_column("calls", sa.Column("unheard", sa.Text()))
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
    _add_usage()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(LET_READERS_SEE_USAGE)
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
    rows = [
        {"key": account_id, "after": document, "version": 2 if '"used"' in document else 1}
        for account_id, document in sorted(documents.items())
    ]
    bind.execute(sa.text("UPDATE accounts SET policy_version = :version, policy = :after WHERE id = :key"), rows)
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
