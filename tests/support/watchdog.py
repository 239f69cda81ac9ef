"""Directories of test servers: they go with all that runs in them, by whatever death this process dies."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from os import kill
from pathlib import Path

_PATIENCE_S = 10.0
"""How long a server gets to end by itself once asked."""


class GuardedDirectory:
    """A new directory in the system's, open to every user, and a process that watches over it.

    Servers are started with a working directory in it; that is how the watchdog finds them. When this process closes
    the directory, ends or is killed, the watchdog has them end at once, kills those that don't, and removes it.
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        # pytest's own directories are closed to the other user that servers run as when we are root.
        self.path.chmod(0o755)
        command = [sys.executable, "-I", "-S", __file__, str(self.path)]
        # A session of its own: Ctrl-C is for the tests.
        self._watchdog = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def close(self) -> None:
        """End what runs in the directory, and remove it."""
        assert self._watchdog.stdin is not None
        # A child that was forked meanwhile, and does not end, would keep its end of the pipe open.
        with suppress(BrokenPipeError):
            self._watchdog.stdin.write(b"\n")
            self._watchdog.stdin.close()
        self._watchdog.wait()


def _inhabitants(directory: Path) -> Iterable[int]:
    """Yield the ids of the processes whose working directory lies in `directory`."""
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if cwd.readlink().is_relative_to(directory):
                yield int(cwd.parent.name)


def _signal(directory: Path, *numbers: signal.Signals) -> None:
    for pid in _inhabitants(directory):
        for number in numbers:
            with suppress(ProcessLookupError):
                kill(pid, number)


def _return_shared_memory(directory: Path) -> None:
    """Give back what a PostgreSQL that was killed could not: its lock file, which stayed, names it in line 7."""
    for file in directory.glob("*/postmaster.pid"):
        identifier = file.read_text().splitlines()[6].split()[1]
        subprocess.run(["ipcrm", "--shmem-id", identifier], check=False, capture_output=True)


def main() -> None:
    """Wait until the other end of standard input is gone or says so, then clear the directory given as argument."""
    directory = Path(sys.argv[1])
    sys.stdin.buffer.read(1)
    # SIGQUIT is PostgreSQL's immediate shutdown, which gives its shared memory back; a stopped process hears nothing.
    _signal(directory, signal.SIGQUIT, signal.SIGCONT)
    deadline = time.monotonic() + _PATIENCE_S
    while any(True for _ in _inhabitants(directory)):
        if time.monotonic() > deadline:
            _signal(directory, signal.SIGKILL)
        # They are not children of this process, so there is nothing to wait for.
        time.sleep(0.01)
    _return_shared_memory(directory)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
