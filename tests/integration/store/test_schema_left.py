"""Commands leave a store's schema as it is: only `renvoi serve` and `renvoi migrate` bring an older one up to date."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy
from typer.testing import CliRunner, Result

from renvoi.adapters.sql.schema import HEAD
from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from tests.integration.store.test_migrations import connected, old_store
from tests.support.postgres import shared_cluster

COMMANDS = [
    ("account", "list"),
    ("account", "set", "acme", "--locale", "fr"),
    ("number", "list"),
    ("trunk", "list"),
    ("calls",),
    ("messages",),
    ("forward", "+33199001234", "--off"),
    ("explain", "+33199001234", "--from", "+33199009876"),
    ("try", "+33199001234"),
]
MAKERS = [("account", "add", "acme"), ("demo",)]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Make a database without tables; return its URL."""
    if request.param == "sqlite":
        (tmp_path / "renvoi.db").touch()
        yield f"sqlite:///{tmp_path}/renvoi.db"
        return
    cluster = shared_cluster()
    name = cluster.create_database()
    yield cluster.url(name)
    cluster.drop_database(name)


def run(url: str, data: Path, *words: str) -> Result:
    """Run a command on the store at this URL."""
    environ = {"RENVOI_DATABASE_URL": url, "RENVOI_DATA_DIR": str(data)}
    return CliRunner().invoke(app, words, obj=Renvoi(environ))


def tables(url: str) -> list[str]:
    """Return what tables there are, and the revision of the schema."""
    with connected(url) as connection:
        found = sorted(sqlalchemy.inspect(connection).get_table_names())
        if "alembic_version" in found:
            found += connection.execute(sqlalchemy.text("SELECT version_num FROM alembic_version")).scalars()
        return found


def test_without_a_schema_commands_say_what_makes_it(url: str, tmp_path: Path) -> None:
    for words in COMMANDS:
        ran = run(url, tmp_path, *words)
        assert (ran.exit_code, ran.stdout) == (1, ""), words
        assert ran.stderr.endswith("no schema yet: `renvoi serve` or `renvoi migrate` makes it\n"), words
        assert "s3cret" not in ran.stderr
    assert tables(url) == []


@pytest.mark.parametrize("revision", ["0001", "0004"])
def test_with_an_older_schema_commands_say_what_brings_it_up_to_date(url: str, revision: str, tmp_path: Path) -> None:
    """Those that make a store too: its nodes may still run, and are upgraded when their operator wants that."""
    old_store(url, revision)
    before = tables(url)
    for words in (*COMMANDS, *MAKERS):
        ran = run(url, tmp_path, *words)
        assert (ran.exit_code, ran.stdout) == (1, ""), words
        assert f"schema {revision}, and this renvoi works on {HEAD}: make a backup" in ran.stderr, words
        assert "`renvoi serve` or `renvoi migrate`" in ran.stderr
    assert tables(url) == before


@pytest.mark.parametrize("words", MAKERS)
def test_a_new_store_is_made_by_what_says_so(url: str, words: tuple[str, ...], tmp_path: Path) -> None:
    assert run(url, tmp_path, *words).exit_code == 0
    assert HEAD in tables(url)
    assert run(url, tmp_path, "account", "list").exit_code == 0


def test_a_migrated_store_is_used(url: str, tmp_path: Path) -> None:
    old_store(url, "0003")
    assert run(url, tmp_path, "migrate").exit_code == 0
    assert run(url, tmp_path, "account", "list").exit_code == 0


def test_a_newer_schema_that_admits_this_program_is_used(url: str, tmp_path: Path) -> None:
    assert run(url, tmp_path, "migrate").exit_code == 0
    with connected(url) as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
        connection.execute(sqlalchemy.text(f"UPDATE store_info SET value = '{HEAD}' WHERE key = 'compatible_from'"))
    assert run(url, tmp_path, "account", "list").exit_code == 0
    with connected(url) as connection:
        connection.execute(sqlalchemy.text("UPDATE store_info SET value = '9999' WHERE key = 'compatible_from'"))
    ran = run(url, tmp_path, "account", "list")
    assert ran.exit_code == 1
    assert "install the renvoi that made it, or a newer one" in ran.stderr
