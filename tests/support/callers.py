"""Callers of the voicemail: they wait for the beep, talk, hang up, and know what must have been heard of them."""

import random
import time
from itertools import pairwise
from typing import Self

from renvoi.voicemail.greetings.beep import beep
from renvoi.voicemail.greetings.clips import RATE_HZ
from renvoi.voicemail.media.codec import Codec, encode_frames
from tests.support.sip import Address, Call, Phone, SipMessage
from tests.support.sound import WINDOW_S, Sound
from tests.support.talker import FRAME_S, Talker, address_of
from tests.support.waiting import wait_for

RETRANSMIT_S = 0.5
"""Pause before an INVITE without any answer is sent again (RFC 3261 §17.1.1.2)."""
ANSWER_TIMEOUT_S = 5.0
DEAD_AIR_S = 1.5
"""How long a caller who waits for the beep listens to nothing at all."""
LAST_OF_BEEP = encode_frames(beep(), RATE_HZ, Codec.PCMA)[-1]


class Caller:
    """One call to a mailbox, PCMA with a tone of `hz`, each by another caller's number. Times are monotonic seconds."""

    def __init__(self, edge: Address, number: str, hz: float = 440.0) -> None:
        self.number = f"+336{random.randrange(10**8):08}"
        self.hz = hz
        self.phone = Phone()
        self.talker = Talker(hz=hz)
        self.talker.mangle = self._note
        self.call = Call(self.phone, edge, number, self.number)
        self.call.invite.body = self.talker.sdp.encode()
        self.rtp_port = 0
        """The voicemail's port for this call; 0 until it is answered."""
        self.answered_at = 0.0
        self.began_at: float | None = None
        """When the beep was over, so that the recording ran."""
        self.ended_at: float | None = None
        """When the caller stopped talking, to hang up."""
        self._sent_at: list[float] = []
        self._held_up_s = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.talker.stop()
        self.phone.close()

    @property
    def call_id(self) -> str:
        """The call's Call-ID."""
        return self.call.call_id

    def connect(self) -> int:
        """Call, and talk as soon as that is answered; return the final status, 0 when there was none in time."""
        status = self._invite()
        if status == 200:
            assert self.call.answer is not None
            self.answered_at = time.monotonic()
            answer = self.call.answer.body.decode()
            self.rtp_port = address_of(answer)[1]
            self.talker.talk(answer)
        return status

    def wait_for_beep(self) -> bool:
        """Skip the greeting; tell whether the beep came before the line went dead."""
        heard = self.talker.heard
        count, last_at = 0, time.monotonic()
        asked_at = last_at

        def over() -> bool:
            nonlocal count, last_at, asked_at
            now = time.monotonic()
            self._held_up_s, asked_at = max(self._held_up_s, now - asked_at), now
            if len(heard) > count:
                count, last_at = len(heard), now
            return now - last_at > DEAD_AIR_S or LAST_OF_BEEP in (each[3] for each in heard[-5:])

        self.talker.press("1")
        wait_for(over, "the end of the beep", 20)
        if time.monotonic() - last_at > DEAD_AIR_S:
            return False
        self.began_at = last_at
        return True

    def talk(self, seconds: float) -> Self:
        """Go on until so long after the beep."""
        assert self.began_at is not None
        end = self.began_at + seconds
        wait_for(lambda: time.monotonic() >= end, "the end of what there is to say", seconds + 10)
        return self

    def hang_up(self, timeout_s: float = 2.0) -> int:
        """Stop talking and hang up; return the status of the answer, 0 when there was none in time."""
        self.talker.silent.set()
        self.ended_at = time.monotonic()
        self.call.send("BYE")
        return self._final("BYE", timeout_s)

    def expect_bye(self, timeout_s: float) -> None:
        """Wait for the voicemail to hang up, and confirm it."""
        bye = self.phone.expect("BYE", timeout_s)
        self.ended_at = time.monotonic()
        self.talker.silent.set()
        self.phone.send(bye.answer(200), bye.source)

    def heard_s(self, until: float | None = None) -> float:
        """Return the length of what was said after the beep, up to then or the end of the call, in seconds."""
        if self.began_at is None:
            return 0.0
        end = min(each for each in (until, self.ended_at, time.monotonic()) if each is not None)
        return FRAME_S * sum(self.began_at < sent <= end for sent in self._sent_at)

    @property
    def stutter_s(self) -> float:
        """How long this phone itself was held up at the most, on a busy machine: what it knows is as vague as that."""
        pauses = (after - before for before, after in pairwise(self._sent_at))
        return max(0.0, max(pauses, default=0.0) - FRAME_S, self._held_up_s - FRAME_S)

    def faults(self, sound: Sound) -> list[float]:
        """Return at which tenths of a second a recording of this call is not its tone.

        Its first packet comes a little after the beep.
        """
        begins_s = self.stutter_s + 2 * FRAME_S
        bad = (round(number * WINDOW_S, 1) for number in sound.without_tone(self.hz))
        return [at for at in bad if at > begins_s]

    def _note(self, _: int, packet: bytes) -> list[bytes]:
        if packet[1] & 0x7F == self.talker.payload_type:
            self._sent_at.append(time.monotonic())
        return [packet]

    def _invite(self) -> int:
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while time.monotonic() < deadline:
            self.call.start()
            if status := self._final("INVITE", RETRANSMIT_S):
                return status
        self.call.cancel()
        if self._final("INVITE", 1.0) == 200:
            # It crossed the CANCEL; nobody is on the phone any more.
            self.hang_up()
        return 0

    def _final(self, method: str, timeout_s: float) -> int:
        """Wait for the final answer to a request; return its status, 0 when there was none in time."""
        deadline = time.monotonic() + timeout_s
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                message = self.phone.receive(remaining)
            except TimeoutError:
                break
            self._react(message)
            if message.method == method and message.status is not None and message.status >= 200:
                return message.status
        return 0

    def _react(self, message: SipMessage) -> None:
        """Acknowledge what is to be acknowledged, as often as it comes."""
        if message.status is None and message.method == "BYE":
            self.phone.send(message.answer(200), message.source)
        elif message.status is not None and message.status >= 200 and message.method == "INVITE":
            self.call.answer = message
            if message.status < 300:
                self.call.ack()
            else:
                self.call._acknowledge(message)
