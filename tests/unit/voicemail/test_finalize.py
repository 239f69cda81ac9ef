"""From a recording that has ended to a message in the store."""

import asyncio
import base64
import json
from collections.abc import Callable
from math import isqrt
from typing import Any

import pytest

from renvoi.application.messages import MESSAGES, RECORDED_MS
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.calls.call_record import MessageLeft, Missed, identifier
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import PEAKS, Mail, Message
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.name_addr import MAX_VALUE
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text
from renvoi.voicemail import recovery
from renvoi.voicemail.finalize import AUDIO_AT_ONCE, MetadataInvalid, RecordingMetadata
from renvoi.voicemail.recording import Recording
from tests.support.http_api import START_MS
from tests.support.stores import A
from tests.unit.voicemail.conftest import STRANGER, Archive

FACTS = RecordingMetadata(
    VoicemailHandoff(E164("+33199001234"), 3, EmailAddress("é@exemple.fr"), "Zoë"), "call-1", "tag", 1_700
)


def orphans_of(archive: Archive) -> list[tuple[str, bool]]:
    """Return the recordings in nobody's hands, and whether they are whole."""
    found = recovery.find_leftovers(
        archive.recordings, archive.messages, lambda name, error: pytest.fail(f"{name}: {error}")
    )
    return [(each.id, each.was_finished) for each in found]


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_recording_becomes_a_message_with_its_mail(archive: Archive, cut_off: bool) -> None:
    assert archive.file(archive.record("a", 2.5), cut_off=cut_off)
    stored = asyncio.run(archive.store.read(lambda reader: reader.message("a")))
    facts = archive.facts("a")
    assert stored is not None
    peaks = bytes([isqrt(0x0201 * 255 * 255 // 32767)]) * PEAKS
    expected = Message("a", A, 1, 4, facts.handoff.caller, "call-a", facts.answered_at_ms, 2500, cut_off, peaks=peaks)
    assert stored.message == expected
    assert stored.mail == Mail("a", facts.handoff.email, START_MS, START_MS, scheduled_at_ms=START_MS)
    assert archive.events == [MessageLeft("call-a", "tag", START_MS)]
    assert archive.files() == ["a.wav"]
    assert asyncio.run(archive.store.read(lambda reader: reader.counts())) == {MESSAGES: 1, RECORDED_MS: 2500}


def test_a_recording_that_was_filed_before_is_handed_on_once(archive: Archive) -> None:
    """Its process died between the commit and the removal of the facts."""
    recording, facts = archive.record("a"), archive.recordings / "a.json"
    text = facts.read_bytes()
    assert archive.file(recording)
    facts.write_bytes(text)
    for again in recovery.find_leftovers(archive.recordings, archive.messages, lambda *_: None):
        assert again.was_finished
        assert archive.file(again)
    assert archive.files() == ["a.wav"]
    assert archive.stored() == ["a"]
    assert asyncio.run(archive.store.read(lambda reader: reader.counts()))[MESSAGES] == 1
    # The event is told again: it may have been lost with the process.
    assert archive.events == [MessageLeft("call-a", "tag", START_MS)] * 2


@pytest.mark.parametrize(("seconds", "left"), [(0, False), (0.999, False), (1.0, True)])
def test_what_is_shorter_than_a_second_is_a_missed_call(archive: Archive, seconds: float, left: bool) -> None:
    assert archive.file(archive.record("a", seconds))
    assert archive.stored() == (["a"] if left else [])
    assert archive.files() == (["a.wav"] if left else [])
    kind = MessageLeft if left else Missed
    assert archive.events == [kind("call-a", "tag", START_MS)]


@pytest.mark.parametrize("cut_off", [False, True])
def test_what_the_store_does_not_take_waits_and_remembers_that_it_was_cut_off(archive: Archive, cut_off: bool) -> None:
    archive.store.fail_with = StoreUnavailable("away")
    assert not archive.file(archive.record("a"), cut_off=cut_off)
    assert archive.events == []
    assert orphans_of(archive) == [("a", not cut_off)]
    assert archive.files() == ["a.json", "a.wav"]


def test_a_message_for_a_number_that_is_gone_waits(archive: Archive) -> None:
    assert not archive.file(archive.record("a", facts=archive.facts("a", STRANGER).dump()))
    assert archive.events == []
    assert archive.stored() == []
    assert orphans_of(archive) == [("a", True)]


def test_a_recording_without_the_facts_of_its_call_stays(archive: Archive) -> None:
    assert not archive.file(archive.record("a", facts=b"garbled"))
    assert archive.events == []
    assert orphans_of(archive) == [("a", True)]


def test_a_fault_of_the_store_is_told_and_loses_nothing(archive: Archive) -> None:
    archive.store.fail_with = RuntimeError("a fault of our own")
    recording = archive.record("a")
    with pytest.raises(RuntimeError):
        archive.file(recording)
    recording.release()
    assert orphans_of(archive) == [("a", True)]


def test_where_the_store_keeps_the_audio_no_file_stays(archive: Archive) -> None:
    archive.store.keeps_audio = True
    recording = archive.record("a", 2.5)
    path = recording.finish()
    whole = path.read_bytes()
    assert archive.file(recording)
    assert asyncio.run(archive.store.read(lambda reader: reader.message_audio("a"))) == whole
    assert archive.files() == []
    assert archive.file(archive.record("short", 0.5))
    assert archive.files() == []


def test_audio_that_the_store_does_not_take_waits(archive: Archive) -> None:
    archive.store.keeps_audio = True
    archive.store.fail_with = StoreUnavailable("away")
    assert not archive.file(archive.record("a"))
    assert archive.files() == ["a.json", "a.wav"]


@pytest.mark.parametrize("with_audio", [True, False])
def test_what_is_left_of_a_recording_that_the_store_has_goes(archive: Archive, with_audio: bool) -> None:
    """Its process died behind the commit, before or after the audio's removal: no second message, no missed call."""
    archive.store.keeps_audio = True
    recording = archive.record("a")
    facts, audio = archive.recordings / "a.json", recording.finish()
    left = {path: path.read_bytes() for path in ((facts, audio) if with_audio else (facts,))}
    assert archive.file(recording)
    for path, content in left.items():
        path.write_bytes(content)
    for again in recovery.find_leftovers(archive.recordings, archive.messages, lambda *_: None):
        assert archive.file(again, cut_off=not again.was_finished)
    assert archive.files() == []
    assert archive.events == [MessageLeft("call-a", "tag", START_MS)] * 2
    assert asyncio.run(archive.store.read(lambda reader: reader.counts()))[MESSAGES] == 1


def test_many_recordings_that_end_at_once_do_not_take_all_the_memory(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.store.keeps_audio = True
    held: list[str] = []
    most: list[int] = []
    write = archive.store.write

    async def slow(work: Callable[[Writer], Any]) -> Any:
        await asyncio.sleep(0)
        most.append(len(held))
        held.pop()
        return await write(work)

    read = Recording.read

    def counted(recording: Recording) -> bytes:
        held.append(recording.id)
        return read(recording)

    monkeypatch.setattr(archive.store, "write", slow)
    monkeypatch.setattr(Recording, "read", counted)
    recordings = [archive.record(f"r{number}") for number in range(20)]
    for recording in recordings:
        recording.finish()

    async def all_of_them() -> list[bool]:
        return await asyncio.gather(*(archive.filing.file(recording, cut_off=False) for recording in recordings))

    assert all(asyncio.run(all_of_them()))
    assert max(most) <= AUDIO_AT_ONCE
    assert len(archive.stored()) == 20


def test_what_is_written_is_read_again() -> None:
    assert RecordingMetadata.load(FACTS.dump()) == FACTS


@pytest.mark.parametrize("came", ["c" * 65_000, "a\x00b", "\ud800", "call-é"])
def test_what_an_earlier_worker_wrote_is_made_fit(came: str) -> None:
    """It wrote the Call-ID and the caller as they had come, and the store would refuse them."""
    handoff = json.dumps({"number": "+33199001234", "revision": 3, "email": "a@b.example", "caller": came})
    encoded = base64.b64encode(handoff.encode()).decode()
    written = json.loads(FACTS.dump()) | {"deposit": encoded, "call_id": came, "from_tag": came}
    facts = RecordingMetadata.load(json.dumps(written).encode())
    assert facts.call_id == facts.from_tag == identifier(came.encode("utf-8", "surrogatepass"))
    assert facts.handoff.caller == clean_text(came, MAX_VALUE)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        FACTS.dump()[:-1],
        *(
            json.dumps({name: value for name, value in json.loads(FACTS.dump()).items() if name != missing}).encode()
            for missing in ("deposit", "call_id", "from_tag", "answered_at_ms")
        ),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": "nonsense"}).encode(),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": None}).encode(),
        *(
            json.dumps(json.loads(FACTS.dump()) | {"answered_at_ms": at_ms}).encode()
            for at_ms in ("x", "1", 9e17, 2**63 - 1, 253_402_214_400_000, -1, float("inf"), True, None)
        ),
        json.dumps(json.loads(FACTS.dump()) | {"deposit": base64.b64encode(b"[" * 100_000).decode()}).encode(),
        b"[" * 100_000,
        b'{"deposit":' * 50_000,
    ],
)
def test_anything_else_is_told_apart(text: bytes) -> None:
    with pytest.raises(MetadataInvalid):
        RecordingMetadata.load(text)
