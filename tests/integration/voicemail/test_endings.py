"""How a call ends: whatever ends it, what was said is stored, and nothing of the call is left."""

import errno
import time
from collections.abc import Callable

import pytest

from renvoi.domain.messages.message import PEAKS, MailState
from renvoi.voicemail import call as call_module
from renvoi.voicemail.call_flow import MessageLimits
from renvoi.voicemail.media.codec import Codec
from renvoi.voicemail.recording import Recording
from tests.support.callers import last_of_beep
from tests.support.rtp_talker import EVENTS, KEYS, TICKS
from tests.support.waiting import wait_for
from tests.support.worker_harness import MAILBOX, OWNER, WorkerCaller, WorkerHarness, WorkerResources, worker_harness


def wait_until_idle(place: WorkerHarness) -> None:
    wait_for(lambda: place.calls == 0, "the end of the call")


def test_a_caller_hangs_up(house: WorkerResources, place: WorkerHarness, guest: WorkerCaller) -> None:
    guest.leave(1.5)
    # It was stored before the BYE was answered.
    (stored,) = house.messages_of(guest)
    message = stored.message
    assert (message.number, message.revision, message.caller) == (MAILBOX, 3, guest.number)
    assert message.duration_ms == pytest.approx(1500, abs=200 + 1000 * guest.stutter_s)
    assert not message.cut_off
    assert (stored.mail.recipient, stored.mail.state) == (OWNER, MailState.PENDING)
    assert message.peaks is not None
    assert (len(message.peaks), max(message.peaks) > 100) == (PEAKS, True), "the caller was heard"
    sound = house.sound_of(guest)
    assert int(sound.length_s * 1000) == message.duration_ms
    assert guest.faults(sound) == []
    assert house.events_of(guest) == ["MessageLeft"]
    assert house.files() == [f"{message.id}.wav"]
    wait_until_idle(place)


def test_two_callers_at_once_are_not_mixed_up(house: WorkerResources, place: WorkerHarness) -> None:
    with WorkerCaller(place, hz=440) as one, WorkerCaller(place, hz=800) as other:
        one.skip_greeting()
        other.skip_greeting()
        one.say(1.2)
        other.say(1.6)
        assert place.calls == 2
        assert [one.hang_up(), other.hang_up()] == [200, 200]
        for caller, length in ((one, 1.2), (other, 1.6)):
            (stored,) = house.messages_of(caller)
            assert stored.message.caller == caller.number
            # The first packet is placed by the clock, so the recording may begin with a moment of silence.
            sound = house.sound_of(caller)
            assert sound.length_s >= length
            assert all(abs(hz - caller.hz) < 15 for hz in sound.frequencies()[-int(length * 10) + 1 :])


def test_the_last_words_before_a_hang_up_are_heard(house: WorkerResources, guest: WorkerCaller) -> None:
    """They have arrived before the BYE, though nobody has read them yet."""
    guest.skip_greeting()
    guest.send(1.2)
    assert guest.hang_up() == 200
    assert house.message_of(guest).message.duration_ms >= 1200


def test_the_end_key_ends_a_message_and_others_do_not(house: WorkerResources, guest: WorkerCaller) -> None:
    guest.skip_greeting().say(0.6)
    guest.talker.press("5")
    guest.say(0.6)
    guest.talker.press("#")
    assert guest.expect_bye().get("Reason") is None
    assert house.message_of(guest).message.duration_ms >= 1200
    assert house.events_of(guest) == ["MessageLeft"]


@pytest.mark.parametrize(
    ("kind", "body"), [("application/dtmf-relay", "Signal=#\r\nDuration=160\r\n"), ("application/dtmf", "#")]
)
def test_the_end_key_may_come_by_info(house: WorkerResources, guest: WorkerCaller, kind: str, body: str) -> None:
    guest.skip_greeting().say(0.6)
    guest.call.send("INFO", [("Content-Type", "text/plain")], "#")
    assert guest.phone.expect(415)["Accept"] == "application/dtmf-relay, application/dtmf"
    guest.call.send("INFO", [("Content-Type", kind)], body.replace("#", "5"))
    guest.phone.expect(200)
    guest.say(0.6)
    guest.call.send("INFO", [("Content-Type", kind)], body)
    guest.phone.expect(200)
    guest.expect_bye()
    assert house.message_of(guest).message.duration_ms >= 1200


def test_a_key_that_comes_by_info_skips_the_greeting(house: WorkerResources, guest: WorkerCaller) -> None:
    assert guest.connect() == 200
    guest.call.send("INFO", [("Content-Type", "application/dtmf")], "1")
    guest.phone.expect(200)
    assert guest.wait_for_beep(skip=False)
    # The whole greeting has 400 frames and more.
    assert len(guest.talker.heard) < 200
    guest.say(1.2)
    assert guest.hang_up() == 200
    house.message_of(guest)


def test_a_key_held_over_the_beep_whose_timestamps_go_on_is_one(house: WorkerResources, guest: WorkerCaller) -> None:
    """It skips the greeting, and does not end the message as well."""
    assert guest.connect() == 200
    talker = guest.talker
    heard = talker.heard

    def hold() -> bool:
        talker.send(EVENTS, bytes([KEYS.index("#"), 10, 0, 160]), talker.timestamp)
        talker.timestamp = (talker.timestamp + TICKS) & 0xFFFFFFFF
        return last_of_beep(Codec.PCMA) in [payload for *_, payload in heard]

    wait_for(hold, "the end of the beep")
    for _ in range(25):
        hold()
    guest.began_at = time.monotonic()
    guest.say(1.2)
    assert guest.hang_up() == 200
    assert house.message_of(guest).message.duration_ms >= 1200


