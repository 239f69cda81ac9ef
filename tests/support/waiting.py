"""Waiting for a condition: tests never sleep for a time and hope."""

import threading
import time
from collections.abc import Callable
from typing import Any

_PAUSE = threading.Event()


def wait_for(condition: Callable[[], Any], what: str | Callable[[], str], timeout_s: float = 10.0) -> Any:
    """Return the first true value of `condition`, asked again and again.

    Raises:
        AssertionError: `what` did not happen within `timeout_s`.
    """
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        if time.monotonic() >= deadline:
            missed = what if isinstance(what, str) else what()
            raise AssertionError(f"{missed} did not happen within {timeout_s} s")
        _PAUSE.wait(0.01)
    return value
