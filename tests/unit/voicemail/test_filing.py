"""From a recording that has ended to a message in the store."""

import asyncio

import pytest

from renvoi.application.messages import MESSAGES, RECORDED_MS
from renvoi.application.ports import StoreUnavailable
from renvoi.domain.callevent import MessageLeft, Missed
from renvoi.domain.message import Mail, MailState, Message
from renvoi.voicemail.recording import orphans
from tests.support.http_api import START_MS
from tests.support.stores import A
from tests.unit.voicemail.conftest import STRANGER, Archive


def orphans_of(archive: Archive) -> list[tuple[str, bool]]:
    """Return the recordings in nobody's hands, and whether they are whole."""
    found = orphans.find(archive.recordings, archive.messages, lambda name, error: pytest.fail(f"{name}: {error}"))
    return [(each.id, each.was_finished) for each in found]


@pytest.mark.parametrize("cut_off", [False, True])
def test_a_recording_becomes_a_message_with_its_mail(archive: Archive, cut_off: bool) -> None:
    assert archive.file(archive.record("a", 2.5), cut_off=cut_off)
    stored = asyncio.run(archive.store.read(lambda reader: reader.message("a")))
    facts = archive.facts("a")
    assert stored is not None
    assert stored.message == Message("a", A, 1, 4, facts.deposit.caller, "call-a", facts.answered_at_ms, 2500, cut_off)
    assert stored.mail == Mail("a", facts.deposit.email, START_MS, START_MS, MailState.PENDING)
    assert archive.events == [MessageLeft("call-a", "tag", START_MS)]
    assert archive.files() == ["a.wav"]
    assert asyncio.run(archive.store.read(lambda reader: reader.counts())) == {MESSAGES: 1, RECORDED_MS: 2500}


def test_a_recording_that_was_filed_before_is_handed_on_once(archive: Archive) -> None:
    """Its process died between the commit and the removal of the facts."""
    recording, facts = archive.record("a"), archive.recordings / "a.json"
    text = facts.read_bytes()
    assert archive.file(recording)
    facts.write_bytes(text)
    for again in orphans.find(archive.recordings, archive.messages, lambda *_: None):
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
