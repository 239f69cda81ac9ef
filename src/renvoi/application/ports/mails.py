"""Mails to send: which are due, and which process sends them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.messages.message import Mail

MAX_SKIPPED = 7
"""Domains that a look for due mails can skip."""


@dataclass(frozen=True, slots=True)
class MailQueue:
    """The mails that wait to be sent: how many, and since when (ms UTC) the oldest; None without any."""

    length: int
    oldest_at_ms: int | None


class MailReader(Protocol):
    """What can be read of mails to send: which are due, and which process sends them."""

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        """Return up to `limit` mails that are due and leased by nobody, the longest due first.

        Mails to domains that are `skipped` are left out, to the first `MAX_SKIPPED` of them.
        One scheduled in the future, or due further ahead than `message.FARTHEST_MS`, is due: the clock was set back.
        """

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        """Return up to `limit` mails that failed and are to be told the operator now, the latest first.

        That is so from their failure until `Writer.end_reports`, apart from the time that `Writer.claim_reports` gave.
        """

    def mail_queue(self) -> MailQueue:
        """Return how many mails wait, and since when."""


class MailWriter(Protocol):
    """What a transaction can do with mails to send: which are due, and which process sends them."""

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        """Replace the mail of a message, which ends its lease; False when the message is gone.

        With `owner` False as well when the lease is not, or no longer, that one's.
        """

    def lease_mails(self, message_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        """Keep pending mails for `owner` until then; return those that nobody else has, or is just taking."""

    def release_mails(self, owner: str) -> int:
        """End all leases of `owner`, which is starting again; return how many there were."""

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        """Keep up to `limit` of `unreported_mails` for who asks, until then; return how many."""

    def end_reports(self, until_ms: int, limit: int) -> int:
        """Note of up to `limit` mails that were claimed until then that the operator was told; return how many."""
