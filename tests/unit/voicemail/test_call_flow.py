"""Greeting, beep and recording of one call, with a clock of the test."""

import errno

import pytest

from renvoi.voicemail.call_flow import (
    FIRST_PACKET_S,
    KEEP_ALIVE_TICKS,
    CallFlow,
    End,
    MessageLimits,
    Stage,
    max_samples,
)
from renvoi.voicemail.greetings import Prompt
from renvoi.voicemail.media import rtp
from renvoi.voicemail.media.codec import Codec, encode_frames, silence_frame
from renvoi.voicemail.media.player import Packing, Player
from renvoi.voicemail.media.receiver import Receiver
from tests.support.rtp_talker import FRAME_S
from tests.unit.voicemail.media.signals import tone

CALLER = ("192.0.2.1", 4000)
PCMA, PCMU, EVENTS = 8, 0, 101
RATE = 8000
GREETING, BEEP = [bytes([n]) * 160 for n in range(1, 11)], [b"b" * 160, b"e" * 160]
PROMPT = Prompt(GREETING, BEEP)
OTHER_PROMPT = Prompt([b"G" + bytes([n]) * 159 for n in range(1, 11)], [b"B" * 160, b"E" * 160])
SPEECH, SILENCE = encode_frames(tone(440, FRAME_S, RATE), RATE, Codec.PCMA)[0], silence_frame(Codec.PCMA)


