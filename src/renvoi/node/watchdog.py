"""The watchdog of a part, as the supervisor has it: how long a part has given no proof that it works."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from renvoi.domain.jsontext import read_json

PERIOD_S = 1.5
"""How often a part that answers is asked."""
SILENT_PERIOD_S = 0.5
"""The pause before it is asked again when it did not answer."""
ASK_TIMEOUT_S = 1.0
"""How long one answer may take."""
SHOW_AFTER_S = 3.0
"""From how much silence `/readyz` tells of it."""
KILL_AFTER_S = 8.0
"""After how much silence a part is killed. With the time until it is noticed and the next start, it is back within
15 s; on a busy machine a process may not run for some seconds, and several questions in a row must fail."""
START_LIMIT_S = 60.0
"""How long a part may take from its start until it works."""
_MAX_STEP_S = 3.0
"""What one look adds to the silence at the most. More has passed only when this process did not run either, such as on
a machine that was suspended."""
_MAX_PULSE_BYTES = 64 * 1024


class Silence:
    """Adds up how long a part did not prove that it works; times are those of a monotonic clock, in seconds."""

    def __init__(self, now_s: float) -> None:
        self._looked_at_s = now_s
        self.seconds = 0.0

    def note(self, now_s: float, *, heard: bool) -> None:
        """Note what a look at `now_s` found."""
        step_s = min(now_s - self._looked_at_s, _MAX_STEP_S)
        self._looked_at_s = now_s
        self.seconds = 0.0 if heard else self.seconds + step_s


class Heartbeat:
    """The supervisor's end of the pipe that `pulse.Pulse` writes to. Belongs to one event loop; close it."""

    def __init__(self) -> None:
        """Make the pipe.

        Raises:
            OSError: no more files can be opened.
        """
        self._read_fd, self.child_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._read_fd, self._read)
        self._rest = b""
        self._beats = 0
        self.works = False
        """Whether the part has said that it does its work."""
        self.alarm = ""
        """What the part says that needs attention, empty for nothing."""

    def took_off(self) -> None:
        """Close the child's end here: the process has its own copy."""
        if self.child_fd >= 0:
            os.close(self.child_fd)
            self.child_fd = -1

    def heard(self) -> bool:
        """Tell whether there was a beat since this was asked last."""
        beats, self._beats = self._beats, 0
        return beats > 0

    def close(self) -> None:
        """Hear no more."""
        self._loop.remove_reader(self._read_fd)
        os.close(self._read_fd)
        self.took_off()

    def _read(self) -> None:
        try:
            text = os.read(self._read_fd, _MAX_PULSE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        if not text:  # the process has ended
            self._loop.remove_reader(self._read_fd)
            return
        *lines, self._rest = (self._rest + text).split(b"\n")
        self._rest = self._rest[-_MAX_PULSE_BYTES:]
        for line in lines:
            with suppress(ValueError, KeyError, TypeError):
                said = read_json(line)
                self.works, self.alarm = bool(said["works"]), str(said["alarm"])
                self._beats += 1


def is_stopped(pid: int) -> bool:
    """Tell whether a process or one of its children is stopped by a signal: then it does not work, whoever answers.

    A child counts on its own, as Kamailio is many processes, and others of them answer what is asked.
    """
    return any(_state(each) == "T" for each in (pid, *_children(pid)))


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(") ")[2][:1]
    except OSError:
        return ""
