"""Staying useful under too many calls: some are refused at once, so that the others are answered in time.

The measure is what waits in the receive queue of our UDP socket, which is there before any process of ours has spent
time on it. The control is the usual one for shared queues: up fast while the queue is long, down slowly when it is not.
"""

from pathlib import Path

FULL = 1000
"""The refused share is counted in thousandths."""
LONG_QUEUE_BYTES = 96 * 1024
"""A queue (kernel's bookkeeping included) that means some tens of milliseconds of waiting."""
SHORT_QUEUE_BYTES = LONG_QUEUE_BYTES // 4
RISE, FALL = 60, 10
"""By how much the share grows on a long queue of just that length, and shrinks on a short one, for each step."""
MAX_REFUSED = 950
"""Even then some calls are tried, so that the share can find its way down."""


class ReceiveQueue:
    """How many bytes wait to be read from the UDP socket bound to `port`."""

    def __init__(self, host: str, port: int) -> None:
        self._path = Path("/proc/net/udp6" if ":" in host else "/proc/net/udp")
        self._suffix = f":{port:04X}"

    def waiting(self) -> int:
        """Return the bytes that wait now, on all addresses of the port together."""
        total = 0
        for line in self._path.read_text("ascii").splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(self._suffix):
                total += int(fields[4].partition(":")[2], 16)
        return total


class Governor:
    """Finds the share of new calls to refuse, in thousandths."""

    def __init__(self, queue: ReceiveQueue) -> None:
        self._queue = queue
        self._was_long = False

    def step(self, share: int) -> int:
        """Return the share for the next step, given the present one."""
        waiting = self._queue.waiting()
        was_long, self._was_long = self._was_long, waiting > LONG_QUEUE_BYTES
        if self._was_long:
            if not was_long:
                # A burst that the next step finds gone was no overload.
                return share
            return min(MAX_REFUSED, share + RISE * min(4, waiting // LONG_QUEUE_BYTES))
        if waiting < SHORT_QUEUE_BYTES:
            return max(0, share - FALL)
        return share
