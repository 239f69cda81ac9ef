"""The directories of test servers go when they are closed, whatever else this process has begun."""

import os
import signal
import subprocess
import sys

import pytest

from tests.support.watchdog import GuardedDirectory


def test_a_directory_goes_with_what_runs_in_it() -> None:
    directory = GuardedDirectory("renvoi-test-")
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], cwd=directory.path) as server:
        directory.close()
        # Killed where SIGQUIT is ignored, as it is below a shell that runs the tests in the background.
        assert server.wait() in (-signal.SIGQUIT, -signal.SIGKILL)
    assert not directory.path.exists()


@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")  # the child calls nothing that locks
def test_a_child_that_was_forked_meanwhile_keeps_nothing_open() -> None:
    directory = GuardedDirectory("renvoi-test-")
    child = os.fork()
    if child == 0:
        signal.pause()
        os._exit(0)
    try:
        directory.close()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert not directory.path.exists()
