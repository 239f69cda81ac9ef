"""A message that a caller left, the waveform of its recording, and the mail that brings it to its owner."""

import re
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import isqrt

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MIN_MESSAGE_MS = 1000
"""A recording shorter than this is a hang-up, not a message (`docs/calls.md §4`)."""

PLACE = "~"
"""Stands between a message and the place of a further recipient; no message has such a character in its id."""

FARTHEST_MS = 2 * 60 * 60 * 1000
"""No mail is put off, and none leased, for longer: more than the longest pause, an hour varied by half."""
CLOCKS_AGREE_MS = 10 * 1000
"""A mail scheduled further in the future was so before the clock was set back: nodes' clocks differ by half of it."""


def is_message_id(text: str) -> bool:
    """Tell whether a message, and the recording that becomes one, can have this identifier: it names files."""
    return _ID.fullmatch(text) is not None


class MailState(StrEnum):
    """Where the mail of a message stands."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    """Refused for good by a server, or tried without success for too long."""
    KEPT = "kept"
    """Kept as a file, as there is no mail server."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message. Times are ms since 1970-01-01 UTC; `received_at_ms` is when its recording began.

    `id` is unique among all nodes, and names its audio. `caller` is a phone number in E.164 if it is one, else what the
    network told, or `voicemail_handoff.WITHHELD`. `revision` is the rule's that the call obeyed. `cut_off` tells that a
    fault ended the recording, not the caller. `heard_at_ms` is since when its owner has heard it, None: not yet;
    `transcript` what is said in it, None where nobody has written that down; `peaks` its waveform (`waveform.py`), None
    for one that an older program stored.
    """

    id: str
    number: E164
    account_id: int
    revision: int
    caller: str
    call_id: str
    received_at_ms: int
    duration_ms: int
    cut_off: bool = False
    heard_at_ms: int | None = None
    transcript: str | None = None
    peaks: bytes | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail of a message to one recipient, and how far it has come.

    `due_at_ms` is when it is tried next, `scheduled_at_ms` when that was decided (None: by an older program), and
    `queued_at_ms` since when it is tried; `note` is what was said last: a server's reply, what went wrong, or the file
    that it is kept in. `place` is that of its recipient among those that the message is for: 0 for the first one.
    """

    message_id: str
    recipient: EmailAddress
    queued_at_ms: int
    due_at_ms: int
    state: MailState = MailState.PENDING
    attempts: int = 0
    note: str = ""
    ended_at_ms: int | None = None
    scheduled_at_ms: int | None = None
    place: int = 0

    @property
    def id(self) -> str:
        """What names it, for ever: its message, and the place unless that is the first one."""
        return f"{self.message_id}{PLACE}{self.place}" if self.place else self.message_id

    @property
    def destination(self) -> str:
        """The domain that it goes to."""
        return self.recipient.domain


PEAKS = 200
"""Parts of equal length that a recording is divided into, however long it is."""
LOUDEST = 255
_FULL_SCALE = 32767
_AT_ONCE = 4096
"""Samples that are read in one go: a search through so many holds up no other thread for longer than 0.2 ms."""

Read = Callable[[int, int], "array[int]"]
"""Returns up to so many 16-bit samples from an offset on."""


def peaks_of(read: Read, samples: int) -> bytes:
    """Return the peaks of a recording of so many samples: a byte for each of `PEAKS` parts, in the order of time.

    A byte is the square root of the part's largest amplitude, from 0 for silence to `LOUDEST` for full scale: speech 30
    dB below full scale, which is usual on telephone lines, would be 3 % of the height on a linear scale and is 18 % so.
    """
    return bytes(_level(_largest(read, *_part(number, samples))) for number in range(PEAKS))


def _part(number: int, samples: int) -> tuple[int, int]:
    """Return where a part begins and ends; those of a recording with few samples have one at least, if there is one."""
    first = min(number * samples // PEAKS, max(0, samples - 1))
    return first, min(samples, max(first + 1, (number + 1) * samples // PEAKS))


def _largest(read: Read, first: int, end: int) -> int:
    """Return the largest amplitude in a part of the recording."""
    largest = 0
    for offset in range(first, end, _AT_ONCE):
        # Fewer are read where a gap ends the recording: that is silence.
        piece = read(offset, min(_AT_ONCE, end - offset))
        largest = max(largest, max(piece, default=0), -min(piece, default=0))
    return largest


def _level(amplitude: int) -> int:
    return isqrt(min(amplitude, _FULL_SCALE) * LOUDEST * LOUDEST // _FULL_SCALE)
