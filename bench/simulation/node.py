"""One edge: processes that take messages from one socket, cores that they share, and the governor of overload."""

from abc import ABC, abstractmethod
from collections import deque

from bench.simulation.inputs import MESSAGE_BYTES
from bench.simulation.loop import Loop
from renvoi.edge.router.overload_control import FULL, LoadShedder, ReceiveQueue

GOVERNOR_PERIOD_S = 0.02
"""As in kamailio.cfg."""


class Job(ABC):
    """What a process does about one message."""

    __slots__ = ()

    @abstractmethod
    def begin(self, refused_share: float) -> tuple[float, float]:
        """Return the seconds that the process waits for others, and those that it then computes.

        `refused_share` (0 to 1) is the governor's.
        """

    @abstractmethod
    def end(self) -> None:
        """Do what follows when it is done."""

    @abstractmethod
    def cut(self, *, by_death: bool) -> None:
        """Note that it will not be done: its node died, or the socket's buffer was full."""


class _Socket(ReceiveQueue):
    """The simulated socket, as the governor looks at it."""

    def __init__(self) -> None:
        self.messages: deque[Job] = deque()

    def waiting(self) -> int:
        return len(self.messages) * MESSAGE_BYTES


class EdgeNode:
    """A queue of messages, `workers` processes, and `cores`: who waits for a look-up has a process, but no core."""

    def __init__(self, loop: Loop, workers: int, cores: int, buffer_bytes: int) -> None:
        self._loop = loop
        self._idle = workers
        self._free_cores = cores
        self._runnable: deque[tuple[float, Job]] = deque()
        self._socket = _Socket()
        self._most = buffer_bytes // MESSAGE_BYTES
        self._load_shedder = LoadShedder(self._socket)
        self._refused = 0
        self.alive = True

    def offer(self, job: Job) -> None:
        """Receive a message."""
        if not self.alive:
            job.cut(by_death=True)
        elif self._idle:
            self._idle -= 1
            self._begin(job)
        elif len(self._socket.messages) < self._most:
            self._socket.messages.append(job)
        else:
            job.cut(by_death=False)

    def govern(self) -> None:
        """Take one step of the overload control."""
        self._refused = self._load_shedder.step(self._refused)

    def die(self) -> None:
        """Lose everything that waits, and as its time comes what is at work."""
        self.alive = False
        for job in (*(job for _, job in self._runnable), *self._socket.messages):
            job.cut(by_death=True)

    def _begin(self, job: Job) -> None:
        wait_s, compute_s = job.begin(self._refused / FULL)
        if wait_s:
            self._loop.at(self._loop.now + wait_s, self._run, job, compute_s)
        else:
            self._run(job, compute_s)

    def _run(self, job: Job, compute_s: float) -> None:
        if not self.alive:
            job.cut(by_death=True)
        elif self._free_cores:
            self._free_cores -= 1
            self._loop.at(self._loop.now + compute_s, self._end, job)
        else:
            self._runnable.append((compute_s, job))

    def _end(self, job: Job) -> None:
        if not self.alive:
            job.cut(by_death=True)
            return
        if self._runnable:
            compute_s, following = self._runnable.popleft()
            self._loop.at(self._loop.now + compute_s, self._end, following)
        else:
            self._free_cores += 1
        job.end()
        if self._socket.messages:
            self._begin(self._socket.messages.popleft())
        else:
            self._idle += 1
