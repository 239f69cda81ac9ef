"""What calls have used up, by the day."""

from collections.abc import Collection
from typing import Protocol

from renvoi.domain.calls.usage import Usages


class UsageReader(Protocol):
    """What can be read of what calls have used up."""

    def usages(self, names: Collection[str], since_day: int) -> Usages:
        """Return what was used under these names on `since_day` and after; what was never used is missing."""


class UsageWriter(Protocol):
    """Adds up what calls use."""

    def add_usages(self, usages: Usages) -> None:
        """Add to what was used; what is added may be negative."""

    def remove_old_usages(self, before_day: int, limit: int) -> int:
        """Remove up to `limit` entries of days before that one; return how many."""
