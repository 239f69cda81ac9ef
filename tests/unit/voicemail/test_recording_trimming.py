"""Recordings whose end, or all of which, is nothing that was said."""

from array import array

import pytest
from structlog.testing import capture_logs

from renvoi.domain.calls.call_record import MessageLeft, Missed
from renvoi.voicemail import recovery, wav
from renvoi.voicemail.media.voice_activity import KEPT_S
from renvoi.voicemail.recording import Recording, trim
from tests.unit.voicemail.conftest import Archive
from tests.unit.voicemail.media.signals import tone

NOISE = b"\1\2"
"""A sample that is not a tone."""


def record(archive: Archive, *parts: tuple[float, bytes], rate: int = 8000) -> Recording:
    """Begin a recording of these seconds of these samples, repeated."""
    recording = Recording.create(archive.recordings, archive.messages, "a", archive.facts("a").dump(), rate)
    offset = 0
    for seconds, samples in parts:
        count = int(seconds * rate)
        recording.write(offset, (samples * (2 * count // len(samples) + 1))[: 2 * count])
        offset += count
    archive.held.append(recording)
    return recording


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("orphan", [False, True])
def test_the_silence_at_the_end_is_cut_off(archive: Archive, rate: int, orphan: bool) -> None:
    recording = record(archive, (2, NOISE), (5, bytes(2)), rate=rate)
    if orphan:
        recording.release()
        (recording,) = recovery.find_leftovers(archive.recordings, archive.messages, lambda *_: None)
        found = recovery.find_leftovers(archive.recordings, archive.messages, lambda *_: None)
        recording = next(found)
    trim(recording)
    length = (2 + KEPT_S) * rate
    assert recording.samples == pytest.approx(length, abs=0.06 * rate)
    path = recording.finish()
    content = path.read_bytes()
    assert content[: wav.HEADER_BYTES] == wav.header(rate, 2 * recording.samples)
    assert len(content) == wav.HEADER_BYTES + 2 * recording.samples
    trim(recording)
    assert path.read_bytes() == content


@pytest.mark.parametrize("parts", [[(5.0, bytes(2))], [(0.5, tone(440, 0.5, 8000)), (0.5, bytes(2))] * 4])
def test_what_is_nothing_but_silence_or_a_busy_tone_is_a_missed_call(
    archive: Archive, parts: list[tuple[float, bytes]]
) -> None:
    recording = record(archive, *parts)
    trim(recording)
    assert archive.file(recording)
    assert [type(event) for event in archive.events] == [Missed]
    assert archive.files() == []
    assert archive.stored() == []


def test_a_word_of_less_than_a_second_is_a_message_when_silence_followed(archive: Archive) -> None:
    recording = record(archive, (0.3, NOISE), (5, bytes(2)))
    trim(recording)
    assert recording.duration_ms == 1000
    assert archive.file(recording)
    assert [type(event) for event in archive.events] == [MessageLeft]


def test_what_is_too_short_for_a_message_is_left_alone(archive: Archive) -> None:
    recording = record(archive, (0.9, bytes(2)))
    trim(recording)
    assert recording.duration_ms == 900


def test_a_fault_of_ours_loses_no_message(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("renvoi.voicemail.recording.heard_samples", fail)
    recording = record(archive, (2, NOISE), (5, bytes(2)))
    with capture_logs() as logs:
        trim(recording)
    assert recording.duration_ms == 7000
    assert [entry["message_id"] for entry in logs] == ["a"]


def test_samples_are_read_back(archive: Archive) -> None:
    recording = record(archive, (1, NOISE))
    recording.write(8010, b"\3\4")
    assert array("h", recording.pcm(7999, 100)) == array("h", NOISE + bytes(20) + b"\3\4")
    assert recording.pcm(9000, 1) == b""
