"""Notices to accounts about limits that their calls have reached."""

from collections.abc import Sequence
from typing import Protocol

from renvoi.domain.access.limit_notice import LimitNotice


class LimitNoticeReader(Protocol):
    """What can be read of these notices."""

    def due_limit_notices(self, now_ms: int, limit: int) -> Sequence[LimitNotice]:
        """Return up to `limit` notices that are to be sent now and that nobody has claimed, the oldest first."""


class LimitNoticeWriter(Protocol):
    """Adds notices, and keeps them from being sent twice."""

    def add_limit_notice(self, notice: LimitNotice) -> None:
        """Have an account notified of a limit; one that was reached on that day already stays the one."""

    def claim_limit_notice(self, notice: LimitNotice, now_ms: int, until_ms: int) -> bool:
        """Keep a due notice for who asks, until then; False when another one has it."""

    def end_limit_notice(self, notice: LimitNotice) -> None:
        """Note that it need not be sent any more."""

    def remove_old_limit_notices(self, before_day: int, limit: int) -> int:
        """Remove up to `limit` notices of days before that one; return how many."""
