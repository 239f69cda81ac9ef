"""Decides about calls, with what the store says at this moment: when they come, and when they are not taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.access.limits import Use, metered
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.policies import call_uses, cooled_off
from renvoi.domain.routing.routing import Decision, Forward, NeedRecord, Reject, Voicemail
from renvoi.domain.rules.rule import NumberRecord
from renvoi.edge.router.lookup import Lookup

Records = Mapping[E164, NumberRecord | None]
Owners = Mapping[int, Owner]
Replaced = Callable[[NumberRecord], NumberRecord]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, what the call uses by it, and whether rules that were read before had to do."""

    decision: Decision
    uses: tuple[Use, ...] = ()
    last_known: bool = False

    @property
    def used(self) -> tuple[str, ...]:
        """For whose minutes the call counts: those of forwarded calls only."""
        return metered(self.uses) if isinstance(self.decision, Forward) else ()


class Decider:
    """One object in each of Kamailio's processes.

    Calls to a country that an account begins to use wait for `cooling_off_ms`.
    """

    def __init__(self, ksr: Any, lookup: Lookup, *, has_voicemail: bool, cooling_off_ms: int) -> None:
        self._ksr = ksr
        self._lookup = lookup
        self._has_voicemail = has_voicemail
        self._cooling_off_ms = cooling_off_ms

    def decide(
        self,
        ask: Callable[[Records, Owners], Decision | NeedRecord],
        at_ms: int,
        replaced: Replaced | None = None,
    ) -> Decided:
        """Ask for a decision until nothing is missing for it; `replaced` changes records before they are used.

        Raises:
            LookupFailed: the store cannot be read.
        """
        records: dict[E164, NumberRecord | None] = {}
        owners: dict[int, Owner] = {}
        last_known = False
        while isinstance(decision := ask(records, owners), NeedRecord):
            reading = self._lookup.find(decision.number)
            record = reading.record
            records[decision.number] = record if record is None or replaced is None else replaced(record)
            if record is not None:
                owners[record.account_id] = reading.owner
            last_known = last_known or reading.last_known
        if last_known:
            self._ksr.statistics.update_stat("last_known", 1)
        decision = cooled_off(decision, records, owners, at_ms, self._cooling_off_ms)
        if isinstance(decision, Reject) or (isinstance(decision, Voicemail) and not self._has_voicemail):
            return Decided(decision, (), last_known)
        return Decided(decision, call_uses(decision, records, owners), last_known)
