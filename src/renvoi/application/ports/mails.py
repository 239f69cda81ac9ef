"""Mails to send, of messages and about calls that were missed: which are due, and which process sends them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.calls.missed_call import MissedCall, MissedCallMail
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import Mail
from renvoi.domain.numbers.number import E164

MAX_SKIPPED = 7
"""Domains that a look for due mails can skip."""


@dataclass(frozen=True, slots=True)
class MailQueue:
    """The mails that wait to be sent: how many, and since when (ms UTC) the oldest; None without any."""

    length: int
    oldest_at_ms: int | None


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that is kept as a file: its name, when it was written (ms UTC), its bytes, and the first ones of them."""

    name: str
    at_ms: int
    length: int
    head: bytes


class KeptMails(Protocol):
    """The mails that this node keeps as files, where no mail server is set. Reads files."""

    def latest(self, limit: int) -> Sequence[KeptMail]:
        """Return up to `limit` of them, the latest first.

        Raises:
            OSError: they cannot be read.
        """

    def read(self, name: str) -> bytes | None:
        """Return the whole mail of that name (RFC 5322); None when there is none.

        Raises:
            OSError: it cannot be read.
        """


class NoKeptMails:
    """Those of a process that keeps none."""

    def latest(self, limit: int) -> Sequence[KeptMail]:  # noqa: ARG002 - see `KeptMails`
        """See `KeptMails.latest`."""
        return ()

    def read(self, name: str) -> bytes | None:  # noqa: ARG002 - see `KeptMails`
        """See `KeptMails.read`."""
        return None


class MailReader(Protocol):
    """What can be read of mails to send: which are due, and which process sends them."""

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        """Return up to `limit` mails that are due and leased by nobody, the longest due first.

        Mails to domains that are `skipped` are left out, to the first `MAX_SKIPPED` of them.
        One scheduled in the future, or due further ahead than `message.FARTHEST_MS`, is due: the clock was set back.
        """

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        """Return up to `limit` mails that failed and are to be reported to the operator now, the latest first.

        That is so from their failure until `Writer.end_reports`, apart from the time that `Writer.claim_reports` gave.
        """

    def failed_mails(self, limit: int) -> Sequence[Mail]:
        """Return up to `limit` mails of messages that failed for good, the latest first."""

    def mail_queue(self) -> MailQueue:
        """Return how many mails wait, and since when."""


class MailWriter(Protocol):
    """What a transaction can do with mails to send: which are due, and which process sends them."""

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        """Replace a mail of a message, which ends its lease; False when the message is gone.

        With `owner` False as well when the lease is not, or no longer, that one's.
        """

    def lease_mails(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        """Keep pending mails for `owner` until then; return those that nobody else has, or is just taking."""

    def release_mails(self, owner: str) -> int:
        """End all leases of `owner`, which is starting again; return how many there were."""

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        """Keep up to `limit` of `unreported_mails` for who asks, until then; return how many."""

    def end_reports(self, until_ms: int, limit: int) -> int:
        """Note of up to `limit` mails that were claimed until then that the operator was notified; return how many."""


class MissedCallReader(Protocol):
    """What can be read of these mails."""

    def due_missed_calls(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[MissedCallMail]:
        """Return up to `limit` mails that are due and leased by nobody: see `MailReader.due_mails`."""

    def missed_call(self, mail_id: str) -> MissedCallMail | None:
        """Return a mail; None when there is none, any more."""


class MissedCallWriter(Protocol):
    """What a transaction can do with these mails."""

    def add_missed_call(self, call: MissedCall, recipients: Sequence[EmailAddress]) -> bool:
        """Queue mails about a call; False when one of that caller was notified within `missed_call.ONE_IN_MS`."""

    def put_missed_call(self, mail: MissedCallMail, owner: str) -> bool:
        """Replace a mail, which ends its lease; False when it is gone, or `owner` has its lease no longer."""

    def lease_missed_calls(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        """Keep pending mails for `owner` until then; return those that nobody else has, or is just taking."""

    def release_missed_calls(self, owner: str) -> int:
        """End all leases of `owner`; return how many there were."""

    def remove_old_missed_calls(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` mails that were queued before then; return how many."""

    def remove_missed_calls(self, account_id: int, limit: int, number: E164 | None = None) -> int:
        """Remove up to `limit` mails about calls of an account, or of one number of it; return how many."""
