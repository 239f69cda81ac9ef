"""Look-ups while the store is away, where `on_store_loss` is `last-known`: what was read last decides."""

import json
import logging
import time
from collections.abc import Callable

from renvoi.domain.number import E164
from renvoi.edge.lookup import Lookup, LookupFailed, Reading, record_of, row_of
from renvoi.edge.sharedtable import Entry, SharedTable

NUMBERS = 100_000
"""Numbers that are remembered, about: those read last."""
MOST_BYTES = 640
"""Of what is remembered of one number: room for two e-mail addresses of the greatest length."""
_NOT_OURS = b""

_log = logging.getLogger("renvoi.edge")


def new_memory() -> SharedTable:
    """Make the memory that the processes of one edge share: what one of them has read all of them know."""
    return SharedTable(NUMBERS, MOST_BYTES)


class LastKnownLookup:
    """Look-ups in a store that is asked each time; only when it does not answer, what it said before counts.

    Numbers that are not ours are remembered as well: most targets are such, and are looked up too.
    """

    def __init__(
        self, store: Lookup, memory: SharedTable, max_age_s: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        """Wrap `store`; nothing counts that was read more than `max_age_s` seconds ago.

        `now` is a clock that does not jump and that all processes sharing `memory` share too.
        """
        self._store = store
        self._memory = memory
        self._max_age_s = max_age_s
        self._now = now
        self._away = False

    def find(self, number: E164) -> Reading:
        """Read the number's record, or return what was read last; see `Lookup.find`."""
        at = self._now()
        try:
            reading = self._store.find(number)
        except LookupFailed as error:
            self._note(error)
            return self._recall(number, error)
        self._note(None)
        self._memory.put(number.digits, Entry(at, _value(reading)))
        return reading

    def check(self) -> None:
        """Read something; see `Lookup.check`."""
        self._store.check()

    def _recall(self, number: E164, error: LookupFailed) -> Reading:
        entry = self._memory.get(number.digits)
        if entry is None or self._now() - entry.at > self._max_age_s:
            raise LookupFailed(f"{error}; nor is it known from the last {self._max_age_s:g} s") from error
        if entry.value == _NOT_OURS:
            return Reading(None, last_known=True)
        return Reading(record_of(number, json.loads(entry.value)), last_known=True)

    def _note(self, error: LookupFailed | None) -> None:
        """Log when the store goes and when it comes back, not each call in between."""
        if error is not None and not self._away:
            _log.warning("the store is away, calls are decided by the rules that were read last: %s", error)
        elif error is None and self._away:
            _log.warning("the store answers again")
        self._away = error is not None


def _value(reading: Reading) -> bytes:
    if reading.record is None:
        return _NOT_OURS
    # Labels may be of any length, and decide nothing.
    account_id, _label, *rest = row_of(reading.record)
    return json.dumps([account_id, "", *rest], ensure_ascii=False, separators=(",", ":")).encode()
