"""Callers of the voicemail: they wait for the beep, talk, hang up, and know what must have been heard of them."""

import functools
import random
import time
from collections.abc import Callable
from typing import Self

from renvoi.voicemail.greetings import RATE_HZ, beep
from renvoi.voicemail.media.codec import Codec, encode_frames
from tests.support.rtp_talker import CODECS, FRAME_S, PCMA, RtpTalker, address_of
from tests.support.sip import TIMEOUT_S, Call, Phone
from tests.support.sip_message import Address, SipMessage
from tests.support.sound import WINDOW_S, Sound
from tests.support.stall_monitor import StallMonitor
from tests.support.waiting import wait_for

RETRANSMIT_S = 0.5
"""Pause before an INVITE without any answer is sent again (RFC 3261 §17.1.1.2)."""
ANSWER_TIMEOUT_S = 30.0
"""How long a caller waits for an answer of a node that should give one, though the machine is busy."""
GIVES_UP_AFTER_S = 5.0
"""The same where it may have died."""
DEAD_AIR_S = 5.0
"""How long a caller who waits for the beep listens to nothing at all."""
BEEP_TIMEOUT_S = 120.0
TOLERANCE_S = 0.3
"""How much longer or shorter than what was said a recording may be, on a machine that has time."""
_BYE_TIMEOUT_S = 10.0
_LONGEST_POLL_S = 0.1
_SDP_TYPE = ("Content-Type", "application/sdp")


@functools.cache
def last_of_beep(codec: Codec) -> bytes:
    """Return the frame that ends every greeting, and comes nowhere else: the beep is encoded by itself."""
    return encode_frames(beep(), RATE_HZ, codec)[-1]


