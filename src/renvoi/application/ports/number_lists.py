"""Lists of an account's numbers, by what their rules do, by their state, and by how they or their labels begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, RuleType


@dataclass(frozen=True, slots=True)
class NumberQuery:
    """Which numbers of an account: those with a rule of `type`, and those that are `active` or not; None for all."""

    account_id: int
    type: RuleType | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelledNumber:
    """A number with the form of its label that lists are ordered by."""

    key: str
    record: NumberRecord


MOST_FACTS = 100
"""Numbers whose facts are read at once."""
MOST_COUNTED = 100
"""New messages of one number that are counted: with as many there may be more."""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """What has come to a number since its account has it.

    `last_call_at_ms` (UTC) is when the last call was set up; None: there was none, or it is kept no longer. `unheard`
    is how many messages nobody has heard, `MOST_COUNTED` at the most.
    """

    last_call_at_ms: int | None = None
    unheard: int = 0


class NumberListReader(Protocol):
    """What can be read of lists of numbers. What a page costs does not depend on how many numbers there are."""

    def numbers_between(self, wanted: NumberQuery, least: int, greatest: int, limit: int) -> Sequence[NumberRecord]:
        """Return up to `limit` numbers whose digits make up an integer between the two, both included, ascending.

        One whose rule is `unreadable` has the type that its row names.
        """

    def numbers_by_label(
        self, account_id: int, prefix: str, after: tuple[str, E164] | None, limit: int
    ) -> Sequence[LabelledNumber]:
        """Return up to `limit` numbers whose labels begin with `prefix`, by label and then number, behind `after`.

        Letters of ASCII count as the same in both cases.
        """

    def number_facts(self, wanted: Sequence[E164]) -> Mapping[E164, NumberFacts]:
        """Return the facts of up to `MOST_FACTS` numbers; one that there is not has none."""
