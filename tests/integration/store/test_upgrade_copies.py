"""A store on SQLite is copied before its schema is brought up to date: the way back (docs/operating/upgrades.md)."""

import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from renvoi.adapters.sql import schema_of
from renvoi.adapters.sql.schema import HEAD
from renvoi.adapters.sql.upgrade import SPARE_BYTES, Upgraded, upgrade_file
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import StoreMismatch
from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from tests.integration.store.test_migrations import (
    ACCOUNT,
    ROWS_OF_0002,
    connected,
    empty_database,
    old_store,
    open_and_close,
    read_all,
)

OPERATING = Path(__file__).parents[3] / "docs" / "operating" / "upgrades.md"
OLD = "0005"
NOW_MS = 1_795_969_500_000
"""2026-11-29T16:25:00Z."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "renvoi.db"
    old_store(f"sqlite:///{path}", OLD, *ROWS_OF_0002)
    return path


def accounts(path: Path) -> list[tuple[object, ...]]:
    with connected(f"sqlite:///{path}") as connection:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT name FROM accounts")]


def test_an_older_store_is_copied_and_brought_up_to_date(old: Path) -> None:
    told: list[str] = []
    done = upgrade_file(old, NOW_MS, tell=told.append)
    copy = old.with_name(f"renvoi.db.schema-{OLD}.20261129T162500Z")
    assert done == Upgraded(OLD, copy)
    assert told == [f"{old} has schema {OLD} and will be brought to {HEAD}; before, it is copied to {copy}"]
    assert (schema_of(f"sqlite:///{copy}"), schema_of(f"sqlite:///{old}")) == (OLD, HEAD)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert accounts(copy) == accounts(old) == [("acme",)]
    assert not list(old.parent.glob(".renvoi-upgrade-*"))


@pytest.mark.parametrize("state", ["new", "empty", "current"])
def test_nothing_is_copied_that_is_not_changed(tmp_path: Path, state: str) -> None:
    path = tmp_path / "renvoi.db"
    if state == "empty":
        path.touch()
    elif state == "current":
        open_and_close(f"sqlite:///{path}")
    done = upgrade_file(path, NOW_MS, tell=pytest.fail)
    assert done == Upgraded(HEAD if state == "current" else None, None)
    assert not list(tmp_path.glob("*schema*"))


def test_without_room_for_the_copy_nothing_is_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = old.stat().st_size + SPARE_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(OperatorError, match=r"64 MiB are free\. Make room; or .* `renvoi migrate --no-backup`"):
        upgrade_file(old, NOW_MS, tell=lambda _: None)
    assert schema_of(f"sqlite:///{old}") == OLD
    assert upgrade_file(old, NOW_MS, copies=False, tell=pytest.fail) == Upgraded(OLD, None)
    assert schema_of(f"sqlite:///{old}") == HEAD


def test_a_copy_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("renvoi.adapters.sql.upgrade.copy_database", fail)
    with pytest.raises(OperatorError, match=r"is as it was: .*No space left"):
        upgrade_file(old, NOW_MS, tell=lambda _: None)
    assert schema_of(f"sqlite:///{old}") == OLD
    assert [path.name for path in old.parent.iterdir() if "schema" in path.name or "upgrade" in path.name] == []


def test_a_store_of_a_newer_version_is_left_alone(old: Path) -> None:
    with connected(f"sqlite:///{old}") as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        connection.exec_driver_sql("UPDATE store_info SET value = '9999' WHERE key = 'compatible_from'")
    with pytest.raises(StoreMismatch, match="knows schemas up to"):
        upgrade_file(old, NOW_MS, tell=pytest.fail)


def test_the_copy_is_the_way_back_by_the_lines_of_the_documentation(old: Path) -> None:
    """Also from a node that was killed: what its log of changes (-wal) holds is of the newer schema."""
    copy = upgrade_file(old, NOW_MS, tell=lambda _: None).copy
    assert copy is not None
    with connected(f"sqlite:///{old}") as connection:
        connection.exec_driver_sql("UPDATE accounts SET name = 'after the upgrade'")
    for suffix in ("-wal", "-shm"):
        old.with_name(old.name + suffix).write_bytes(b"left by a process that was killed")
    section = OPERATING.read_text("utf-8").partition("\n### Roll-back\n")[2].partition("\n### ")[0]
    (block,) = re.findall(r"^```sh\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
    named = re.search(r"renvoi\.db\.schema-\d+\.\w+", block)
    assert named is not None
    lines = block.replace(named[0], copy.name).replace("/var/lib/renvoi", str(old.parent))
    subprocess.run(["bash", "-ec", lines], check=True)
    assert schema_of(f"sqlite:///{old}") == OLD
    assert accounts(old) == [("acme",)]
    assert read_all(f"sqlite:///{old}")[0] == [ACCOUNT.__class__(1, "acme", "fr", "FR", 5, "Europe/Paris", 7)]


def test_on_postgresql_the_log_says_that_a_schema_was_brought_up_to_date() -> None:
    for url in empty_database():
        old_store(url, OLD)
        with capture_logs() as logs:
            open_and_close(url)
            open_and_close(url)
        assert [(entry["log_level"], entry["schema_before"], entry["schema"]) for entry in logs] == [
            ("warning", OLD, HEAD)
        ]


@pytest.mark.parametrize("command", [("--to", "postgresql://renvoi@127.0.0.1:1/renvoi"), ("--back",), ("--clean",)])
def test_a_move_migrates_no_older_store_by_the_way(old: Path, command: tuple[str, ...]) -> None:
    ran = CliRunner().invoke(app, ["migrate", *command, "--data", str(old.parent)], obj=Renvoi({}))
    assert ran.exit_code == 1
    assert "bring it up to date with `renvoi serve` or `renvoi migrate`" in ran.stderr
    assert schema_of(f"sqlite:///{old}") == OLD
