"""Calls that were missed, and the mails that tell owners of numbers about them."""

from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.policies import OVER_LIMIT
from renvoi.domain.routing.routing import Reason
from renvoi.domain.rules.rule import Unanswered

ONE_IN_MS = 5 * 60 * 1000
"""At most one call of a caller is notified in this time."""
_BUSY = (486, 600, 603)
_NO_ANSWER_CAUSE = 19
"""Q.850: no answer from user; ours when a target rings out."""


class WhyMissed(StrEnum):
    """Why a call was missed, as its mail says it."""

    NO_ANSWER = "no-answer"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    HUNG_UP = "hung-up"
    """The caller hung up before anybody answered."""
    NO_MESSAGE = "no-message"
    """The voicemail answered, and the caller left no message."""
    CLOSED = "closed"
    LIMIT = "limit"
    DESTINATION = "destination"
    """The policy of the account does not let calls go where the rule says, or not yet."""


_REFUSED = {
    Reason.CLOSED.value: WhyMissed.CLOSED,
    Reason.DESTINATION_REFUSED.value: WhyMissed.DESTINATION,
    Reason.COOLING_OFF.value: WhyMissed.DESTINATION,
    **{reason.value: WhyMissed.LIMIT for reason in OVER_LIMIT.values()},
}
"""Calls whose caller was not turned away for who it is, and that the owner would have taken."""
_UNANSWERED = {why.value: WhyMissed(why.value) for why in Unanswered}


def why_missed(record: CallRecord) -> WhyMissed | None:
    """Return why nobody spoke to the caller, nor got a message of it; None if somebody did, or it is not known yet.

    None as well for callers that the rule turns away, and for numbers that are off.
    """
    if record.decision == "reject":
        return _REFUSED.get(record.reason or "")
    if record.answer_at_ms is not None:
        return WhyMissed.NO_MESSAGE if record.missed else None
    if record.status is None or record.end_at_ms is None:
        return None
    if record.hung_up_by == "caller":
        return WhyMissed.HUNG_UP
    if record.reason in _UNANSWERED:
        return _UNANSWERED[record.reason]
    if record.status in _BUSY:
        return WhyMissed.BUSY
    return WhyMissed.NO_ANSWER if record.cause == _NO_ANSWER_CAUSE else WhyMissed.UNREACHABLE


@dataclass(frozen=True, slots=True)
class MissedCall:
    """A call to `number` that was missed. `id` names it among all calls; `caller` is empty for one who is withheld."""

    id: str
    account_id: int
    number: E164
    caller: str
    called_at_ms: int
    why: WhyMissed


@dataclass(frozen=True, slots=True)
class MissedCallMail:
    """The mail about a missed call to one recipient, and how far it has come: see `Mail`."""

    id: str
    account_id: int
    number: E164
    caller: str
    called_at_ms: int
    why: WhyMissed
    recipient: EmailAddress
    queued_at_ms: int
    due_at_ms: int
    state: MailState = MailState.PENDING
    attempts: int = 0
    note: str = ""
    ended_at_ms: int | None = None
    scheduled_at_ms: int | None = None

    @property
    def destination(self) -> str:
        """The domain that it goes to."""
        return self.recipient.domain
