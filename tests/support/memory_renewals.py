"""The part of the store in memory that renewals of rules need."""

from collections.abc import Sequence
from dataclasses import replace

from renvoi.application.ports.numbers import RenewalPlace
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.domain.rules.schedule import renew_at_ms
from tests.support.memory_state import MemoryReader


class MemoryRenewalReader(MemoryReader):
    """See `application.ports.Reader`."""

    def rules_to_renew(self, now_ms: int, after: RenewalPlace | None, limit: int) -> Sequence[RenewalPlace]:
        first = (-1, 0) if after is None else (after[0], after[1].digits)
        found = [(at_ms, number.digits) for at_ms, number in self._renewals() if at_ms <= now_ms]
        return [(at_ms, E164.from_digits(digits)) for at_ms, digits in sorted(found) if (at_ms, digits) > first][:limit]

    def count_to_renew(self, before_ms: int) -> int:
        return sum(at_ms <= before_ms for at_ms, _ in self._renewals())

    def _renewals(self) -> list[RenewalPlace]:
        found = ((renew_at_ms(record.rule.schedule), number) for number, record in self._state.numbers.items())
        return [(at_ms, number) for at_ms, number in found if at_ms is not None]


class MemoryRenewals(MemoryRenewalReader):
    """See `application.ports.Writer`."""

    def renew_rule(self, number: E164, rule: Rule) -> None:
        record = self._state.numbers.get(number)
        if record is not None and record.rule.revision == rule.revision:
            self._state.numbers[number] = replace(record, rule=rule)
