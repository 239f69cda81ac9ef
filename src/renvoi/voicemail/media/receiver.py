"""What comes in by RTP: audio, placed in the recording by its RTP timestamp, and keys."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from renvoi.voicemail.media.codec import RTP_CLOCK_HZ, SAMPLE_BYTES, Codec, Decoder, decoder_for
from renvoi.voicemail.media.rtp import Address, Keypad, LatchedSource, Packet, parse

COMFORT_NOISE = 13
"""The payload type of comfort noise (RFC 3389 §4), which some send though it was not agreed upon: silence here."""
_MOST_LOST = 8
"""How many packets may be missing between two that are compared."""
_FORWARD = 0x8000
"""Sequence numbers less than this ahead (modulo 2^16) are later ones (RFC 3550 §A.1)."""
_USELESS = 5
"""After so many packets in a row that are later ones, and not by their timestamps, these are not believed any more."""


class SenderClock:
    """Tells the clock from the timestamps and lengths of packets that follow each other.

    A packet lasts as many ticks of 8000 Hz as it has bytes. Twice as many between two packets mean a clock of 16 kHz,
    or a short pause of a sender that leaves silence out: so that is believed at once, and no more after the first pair
    that says 8000 Hz. A new stream (SSRC) is judged by itself.
    """

    def __init__(self) -> None:
        self.hz = RTP_CLOCK_HZ
        self._sure = False
        self._last: Packet | None = None

    def hear(self, packet: Packet) -> int:
        """Take in a packet of G.722; return the clock in Hz that its timestamp is to be read by."""
        last = self._last
        if last is None or last.ssrc != packet.ssrc:
            self._last, self._sure = packet, False
            return self.hz
        if self._sure:
            return self.hz
        steps = (packet.sequence - last.sequence) & 0xFFFF
        if 0 < steps < _FORWARD:
            self._last = packet
        if 0 < steps <= _MOST_LOST:
            self._compare((packet.timestamp - last.timestamp) & 0xFFFFFFFF, steps * len(last.payload))
        return self.hz

    def _compare(self, ticks: int, length: int) -> None:
        if ticks == length:
            self.hz, self._sure = RTP_CLOCK_HZ, True
        elif ticks == 2 * length:
            self.hz = 2 * RTP_CLOCK_HZ


LEAP_S = 5.0
"""How far, in seconds, timestamps may be from the clock before they are taken for another count of time."""


class Timeline:
    """Places packets in the recording: at their timestamps' distance from the first one, which is placed by the clock.

    So packets may come late, twice or in any order, and gaps stay gaps. A stream with another SSRC, or whose
    timestamps leap, is placed again: at the clock's time, and not before what was recorded already. It takes a second
    packet to believe it (RFC 3550 §A.1), so a stray one moves nothing. Packets of a stream whose timestamps stand
    still, go back or jump about are placed one behind the other as they come, from the fifth such one on.

    Offsets are in samples of the recording's `rate` (8000 or 16000 Hz) since its start, and may be negative.
    """

    def __init__(self, rate: int, start: float) -> None:
        self._rate = rate
        self._start = start
        self._clock_hz = RTP_CLOCK_HZ
        self._leap = int(LEAP_S * rate)
        self._placed = False
        self._ssrc = 0
        self._base_timestamp = 0
        self._base_offset = 0
        self._latest_timestamp = 0
        self._latest_offset = 0
        self._latest_sequence = 0
        self._end = 0
        self._candidate: Packet | None = None
        self._unlikely = 0
        self._unlikely_sequence = 0

    def place(self, packet: Packet, now: float, clock_hz: int = RTP_CLOCK_HZ) -> int | None:
        """Return the offset of a packet of audio that came at `now`; None when it is not to be believed yet.

        `clock_hz` is the clock of its timestamp, 8000 or 16000 Hz; at a change the count goes on at the latest packet.
        """
        if clock_hz != self._clock_hz:
            self._clock_hz = clock_hz
            self._base_timestamp, self._base_offset = self._latest_timestamp, self._latest_offset
        present = int((now - self._start) * self._rate + 0.5)
        if self._unlikely >= _USELESS and packet.ssrc == self._ssrc:
            return self._place_next(packet, present)
        offset = self._base_offset + _signed(packet.timestamp - self._base_timestamp) * self._rate // clock_hz
        if packet.ssrc == self._ssrc and self._placed and self._likely(offset, present):
            if offset > self._latest_offset:
                self._latest_offset = offset
                self._latest_timestamp = packet.timestamp
                self._latest_sequence = packet.sequence
                self._candidate = None
                self._unlikely = 0
                return offset
            ahead = (packet.sequence - self._latest_sequence) & 0xFFFF
            # A later packet with an earlier timestamp is a leap back; an earlier packet is just late.
            if ahead == 0 or ahead >= _FORWARD:
                return offset
            if not self._useless(packet) and offset == self._latest_offset:
                return offset
        elif self._placed and packet.ssrc == self._ssrc:
            self._useless(packet)
        if self._unlikely >= _USELESS and packet.ssrc == self._ssrc:
            return self._place_next(packet, present)
        if self._placed and not self._confirmed(packet):
            return None
        self._placed = True
        self._unlikely = 0
        self._ssrc = packet.ssrc
        self._base_timestamp = self._latest_timestamp = packet.timestamp
        self._base_offset = self._latest_offset = max(present, self._end)
        self._latest_sequence = packet.sequence
        return self._base_offset

    def _useless(self, packet: Packet) -> bool:
        """Count a later packet that is none by its timestamp; tell whether the stream's timestamps are of no use."""
        follows = packet.sequence == (self._unlikely_sequence + 1) & 0xFFFF
        if not self._unlikely or packet.sequence != self._unlikely_sequence:
            self._unlikely = self._unlikely + 1 if follows or not self._unlikely else 1
        self._unlikely_sequence = packet.sequence
        return self._unlikely >= _USELESS

    def _place_next(self, packet: Packet, present: int) -> int | None:
        """Place a packet by its sequence number alone: behind what there is; one that is not later is left out."""
        if not 0 < (packet.sequence - self._latest_sequence) & 0xFFFF < _FORWARD:
            return None
        self._latest_sequence = packet.sequence
        self._latest_offset = max(present, self._end)
        return self._latest_offset

    def filled(self, end: int) -> None:
        """Note that the recording has audio up to the offset `end`."""
        self._end = max(self._end, end)

    def _likely(self, offset: int, present: int) -> bool:
        """Tell whether `offset` is near the present; a clock that runs fast may lead far ahead, but not by a gap."""
        return present - self._leap < offset and (offset < present + self._leap or offset < self._end + self._rate)

    def _confirmed(self, packet: Packet) -> bool:
        """Tell whether `packet` goes on from the last one that was not believed."""
        last, self._candidate = self._candidate, packet
        if last is None or last.ssrc != packet.ssrc:
            return False
        if packet.ssrc != self._ssrc and packet.sequence == (last.sequence + 1) & 0xFFFF:
            return True
        return 0 < _signed(packet.timestamp - last.timestamp) < LEAP_S * RTP_CLOCK_HZ


def _signed(difference: int) -> int:
    """Return a difference of 32-bit timestamps, which wrap around, as the nearest one to zero."""
    return (difference + 0x80000000 & 0xFFFFFFFF) - 0x80000000


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
