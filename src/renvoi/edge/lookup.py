"""Reading a number's rule at each call, straight from the store: there is no cache to go stale (`docs/calls.md §1`).

Here is what all stores have in common; `sqlitelookup` and `postgreslookup` read from one each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from renvoi.domain.mailbox import EmailAddress
from renvoi.domain.number import E164
from renvoi.domain.rule import Fallback, NumberRecord, Otherwise, Rule, RuleType

SELECT = (
    "SELECT account_id, label, active, forwarding_enabled, rule_type, target, email, ring_timeout_s, revision,"
    " updated_at_ms, no_answer, busy, fallback_email FROM numbers WHERE number = "
)
"""All that a call needs of a number; the number's digits go behind it, as the driver writes a parameter."""


class LookupFailed(Exception):
    """The store could not be read; the text says why, and holds no password."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a number: its record, None when it is not one of ours.

    `last_known` says that the store was away, and that this was read before.
    """

    record: NumberRecord | None
    last_known: bool = False


class Lookup(Protocol):
    """What the router needs of a store."""

    def find(self, number: E164) -> Reading:
        """Read the number's record.

        Raises:
            LookupFailed: the store could not be read.
        """

    def check(self) -> None:
        """Read something, so that the first call finds everything open.

        Raises:
            LookupFailed: the store could not be read.
        """


def record_of(number: E164, row: Sequence[Any]) -> NumberRecord:
    """Make a number's record of what `SELECT` found.

    Raises:
        TypeError: it is no such row.
        ValueError: it holds what is no rule.
    """
    account_id, label, active, enabled, rule_type, target, email, ring_timeout_s, revision, updated_at_ms = row[:10]
    no_answer, busy, fallback_email = row[10:]
    rule = Rule(
        RuleType(rule_type),
        target=None if target is None else E164.from_digits(target),
        email=_address(email),
        revision=revision,
        ring_timeout=timedelta(seconds=ring_timeout_s),
        fallback=Fallback(Otherwise(no_answer), Otherwise(busy), _address(fallback_email)),
    )
    return NumberRecord(number, account_id, rule, bool(active), bool(enabled), label, updated_at_ms)


def _address(text: str | None) -> EmailAddress | None:
    return None if text is None else EmailAddress(text)


def row_of(record: NumberRecord) -> list[Any]:
    """Return the row that `record_of` makes this record of."""
    rule = record.rule
    fallback = rule.fallback
    return [
        *(record.account_id, record.label, record.active, record.forwarding_enabled),
        *(int(rule.type), rule.target and rule.target.digits, rule.email and rule.email.value),
        *(int(rule.ring_timeout.total_seconds()), rule.revision, record.updated_at_ms),
        *(fallback.no_answer.value, fallback.busy.value, fallback.email and fallback.email.value),
    ]
