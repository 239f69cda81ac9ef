"""What comes in by RTP: audio for the recording, and keys."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from renvoi.voicemail.media.codec import RTP_CLOCK_HZ, SAMPLE_BYTES, Codec, Decoder, decoder_for
from renvoi.voicemail.media.dtmf import Keypad
from renvoi.voicemail.media.rtp import Packet, parse
from renvoi.voicemail.media.rtp_latching import Address, LatchedSource
from renvoi.voicemail.media.timeline import SenderClock, Timeline

COMFORT_NOISE = 13
"""The payload type of comfort noise (RFC 3389 §4), which some send though it was not agreed upon: silence here."""


class Audio(NamedTuple):
    """16-bit mono PCM that belongs `offset` samples after the start of the recording."""

    offset: int
    pcm: bytes | bytearray


class Key(NamedTuple):
    """A key that the caller pressed: a digit, `*`, `#`, or `A` to `D`."""

    name: str


class Receiver:
    """Receives a call's RTP. Nothing that comes from the network makes it raise.

    `payloads` are the codecs agreed upon, by payload type, and `events` the types of telephone events; `rate` is that
    of the recording, 8000 or 16000 Hz; `remote` is where SDP said that the caller's media is. The address is learned,
    keys are heard and audio is not kept until `start`.
    """

    def __init__(
        self,
        payloads: Mapping[int, Codec],
        events: Collection[int],
        rate: int,
        max_samples: int,
        remote: Address | None,
    ) -> None:
        self._rate = rate
        self._max_samples = max_samples
        self._source = LatchedSource(remote)
        self._keypad = Keypad()
        self._timeline: Timeline | None = None
        self._decoders: dict[Codec, Decoder] = {}
        self._clock = SenderClock()
        self._codecs: dict[int, Codec] = {}
        self._events: set[int] = set()
        self.last_heard: float | None = None
        """When the last packet came that was the caller's, whatever it carried."""
        self.renegotiate(payloads, events)

    def renegotiate(self, payloads: Mapping[int, Codec], events: Collection[int]) -> None:
        """Take the payload types of a new SDP; the recording keeps its rate.

        The types from before mean what they meant unless the new SDP says otherwise: what is sent by them may be on its
        way for long (RFC 3264 §8.3.2).
        """
        self._events = (self._events | set(events)) - payloads.keys()
        self._codecs = {
            each: codec for each, codec in (self._codecs | dict(payloads)).items() if each not in self._events
        }
        self._known = {*self._codecs, *self._events, COMFORT_NOISE}

    def relearn(self, remote: Address | None) -> None:
        """Take the caller's address of a new SDP; the present source is heard until another one sends."""
        self._source.relearn(remote)

    @property
    def destination(self) -> Address | None:
        """Where our packets go (RFC 4961): to where the caller's come from, and until that is sure, where SDP said."""
        return self._source.destination

    @property
    def destinations(self) -> tuple[Address, ...]:
        """Where our packets go, as long as that is not sure: to both."""
        return self._source.destinations

    def start(self, now: float) -> None:
        """Begin the recording: what comes from now on is placed in it."""
        self._timeline = Timeline(self._rate, now)

    def receive(self, datagram: bytes, source: Address, now: float) -> Audio | Key | None:
        """Take in a datagram; return what of it is to be kept.

        Audio lies within 0 and the longest recording, whatever the datagram says.
        """
        packet = parse(datagram)
        if packet is None or packet.payload_type not in self._known:
            return None
        if not self._source.accept(source, packet.ssrc, now):
            return None
        self.last_heard = now
        codec = self._codecs.get(packet.payload_type)
        if codec is None:
            return self._press(packet, now)
        # The clock is learned from what comes ahead of the recording as well.
        clock_hz = self._clock.hear(packet) if codec is Codec.G722 else RTP_CLOCK_HZ
        if self._timeline is None:
            return None
        offset = self._timeline.place(packet, now, clock_hz)
        return None if offset is None else self._decode(codec, packet.payload, offset)

    def _press(self, packet: Packet, now: float) -> Key | None:
        if packet.payload_type not in self._events:
            return None
        name = self._keypad.press(packet, now)
        return None if name is None else Key(name)

    def _decode(self, codec: Codec, payload: bytes, offset: int) -> Audio | None:
        decoder = self._decoders.get(codec)
        if decoder is None:
            decoder = self._decoders[codec] = decoder_for(codec, self._rate)
        offset, pcm = decoder.decode(payload, offset)
        end = offset + len(pcm) // SAMPLE_BYTES
        if offset < 0 or end > self._max_samples:
            pcm = pcm[max(0, -offset) * SAMPLE_BYTES : max(0, self._max_samples - offset) * SAMPLE_BYTES]
            offset = max(0, offset)
        if not pcm or self._timeline is None:
            return None
        self._timeline.filled(end)
        return Audio(offset, pcm)
