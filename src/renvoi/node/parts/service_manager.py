"""What the node tells the service manager that started it, by the protocol of sd_notify(3).

Messages are datagrams to the socket that `NOTIFY_SOCKET` names, lines of `NAME=value`. Without that variable nothing is
told. The manager's watchdog is fed by the supervisor's event loop: when that stands still, the node is restarted.
"""

import asyncio
import os
import socket
import time
from collections import deque
from collections.abc import Callable, Mapping

import structlog

from renvoi.wakeups import to_next

NOTIFY_VARIABLE, WATCHDOG_VARIABLE, WATCHDOG_PID_VARIABLE = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
STATUS_PERIOD_S = 5.0
"""How often is looked whether the status has changed."""
_MOST_UNSENT = 16
"""Messages that are kept for a manager that does not read them."""
_MOST_STATUS = 400
"""Characters of a status that are sent."""


class ServiceManager:
    """The one that started this process, if it wants to be told."""

    def __init__(self, address: str | None, watchdog_s: float | None = None) -> None:
        """Tell it at `address`, where `@` begins an abstract one; every `watchdog_s` seconds at least that we live."""
        self._address = "\0" + address[1:] if address and address.startswith("@") else address
        self._period_s = min(STATUS_PERIOD_S, watchdog_s / 2) if watchdog_s else STATUS_PERIOD_S
        self._watches = watchdog_s is not None
        self._status = ""
        self._unsent: deque[str] = deque(maxlen=_MOST_UNSENT)
        self._failed = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "ServiceManager":
        """Return the one that an environment names."""
        is_for_us = environ.get(WATCHDOG_PID_VARIABLE) in (None, "", str(os.getpid()))
        text = environ.get(WATCHDOG_VARIABLE, "") if is_for_us else ""
        watchdog_s = int(text) / 1e6 if text.isascii() and text.isdigit() else 0
        return cls(environ.get(NOTIFY_VARIABLE) or None, watchdog_s or None)

    def ready(self) -> None:
        """Tell that the node serves, at first or again."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Tell that settings are being read again; `ready` ends that."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self, within_s: float) -> None:
        """Tell that the node ends, which may take so many seconds."""
        self._tell("STOPPING=1", *_patience(within_s))

    def starting(self, status: str, within_s: float) -> None:
        """Tell what a start waits for, and for how many seconds at the most."""
        self._status = status
        self._tell(f"STATUS={status}", *_patience(within_s))

    def tell_status(self, status: str) -> None:
        """Have `systemctl status` show this line."""
        status = " ".join(status.split())[:_MOST_STATUS]
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    async def keep_told(self, status: Callable[[], str]) -> None:
        """Tell that this event loop turns, and how the node does, until cancelled."""
        while self._address:
            # First of all what it had no room for.
            self._send()
            if self._watches and not self._unsent:
                self._tell("WATCHDOG=1")
            self.tell_status(status())
            await asyncio.sleep(to_next(self._period_s))

    def _tell(self, *lines: str) -> None:
        if self._address:
            self._unsent.append("\n".join(lines))
            self._send()

    def _send(self) -> None:
        """Send what waits, in order; a manager that has no room for it gets it later, and does not hold the node."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
                told.setblocking(False)
                told.connect(self._address or "")
                while self._unsent:
                    told.sendall(self._unsent[0].encode())
                    self._unsent.popleft()
            self._failed = False
        except BlockingIOError:
            pass
        except OSError as error:
            self._unsent.clear()
            if not self._failed:
                structlog.get_logger("node").warning("the service manager cannot be notified", error=str(error))
            self._failed = True


def _patience(seconds: float) -> tuple[str, ...]:
    return (f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}",)