class Line:
    """A call, what it sends, and what is written of it."""

    def __init__(self, limits: MessageLimits = MessageLimits(), *, heard: bool = True) -> None:  # noqa: B008 - it is frozen
        """Begin a call whose caller was `heard` already, so that the greeting waits for nothing."""
        self.now = 100.0
        self.written: list[tuple[int, int]] = []
        """Offset and length of each piece, in samples."""
        self.fault: OSError | None = None
        self.receiver = Receiver({PCMA: Codec.PCMA}, {EVENTS}, RATE, max_samples(limits, RATE), CALLER)
        self.call = CallFlow(
            PROMPT,
            Player(PROMPT.greeting, Packing(PCMA), 7),
            self.receiver,
            self._write,
            limits,
            silence_frame(Codec.PCMA),
        )
        self._sequence = 0
        if heard:
            self._send(PCMA, SILENCE)

    def _write(self, offset: int, pcm: bytes | bytearray) -> None:
        if self.fault is not None:
            raise self.fault
        self.written.append((offset, len(pcm) // 2))

    def stage(self) -> Stage:
        return self.call.stage

    def end(self) -> End | None:
        return self.call.end

    def tick(self, count: int = 1) -> list[bytes]:
        """Go on for so many frames; return the payloads that are sent."""
        sent = []
        for _ in range(count):
            for packet in self.call.tick(self.now):
                parsed = rtp.parse(packet)
                assert parsed is not None
                sent.append(parsed.payload)
            self.now += FRAME_S
        return sent

    def talk(self, seconds: float, payload: bytes = SPEECH) -> None:
        """Have the caller send so much, a packet each 20 ms."""
        for _ in range(round(seconds / FRAME_S)):
            self._send(PCMA, payload)
            self.tick()

    def press(self, key: str) -> None:
        self._send(EVENTS, bytes(["0123456789*#ABCD".index(key), 10, 0, 160]))

    def _send(self, payload_type: int, payload: bytes) -> None:
        self._sequence += 1
        timestamp = int(self.now * RATE) & 0xFFFFFFFF
        self.call.receive(rtp.build(payload_type, self._sequence, timestamp, 99, payload), CALLER, self.now)

    def record(self) -> "Line":
        """Go on to the recording."""
        self.press("1")
        self.tick(len(BEEP))
        assert self.stage() is Stage.RECORDING
        return self


def test_greeting_beep_recording() -> None:
    line = Line()
    line.talk(0.1)
    assert line.tick(5) == GREETING[5:]
    assert line.stage() is Stage.BEEP
    assert line.tick(2) == BEEP
    assert line.stage() is Stage.RECORDING
    # What was said before the beep is not kept.
    assert line.written == []
    line.talk(0.04)
    assert [length for _, length in line.written] == [160, 160]
    assert line.end() is None


@pytest.mark.parametrize("key", "0123456789*#")
def test_any_key_leads_to_the_beep(key: str) -> None:
    line = Line()
    line.tick(3)
    line.press(key)
    assert line.stage() is Stage.BEEP
    assert line.tick(2) == BEEP
    assert line.end() is None


def test_keys_that_telephones_do_not_have_skip_nothing() -> None:
    line = Line()
    line.press("A")
    assert line.tick() == GREETING[:1]


def test_keys_during_the_beep_mean_nothing() -> None:
    line = Line()
    line.press("1")
    line.press("#")
    assert line.tick(2) == BEEP
    assert line.end() is None


def test_end_keys_are_those_of_the_settings() -> None:
    line = Line(MessageLimits(end_keys="*9")).record()
    line.press("#")
    assert line.end() is None
    line.tick()
    line.press("9")
    assert line.end() is End.KEY


def test_silence_ends_a_message() -> None:
    line = Line(MessageLimits(silence_s=2)).record()
    line.talk(1)
    line.talk(1.9, SILENCE)
    assert line.end() is None
    line.talk(0.2, SILENCE)
    assert line.end() is End.SILENCE


def test_no_packets_are_silence() -> None:
    line = Line(MessageLimits(silence_s=2)).record()
    line.tick(100)
    assert line.end() is None
    line.tick(2)
    assert line.end() is End.SILENCE


def test_the_longest_message() -> None:
    line = Line(MessageLimits(max_s=3, silence_s=1)).record()
    line.talk(3)
    assert line.end() is None
    line.tick(2)
    assert line.end() is End.LENGTH
    assert max(offset + length for offset, length in line.written) <= 3 * RATE


def test_a_disk_that_fails_ends_the_message() -> None:
    line = Line().record()
    line.talk(0.1)
    line.fault = OSError(errno.ENOSPC, "No space left on device")
    line.talk(0.02)
    assert line.end() is End.FAULT
    assert line.call.fault is line.fault
    line.fault = None
    line.talk(0.1)
    assert len(line.written) == 5


def test_nothing_is_written_after_the_end_and_the_reason_stays() -> None:
    line = Line(MessageLimits(max_s=1)).record()
    line.press("#")
    line.talk(2)
    assert line.written == []
    assert line.end() is End.KEY


def test_the_greeting_waits_on_hold() -> None:
    line = Line()
    line.tick(3)
    line.call.hold(line.now, held=True)
    assert line.tick(50) == []
    line.call.hold(line.now, held=False)
    assert line.tick(2) == GREETING[3:5]


def test_silence_on_hold_does_not_count_but_the_length_does() -> None:
    line = Line(MessageLimits(max_s=10, silence_s=1)).record()
    line.talk(0.5)
    line.call.hold(line.now, held=True)
    line.tick(200)
    assert line.end() is None
    line.call.hold(line.now, held=False)
    line.tick(50)
    assert line.end() is None
    line.tick(2)
    assert line.end() is End.SILENCE

    line = Line(MessageLimits(max_s=10, silence_s=1)).record()
    line.call.hold(line.now, held=True)
    line.tick(502)
    assert line.end() is End.LENGTH


def test_being_told_twice_of_not_being_held_does_not_count_as_speech() -> None:
    line = Line(MessageLimits(silence_s=1)).record()
    line.tick(25)
    line.call.hold(line.now, held=False)
    line.tick(27)
    assert line.end() is End.SILENCE


def test_nobody_stays_on_hold_for_ever_before_the_message() -> None:
    line = Line(MessageLimits(max_s=2))
    line.tick(3)
    line.call.hold(line.now, held=True)
    line.tick(60)
    # A repeated offer of the same kind is not a new beginning.
    line.call.hold(line.now, held=True)
    line.tick(40)
    assert line.end() is None
    line.tick(2)
    assert line.end() is End.LENGTH


def test_silence_is_sent_now_and_then_during_the_recording_but_not_on_hold() -> None:
    line = Line(MessageLimits(silence_s=60)).record()
    assert line.tick(KEEP_ALIVE_TICKS - 1) == []
    assert line.tick() == [silence_frame(Codec.PCMA)]
    assert line.tick(KEEP_ALIVE_TICKS) == [silence_frame(Codec.PCMA)]
    line.call.hold(line.now, held=True)
    assert line.tick(2 * KEEP_ALIVE_TICKS) == []


def test_a_new_codec_goes_on_at_the_same_place() -> None:
    line = Line()
    line.tick(3)
    line.call.change_codec(OTHER_PROMPT, Packing(PCMU), silence_frame(Codec.PCMU))
    assert line.tick(2) == OTHER_PROMPT.greeting[3:5]
    line.press("1")
    assert line.tick() == OTHER_PROMPT.beep[:1]
    line.call.change_codec(PROMPT, Packing(PCMA), silence_frame(Codec.PCMA))
    assert line.tick() == PROMPT.beep[1:]
    line.call.change_codec(OTHER_PROMPT, Packing(PCMU), silence_frame(Codec.PCMU))
    # The recording runs: nothing of the prompt is played again, and what is sent is silence of the new codec.
    assert line.tick(KEEP_ALIVE_TICKS) == [silence_frame(Codec.PCMU)]


def test_other_datagrams_change_nothing() -> None:
    line = Line().record()
    for junk in (b"", b"x", bytes(12), rtp.build(96, 1, 1, 1, b"x")):
        line.call.receive(junk, CALLER, line.now)
    assert (line.written, line.end()) == ([], None)


def test_the_greeting_begins_with_the_first_packet_of_the_caller() -> None:
    line = Line(heard=False)
    assert line.tick(20) == []
    line.talk(FRAME_S)
    assert line.tick(2) == GREETING[1:3]
    line = Line(heard=False)
    line.call.receive(b"junk", CALLER, line.now)
    assert line.tick(round(FIRST_PACKET_S / FRAME_S) - 1) == []
    assert line.tick(4)[:2] == GREETING[:2]


def test_the_greeting_waits_no_longer_than_a_second_behind_a_hold() -> None:
    line = Line(MessageLimits(max_s=60), heard=False)
    line.call.hold(line.now, held=True)
    assert line.tick(100) == []
    line.call.hold(line.now, held=False)
    assert line.tick(round(FIRST_PACKET_S / FRAME_S) - 1) == []
    assert line.tick(4)[:1] == GREETING[:1]


def test_a_key_that_is_told_by_sip_is_as_good_as_any() -> None:
    line = Line()
    line.call.press("1")
    line.call.press("#")
    assert line.tick(len(BEEP)) == BEEP
    line.call.press("5")
    assert line.end() is None
    line.call.press("#")
    line.call.press("#")
    assert line.end() is End.KEY


def test_a_key_held_over_the_beep_does_not_end_the_message() -> None:
    """Whatever the phone makes of its timestamps."""
    line = Line()
    for _ in range(len(BEEP) + 20):
        line.press("#")
        line.tick()
    assert line.stage() is Stage.RECORDING
    assert line.end() is None
    line.talk(0.5)
    line.press("#")
    assert line.end() is End.KEY


def test_the_samples_of_the_longest_message() -> None:
    assert max_samples(MessageLimits(max_s=1.5), 16000) == 24000