class Caller:
    """One call to a mailbox with a tone of `hz` (None: silence), each by another caller's number.

    With `late_offer` the INVITE brings no SDP, the ACK an answer to the voicemail's. `stalls` watches the node, if that
    is possible. Times are monotonic seconds. `host` is the address of its phone, `audio_host` that of its audio, by
    default the same.
    """

    def __init__(
        self,
        edge: Address,
        number: str,
        hz: float | None = 440.0,
        *,
        payload_type: int = PCMA,
        late_offer: bool = False,
        stalls: StallMonitor | None = None,
        host: str = "127.0.0.1",
        audio_host: str | None = None,
    ) -> None:
        self.number = f"+336{random.randrange(10**8):08}"
        self.hz = hz or 0.0
        self.phone = Phone(host=host)
        self.talker = RtpTalker(payload_type, hz, host=audio_host or host)
        self.call = Call(self.phone, edge, number, self.number)
        self.call.invite.body = self.talker.sdp.encode()
        self._late_offer = late_offer
        if late_offer:
            self.withhold_offer()
        self.rtp_port = 0
        """The voicemail's port for this call; 0 until it is answered."""
        self.answered_at = 0.0
        self.began_at: float | None = None
        """When the beep was over, so that the recording ran."""
        self.ended_at: float | None = None
        """When the caller stopped talking, to hang up."""
        self._pulse = stalls
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

    def withhold_offer(self) -> None:
        """Take the SDP out of the INVITE."""
        self.call.invite.body = b""
        self.call.invite.headers.remove(_SDP_TYPE)

    def connect(self, timeout_s: float = ANSWER_TIMEOUT_S) -> int:
        """Call, and talk as soon as that is answered; return the final status, 0 when there was none in time."""
        status = self._invite(timeout_s)
        if status == 200:
            self.begin()
        return status

    def begin(self) -> None:
        """Talk, as the call was answered."""
        assert self.call.answer is not None
        self.answered_at = time.monotonic()
        answer = self.call.answer.body.decode()
        self.rtp_port = address_of(answer)[1]
        self.talker.talk(answer)

    def wait_for_beep(self, *, skip: bool = True, dead_air_s: float = DEAD_AIR_S) -> bool:
        """Wait for the last frame of the beep, without the greeting when `skip` is set.

        Return whether it came before the line was dead for `dead_air_s` seconds, when this phone was not held up.
        """
        heard, last = self.talker.heard, last_of_beep(CODECS[self.talker.payload_type])
        count, silent_s = 0, 0.0
        asked_at = time.monotonic()

        def over() -> bool:
            nonlocal count, silent_s, asked_at
            now = time.monotonic()
            pause_s, asked_at = now - asked_at, now
            self._held_up_s = max(self._held_up_s, pause_s - FRAME_S)
            fresh = heard[count:]
            count += len(fresh)
            silent_s = 0.0 if fresh else silent_s + min(pause_s, _LONGEST_POLL_S)
            if last in (payload for *_, payload in fresh):
                self.began_at = now
            return self.began_at is not None or silent_s > dead_air_s

        if skip:
            self.talker.press("1")
        wait_for(over, "the end of the beep", BEEP_TIMEOUT_S)
        return self.began_at is not None

    def talk(self, seconds: float) -> Self:
        """Go on until so long after the beep."""
        assert self.began_at is not None
        end = self.began_at + seconds
        wait_for(lambda: time.monotonic() >= end, "the end of what there is to say", seconds + 10)
        return self

    def offer_again(self, sdp: str, status: int = 200) -> str:
        """Send a re-INVITE, which must be answered with that status; return the answer's body."""
        self.call.send("INVITE", [_SDP_TYPE], sdp)
        answer = self._final("INVITE", TIMEOUT_S)
        assert answer is not None, "no answer to a re-INVITE"
        assert answer.status == status, answer.start_line
        return answer.body.decode()

    def hang_up(self, timeout_s: float = _BYE_TIMEOUT_S) -> int:
        """Stop talking and hang up; return the status of the answer, 0 when there was none in time."""
        self.talker.silent.set()
        self.ended_at = time.monotonic()
        self.call.send("BYE")
        return _status(self._final("BYE", timeout_s))

    def expect_bye(self, timeout_s: float = _BYE_TIMEOUT_S) -> SipMessage:
        """Wait for the voicemail to hang up, and confirm it; return its BYE."""
        bye = self._receive_until(lambda message: message.status is None and message.method == "BYE", timeout_s)
        assert bye is not None, "no BYE"
        self.ended_at = time.monotonic()
        self.talker.silent.set()
        return bye

    def heard_s(self, until: float | None = None) -> float:
        """Return the length of what was said after the beep, up to then or the end of the call, in seconds."""
        if self.began_at is None:
            return 0.0
        end = min(each for each in (until, self.ended_at, time.monotonic()) if each is not None)
        return FRAME_S * sum(self.began_at < sent <= end for sent in self.talker.sent_at)

    @property
    def stutter_s(self) -> float:
        """How long this phone or the node was held up at the most, on a busy machine.

        What the phone knows is as vague as that.
        """
        return max(self.talker.late_s, self._held_up_s, 0.0 if self._pulse is None else self._pulse.longest_s)

    def faults(self, sound: Sound, tolerance_hz: float = 15.0) -> list[float]:
        """Return at which tenths of a second a recording of this call is not its tone.

        Its first packet comes a little after the beep, and is placed when the worker comes to read it; until then there
        is silence.
        """
        begins_s = self.stutter_s + 2 * FRAME_S
        read_s = self.stutter_s + TOLERANCE_S

        def right(at: float, hz: float) -> bool:
            return at <= begins_s or (hz == 0 and at <= read_s) or abs(hz - self.hz) <= tolerance_hz

        windows = ((round(number * WINDOW_S, 1), hz) for number, hz in enumerate(sound.frequencies()))
        return [at for at, hz in windows if not right(at, hz)]

    def assert_whole(self, sound: Sound, until: float | None = None) -> None:
        """Check that a recording has all that was said up to then, or to the end of the call, and nothing else."""
        said_s, tolerance_s = self.heard_s(until), TOLERANCE_S + self.stutter_s
        assert abs(sound.length_s - said_s) <= tolerance_s, f"{sound.length_s} s of {said_s} ± {tolerance_s}"
        assert not self.faults(sound)

    def _invite(self, timeout_s: float) -> int:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            self.call.start()
            if status := _status(self._final("INVITE", RETRANSMIT_S)):
                return status
        self.call.cancel()
        if _status(self._final("INVITE", 1.0)) == 200:
            # It crossed the CANCEL; nobody is on the phone any more.
            self.hang_up()
        return 0

    def _final(self, method: str, timeout_s: float) -> SipMessage | None:
        """Wait for the final answer to the last request; return it, None when there was none in time."""
        cseq = f"{self.call.cseq} {method}"
        return self._receive_until(lambda message: (message.status or 0) >= 200 and message["CSeq"] == cseq, timeout_s)

    def _receive_until(self, wanted: Callable[[SipMessage], bool], timeout_s: float) -> SipMessage | None:
        """React to what comes, until it is what is `wanted`; return that, None when it did not come in time."""
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                # What came in time is read though this phone was held up until after its time.
                message = self.phone.receive(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                return None
            self._react(message)
            if wanted(message):
                return message

    def _react(self, message: SipMessage) -> None:
        """Acknowledge what is to be acknowledged, as often as it comes."""
        if message.status is None and message.method == "BYE":
            self.phone.send(message.answer(200), message.source)
        elif message.status is not None and message.status >= 200 and message.method == "INVITE":
            cseq = int(message["CSeq"].split()[0])
            if cseq == 1:
                # The dialog stays as its first answer made it (RFC 3261 §12.1.2).
                self.call.answer = message
            if message.status < 300:
                self._confirm(cseq)
            else:
                self.call._acknowledge(message)

    def _confirm(self, cseq: int) -> None:
        """Acknowledge the answer to an INVITE; the first one may have brought the offer."""
        answers = self._late_offer and cseq == 1
        ack = self.call.request("ACK", cseq, [_SDP_TYPE] * answers, self.talker.sdp * answers)
        self.phone.send(ack, self.call.edge)


def _status(answer: SipMessage | None) -> int:
    return 0 if answer is None else answer.status or 0
