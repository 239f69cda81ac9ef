"""Mails that are kept as files."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.application.mailer import Kept
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from tests.support.voicemail_mail import MAIL_FROM, notice


def test_a_mail_is_kept_as_it_would_be_sent(audio: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "mail"
    what = notice(audio)
    assert asyncio.run(FolderMailer(folder, Composer(MAIL_FROM)).send(what)) == Kept(folder / "018f3c7e5b2a.eml")
    (path,) = folder.iterdir()
    assert path.read_bytes() == Composer(MAIL_FROM).compose(what).content
    assert [stat.S_IMODE(part.stat().st_mode) for part in (folder, path)] == [0o700, 0o600]


def test_keeping_it_again_leaves_one(audio: Path, tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "mail", Composer(MAIL_FROM))

    async def ten_times() -> list[object]:
        return list(await asyncio.gather(*(mailer.send(notice(audio)) for _ in range(10))))

    path = tmp_path / "mail" / "018f3c7e5b2a.eml"
    assert asyncio.run(ten_times()) == [Kept(path)] * 10
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_to(audio: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    folder.write_text("a file in its place")
    outcome = asyncio.run(FolderMailer(folder, Composer(MAIL_FROM)).send(notice(audio)))
    assert outcome == TemporaryFailure(f"the mail cannot be kept in {folder}: File exists", Affected.SERVER)


def test_a_full_disk_leaves_nothing_half_written(audio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mail"
    mailer = FolderMailer(folder, Composer(MAIL_FROM))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    outcome = asyncio.run(mailer.send(notice(audio)))
    assert outcome == TemporaryFailure(f"the mail cannot be kept in {folder}: No space left on device", Affected.SERVER)
    assert not list(folder.iterdir())


def test_a_recording_that_is_gone(audio: Path, tmp_path: Path) -> None:
    audio.unlink()
    outcome = asyncio.run(FolderMailer(tmp_path / "mail", Composer(MAIL_FROM)).send(notice(audio)))
    assert outcome == PermanentFailure(f"the recording {audio} is gone: nothing is left to send")
