"""Imported by each Python that starts with this directory on its path: on SIGUSR1 its main thread stands still.

So an event loop is blocked by a process that runs, has its threads, and answers the kernel.
"""

import signal
import time

FOR_S = 3600.0


def _block(*_: object) -> None:
    time.sleep(FOR_S)


signal.signal(signal.SIGUSR1, _block)
