"""The set-up of one call, from the INVITE's arrival at a node to what its edge makes of it."""

from collections.abc import Callable

from bench.simulation.node import Job
from bench.simulation.region import Region
from bench.simulation.tally import Outcome

Ended = Callable[["SetUp", Outcome, float | None], None]


class SetUp(Job):
    """A call on its way through an edge; `ended` is told how it ended, and after how many seconds at its node.

    `home` is the region that the network leads the caller to, `attempt` counts the caller's tries from 1.
    """

    __slots__ = ("_arrived", "_ended", "_outcome", "_region", "attempt", "home")

    def __init__(self, home: Region, attempt: int, ended: Ended) -> None:
        self.home = home
        self.attempt = attempt
        self._ended = ended
        self._outcome = Outcome.SHED
        self._region = home
        self._arrived = 0.0

    def place(self, region: Region) -> None:
        """Arrive at one of the region's nodes."""
        self._region = region
        self._arrived = region.loop.now
        region.pick().offer(self)

    def begin(self, refused_share: float) -> tuple[float, float]:
        """Decide about the call; see `Job.begin`."""
        region = self._region
        chance, costs = region.chance, region.scenario.costs
        if refused_share and chance.share() < refused_share:
            return 0.0, chance.time(costs.shed_s)
        traffic = region.scenario.traffic
        kind = chance.share()
        if kind < traffic.forward:
            self._outcome, look_ups = Outcome.FORWARDED, 2
        else:
            voicemail = kind < traffic.forward + traffic.voicemail
            self._outcome, look_ups = Outcome.MESSAGE if voicemail else Outcome.REJECTED, 1
        return self._look_up(look_ups), chance.time(costs.set_up_s)

    def _look_up(self, count: int) -> float:
        """Return how long so many look-ups take, one after the other; too long a one ends the call."""
        region, waited = self._region, 0.0
        fleet = region.scenario.fleet
        for _ in range(count):
            region.tally.look_ups[int(region.loop.now)] += 1
            took = fleet.network_s + region.database.look_up(region.loop.now)
            if took > fleet.look_up_limit_s:
                self._outcome = Outcome.STORE_AWAY
                return waited + fleet.look_up_limit_s
            waited += took
        return waited

    def end(self) -> None:
        """Send the call on, or to the voicemail, or answer it."""
        region = self._region
        if self._outcome is Outcome.FORWARDED:
            region.ring()
        elif self._outcome is Outcome.MESSAGE and not region.take_message():
            self._outcome = Outcome.VOICEMAIL_FULL
        self._ended(self, self._outcome, region.loop.now - self._arrived)

    def cut(self, *, by_death: bool) -> None:
        """End without an answer."""
        self._ended(self, Outcome.CUT if by_death else Outcome.DROPPED, None)
