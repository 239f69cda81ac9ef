"""Where the files of messages lie, and that no id leads elsewhere."""

import os
from pathlib import Path

import pytest

from renvoi.adapters.message_files import MessageFiles


@pytest.fixture
def files(tmp_path: Path) -> MessageFiles:
    return MessageFiles(tmp_path / "messages", tmp_path / "mail")


def test_a_message_has_its_files_by_its_id(files: MessageFiles, tmp_path: Path) -> None:
    assert files.audio("aZ-_09") == tmp_path / "messages" / "aZ-_09.wav"
    assert files.mail("x" * 64) == tmp_path / "mail" / ("x" * 64 + ".eml")


def test_files_are_removed_as_far_as_they_are_there(files: MessageFiles) -> None:
    files.remove("m1")
    for path in (files.audio("m1"), files.mail("m1"), files.audio("m2")):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    files.remove("m1")
    assert not files.audio("m1").exists()
    assert not files.mail("m1").exists()
    assert files.audio("m2").exists()
    files.mail("m3").write_bytes(b"x")
    files.remove("m3")
    assert not files.mail("m3").exists()


def test_a_file_that_cannot_be_removed_is_told(files: MessageFiles) -> None:
    files.audio("m1").mkdir(parents=True)
    with pytest.raises(OSError, match=r"m1\.wav"):
        files.remove("m1")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc/passwd", "a\\b", "a.b", "a\n", "a\0", "é", "x" * 65]
)
def test_an_id_that_would_lead_elsewhere_is_refused(files: MessageFiles, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.wav").write_bytes(b"x")
    for use in (files.audio, files.mail):
        with pytest.raises(ValueError, match="names no message"):
            use(name)
    # A damaged row may have it, and others wait for their removal behind that one's.
    files.remove(name)
    assert (tmp_path / "x.wav").exists()


def test_audio_is_lent_as_a_file_that_nothing_stays_of(files: MessageFiles) -> None:
    with files.lent(b"RIFF") as path:
        assert path.read_bytes() == path.read_bytes() == b"RIFF"
        with path.open("rb") as file:
            # Without a name nothing can stay, however the process ends.
            assert os.fstat(file.fileno()).st_nlink == 0
    assert not path.exists()


def test_kept_mails_are_found(files: MessageFiles) -> None:
    assert list(files.kept_mails()) == []
    for name in ("m2", "m1", "not one of ours"):
        path = files.mail("m1").with_stem(name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"mail")
    files.mail("m1").with_name(".m3.eml.0a1b").write_bytes(b"half")
    assert list(files.kept_mails()) == ["m1", "m2"]


def test_kept_mails_about_missed_calls_are_found_and_removed(files: MessageFiles) -> None:
    assert list(files.kept_missed_calls()) == []
    files.remove_missed_call("call-1~0")
    folder = files.mail("m1").parent
    folder.mkdir()
    for name in ("missed.missed-call-1~0.eml", "missed.missed-call-1~1.eml", "m1.eml", "missed.other.eml"):
        (folder / name).write_bytes(b"mail")
    assert list(files.kept_missed_calls()) == ["call-1~0", "call-1~1"]
    files.remove_missed_call("call-1~0")
    assert list(files.kept_missed_calls()) == ["call-1~1"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "m1.eml",
        "missed.missed-call-1~1.eml",
        "missed.other.eml",
    ]
    for name in ("../call-1~0", "call-1", "call-1~0/x", ""):
        with pytest.raises(ValueError, match="names no mail"):
            files.remove_missed_call(name)
