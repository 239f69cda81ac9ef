"""A backup of a store on SQLite is whole, whatever happens while it is made (docs/operating/upgrades.md)."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import tarfile
from contextlib import closing
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.sql import backup
from renvoi.adapters.sql.backup import BackupSource, Made, back_up
from renvoi.adapters.sql.sqlite import prepare_file
from renvoi.application.errors import OperatorError
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.shared_keys import keep_keys
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.shared_key import KeyRing
from renvoi.voicemail import recovery
from renvoi.voicemail.recording import Recording
from tests.support.http_api import FixedClock
from tests.support.stores import A, opened, seed

SECOND = b"\1\2" * 8000


@pytest.fixture
def source(tmp_path: Path) -> BackupSource:
    """Return a data directory with nothing in it."""
    data = tmp_path / "data"
    for name in ("messages", "mail", "recordings", "spool"):
        (data / name).mkdir(parents=True)
    prepare_file(data / "renvoi.db")
    return BackupSource(
        data / "renvoi.db", data / "renvoi.toml", data / "messages", data / "mail", data / "recordings", data / "spool"
    )


def record(source: BackupSource, name: str) -> Recording:
    """Return a recording of one second that is being made."""
    recording = Recording.create(source.recordings, source.messages, name, b"facts", 8000)
    recording.write(0, SECOND)
    return recording


async def file_messages(store: Store, *names: str) -> None:
    """Store messages whose recordings are handed on already."""
    account = await seed(store)

    def work(writer: Writer) -> None:
        for name in names:
            message = Message(name, A, account, 1, "+331", name, 5, 1000)
            writer.add_message(message, Mail(name, EmailAddress("a@example.com"), 5, 5))

    await store.write(work)


def restored(file: Path, directory: Path) -> Path:
    """Unpack a backup."""
    directory.mkdir()
    subprocess.run(["tar", "-xpf", str(file), "-C", str(directory)], check=True)
    return directory


def files_of(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_no_change_that_was_answered_before_is_missing(source: BackupSource, tmp_path: Path) -> None:
    """Twenty clients change all the time, while backups are made one after the other; each is restored and used."""
    answered: list[int] = []

    async def client(store: Store, account: int, first: int) -> None:
        for number in range(first, 10_000, 20):
            row = NumberRow(E164(f"+33{700_000_000 + number}"))
            await store.write(methodcaller("add_number", account, row, 1))
            answered.append(row.number.digits)

    async def main() -> list[tuple[set[int], Path]]:
        made = []
        async with opened(f"sqlite:///{source.database}") as store:
            account = await seed(store)
            clients = [asyncio.create_task(client(store, account, first)) for first in range(20)]
            for index in range(5):
                while len(answered) < (index + 1) * 200:
                    await store.read(methodcaller("accounts"))
                    await asyncio.sleep(0)
                before = set(answered)
                file = tmp_path / f"{index}.tar"
                await asyncio.to_thread(back_up, source, file, replace=False)
                made.append((before, file))
            for each in clients:
                each.cancel()
            await asyncio.gather(*clients, return_exceptions=True)
        return made

    for before, file in asyncio.run(main()):
        directory = restored(file, file.with_suffix(""))
        with closing(sqlite3.connect(directory / "renvoi.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert {row[0] for row in database.execute("SELECT number FROM numbers")} >= before
        asyncio.run(go_on(directory))


async def go_on(directory: Path) -> None:
    async with opened(f"sqlite:///{directory}/renvoi.db") as store:
        await store.write(methodcaller("add_account", "after", "en", "FR", 1))


def test_recordings_are_there_wherever_they_are(source: BackupSource, tmp_path: Path) -> None:
    """Of messages, of those that wait to be one, and of callers who are talking; none that nobody knows of."""

    async def store_messages() -> None:
        async with opened(f"sqlite:///{source.database}") as store:
            await file_messages(store, "filed", "kept", "just-filed", "lost")

    asyncio.run(store_messages())
    for name in ("filed", "kept"):
        finished = record(source, name)
        finished.finish()
        finished.done()
    (source.mails / "kept.eml").write_text("mail")
    held = {name: record(source, name) for name in ("talking", "waits", "just-filed")}
    for name in ("waits", "just-filed"):
        held[name].finish()
    (source.messages / "unknown.wav").write_bytes(b"of a message that was deleted")
    (source.mails / "unknown.eml").write_text("of a message that was deleted")
    (source.spool / "boot-1-0.jsonl").write_text("{}\n")
    source.settings.write_text("region = 'BE'\n")

    made = back_up(source, tmp_path / "backup.tar", replace=False)
    for each in held.values():
        each.release()
    directory = restored(tmp_path / "backup.tar", tmp_path / "restored")
    assert made == Made((tmp_path / "backup.tar").stat().st_size, 4, 1)
    assert files_of(directory) == {
        "renvoi.db",
        "renvoi.toml",
        "messages/filed.wav",
        "messages/kept.wav",
        "messages/just-filed.wav",
        "mail/kept.eml",
        "recordings/talking.json",
        "recordings/talking.wav",
        "recordings/waits.json",
        "messages/waits.wav",
        "spool/boot-1-0.jsonl",
    }
    for name in ("messages/filed.wav", "recordings/talking.wav", "spool/boot-1-0.jsonl"):
        assert (directory / name).read_bytes() == (source.database.parent / name).read_bytes()
    found = {
        recording.id: (recording.facts, recording.duration_ms, recording.was_finished)
        for recording in recovery.find_leftovers(directory / "recordings", directory / "messages", lambda *_: None)
    }
    assert found == {"talking": (b"facts", 1000, False), "waits": (b"facts", 1000, True)}


def test_a_recording_that_is_finished_meanwhile_is_there_once(
    source: BackupSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(source, "r")
    real = backup._add

    def finish_after_the_facts(archive: tarfile.TarFile, path: Path, directory: str = "", mode: int = 0o600) -> bool:
        added = real(archive, path, directory, mode)
        if path.name == "r.json":
            recording.finish()
            recording.done()
        return added

    monkeypatch.setattr(backup, "_add", finish_after_the_facts)
    back_up(source, tmp_path / "backup.tar", replace=False)
    directory = restored(tmp_path / "backup.tar", tmp_path / "restored")
    assert files_of(directory) == {"renvoi.db", "recordings/r.json", "messages/r.wav"}


def test_a_backup_is_for_its_owner_and_replaced_on_request_only(source: BackupSource, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("older")
    with pytest.raises(OperatorError, match="--force"):
        back_up(source, file, replace=False)
    assert file.read_text() == "older"
    back_up(source, file, replace=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((restored(file, tmp_path / "restored") / "renvoi.db").stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "data", "restored"]


def test_a_damaged_store_is_told_and_the_older_backup_stays(source: BackupSource, tmp_path: Path) -> None:
    """An index lacks a row: nobody notices but a search by it, and the check of the copy."""
    index = "FROM sqlite_master WHERE name = 'ix_messages_received_at_ms'"
    row = (
        "INSERT INTO messages (id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms, cut_off)"
        " VALUES ('m', 1, 1, 1, '', '', 5, 1, 0)"
    )
    with closing(sqlite3.connect(source.database, isolation_level=None)) as database:
        entry = database.execute(f"SELECT * {index}").fetchone()
        database.execute("PRAGMA writable_schema = ON")
        database.execute(f"DELETE {index}")
    with closing(sqlite3.connect(source.database, isolation_level=None)) as database:
        database.execute(row)
        database.execute("PRAGMA writable_schema = ON")
        database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", entry)
    file = tmp_path / "backup.tar"
    file.write_text("older")
    with pytest.raises(OperatorError, match=r"is damaged: (row 1 missing from|wrong # of entries in) index"):
        back_up(source, file, replace=True)
    assert file.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "data"]


def test_a_directory_that_is_not_there_is_told(source: BackupSource, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="No such file"):
        back_up(source, tmp_path / "missing" / "backup.tar", replace=False)


def test_shared_keys_are_in_the_backup_and_nobody_else_may_read_it(source: BackupSource, tmp_path: Path) -> None:
    """A node that is restored serves the calls in progress, and takes the handoffs of nodes that went on."""

    async def keys(database: Path) -> KeyRing:
        async with opened(f"sqlite:///{database}") as store:
            return await keep_keys(store, FixedClock(), os.urandom, 1000, pytest.fail)

    before = asyncio.run(keys(source.database))
    file = tmp_path / "backup.tar"
    back_up(source, file, replace=False)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert asyncio.run(keys(restored(file, tmp_path / "restored") / "renvoi.db")) == before
