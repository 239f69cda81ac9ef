"""Mails that are kept as files, read back for the dashboard."""

import os
from pathlib import Path

import pytest

from renvoi.adapters.mail.folder import HEAD_BYTES, KeptMails


def test_the_latest_come_first_with_their_heads(tmp_path: Path) -> None:
    for age, name in enumerate(("new", "older", "oldest")):
        path = tmp_path / f"{name}.eml"
        path.write_bytes(f"Subject: {name}\r\n\r\n".encode() + b"x" * HEAD_BYTES)
        os.utime(path, (2000 - age, 2000 - age))
    (tmp_path / ".new.eml.0a0a").write_bytes(b"")
    (tmp_path / ".half.eml").write_bytes(b"")
    (tmp_path / "notes.txt").write_bytes(b"")
    found = KeptMails(tmp_path).latest(2)
    assert [(each.name, each.at_ms) for each in found] == [("new", 2_000_000), ("older", 1_999_000)]
    assert found[0].head.startswith(b"Subject: new\r\n")
    assert (len(found[0].head), found[0].length) == (HEAD_BYTES, HEAD_BYTES + 16)


def test_one_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "m1~1.eml").write_bytes(b"Subject: a\r\n\r\nb")
    assert KeptMails(tmp_path).read("m1~1") == b"Subject: a\r\n\r\nb"


@pytest.mark.parametrize("name", ["other", "../secret", "..", "", "a/b", ".hidden", "a\0b", "x" * 300])
def test_what_is_no_mail_here_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_bytes(b"secret")
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / ".hidden.eml").write_bytes(b"")
    assert KeptMails(folder).read(name) is None


def test_a_folder_that_is_not_there_has_none(tmp_path: Path) -> None:
    assert KeptMails(tmp_path / "mail").latest(9) == []
    assert KeptMails(tmp_path / "mail").read("m1") is None
