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


def wait_until_idle(worker: WorkerHarness) -> None:
    wait_for(lambda: worker.calls == 0, "the end of the call")


def test_a_caller_hangs_up(resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller) -> None:
    caller.leave(1.5)
    # It was stored before the BYE was answered.
    (stored,) = resources.messages_of(caller)
    message = stored.message
    assert (message.number, message.revision, message.caller) == (MAILBOX, 3, caller.number)
    assert message.duration_ms == pytest.approx(1500, abs=200 + 1000 * caller.stutter_s)
    assert not message.cut_off
    assert (stored.mail.recipient, stored.mail.state) == (OWNER, MailState.PENDING)
    assert message.peaks is not None
    assert (len(message.peaks), max(message.peaks) > 100) == (PEAKS, True), "the caller was heard"
    sound = resources.sound_of(caller)
    assert int(sound.length_s * 1000) == message.duration_ms
    assert caller.faults(sound) == []
    assert resources.events_of(caller) == ["MessageLeft"]
    assert resources.files() == [f"{message.id}.wav"]
    wait_until_idle(worker)


def test_two_callers_at_once_are_not_mixed_up(resources: WorkerResources, worker: WorkerHarness) -> None:
    with WorkerCaller(worker, hz=440) as one, WorkerCaller(worker, hz=800) as other:
        one.skip_greeting()
        other.skip_greeting()
        one.say(1.2)
        other.say(1.6)
        assert worker.calls == 2
        assert [one.hang_up(), other.hang_up()] == [200, 200]
        for caller, length in ((one, 1.2), (other, 1.6)):
            (stored,) = resources.messages_of(caller)
            assert stored.message.caller == caller.number
            # The first packet is placed by the clock, so the recording may begin with a moment of silence.
            sound = resources.sound_of(caller)
            assert sound.length_s >= length
            assert all(abs(hz - caller.hz) < 15 for hz in sound.frequencies()[-int(length * 10) + 1 :])


def test_the_last_words_before_a_hang_up_are_heard(resources: WorkerResources, caller: WorkerCaller) -> None:
    """They have arrived before the BYE, though nobody has read them yet."""
    caller.skip_greeting()
    caller.send(1.2)
    assert caller.hang_up() == 200
    assert resources.message_of(caller).message.duration_ms >= 1200


def test_the_end_key_ends_a_message_and_others_do_not(resources: WorkerResources, caller: WorkerCaller) -> None:
    caller.skip_greeting().say(0.6)
    caller.talker.press("5")
    caller.say(0.6)
    caller.talker.press("#")
    assert caller.expect_bye().get("Reason") is None
    assert resources.message_of(caller).message.duration_ms >= 1200
    assert resources.events_of(caller) == ["MessageLeft"]


@pytest.mark.parametrize(
    ("kind", "body"), [("application/dtmf-relay", "Signal=#\r\nDuration=160\r\n"), ("application/dtmf", "#")]
)
def test_the_end_key_may_come_by_info(resources: WorkerResources, caller: WorkerCaller, kind: str, body: str) -> None:
    caller.skip_greeting().say(0.6)
    caller.call.send("INFO", [("Content-Type", "text/plain")], "#")
    assert caller.phone.expect(415)["Accept"] == "application/dtmf-relay, application/dtmf"
    caller.call.send("INFO", [("Content-Type", kind)], body.replace("#", "5"))
    caller.phone.expect(200)
    caller.say(0.6)
    caller.call.send("INFO", [("Content-Type", kind)], body)
    caller.phone.expect(200)
    caller.expect_bye()
    assert resources.message_of(caller).message.duration_ms >= 1200


def test_a_key_that_comes_by_info_skips_the_greeting(resources: WorkerResources, caller: WorkerCaller) -> None:
    assert caller.connect() == 200
    caller.call.send("INFO", [("Content-Type", "application/dtmf")], "1")
    caller.phone.expect(200)
    assert caller.wait_for_beep(skip=False)
    # The whole greeting has 400 frames and more.
    assert len(caller.talker.heard) < 200
    caller.say(1.2)
    assert caller.hang_up() == 200
    resources.message_of(caller)


def test_a_key_held_over_the_beep_whose_timestamps_go_on_is_one(
    resources: WorkerResources, caller: WorkerCaller
) -> None:
    """It skips the greeting, and does not end the message as well."""
    assert caller.connect() == 200
    talker = caller.talker
    heard = talker.heard

    def hold() -> bool:
        talker.send(EVENTS, bytes([KEYS.index("#"), 10, 0, 160]), talker.timestamp)
        talker.timestamp = (talker.timestamp + TICKS) & 0xFFFFFFFF
        return last_of_beep(Codec.PCMA) in [payload for *_, payload in heard]

    wait_for(hold, "the end of the beep")
    for _ in range(25):
        hold()
    caller.began_at = time.monotonic()
    caller.say(1.2)
    assert caller.hang_up() == 200
    assert resources.message_of(caller).message.duration_ms >= 1200


def test_silence_ends_a_message(resources: WorkerResources) -> None:
    with worker_harness(resources, limits=MessageLimits(silence_s=1.2)) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().say(1.2)
        caller.expect_bye()
        assert resources.message_of(caller).message.duration_ms >= 1200


