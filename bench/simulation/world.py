"""The fleet and its callers: where the network leads each call, and what callers do when they are let down."""

from bench.simulation.call import SetUp
from bench.simulation.chance import Chance
from bench.simulation.inputs import Scenario
from bench.simulation.loop import Loop
from bench.simulation.region import Region
from bench.simulation.tally import SERVED, Outcome, Tally

_NEVER_REDIALLED = SERVED | {Outcome.VOICEMAIL_FULL}


class World:
    """One run of a scenario."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._loop = Loop()
        self._chance = Chance(scenario.seed)
        self.tally = Tally()
        fleet = scenario.fleet
        self._regions = [Region(self._loop, self._chance, scenario, self.tally) for _ in range(fleet.regions)]
        self._rate = scenario.traffic.calls_per_s / fleet.regions / fleet.scale

    def run(self) -> Tally:
        """Simulate, until every call that was offered has ended; return the tally."""
        for region in self._regions:
            region.begin(self._rate)
            self._loop.at(self._chance.time(1 / self._rate), self._arrive, region)
        if self._scenario.loss_at_s is not None:
            self._loop.at(self._scenario.loss_at_s, self._regions[0].die)
        self._loop.run(self._scenario.length_s)
        while self.tally.open and self._loop.step():
            pass
        return self.tally

    def _arrive(self, home: Region) -> None:
        """Let a caller dial, and the next one after it."""
        following = self._loop.now + self._chance.time(1 / self._rate)
        if following < self._scenario.length_s:
            self._loop.at(following, self._arrive, home)
        self._dial(home, 1)

    def _dial(self, home: Region, attempt: int) -> None:
        self.tally.offer()
        call = SetUp(home, attempt, self._ended)
        if home.alive:
            call.place(home)
            return
        assert self._scenario.loss_at_s is not None
        steering = self._scenario.steering
        if self._chance.share() >= steering.stuck(self._loop.now - self._scenario.loss_at_s):
            self._place_elsewhere(call)
        elif self._chance.share() < steering.failover:
            self.tally.moved += 1
            self._loop.at(self._loop.now + steering.failover_s, self._place_elsewhere, call)
        else:
            self._ended(call, Outcome.LOST, None)

    def _place_elsewhere(self, call: SetUp) -> None:
        call.place(self._chance.choice([region for region in self._regions if region.alive]))

    def _ended(self, call: SetUp, outcome: Outcome, took_s: float | None) -> None:
        now, traffic = self._loop.now, self._scenario.traffic
        self.tally.end(outcome, now, took_s)
        if outcome in _NEVER_REDIALLED or call.attempt >= traffic.attempts:
            return
        again = now + self._chance.time(traffic.redial_after_s)
        if self._chance.share() < traffic.redial and again < self._scenario.length_s:
            self.tally.redialled += 1
            self._loop.at(again, self._dial, call.home, call.attempt + 1)
