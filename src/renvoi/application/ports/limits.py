"""What limits are held against, and notices about those that were reached.

They are held against what calls have used up, what they use at each node now, and what they cost.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.access.limits import LimitNotice
from renvoi.domain.calls.rates import Rate
from renvoi.domain.calls.usage import Usages
from renvoi.domain.numbers.number import E164


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


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """What one node counts, by name; `beat` is another number each time that it says so."""

    beat: int
    counts: Mapping[str, int]


class NodeCountsReader(Protocol):
    """What can be read of what nodes count."""

    def node_counts(self) -> Mapping[str, NodeCounts]:
        """Return what each node counts, by the nodes' names."""


class NodeCountsWriter(Protocol):
    """Tells other nodes what one counts."""

    def put_node_counts(self, node: str, counts: NodeCounts) -> None:
        """Have this in place of what the node said before, and tell others."""

    def remove_node_counts(self, node: str, beat: int | None = None) -> None:
        """Forget a node, which counts nothing any more; with `beat` only if that is what it said last."""


class RateReader(Protocol):
    """What can be read of the rate table."""

    def rates(self) -> Sequence[Rate]:
        """Return all rates by prefix."""

    def rate(self, target: E164) -> Rate | None:
        """Return the rate of calls to `target`: that of the longest prefix; None without one."""


class RateWriter(Protocol):
    """Changes the rate table."""

    def put_rates(self, rates: Sequence[Rate]) -> None:
        """Have these rates in place of those before."""


class LimitNoticeReader(Protocol):
    """What can be read of these notices."""

    def due_limit_notices(self, now_ms: int, limit: int) -> Sequence[LimitNotice]:
        """Return up to `limit` notices that are to be sent now and that nobody has claimed, the oldest first."""


class LimitNoticeWriter(Protocol):
    """Adds notices, and keeps them from being sent twice."""

    def add_limit_notice(self, notice: LimitNotice) -> bool:
        """Have an account notified of a limit; False if one was reached on that day already, which stays the one."""

    def claim_limit_notice(self, notice: LimitNotice, now_ms: int, until_ms: int) -> bool:
        """Keep a due notice for who asks, until then; False when another one has it."""

    def end_limit_notice(self, notice: LimitNotice) -> None:
        """Note that it need not be sent any more."""

    def remove_old_limit_notices(self, before_day: int, limit: int) -> int:
        """Remove up to `limit` notices of days before that one; return how many."""