def test_a_message_is_no_longer_than_allowed(resources: WorkerResources) -> None:
    with worker_harness(resources, limits=MessageLimits(max_s=2)) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().send(3)
        caller.expect_bye()
        assert resources.message_of(caller).message.duration_ms == 2000


def test_a_disk_that_fails_ends_the_message_and_keeps_what_was_heard(
    resources: WorkerResources, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Recording.write

    def full(recording: Recording, offset: int, pcm: bytes | bytearray) -> None:
        if offset > 1.5 * recording.rate:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(recording, offset, pcm)

    monkeypatch.setattr(Recording, "write", full)
    caller.skip_greeting().say(1.2)
    caller.send(1)
    caller.expect_bye()
    message = resources.message_of(caller).message
    assert message.cut_off
    assert message.duration_ms == pytest.approx(1500, abs=20)


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_a_hang_up_without_a_word_is_a_missed_call(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, seconds: float
) -> None:
    caller.leave(seconds)
    wait_until_idle(worker)
    assert resources.messages_of(caller) == []
    assert resources.files() == []
    assert resources.events_of(caller) == ["Missed"]


def test_a_hang_up_during_the_greeting_is_a_missed_call(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller
) -> None:
    assert caller.connect() == 200
    assert caller.hang_up() == 200
    wait_until_idle(worker)
    assert resources.files() == []
    assert resources.events_of(caller) == ["Missed"]


def test_a_caller_waits_for_a_slow_store_only_a_moment(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller
) -> None:
    caller.skip_greeting().say(1.2)
    resources.store.writing.clear()
    began = time.monotonic()
    assert caller.hang_up() == 200
    took_s = time.monotonic() - began
    assert 0.1 < took_s < 1 + caller.stutter_s
    assert resources.messages_of(caller) == []
    assert worker.calls == 1
    resources.store.writing.set()
    assert resources.message_of(caller).message.duration_ms >= 1200
    wait_until_idle(worker)


def test_the_line_is_held_until_the_message_is_stored(resources: WorkerResources, caller: WorkerCaller) -> None:
    caller.skip_greeting().say(1.2)
    resources.store.writing.clear()
    caller.talker.press("#")
    caller.phone.expect_silence(0.4)
    resources.store.writing.set()
    caller.expect_bye()
    assert len(resources.messages_of(caller)) == 1


def test_the_line_is_not_held_for_ever(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call_module.RELEASE_PATIENCE_S == 2
    monkeypatch.setattr(call_module, "RELEASE_PATIENCE_S", 0.3)
    caller.skip_greeting().say(1.2)
    resources.store.writing.clear()
    caller.talker.press("#")
    caller.expect_bye(5)
    assert resources.messages_of(caller) == []
    resources.store.writing.set()
    resources.message_of(caller)
    wait_until_idle(worker)


def away(resources: WorkerResources) -> None:
    resources.store.away = True


def broken(resources: WorkerResources) -> None:
    resources.store.fault = RuntimeError("a fault of our own")


@pytest.mark.parametrize("harm", [away, broken])
def test_a_message_that_cannot_be_stored_is_found_again(
    resources: WorkerResources, worker: WorkerHarness, caller: WorkerCaller, harm: Callable[[WorkerResources], None]
) -> None:
    """Whatever the store does, the caller is let go, and the recording waits for whoever looks for orphans."""
    caller.skip_greeting().say(1.2)
    harm(resources)
    assert caller.hang_up() == 200
    wait_until_idle(worker)
    assert len(resources.facts()) == 1
    assert resources.adopt() == 0
    resources.store.recover()
    assert resources.adopt() == 1
    message = resources.message_of(caller).message
    assert message.duration_ms >= 1200
    assert not message.cut_off
    assert resources.events_of(caller) == ["MessageLeft"]


def test_a_worker_that_is_told_to_stop_stores_what_was_said_and_hangs_up(resources: WorkerResources) -> None:
    with worker_harness(resources) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().say(1.2)
        worker.tell_to_stop()
        caller.expect_bye()
        wait_for(lambda: worker.ended, "the end of the worker")
        assert resources.message_of(caller).message.duration_ms >= 1200


def test_a_worker_that_is_told_to_stop_lets_callers_finish(resources: WorkerResources) -> None:
    with worker_harness(resources, grace_s=5) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().say(0.6)
        worker.drain()
        caller.say(0.6)
        assert caller.hang_up() == 200
        wait_for(lambda: worker.ended, "the end of the worker")
        assert resources.message_of(caller).message.duration_ms >= 1200


def test_a_worker_without_its_beat_ends_with_what_stopped_it(
    resources: WorkerResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its callers would hear nothing for ever; their messages are stored, and the supervisor restarts it."""

    def fail(*_: object) -> None:
        raise RuntimeError("no beat")

    with worker_harness(resources) as worker, WorkerCaller(worker) as caller:
        caller.skip_greeting().say(1.2)
        monkeypatch.setattr(call_module.VoicemailCall, "tick", fail)
        caller.expect_bye()
        wait_for(lambda: worker.ended, "the end of the worker")
        with pytest.raises(RuntimeError, match="no beat"):
            worker.stop()
    assert resources.message_of(caller).message.duration_ms >= 1200
