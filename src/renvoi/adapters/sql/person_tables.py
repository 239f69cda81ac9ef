"""The part of the schema that people need who sign in: they, their sessions, tokens that work once, and attempts."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, text


def person_tables(metadata: MetaData) -> tuple[Table, Table, Table, Table]:
    """Return the tables `users`, `sessions`, `user_tokens` and `sign_in_attempts`, as parts of a schema."""
    users = Table(
        "users",
        metadata,
        Column("id", Text, primary_key=True),
        # 0: an operator, so it refers to nothing.
        Column("account_id", BigInteger, nullable=False),
        Column("email", Text, nullable=False),
        # What two writings of one address share.
        Column("email_key", Text, nullable=False, unique=True),
        Column("created_at_ms", BigInteger, nullable=False),
        Column("made_by", Text),
        # PHC string of argon2id; NULL: the invitation was not accepted.
        Column("password", Text),
        # Separated by spaces, the latest first.
        Column("networks", Text, nullable=False),
        Column("language", Text),
        Column("scheme", Text),
        Column("signed_in_at_ms", BigInteger),
        Index("ix_users_account_id", "account_id", "email_key"),
    )
    sessions = Table(
        "sessions",
        metadata,
        Column("id", Text, primary_key=True),
        Column("hash", LargeBinary, nullable=False),
        # The id of a key or of a person, or `local`.
        Column("holder", Text, nullable=False),
        Column("proof", LargeBinary, nullable=False),
        *(
            Column(name, BigInteger, nullable=False)
            for name in ("created_at_ms", "used_at_ms", "ends_at_ms", "expires_at_ms")
        ),
        Column("source", Text, nullable=False),
        Column("agent", Text, nullable=False),
        Column("acting_for", BigInteger),
        Column("language", Text),
        Column("scheme", Text),
        Index("ix_sessions_holder", "holder", "used_at_ms"),
        Index("ix_sessions_ends_at_ms", "ends_at_ms"),
    )
    user_tokens = Table(
        "user_tokens",
        metadata,
        Column("id", Text, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("holder", Text, nullable=False),
        Column("created_at_ms", BigInteger, nullable=False),
        Column("expires_at_ms", BigInteger, nullable=False),
        # NULL until the mail is made that holds the secret.
        Column("hash", LargeBinary),
        Column("due_at_ms", BigInteger),
        Column("acting_for", BigInteger),
        Index("ix_user_tokens_holder", "holder"),
        Index("ix_user_tokens_expires_at_ms", "expires_at_ms"),
        Index(
            "ix_user_tokens_due",
            "due_at_ms",
            sqlite_where=text("due_at_ms IS NOT NULL"),
            postgresql_where=text("due_at_ms IS NOT NULL"),
        ),
    )
    sign_in_attempts = Table(
        "sign_in_attempts",
        metadata,
        # One of 65,536 names of each kind: see `renvoi.domain.access.sign_in_limits`.
        Column("name", Text, primary_key=True),
        # When the last one counted would be forgotten.
        Column("full_at_ms", BigInteger, nullable=False),
        Index("ix_sign_in_attempts_full_at_ms", "full_at_ms"),
    )
    return users, sessions, user_tokens, sign_in_attempts
