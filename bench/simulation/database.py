"""How long a look-up waits at a region's database.

The databases are not sliced: a few cores of one would queue differently from many. Nor is each of their queries
simulated, for there are scores of thousands a second. Instead each look-up draws its time from the stationary M/M/c
queue at the load of the last second, scaled up to the whole region; beyond full load what is not served
piles up, as a fluid. A queue of such short services settles within milliseconds, which is why this may be done.
"""

from bench.simulation.chance import Chance

WINDOW_S = 1.0


def waiting_probability(servers: int, offered: float) -> float:
    """Return Erlang's C: the probability that a customer waits, for `offered` erlangs below `servers`."""
    blocking = 1.0
    for server in range(1, servers + 1):
        blocking = offered * blocking / (server + offered * blocking)
    return blocking / (1 - offered / servers * (1 - blocking))


class Database:
    """`cores` that serve look-ups of `service_s` on the mean, and other work that keeps `background` erlangs busy.

    Each simulated look-up stands for `scale` real ones.
    """

    def __init__(self, chance: Chance, cores: int, service_s: float, background: float, scale: float) -> None:
        self._chance = chance
        self._cores = cores
        self._service_s = service_s
        self._background = background
        self._scale = scale
        self._window_ends = WINDOW_S
        self._seen = 0
        self._backlog_s = 0.0
        self._waits = 0.0
        self._mean_wait_s = 0.0

    def look_up(self, now: float) -> float:
        """Return how many seconds a look-up takes that arrives `now`, the network left out."""
        while now >= self._window_ends:
            self._roll()
        self._seen += 1
        taken = self._backlog_s + self._chance.time(self._service_s)
        if self._waits and self._chance.share() < self._waits:
            taken += self._chance.time(self._mean_wait_s)
        return taken

    def _roll(self) -> None:
        """Begin a window, with the load of the one that ends."""
        offered = self._seen * self._scale / WINDOW_S * self._service_s + self._background
        self._backlog_s = max(0.0, self._backlog_s + (offered / self._cores - 1) * WINDOW_S)
        # Just below full load the stationary queue is longer than it could become in a window.
        steady = min(offered, self._cores * 0.995)
        self._waits = waiting_probability(self._cores, steady) if steady else 0.0
        self._mean_wait_s = self._service_s / (self._cores - steady)
        self._seen = 0
        self._window_ends += WINDOW_S
