"""`renvoi migrate` and `renvoi backup`: what they are asked, and what they refuse."""

import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from renvoi.adapters.sql.schema import HEAD
from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from tests.support.postgres import shared_cluster
from tests.unit.cli.conftest import Cli

NOWHERE = "postgresql://renvoi:s3cret@127.0.0.1:1/renvoi"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--to", NOWHERE, "--back"), "give one of"),
        (("--back", "--clean"), "give one of"),
        (("--force",), "--force belongs to --back"),
        (("--no-backup", "--back"), "--no-backup is for the schema"),
        (("--to", "mysql://renvoi:s3cret@db/renvoi"), "give postgresql://"),
        (("--to", "sqlite:////tmp/x"), "give postgresql://"),
    ],
)
def test_migrate_is_not_understood(acme: Cli, words: tuple[str, ...], reason: str) -> None:
    ran = acme("migrate", *words)
    assert (ran.code, ran.out) == (2, "")
    assert reason in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize("words", [(), ("--to", NOWHERE), ("--back",), ("--clean",)])
def test_migrate_without_a_store(cli: Cli, data: Path, words: tuple[str, ...]) -> None:
    ran = cli("migrate", *words)
    assert ran.code == 1
    assert "holds no data of renvoi yet" in ran.err
    assert not data.exists()


def test_migrate_tells_the_schema(acme: Cli, data: Path) -> None:
    assert acme("migrate").out == f"{data / 'renvoi.db'} has schema {HEAD} (as it was)\n"
    shown = {"store": str(data / "renvoi.db"), "schema": HEAD, "schema_before": HEAD, "backup": None}
    assert acme("migrate", "--json").json == shown
    with closing(sqlite3.connect(data / "renvoi.db", isolation_level=None)) as store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
        store.execute("UPDATE store_info SET value = ? WHERE key = 'compatible_from'", (HEAD,))
    assert acme("migrate").out == f"{data / 'renvoi.db'} has schema 9999 (as it was)\n"


def test_a_database_that_does_not_answer_changes_nothing(acme: Cli) -> None:
    ran = acme("migrate", "--to", NOWHERE)
    assert ran.code == 1
    assert "nothing was changed" in ran.err
    assert "s3cret" not in ran.err
    assert acme("account", "add", "second").code == 0


def test_going_back_and_cleaning_up_without_a_move(acme: Cli, data: Path) -> None:
    assert acme("migrate", "--back").out == f"{data / 'renvoi.db'} was not being moved\n"
    assert acme("migrate", "--back", "--json").json == {"store": str(data / "renvoi.db"), "changed": False}
    ran = acme("migrate", "--clean")
    assert ran.code == 1
    assert "was not moved" in ran.err


def test_a_move_from_its_table_to_the_end(acme: Cli, data: Path) -> None:
    """Also when the settings name the new store already."""
    cluster = shared_cluster()
    name = cluster.create_database()
    url = cluster.url(name)
    shown = url.replace(url[len("postgresql://renvoi") : url.index("@")], "")

    def on_postgresql(*words: str) -> tuple[int, str]:
        environment = {"RENVOI_DATABASE_URL": url}
        result = CliRunner().invoke(app, [*words, "--data", str(data)], obj=Renvoi(environment))
        return result.exit_code, result.stdout

    try:
        assert on_postgresql("migrate") == (0, f"{shown} has schema {HEAD} (new)\n")
        moved = acme("migrate", "--to", url)
        assert moved.code == 0
        lines = moved.out.splitlines()
        assert lines[0] == "table\trows\trows there\tchecksum\tchecksum there\tsame"
        accounts = next(line.split("\t") for line in lines if line.startswith("accounts"))
        assert (accounts[1:3], accounts[3], accounts[5]) == (["1", "1"], accounts[4], "yes")
        assert lines[-1].startswith(f"the store is in {shown}: set RENVOI_DATABASE_URL")
        assert on_postgresql("account", "list", "--json")[1].count("acme") == 1
        again = acme("migrate", "--to", url, "--json").json
        assert again == {"to": shown, "moved": True, "tables": []}
        assert "was moved" in acme("account", "add", "second").err
        assert acme("migrate", "--back").code == 1
        assert on_postgresql("backup", str(data / "backup.tar"))[0] == 1
        assert on_postgresql("migrate", "--clean") == (0, f"{data / 'renvoi.db'} is removed, with 0 recordings\n")
        assert acme("account", "list").code == 1
    finally:
        cluster.drop_database(name)


def test_backup(acme: Cli, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    made = acme("backup", str(file), "--json").json
    assert made == {"file": str(file), "bytes": file.stat().st_size, "messages": 0, "without_audio": 0}
    with tarfile.open(file) as archive:
        assert archive.getnames() == ["renvoi.db"]
    assert "give --force" in acme("backup", str(file)).err
    done = acme("backup", str(file), "--force")
    assert done.out == f"{file} ({file.stat().st_size} bytes) has the store and the recordings of 0 messages\n"


def test_backup_without_a_store(cli: Cli, tmp_path: Path) -> None:
    ran = cli("backup", str(tmp_path / "backup.tar"))
    assert ran.code == 1
    assert "holds no data of renvoi yet" in ran.err
