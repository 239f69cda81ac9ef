"""What all processes of Kamailio could not write to the spool, in its shared memory, until one of them can."""

from typing import Any

WAITING, LOST, LOST_AT = "spool_waiting", "spool_lost", "spool_lost_at"
"""Two counters of Kamailio, of events; and a shared variable: when the last one was lost, in seconds since 1970."""
QUEUE = "spool"


class SharedBacklog:
    """See `spool.writer.Backlog`."""

    def __init__(self, ksr: Any) -> None:
        self._ksr = ksr

    def __len__(self) -> int:
        """Return how many events wait, the one that was taken included."""
        return int(self._ksr.pv.get(f"$stat({WAITING})") or 0)

    def add(self, line: bytes) -> None:
        """Let a line wait."""
        self._ksr.mqueue.mq_add(QUEUE, "event", line.decode("ascii"))
        self._ksr.statistics.update_stat(WAITING, 1)

    def take(self) -> bytes | None:
        """Take the oldest line; None when there is none."""
        if self._ksr.mqueue.mq_fetch(QUEUE) < 0:
            return None
        line: str = self._ksr.pv.get(f"$mqv({QUEUE})")
        self._ksr.mqueue.mq_pv_free(QUEUE)
        return line.encode("ascii")

    def done(self) -> None:
        """Take note that what was taken is written."""
        self._ksr.statistics.update_stat(WAITING, -1)
