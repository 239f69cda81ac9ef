"""How long a program was held up, on a busy machine: what happens by its clock is as vague as that."""

import threading
import time
from typing import Self

from tests.support.sip import Phone, options
from tests.support.sip_message import Address

PERIOD_S = 0.05
USUAL_S = 0.05
"""Answers that take no longer than this hold nobody up."""


class StallMonitor:
    """Asks SIP addresses by OPTIONS all the time from `with` until its end; the time their answers take adds up."""

    def __init__(self, *addresses: Address) -> None:
        self._addresses = addresses
        self._sum_s = self._longest_s = 0.0
        self._beat_at = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="stalls")

    def __enter__(self) -> Self:
        self._beat_at = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def held_up_s(self) -> float:
        """How long any of them, or this process, was held up so far, all in all, in seconds."""
        return self._sum_s + self._delay()

    @property
    def longest_s(self) -> float:
        """How long the longest of these delays was, in seconds."""
        return max(self._longest_s, self._delay())

    def _delay(self) -> float:
        delay_s = time.monotonic() - self._beat_at - PERIOD_S
        return delay_s if delay_s > USUAL_S else 0.0

    def _work(self) -> None:
        with Phone() as phone:
            while not self._ended.wait(PERIOD_S):
                for address in self._addresses:
                    options(phone, address)
                self._sum_s, self._longest_s = self.held_up_s, self.longest_s
                self._beat_at = time.monotonic()
