"""Keys that the caller presses, from telephone-event packets (RFC 4733)."""

from typing import NamedTuple

from renvoi.voicemail.media.rtp import Packet

KEYS = "0123456789*#ABCD"
"""The keys by their event code (RFC 4733 §3.2, table 7)."""

PAUSE_S = 0.06
"""The packets of one press follow each other faster (every 20 to 50 ms), two presses of one key hardly (ITU-T Q.24)."""
LONG_PAUSE_S = 0.2
"""After this a key was pressed again, whatever its packets say, unless they go on with the press before."""
_FOLLOWS = 3
"""How far apart the sequence numbers of one press may be, where audio is sent between or a packet is lost."""
_LATE = 200
"""Packets so many numbers behind the latest are late ones; those further behind are of a new count."""
_EVENT_BYTES = 4


class _Event(NamedTuple):
    """One packet of a press, come at `at` seconds."""

    ssrc: int
    sequence: int
    timestamp: int
    marker: bool
    key: int
    ended: bool
    duration: int
    at: float


class Keypad:
    """Turns telephone-event packets into keys, each press once.

    A press is sent as many packets, and known at the first that comes, so that no loss but that of all of them hides
    it. They should have one timestamp, a duration that grows, the marker bit at the first and the end bit at the last
    three (RFC 4733 §2.5.1). Senders exist whose timestamps go on in a press, or stand still over several; so all of
    that is looked at, and the time between packets.
    """

    def __init__(self) -> None:
        self._last: _Event | None = None

    def press(self, packet: Packet, now: float) -> str | None:
        """Return the key that this packet begins; None for a press known already, and for events that are not keys."""
        payload = packet.payload
        if len(payload) < _EVENT_BYTES or payload[0] >= len(KEYS):
            return None
        ended, duration = payload[1] >= 0x80, int.from_bytes(payload[2:4])
        event = _Event(packet.ssrc, packet.sequence, packet.timestamp, packet.marker, payload[0], ended, duration, now)
        last = self._last
        if last is not None and last.ssrc == event.ssrc:
            behind = (last.sequence - event.sequence) & 0xFFFF
            if behind < _LATE:
                return None
            begins = _begins(last, event)
        else:
            begins = True
        self._last = event
        return KEYS[event.key] if begins else None


def _begins(last: _Event, event: _Event) -> bool:
    """Tell whether `event`, which follows `last` in its stream, begins another press."""
    if event.key != last.key or (last.ended and not event.ended):
        return True
    pause_s = event.at - last.at
    if event.timestamp == last.timestamp:
        if event.duration > last.duration:
            return False
        shorter = event.duration < last.duration
        return (event.marker and (shorter or pause_s >= PAUSE_S)) or pause_s >= LONG_PAUSE_S
    if event.marker:
        return pause_s >= PAUSE_S
    follows = (event.sequence - last.sequence) & 0xFFFF <= _FOLLOWS
    return pause_s >= LONG_PAUSE_S and (last.ended or not follows)
