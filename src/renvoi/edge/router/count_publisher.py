"""Tells the supervisor what this edge counts, so that other nodes get it. One process of Kamailio does that.

The RPC that dumps a table answers in one datagram, which some hundred calls would fill; Kamailio's iterator goes over a
table of any size, one slot at a time.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from renvoi.count_files import write_counts
from renvoi.edge.router.call_counts import CALLS_TABLE, IN_USE, MINUTES_TABLE

PERIOD_S = 0.4
"""How often is looked while there are calls."""
LIVELY_S = 2.0
"""How long that goes on after the last sign of life."""
BUSY_SHARE = 0.1
"""Share of the time that looking may take."""
_ITERATOR = "counts"


class CountPublisher:
    """Writes `path` whenever what is counted there has changed."""

    def __init__(self, ksr: Any, path: Path) -> None:
        self._ksr = ksr
        self._path = path
        self._told: dict[str, int] | None = None
        self._look_at_s = 0.0
        self._lively_until_s = 0.0

    def rest_s(self, longest_s: float, now_s: float) -> float:
        """Return how long may be waited until the next look."""
        return PERIOD_S if self._told or now_s < self._lively_until_s else longest_s

    def stir(self, now_s: float) -> None:
        """Note that something has arrived, which may be a call."""
        self._lively_until_s = now_s + LIVELY_S

    def look(self, now_s: float, now_ms: int) -> None:
        """Tell what is counted, if it is time and something has changed.

        Raises:
            OSError: the file cannot be written; it is tried again.
        """
        if now_s < self._look_at_s:
            return
        began_s = time.monotonic()
        counts = dict(self._counted(now_ms // 60_000)) if self._told or self._ksr.pv.get(IN_USE) else {}
        if counts != self._told:
            write_counts(self._path, counts)
            self._told = counts
        # However many calls there are, most of the time is left for others.
        self._look_at_s = now_s + max(PERIOD_S, (time.monotonic() - began_s) / BUSY_SHARE)

    def _counted(self, minute: int) -> Iterator[tuple[str, int]]:
        for name, count in self._entries(CALLS_TABLE):
            if count > 0:
                yield name, count
        for name, count in self._entries(MINUTES_TABLE):
            if count > 0 and name.endswith(f"/{minute}"):
                yield name, count

    def _entries(self, table: str) -> Iterator[tuple[str, int]]:
        htable, pv = self._ksr.htable, self._ksr.pv
        htable.sht_iterator_start(_ITERATOR, table)
        try:
            while htable.sht_iterator_next(_ITERATOR) > 0:
                yield str(pv.get(f"$shtitkey({_ITERATOR})")), int(pv.get(f"$shtitval({_ITERATOR})"))
        finally:
            # Until then others wait for the slot that it has come to.
            htable.sht_iterator_end(_ITERATOR)
