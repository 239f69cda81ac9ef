"""The part of the store in memory that limits need."""

from collections.abc import Sequence

from renvoi.application.ports.limits import NodeCounts
from renvoi.domain.access.limits import LimitNotice
from renvoi.domain.calls.rates import Rate
from tests.support.memory_state import MemoryReader


class MemoryLimits(MemoryReader):
    """Usage, rates, notices of limits and what nodes count; see `application.ports.Writer`."""

    def put_node_counts(self, node: str, counts: NodeCounts) -> None:
        self._state.node_counts[node] = counts

    def remove_node_counts(self, node: str, beat: int | None = None) -> None:
        found = self._state.node_counts.get(node)
        if found is not None and beat in (None, found.beat):
            del self._state.node_counts[node]

    def put_rates(self, rates: Sequence[Rate]) -> None:
        self._state.rates = {rate.prefix: rate for rate in rates}

    def add_limit_notice(self, notice: LimitNotice) -> bool:
        key = notice.account_id, notice.day
        is_new = key not in self._state.limit_notices
        self._state.limit_notices.setdefault(key, (notice, notice.at_ms))
        return is_new

    def claim_limit_notice(self, notice: LimitNotice, now_ms: int, until_ms: int) -> bool:
        is_due = notice in self.due_limit_notices(now_ms, len(self._state.limit_notices))
        if is_due:
            self._state.limit_notices[notice.account_id, notice.day] = notice, until_ms
        return is_due

    def end_limit_notice(self, notice: LimitNotice) -> None:
        self._state.limit_notices[notice.account_id, notice.day] = notice, None

    def remove_old_limit_notices(self, before_day: int, limit: int) -> int:
        old = [key for key in self._state.limit_notices if key[1] < before_day][:limit]
        for key in old:
            del self._state.limit_notices[key]
        return len(old)

    def remove_old_usages(self, before_day: int, limit: int) -> int:
        old = [key for key in self._state.usages if key[1] < before_day][:limit]
        for key in old:
            del self._state.usages[key]
        return len(old)
