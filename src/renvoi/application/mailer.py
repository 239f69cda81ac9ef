"""Mail of a voicemail message: what is sent, the port that sends it, and how that may end (`docs/calls.md §4`)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from renvoi.application.outbox.channel import Result
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail, is_message_id
from renvoi.domain.numbers.number import E164


@dataclass(frozen=True, slots=True)
class VoicemailNotice:
    """A voicemail message as the mail about it tells it.

    Two notices that are equal make the same mail, so a mail that is sent again after a crash is the same one.

    Raises:
        ValueError: `message_id` has other characters than letters, digits, `-` and `_`, or not 1 to 64 of them: it
            becomes a part of `Message-ID` and of file names.
    """

    message_id: str
    """Names the message for ever."""
    recipient: EmailAddress
    number: E164
    """The virtual number that was called."""
    label: str
    """The number's name among people, may be empty."""
    caller: str | None
    """E.164, or whatever else the caller's side gave; None: withheld."""
    received_at_ms: int
    """When the call was answered, milliseconds UTC."""
    duration_ms: int
    locale: str
    """`en` or `fr`."""
    time_zone: str
    """IANA name, such as `Europe/Paris`."""
    audio: Path
    """WAV, 16-bit PCM, mono, 8 or 16 kHz."""
    rule_url: str
    """The page of the number's rule; empty: there is none."""
    cut_off: bool
    """The recording ends early by a fault of ours."""
    may_call_back: bool = False
    """The caller is a destination that the account's policy allows, so nobody is lured into an expensive call."""
    queued_at_ms: int | None = None
    """Since when this mail is to be sent, the mail's `Date`: soon after the call, or when it was sent again by hand.
    None: `received_at_ms`."""
    name: str = ""
    """Names this mail for ever, in its `Message-ID` and as a file: `Mail.id`. Empty: `message_id`."""

    def __post_init__(self) -> None:
        if not is_message_id(self.message_id):
            raise ValueError(f"{self.message_id!r} names no message: give 1 to 64 letters, digits, - and _")
        if not self.name:
            object.__setattr__(self, "name", self.message_id)


@dataclass(frozen=True, slots=True)
class Sent:
    """The mail server took the mail and answers for it from now on; `reply` is what it said (RFC 5321 §4.1.1.4)."""

    reply: str


@dataclass(frozen=True, slots=True)
class Kept:
    """No mail server is configured, the mail is in the file `path` and stays there."""

    path: Path


Delivery = Result[Sent | Kept]


class Mailer(Protocol):
    """Sends mails. Calls may run side by side."""

    async def send(self, notice: VoicemailNotice) -> Delivery:
        """Make the mail and hand it over; a cancelled call may have sent it or not.

        Whatever goes wrong with the server, the network, a file or the mail itself is in the value returned.
        """


@dataclass(frozen=True, slots=True)
class OperatorReport:
    """The operator's report of mails that failed for good: how many, and some of them."""

    recipient: EmailAddress
    at_ms: int
    count: int
    failures: tuple[Mail, ...]


class Reporter(Protocol):
    """Sends reports to the operator."""

    async def report(self, report: OperatorReport) -> Delivery:
        """Make the mail and hand it over, once; see `Mailer.send`."""
