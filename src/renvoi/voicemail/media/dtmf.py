"""Keys that the caller presses, from telephone-event packets (RFC 4733)."""

from collections import deque

KEYS = "0123456789*#ABCD"
"""The keys by their event code (RFC 4733 §3.2, table 7)."""

_REMEMBERED = 8
_EVENT_BYTES = 4


class Keypad:
    """Turns telephone-event packets into keys, each once.

    A key is sent as many packets of one timestamp, the last ones three times over (RFC 4733 §2.5.1): the first that
    arrives counts, so a key is known at once and no loss but that of all its packets hides it.
    """

    def __init__(self) -> None:
        # Several, because packets of an earlier key may come late.
        self._seen: deque[tuple[int, int]] = deque(maxlen=_REMEMBERED)

    def press(self, ssrc: int, timestamp: int, payload: bytes) -> str | None:
        """Return the key that this packet begins; None for one known already, and for events that are no keys."""
        if len(payload) < _EVENT_BYTES or payload[0] >= len(KEYS):
            return None
        event = (ssrc, timestamp)
        if event in self._seen:
            return None
        self._seen.append(event)
        return KEYS[payload[0]]
