"""Backs up a node whose store is on SQLite, while it serves: one tar file that is unpacked into a new data directory.

The database comes first, as it is at one instant; its copy is checked. What else lies in the data directory follows:
what was stored before the backup began is in the database, and what waits to be stored is in the files behind it.
"""

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from renvoi.adapters.sql.sqlite import connect
from renvoi.application.errors import OperatorError
from renvoi.domain.messages.message import PLACE
from renvoi.domain.rules.rule import MAX_EMAILS
from renvoi.files import sync_directory

DATABASE_NAME = "renvoi.db"
"""The name of the database in a backup."""


@dataclass(frozen=True, slots=True)
class BackupSource:
    """What is backed up. Each lies in the backup under its own name, but the database, which is `DATABASE_NAME`."""

    database: Path
    settings: Path
    messages: Path
    mails: Path
    recordings: Path
    spool: Path


@dataclass(frozen=True, slots=True)
class Made:
    """A backup: its size in bytes, the messages in it, and how many of them have no recording."""

    size: int
    messages: int
    without_audio: int


def back_up(source: BackupSource, file: Path, *, replace: bool) -> Made:
    """Write a backup to `file`, which is there as a whole or not at all, and readable by its owner only.

    Raises:
        OperatorError: the file exists and `replace` is not set, the disk failed, or the database is damaged.
    """
    if file.exists() and not replace:
        raise OperatorError(f"{file} exists already: give --force to replace it")
    try:
        with tempfile.TemporaryDirectory(prefix=".renvoi-backup-", dir=file.parent) as work:
            copy, tar = Path(work) / DATABASE_NAME, Path(work) / "tar"
            copy_database(source.database, copy)
            with _new_tar(tar) as archive:
                messages, without_audio = _fill(archive, source, copy)
            size = tar.stat().st_size
            tar.replace(file)
        sync_directory(file.parent)
    except (OSError, sqlite3.Error) as error:
        raise OperatorError(f"no backup was made: {error}") from error
    return Made(size, messages, without_audio)


def copy_database(path: Path, copy: Path) -> None:
    """Copy the database as it is now, with all that other processes have committed, and check the copy.

    Raises:
        OperatorError: the database is damaged.
        OSError, sqlite3.Error: it cannot be copied.
    """
    copy.touch(0o600)
    with closing(connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        # In one step: a reader hinders no writer, while a copy in several steps would be restarted by each write.
        source.backup(target)
        found = target.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise OperatorError(f"no backup was made: {path} is damaged: {found}")
    descriptor = os.open(copy, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _new_tar(path: Path) -> Iterator[tarfile.TarFile]:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w") as archive:
            yield archive
        raw.flush()
        os.fsync(raw.fileno())


def _fill(archive: tarfile.TarFile, source: BackupSource, copy: Path) -> tuple[int, int]:
    _add(archive, copy, mode=0o640)
    _add(archive, source.settings)
    messages = without_audio = 0
    with closing(sqlite3.connect(copy)) as database:
        for (message_id,) in database.execute("SELECT id FROM messages ORDER BY id"):
            messages += 1
            without_audio += not _add(archive, source.messages / f"{message_id}.wav", source.messages.name)
            names = (message_id, *(f"{message_id}{PLACE}{place}" for place in range(1, MAX_EMAILS)))
            for name in names:
                _add(archive, source.mails / f"{name}.eml", source.mails.name)
        _add_recordings(archive, source, database)
    for path in sorted(source.spool.glob("*.jsonl")):
        _add(archive, path, source.spool.name)
    return messages, without_audio


def _add_recordings(archive: tarfile.TarFile, source: BackupSource, database: sqlite3.Connection) -> None:
    """Add what is not a message yet: it becomes one where the backup is restored (`voicemail.recovery`)."""
    for facts in sorted(source.recordings.glob("*.json")):
        is_message = "SELECT EXISTS (SELECT 1 FROM messages WHERE id = ?)"
        if database.execute(is_message, (facts.stem,)).fetchone()[0] or not _add(archive, facts, facts.parent.name):
            continue
        # The facts go last, so whatever has been done with it since they were read, its audio is in one place or none.
        audio = facts.with_suffix(".wav")
        if not _add(archive, audio, audio.parent.name):
            _add(archive, source.messages / audio.name, source.messages.name)


def _add(archive: tarfile.TarFile, path: Path, directory: str = "", mode: int | None = None) -> bool:
    """Add a file, as long as it is now; False when it has gone."""
    try:
        with path.open("rb") as content:
            entry = archive.gettarinfo(arcname=str(Path(directory) / path.name), fileobj=content)
            entry.mode = entry.mode if mode is None else mode
            archive.addfile(entry, content)
    except FileNotFoundError:
        return False
    # It would remember each of them, for reading.
    archive.members.clear()  # type: ignore[attr-defined]  # not in typeshed
    return True