def test_silence_ends_a_message(house: WorkerResources) -> None:
    with worker_harness(house, limits=MessageLimits(silence_s=1.2)) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().say(1.2)
        guest.expect_bye()
        assert house.message_of(guest).message.duration_ms >= 1200


def test_a_message_is_no_longer_than_allowed(house: WorkerResources) -> None:
    with worker_harness(house, limits=MessageLimits(max_s=2)) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().send(3)
        guest.expect_bye()
        assert house.message_of(guest).message.duration_ms == 2000


def test_a_disk_that_fails_ends_the_message_and_keeps_what_was_heard(
    house: WorkerResources, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Recording.write

    def full(recording: Recording, offset: int, pcm: bytes | bytearray) -> None:
        if offset > 1.5 * recording.rate:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(recording, offset, pcm)

    monkeypatch.setattr(Recording, "write", full)
    guest.skip_greeting().say(1.2)
    guest.send(1)
    guest.expect_bye()
    message = house.message_of(guest).message
    assert message.cut_off
    assert message.duration_ms == pytest.approx(1500, abs=20)


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_a_hang_up_without_a_word_is_a_missed_call(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, seconds: float
) -> None:
    guest.leave(seconds)
    wait_until_idle(place)
    assert house.messages_of(guest) == []
    assert house.files() == []
    assert house.events_of(guest) == ["Missed"]


def test_a_hang_up_during_the_greeting_is_a_missed_call(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller
) -> None:
    assert guest.connect() == 200
    assert guest.hang_up() == 200
    wait_until_idle(place)
    assert house.files() == []
    assert house.events_of(guest) == ["Missed"]


def test_a_caller_waits_for_a_slow_store_only_a_moment(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller
) -> None:
    guest.skip_greeting().say(1.2)
    house.store.writing.clear()
    began = time.monotonic()
    assert guest.hang_up() == 200
    took_s = time.monotonic() - began
    assert 0.1 < took_s < 1 + guest.stutter_s
    assert house.messages_of(guest) == []
    assert place.calls == 1
    house.store.writing.set()
    assert house.message_of(guest).message.duration_ms >= 1200
    wait_until_idle(place)


def test_the_line_is_held_until_the_message_is_stored(house: WorkerResources, guest: WorkerCaller) -> None:
    guest.skip_greeting().say(1.2)
    house.store.writing.clear()
    guest.talker.press("#")
    guest.phone.expect_silence(0.4)
    house.store.writing.set()
    guest.expect_bye()
    assert len(house.messages_of(guest)) == 1


def test_the_line_is_not_held_for_ever(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call_module.RELEASE_PATIENCE_S == 2
    monkeypatch.setattr(call_module, "RELEASE_PATIENCE_S", 0.3)
    guest.skip_greeting().say(1.2)
    house.store.writing.clear()
    guest.talker.press("#")
    guest.expect_bye(5)
    assert house.messages_of(guest) == []
    house.store.writing.set()
    house.message_of(guest)
    wait_until_idle(place)


def away(house: WorkerResources) -> None:
    house.store.away = True


def broken(house: WorkerResources) -> None:
    house.store.fault = RuntimeError("a fault of our own")


@pytest.mark.parametrize("harm", [away, broken])
def test_a_message_that_cannot_be_stored_is_found_again(
    house: WorkerResources, place: WorkerHarness, guest: WorkerCaller, harm: Callable[[WorkerResources], None]
) -> None:
    """Whatever the store does, the caller is let go, and the recording waits for whoever looks for orphans."""
    guest.skip_greeting().say(1.2)
    harm(house)
    assert guest.hang_up() == 200
    wait_until_idle(place)
    assert len(house.facts()) == 1
    assert house.adopt() == 0
    house.store.recover()
    assert house.adopt() == 1
    message = house.message_of(guest).message
    assert message.duration_ms >= 1200
    assert not message.cut_off
    assert house.events_of(guest) == ["MessageLeft"]


def test_a_worker_that_is_told_to_stop_stores_what_was_said_and_hangs_up(house: WorkerResources) -> None:
    with worker_harness(house) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().say(1.2)
        place.tell_to_stop()
        guest.expect_bye()
        wait_for(lambda: place.ended, "the end of the worker")
        assert house.message_of(guest).message.duration_ms >= 1200


def test_a_worker_that_is_told_to_stop_lets_callers_finish(house: WorkerResources) -> None:
    with worker_harness(house, grace_s=5) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().say(0.6)
        place.drain()
        guest.say(0.6)
        assert guest.hang_up() == 200
        wait_for(lambda: place.ended, "the end of the worker")
        assert house.message_of(guest).message.duration_ms >= 1200


def test_a_worker_without_its_beat_ends_with_what_stopped_it(
    house: WorkerResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its callers would hear nothing for ever; their messages are stored, and the supervisor restarts it."""

    def fail(*_: object) -> None:
        raise RuntimeError("no beat")

    with worker_harness(house) as place, WorkerCaller(place) as guest:
        guest.skip_greeting().say(1.2)
        monkeypatch.setattr(call_module.VoicemailCall, "tick", fail)
        guest.expect_bye()
        wait_for(lambda: place.ended, "the end of the worker")
        with pytest.raises(RuntimeError, match="no beat"):
            place.stop()
    assert house.message_of(guest).message.duration_ms >= 1200
