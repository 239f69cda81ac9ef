"""A region: its edges, its part of the voicemail and of the database, and the calls that are under way in it."""

from bench.simulation.chance import Chance, Population
from bench.simulation.database import Database
from bench.simulation.inputs import Scenario
from bench.simulation.loop import Loop
from bench.simulation.node import GOVERNOR_PERIOD_S, EdgeNode, Job
from bench.simulation.tally import Tally


class _Later(Job):
    """The messages of a call that follow its set-up."""

    __slots__ = ("_compute_s", "_tally")

    def __init__(self, compute_s: float, tally: Tally) -> None:
        self._compute_s = compute_s
        self._tally = tally

    def begin(self, refused_share: float) -> tuple[float, float]:  # noqa: ARG002 - calls under way are never refused
        return 0.0, self._compute_s

    def end(self) -> None:
        pass

    def cut(self, *, by_death: bool) -> None:
        self._tally.later_dropped += not by_death


class Region:
    """One region's slice of the fleet: `simulated_nodes`, and of all else the part that belongs to them."""

    def __init__(self, loop: Loop, chance: Chance, scenario: Scenario, tally: Tally) -> None:
        fleet, traffic, costs = scenario.fleet, scenario.traffic, scenario.costs
        self.loop, self.chance, self.scenario, self.tally = loop, chance, scenario, tally
        self.nodes = [
            EdgeNode(loop, fleet.workers, fleet.cores, fleet.buffer_bytes) for _ in range(fleet.simulated_nodes)
        ]
        # Every region's database gets every change.
        background = traffic.changes_per_s * costs.change_s
        self.database = Database(chance, fleet.database_cores, costs.look_up_s, background, fleet.scale)
        self.alive = True
        self._ringing = Population(loop, chance, traffic.ring_s, self._picked_up)
        self._talking = Population(loop, chance, traffic.hold_s, self._hung_up)
        self._messages = Population(loop, chance, traffic.message_s, self._hung_up)
        self._most_messages = round(fleet.voicemail_calls / fleet.scale)
        self._at_ringing_s = costs.later_s * costs.ringing_share
        self._at_end_s = costs.later_s * (1 - costs.ringing_share)

    def begin(self, calls_per_s: float) -> None:
        """Start the governors, and put the calls and messages in place that are under way in the long run."""
        for node in self.nodes:
            self.loop.at(self.chance.share() * GOVERNOR_PERIOD_S, self._govern, node)
        traffic = self.scenario.traffic
        forwarded = calls_per_s * traffic.forward
        self._ringing.join(round(forwarded * traffic.ring_s))
        self._talking.join(round(forwarded * traffic.answered * traffic.hold_s))
        self._messages.join(round(calls_per_s * traffic.voicemail * traffic.message_s))

    def pick(self) -> EdgeNode:
        """Return one of the nodes."""
        return self.nodes[0] if len(self.nodes) == 1 else self.chance.choice(self.nodes)

    def ring(self) -> None:
        """Let a call that was sent on ring at its target."""
        self._ringing.join()

    def take_message(self) -> bool:
        """Begin a message if there is room for one."""
        if self._messages.size >= self._most_messages:
            return False
        self._messages.join()
        self._offer(self._at_ringing_s)
        return True

    def _picked_up(self) -> None:
        self._offer(self._at_ringing_s)
        if self.chance.share() < self.scenario.traffic.answered:
            self._talking.join()

    def _hung_up(self) -> None:
        self._offer(self._at_end_s)

    def _offer(self, mean_s: float) -> None:
        if self.alive:
            self.pick().offer(_Later(self.chance.time(mean_s), self.tally))

    def _govern(self, node: EdgeNode) -> None:
        if self.alive and self.loop.now < self.scenario.length_s:
            node.govern()
            self.loop.at(self.loop.now + GOVERNOR_PERIOD_S, self._govern, node)

    def die(self) -> None:
        """Lose the region with all that is under way in it."""
        self.alive = False
        self.tally.dialogs_lost += self._talking.size
        self.tally.messages_cut += self._messages.size
        for node in self.nodes:
            node.die()
