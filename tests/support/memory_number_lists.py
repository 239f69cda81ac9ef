"""The part of the store in memory that lists of numbers need."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from renvoi.application.ports.number_lists import MOST_COUNTED, LabelledNumber, NumberFacts, NumberQuery
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.text import folded

if TYPE_CHECKING:
    # That module imports this one.
    from tests.support.memory_state import State


class MemoryNumberLists:
    """See `application.ports.number_lists`."""

    _state: "State"

    def numbers_between(self, wanted: NumberQuery, least: int, greatest: int, limit: int) -> Sequence[NumberRecord]:
        found = [record for number, record in sorted(self._state.numbers.items()) if least <= number.digits <= greatest]
        kinds = (wanted.type, wanted.active)
        return sorted(
            (
                record
                for record in found
                if record.account_id == wanted.account_id
                and all(kind in (None, own) for kind, own in zip(kinds, (record.rule.type, record.active), strict=True))
            ),
            key=lambda record: record.number.digits,
        )[:limit]

    def numbers_by_label(
        self, account_id: int, prefix: str, after: tuple[str, E164] | None, limit: int
    ) -> Sequence[LabelledNumber]:
        own = (record for record in self._state.numbers.values() if record.account_id == account_id)
        found = [LabelledNumber(folded(record.label), record) for record in own]
        place = ("", 0) if after is None else (after[0], after[1].digits)
        found = [each for each in found if each.key.startswith(folded(prefix))]
        found.sort(key=lambda each: (each.key, each.record.number.digits))
        return [each for each in found if (each.key, each.record.number.digits) > place][:limit]

    def number_facts(self, wanted: Sequence[E164]) -> Mapping[E164, NumberFacts]:
        return {number: self._facts(self._state.numbers[number]) for number in wanted if number in self._state.numbers}

    def _facts(self, record: NumberRecord) -> NumberFacts:
        calls = [each for each in self._state.calls.values() if each.number == record.number.value]
        last = max(calls, key=lambda each: each.setup_at_ms, default=None)
        is_own = last is not None and self._state.call_ids[last.key][1] == record.account_id
        messages = (each.message for each in self._state.messages.values())
        unheard = [
            each
            for each in messages
            if each.number == record.number and each.account_id == record.account_id and each.heard_at_ms is None
        ]
        return NumberFacts(last.setup_at_ms if last is not None and is_own else None, min(len(unheard), MOST_COUNTED))
