"""A store of an older version keeps what it holds (docs/architecture.md)."""

import asyncio
from pathlib import Path

import sqlalchemy
from alembic import command
from alembic.config import Config

from renvoi.adapters.sql.migrate import MIGRATIONS
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports import DEFAULT_RETENTION_DAYS, Account, Reader
from renvoi.domain.number import E164
from renvoi.domain.rule import Fallback, NumberRecord, Rule, RuleType

NUMBER, TARGET = E164("+33199001234"), E164("+33644630000")


def old_store(path: Path, revision: str, *rows: str) -> None:
    """Make a store as the version with that schema did, with `rows` put in by SQL."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, revision)
        for row in rows:
            connection.execute(sqlalchemy.text(row))
    engine.dispose()


def test_rules_accounts_and_calls_of_0001_are_there_after_the_upgrade(tmp_path: Path) -> None:
    old_store(
        tmp_path / "renvoi.db",
        "0001",
        "INSERT INTO accounts (id, name, locale, region, created_at_ms) VALUES (1, 'acme', 'fr', 'FR', 5)",
        "INSERT INTO numbers (number, account_id, label, active, forwarding_enabled, rule_type, target, ring_timeout_s,"
        " revision, updated_at_ms, created_at_ms) VALUES (33199001234, 1, 'desk', 1, 1, 1, 33644630000, 60, 4, 9, 6)",
        "INSERT INTO calls (call_id, from_tag, cseq, caller, called, decision, setup_at_ms, diversions)"
        " VALUES ('c', 't', 1, '+331', '+332', 'forward', 7, '')",
    )

    def look(reader: Reader) -> None:
        assert list(reader.accounts()) == [Account(1, "acme", "fr", "FR", 5, None, DEFAULT_RETENTION_DAYS)]
        rule = Rule(RuleType.FORWARD, TARGET, revision=4, fallback=Fallback())
        assert reader.number(NUMBER) == NumberRecord(NUMBER, 1, rule, label="desk", updated_at_ms=9)
        assert reader.calls()[0].missed is None
        assert reader.messages() == []

    async def main() -> None:
        store = await open_sqlite(tmp_path / "renvoi.db")
        await store.read(look)
        await store.close()

    asyncio.run(main())
