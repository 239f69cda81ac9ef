"""One call to a mailbox, as far as its media goes: greeting, beep, recording. No sockets, no clock, no disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from renvoi.voicemail.greetings import Prompt
from renvoi.voicemail.media.codec import FRAMES_A_SECOND
from renvoi.voicemail.media.player import Packing, Player
from renvoi.voicemail.media.receiver import Key, Receiver
from renvoi.voicemail.media.rtp import Address
from renvoi.voicemail.media.voice_activity import VoiceActivityDetector

KEEP_ALIVE_TICKS = 5 * FRAMES_A_SECOND
"""How often a packet of silence is sent during the recording: gateways and NATs end a call that sends nothing."""
FIRST_PACKET_S = 1.0
"""How long the greeting waits for the caller's first packet, which tells where a caller behind a NAT is reached."""
SKIP_KEYS = frozenset("0123456789*#")
"""Keys that end the greeting early, as callers know it from elsewhere."""


class Stage(StrEnum):
    """How far a call has come."""

    GREETING = "greeting"
    BEEP = "beep"
    RECORDING = "recording"


class End(StrEnum):
    """Why we hang up."""

    KEY = "key"
    SILENCE = "silence"
    LENGTH = "length"
    FAULT = "fault"
    """What was heard could not be written."""


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """What ends a message: its length and silence in seconds, and the keys that do."""

    max_s: float = 120.0
    silence_s: float = 5.0
    end_keys: str = "#"


class CallFlow:
    """A call that has been answered.

    `write` takes PCM at an offset in samples, and may raise OSError. `silence` is a frame of the call's codec.
    """

    def __init__(
        self,
        prompt: Prompt,
        player: Player,
        receiver: Receiver,
        write: Callable[[int, bytes | bytearray], None],
        limits: MessageLimits,
        silence: bytes,
    ) -> None:
        self._prompt = prompt
        self._write = write
        self._limits = limits
        self._silence = silence
        self.player = player
        self.receiver = receiver
        self.stage = Stage.GREETING
        self.end: End | None = None
        """Set once the call is to be ended by us."""
        self.fault: OSError | None = None
        self.held = False
        """Whether the caller has put us on hold: nothing is played then, and silence means nothing."""
        self._held_at = 0.0
        self._begins_by: float | None = None
        """When the greeting begins at the latest."""
        self._began = 0.0
        self._ticks = 0
        self._speech: VoiceActivityDetector | None = None

    def receive(self, datagram: bytes, source: Address, now: float) -> None:
        """Take in a datagram of the call's RTP."""
        heard = self.receiver.receive(datagram, source, now)
        if heard is None or self.end is not None:
            return
        if isinstance(heard, Key):
            self.press(heard.name)
            return
        offset, pcm = heard
        if self._speech is not None:
            self._speech.hear(pcm, now)
        try:
            self._write(offset, pcm)
        except OSError as error:
            self.fault, self.end = error, End.FAULT

    def press(self, key: str) -> None:
        """Handle a key, whether it came by RTP or by SIP."""
        if self.end is not None:
            return
        if self.stage is Stage.RECORDING:
            if key in self._limits.end_keys:
                self.end = End.KEY
        elif self.stage is Stage.GREETING and key in SKIP_KEYS:
            self._beep()

    def tick(self, now: float) -> Sequence[bytes]:
        """Return the packets that are to be sent now; to be called each 20 ms."""
        if self.stage is Stage.RECORDING:
            self._check_limits(now)
            return self._keep_alive()
        if self.held:
            # Nobody stays on hold for ever before a message has begun: that line is lost, not busy.
            if now - self._held_at >= self._limits.max_s:
                self.end = End.LENGTH
            return ()
        if self.stage is Stage.GREETING and self._waits(now):
            return ()
        packets = self.player.tick()
        if self.player.finished:
            if self.stage is Stage.GREETING:
                self._beep()
            else:
                self._record(now)
        return packets

    def _waits(self, now: float) -> bool:
        """Tell whether the greeting waits for the caller's first packet."""
        if self._begins_by is None:
            self._begins_by = now + FIRST_PACKET_S
        return self.receiver.last_heard is None and now < self._begins_by

    def _keep_alive(self) -> Sequence[bytes]:
        self._ticks += 1
        if self.held or self._ticks % KEEP_ALIVE_TICKS:
            return self.player.tick()
        return (self.player.keep_alive(self._silence),)

    def _beep(self) -> None:
        self.stage = Stage.BEEP
        self.player.play(self._prompt.beep)

    def _record(self, now: float) -> None:
        self.stage = Stage.RECORDING
        self._began = now
        self._speech = VoiceActivityDetector(now)
        self.receiver.start(now)

    def _check_limits(self, now: float) -> None:
        assert self._speech is not None
        if self.end is not None:
            return
        if now - self._began >= self._limits.max_s:
            self.end = End.LENGTH
        elif not self.held and self._speech.silent_for(now) >= self._limits.silence_s:
            self.end = End.SILENCE

    def hold(self, now: float, *, held: bool) -> None:
        """Take note that the caller holds the call, or is back; the silence meanwhile does not count."""
        if self.held and not held and self._speech is not None:
            self._speech = VoiceActivityDetector(now)
        if held and not self.held:
            self._held_at = now
        self.held = held

    def change_codec(self, prompt: Prompt, packing: Packing, silence: bytes) -> None:
        """Go on with the same prompt in the frames of another codec, or in other packets."""
        self._prompt = prompt
        self._silence = silence
        # The beep stays the last that was played: a position in it is not one in the greeting.
        self.player.change_codec(prompt.greeting if self.stage is Stage.GREETING else prompt.beep, packing)


def max_samples(limits: MessageLimits, rate: int) -> int:
    """Return how many samples of `rate` Hz the longest message has."""
    return int(limits.max_s * rate)
