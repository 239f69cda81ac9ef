"""Random times."""

from collections.abc import Callable
from math import log
from random import Random

from bench.simulation.loop import Loop


class Chance:
    """The dice of one run: the same seed gives the same run."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.share = self._random.random
        """Returns a number from 0 to 1, 1 excluded."""
        self.choice = self._random.choice

    def time(self, mean_s: float) -> float:
        """Return an exponential time."""
        return -mean_s * log(1.0 - self.share())


class Population:
    """Members that come by `join` and leave after exponential times of `mean_s` on the mean; `left` is called for each.

    Such times have no memory, so nobody's own is kept: one leaves after a time of `mean_s` divided by their number.
    Who joins meanwhile counts from the next one on, which among thousands makes no difference.
    """

    def __init__(self, loop: Loop, chance: Chance, mean_s: float, left: Callable[[], None]) -> None:
        self._loop = loop
        self._chance = chance
        self._mean_s = mean_s
        self._left = left
        self.size = 0
        self._waiting = False

    def join(self, count: int = 1) -> None:
        """Add members."""
        self.size += count
        if not self._waiting:
            self._wait()

    def _wait(self) -> None:
        self._waiting = self.size > 0
        if self._waiting:
            self._loop.at(self._loop.now + self._chance.time(self._mean_s / self.size), self._leave)

    def _leave(self) -> None:
        self.size -= 1
        self._left()
        self._wait()
