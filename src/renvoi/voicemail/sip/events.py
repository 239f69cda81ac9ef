"""What a user agent tells its owner."""

from dataclasses import dataclass
from enum import StrEnum

from renvoi.voicemail.sip.headers import Headers
from renvoi.voicemail.sip.sdp import SessionDescription


class Why(StrEnum):
    """Why a call ended without the caller's hanging up first."""

    HUNG_UP = "hung up"
    """Our BYE was answered, or refused, which comes to the same."""
    CROSSED = "crossed"
    """The caller hung up while our own hanging up was under way."""
    NO_REPLY = "no reply"
    """Nobody answered our BYE within 64·T1."""
    NO_ACK = "no ACK"
    """Nobody acknowledged our 200 within 64·T1 (RFC 3261 §13.3.1.4)."""
    SESSION_EXPIRED = "session expired"
    """The caller did not refresh the session in time (RFC 4028 §10)."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A new call waits for `accept` or `reject`.

    `user` is the user part of the Request-URI (clean text), `headers` are those of the INVITE (ISO 8859-1 text as it
    came); `call_id` and `from_tag` are bounded (`identifier`); without an `offer` the call is to be accepted with an
    offer of ours, and `Confirmed` brings the answer.
    """

    call: int
    user: str
    headers: Headers
    call_id: str
    from_tag: str
    offer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The ACK of an accepted INVITE or re-INVITE came.

    `answer` is there when the offer was ours and the caller answered it legibly.
    """

    call: int
    answer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Reoffered:
    """A re-INVITE or UPDATE waits for `accept` or `reject`; without an `offer` it is for us to offer."""

    call: int
    offer: SessionDescription | None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key, a digit, `*`, `#`, or `A` to `D`, and its phone told so by INFO."""

    call: int
    key: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The caller is at another address from now on, which it told without a new offer."""

    call: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller gave up before the call was accepted: it is over."""

    call: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller hung up, and waits for `accept_bye`."""

    call: int


@dataclass(frozen=True, slots=True)
class Ended:
    """An accepted call is over."""

    call: int
    why: Why


Event = Invited | Confirmed | Reoffered | Pressed | Moved | Cancelled | HungUp | Ended
