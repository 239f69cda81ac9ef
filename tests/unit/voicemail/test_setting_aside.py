"""Recordings that can become no message are kept where an operator finds them; strange files harm nobody."""

import asyncio
import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.message_files import MessageFiles
from renvoi.application.ports.errors import StoreRefused
from renvoi.call_records.dead_letters import COUNTER, DeadLetters, Held
from renvoi.files import open_regular, read_regular
from renvoi.voicemail import recording as module
from renvoi.voicemail import recovery
from renvoi.voicemail.finalize import Finalizer
from renvoi.voicemail.recovery import Patience, adopt_once
from tests.unit.voicemail.conftest import Archive


@pytest.fixture
def letters(archive: Archive, tmp_path: Path) -> DeadLetters:
    """Have the archive's filing set aside what is refused, as the mailer's does."""
    kept = DeadLetters(tmp_path / "dead-letters")
    archive.filing = Finalizer(archive.store, archive.clock, archive.events.append, kept)
    return kept


def refuse(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the store refuse every message for its content."""
    write = archive.store.write

    async def refusing(work: Any) -> Any:
        if "_file" in getattr(work, "__qualname__", "") or "file_message" in work.__qualname__:
            raise StoreRefused("caller holds what no store can")
        return await write(work)

    monkeypatch.setattr(archive.store, "write", refusing)


def test_what_the_store_refuses_is_kept_and_shown(
    archive: Archive, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(archive, monkeypatch)
    recording = archive.record("a", 2.5)
    whole = recording.finish().read_bytes()
    assert archive.file(recording)
    assert archive.files() == []
    assert archive.stored() == []
    assert (letters.directory / "a.wav").read_bytes() == whole
    letter = json.loads((letters.directory / "a.json").read_text())
    assert "no store can" in letter["why"]
    assert json.loads(letter["facts"])["call_id"] == "call-a"
    assert letters.held() == Held(recordings=1)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in letters.directory.iterdir())
    assert asyncio.run(archive.store.read(lambda reader: dict(reader.counts()))) == {COUNTER: 1}


def test_who_has_nowhere_to_set_it_aside_leaves_it_to_the_mailer(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(archive, monkeypatch)
    assert not archive.file(archive.record("a"))
    assert archive.files() == ["a.json", "a.wav"]


@pytest.mark.parametrize("facts", [b"garbled", b"\0", b'{"deposit": 1}', b"[" * 100_000])
def test_a_recording_without_facts_is_set_aside(archive: Archive, letters: DeadLetters, facts: bytes) -> None:
    assert archive.file(archive.record("a", facts=facts))
    assert archive.files() == []
    assert letters.held() == Held(recordings=1)


@pytest.mark.parametrize("at_ms", [9 * 10**17, 253_402_214_400_000, -1])
def test_a_recording_of_no_time_is_set_aside(archive: Archive, letters: DeadLetters, at_ms: int) -> None:
    """Stored, it would stop every list that it stands in, and its mail could not be made."""
    assert archive.file(archive.record("a", facts=replace(archive.facts("a"), answered_at_ms=at_ms).dump()))
    assert archive.stored() == []
    assert letters.held() == Held(recordings=1)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\u202e1234", "x" * 65_536])
def test_a_message_of_a_strange_caller_is_stored(archive: Archive, letters: DeadLetters, text: str) -> None:
    facts = archive.facts("a")
    strange = replace(facts, handoff=replace(facts.handoff, caller=text), call_id=text)
    assert archive.file(archive.record("a", facts=strange.dump()))
    assert archive.stored() == ["a"]
    assert letters.held() == Held()


def test_other_files_among_the_recordings_harm_nobody(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_FACTS_BYTES", 4096)
    secret = tmp_path / "secret"
    secret.write_bytes(b"precious")
    recordings, messages = archive.recordings, archive.messages
    os.mkfifo(recordings / "fifo.json")
    os.mkfifo(messages / "audio.wav")
    (recordings / "audio.json").write_bytes(archive.facts("audio").dump())
    (recordings / "link.json").symlink_to(secret)
    (recordings / "linked.json").write_bytes(archive.facts("linked").dump())
    (messages / "linked.wav").symlink_to(secret)
    (recordings / "growing.json").write_bytes(archive.facts("growing").dump())
    (recordings / "growing.wav").symlink_to(secret)
    (recordings / "folder.json").mkdir()
    (recordings / "huge.json").write_bytes(b"x" * 5000)
    for name in ("a b.json", "..json", "é.json", ".json", "x.y.json", "\n.json"):
        (recordings / name).write_bytes(archive.facts("x").dump())
    before = archive.files()
    archive.abandon("good")
    failed: list[str] = []
    found = [each.id for each in recovery.find_leftovers(recordings, messages, lambda name, _: failed.append(name))]
    assert found == ["good"]
    assert sorted(failed) == [
        f"{name}.json" for name in ("audio", "fifo", "folder", "growing", "huge", "link", "linked")
    ]
    adopted = adopt_once(recordings, messages, archive.filing, Patience(lambda: 0.0))
    assert asyncio.run(asyncio.wait_for(adopted, 5)) == 1
    assert archive.stored() == ["good"]
    assert archive.files() == sorted([*before, "good.wav"])
    assert secret.read_bytes() == b"precious"


def test_only_regular_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_regular(tmp_path / "file") == b"x"
    for name in ("fifo", "link", ".", "nothing"):
        with pytest.raises(OSError, match=r"."):
            open_regular(tmp_path / name)


def test_a_recording_that_is_lent_is_read_by_its_descriptor(tmp_path: Path) -> None:
    with MessageFiles(tmp_path, tmp_path).lent(b"RIFF") as path:
        assert read_regular(path) == b"RIFF"
