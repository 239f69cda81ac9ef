"""The calls of a worker on disk."""

import os
import time
from pathlib import Path

from renvoi.voicemail.recovery import MAX_AGE_S, DialogFiles
from renvoi.voicemail.sip.session import DialogState

STATE = DialogState("call-1", "<sip:a@b>;tag=1", "<sip:c@d>;tag=2", "sip:c@e", ("<sip:f;lr>",), ("127.0.0.1", 5060), 1)


def test_calls_are_kept_until_they_are_over(tmp_path: Path) -> None:
    files = DialogFiles(tmp_path / "calls")
    assert list(files.left()) == []
    files.write("a", STATE)
    files.write("b", STATE)
    files.remove("a")
    files.remove("never there")
    moved = DialogState("call-1", "x:y", "x:y", "sip:elsewhere", (), ("::1", 5060), 7)
    files.write("b", moved)
    assert list(DialogFiles(tmp_path / "calls").left()) == [("b", moved)]
    assert [path.name for path in (tmp_path / "calls").iterdir()] == ["b.dialog"]
    assert (tmp_path / "calls").stat().st_mode & 0o777 == 0o700


def test_what_is_old_torn_or_strange_is_removed(tmp_path: Path) -> None:
    files = DialogFiles(tmp_path)
    for name in ("old", "torn", "good"):
        files.write(name, STATE)
    past = time.time() - MAX_AGE_S - 1
    os.utime(tmp_path / "old.dialog", (past, past))
    (tmp_path / "torn.dialog").write_bytes(STATE.dump()[:20])
    (tmp_path / "half.new").write_bytes(b"")
    assert list(files.left()) == [("good", STATE)]
    assert [path.name for path in tmp_path.iterdir()] == ["good.dialog"]


def test_a_disk_that_fails_ends_no_call(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    files = DialogFiles(tmp_path / "file")
    files.write("a", STATE)
    files.remove("a")
    assert list(files.left()) == []
