"""A message that a caller left, and the mail that brings it to its owner."""

import re
from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MIN_MESSAGE_MS = 1000
"""A recording shorter than this is a hang-up, not a message (`docs/calls.md §4`)."""

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
    fault ended the recording, not the caller.
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


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail of a message, and how far it has come.

    `due_at_ms` is when it is tried next, `scheduled_at_ms` when that was decided (None: by an older program), and
    `queued_at_ms` since when it is tried; `note` is what was said last: a server's reply, what went wrong, or the file
    that it is kept in.
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

    @property
    def id(self) -> str:
        """What names it: its message."""
        return self.message_id

    @property
    def destination(self) -> str:
        """The domain that it goes to."""
        return self.recipient.domain
