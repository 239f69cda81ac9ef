"""The one schema. A change here needs a migration in `migrations/versions`; a test compares the two.

Phone numbers are stored as the integer of their digits (`E164.digits`): eight bytes, and in SQLite the primary key of
`numbers` is the row's own address, so a look-up is one descent of one tree. A number and its rule are one row, because
every call needs both. Times are milliseconds since 1970-01-01 UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)

from renvoi.adapters.sql.call_tables import call_tables, limit_tables, node_tables
from renvoi.adapters.sql.event_tables import event_tables, webhook_tables
from renvoi.adapters.sql.key_tables import answer_table, key_tables, more_of_keys, revoked_index
from renvoi.adapters.sql.mail_tables import mail_tables
from renvoi.adapters.sql.number_indexes import account_indexes, number_indexes
from renvoi.adapters.sql.person_tables import person_tables
from renvoi.adapters.sql.removal_tables import removal_tables

HEAD = "0007"
"""The revision of the newest migration: the schema that this program works with."""

# Only a column of the exact type INTEGER is SQLite's row address.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("locale", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("time_zone", Text),
    Column("retention_days", SmallInteger, nullable=False, server_default="30"),
    # What its calls may do, as one document: see `renvoi.documents.policy_document`.
    Column("policy_version", SmallInteger),
    Column("policy", Text),
    Column("email", Text),
    # From then on its numbers are nobody's, and its keys end.
    Column("closed_at_ms", BigInteger),
)
account_indexes(accounts)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("account_id", Key, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("hash", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger),
    Column("revoked_at_ms", BigInteger),
    *more_of_keys(),
    Index("ix_api_keys_created_at_ms", "created_at_ms", "id"),
    Index("ix_api_keys_listed", "account_id", "created_at_ms", "id"),
    revoked_index("api_keys"),
    Index(
        "ix_api_keys_live",
        "account_id",
        sqlite_where=text("revoked_at_ms IS NULL"),
        postgresql_where=text("revoked_at_ms IS NULL"),
    ),
)

operator_keys, key_uses, key_changes = key_tables(metadata)

numbers = Table(
    "numbers",
    metadata,
    Column("number", Key, primary_key=True, autoincrement=False),
    Column("account_id", Key, ForeignKey("accounts.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("forwarding_enabled", Boolean, nullable=False),
    Column("rule_type", SmallInteger, nullable=False),
    Column("target", BigInteger),
    Column("email", Text),
    Column("ring_timeout_s", SmallInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("no_answer", Text, nullable=False, server_default="release"),
    Column("busy", Text, nullable=False, server_default="release"),
    Column("fallback_email", Text),
    # The rule once more, as one document: see `renvoi.documents.routing_document`.
    Column("routing_version", SmallInteger),
    Column("routing", Text),
    # When the dates in the rule's document run out, which are looked up when it is made; NULL: it has none.
    Column("renew_at_ms", BigInteger),
    # `seq` and `tx` of its last event.
    Column("event_seq", BigInteger, nullable=False, server_default="0"),
    Column("event_tx", BigInteger, nullable=False, server_default="0"),
    Index("ix_numbers_account_id", "account_id", "number"),
    # Only what a program of this version does not understand: empty as long as there is no newer one.
    Index(
        "ix_numbers_routing_newer",
        "routing_version",
        sqlite_where=text("routing_version > 2"),
        postgresql_where=text("routing_version > 2"),
    ),
    # The same for programs of the schemas 0004 and 0005.
    Index(
        "ix_numbers_routing_version",
        "routing_version",
        sqlite_where=text("routing_version > 1"),
        postgresql_where=text("routing_version > 1"),
    ),
    Index(
        "ix_numbers_renew_at_ms",
        "renew_at_ms",
        "number",
        sqlite_where=text("renew_at_ms IS NOT NULL"),
        postgresql_where=text("renew_at_ms IS NOT NULL"),
    ),
)

number_indexes(numbers)

policy_changes = Table(
    "policy_changes",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("key_id", Text),
    Column("source", Text, nullable=False),
    # Documents, as in `accounts.policy`.
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    # Random: a program that was stopped for long must not take a later import for its own.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("account_id", Key, ForeignKey("accounts.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("alive_until_ms", BigInteger, nullable=False),
)

import_rows = Table(
    "import_rows",
    metadata,
    # One row for a number, whichever import it is of: so a number is reserved by being staged.
    Column("number", Key, primary_key=True, autoincrement=False),
    # No foreign key: the row of `imports` is deleted last, and to look for rows of it would read all of this table.
    Column("import_id", BigInteger, nullable=False),
    Column("line", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("forwarding_enabled", Boolean, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("account_id", BigInteger, nullable=False),
    Column("key_id", Text),
    Column("source", Text, nullable=False),
    Column("before_type", SmallInteger, nullable=False),
    Column("before_param", Text, nullable=False),
    Column("after_type", SmallInteger, nullable=False),
    Column("after_param", Text, nullable=False),
    # JSON, see `mappers.audit_values`; empty for none, as a row with a NULL is 8 bytes longer on PostgreSQL.
    Column("options", Text, nullable=False, server_default=""),
    # A document as in `numbers.routing`; empty in an entry of an older program.
    Column("after_rule", Text, nullable=False, server_default=""),
    # One tree and no index beside it: a change dirties one page less.
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account_id", Key, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("revision", BigInteger),
    Column("at_ms", BigInteger, nullable=False, index=True),
)

trunks = Table(
    "trunks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("direction", Text, nullable=False),
    Column("networks", Text),
    Column("called_from", Text),
    Column("uri", Text),
    Column("priority", SmallInteger),
    Column("number_format", Text),
    Column("diversion_headers", Text),
    Column("caller_id", Text),
    Column("region", Text, nullable=False),
    # What the columns above cannot say (documents/trunk_document.py).
    Column("options_version", SmallInteger),
    Column("options", Text),
)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

calls, call_ladders, call_counts = call_tables(metadata, Key)
usage, rates, limit_notices, node_counts = limit_tables(metadata)
api_answers = answer_table(metadata)
events, event_seqs = event_tables(metadata, Key)
webhooks, webhook_deliveries, webhook_changes = webhook_tables(metadata, Key)
removals, past_changes = removal_tables(metadata, audit)
node_counters, node_call_counts, hour_counts = node_tables(metadata)
users, sessions, user_tokens, sign_in_attempts = person_tables(metadata)

spool_files = Table(
    "spool_files",
    metadata,
    Column("file", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("account_id", Key, ForeignKey("accounts.id"), nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("caller", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("received_at_ms", BigInteger, nullable=False, index=True),
    Column("duration_ms", Integer, nullable=False),
    Column("cut_off", Boolean, nullable=False),
    # Since when its owner has heard it; NULL: not yet.
    Column("heard_at_ms", BigInteger),
    Column("transcript", Text),
    # How loud it is, from its beginning to its end; NULL: not known.
    Column("peaks", LargeBinary),
    Index("ix_messages_number", "number", "received_at_ms"),
    Index("ix_messages_account_id", "account_id", "received_at_ms"),
    Index("ix_messages_caller", "account_id", "caller", "received_at_ms"),
    Index(
        "ix_messages_new",
        "number",
        sqlite_where=text("heard_at_ms IS NULL"),
        postgresql_where=text("heard_at_ms IS NULL"),
    ),
    Index(
        "ix_messages_unheard",
        "account_id",
        "received_at_ms",
        sqlite_where=text("heard_at_ms IS NULL"),
        postgresql_where=text("heard_at_ms IS NULL"),
    ),
)

mails = Table(
    "mails",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id"), primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("queued_at_ms", BigInteger, nullable=False),
    Column("due_at_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("ended_at_ms", BigInteger),
    # Which node is sending it, and until when no other one may.
    Column("lease_owner", Text),
    Column("leased_until_ms", BigInteger),
    Column("scheduled_at_ms", BigInteger),
    # When the operator is to be notified that it failed; NULL: it did not, or the operator was notified.
    Column("report_at_ms", BigInteger),
    # Only mails on their way: small whatever the table's size.
    Index(
        "ix_mails_pending",
        "due_at_ms",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_mails_failed",
        "ended_at_ms",
        "message_id",
        sqlite_where=text("state = 'failed'"),
        postgresql_where=text("state = 'failed'"),
    ),
    Index(
        "ix_mails_unreported",
        "report_at_ms",
        sqlite_where=text("report_at_ms IS NOT NULL"),
        postgresql_where=text("report_at_ms IS NOT NULL"),
    ),
)

further_mails, missed_call_mails = mail_tables(metadata)

message_audio = Table(
    "message_audio",
    metadata,
    Column("message_id", Text, ForeignKey("messages.id"), primary_key=True),
    Column("audio", LargeBinary, nullable=False),
)

store_info = Table(
    "store_info",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

shared_keys = Table(
    "shared_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
)

secrets = Table(
    "secrets",
    metadata,
    # What it belongs to, such as trunk/carrier/outbound.
    Column("name", Text, primary_key=True),
    # By a key that is not in the database.
    Column("sealed", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    # What one node at a time does, which one that is, and until when no other one may.
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

greetings = Table(
    "greetings",
    metadata,
    Column("number", Key, ForeignKey("numbers.number"), primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("spoken", Boolean, nullable=False),
    Column("audio", LargeBinary),
)
