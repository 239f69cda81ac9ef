"""The simulation of a fleet: its queues against closed forms, its calls against arithmetic."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.simulation.chance import Chance, Population
from bench.simulation.database import Database, waiting_probability
from bench.simulation.inputs import Fleet, Scenario, Steering, Traffic
from bench.simulation.loop import Loop
from bench.simulation.node import EdgeNode, Job
from bench.simulation.tally import SERVED, Outcome, Tally
from bench.simulation.world import World

CALLS_PER_S = 2_500.0
"""For three regions with one node each: 56 % of their cores."""
SCENARIO = Scenario(Traffic(CALLS_PER_S, changes_per_s=0), Fleet(nodes=1, voicemail_calls=10_000), length_s=8)
QUIET = replace(SCENARIO, loss_at_s=None)


class Customer(Job):
    """Takes a given time of a core; notes how long it was there."""

    def __init__(self, loop: Loop, compute_s: float, stays: list[float]) -> None:
        self._loop, self._compute_s, self._stays = loop, compute_s, stays
        self._arrived = loop.now

    def begin(self, refused_share: float) -> tuple[float, float]:
        assert refused_share == 0
        return 0.0, self._compute_s

    def end(self) -> None:
        self._stays.append(self._loop.now - self._arrived)

    def cut(self, *, by_death: bool) -> None:
        raise AssertionError(f"nothing fails here, {by_death=}")


def mean_wait(servers: int, load: float, service_s: Callable[[Chance], float], count: int = 60_000) -> float:
    """Return the mean wait, in services of 1 s, of customers who come at random to an edge."""
    loop, chance, stays, services = Loop(), Chance(5), list[float](), list[float]()
    node = EdgeNode(loop, workers=servers, cores=servers, buffer_bytes=2**40)

    def arrive() -> None:
        services.append(service_s(chance))
        node.offer(Customer(loop, services[-1], stays))
        if len(services) < count:
            loop.at(loop.now + chance.time(1 / (load * servers)), arrive)

    arrive()
    while loop.step():
        pass
    assert len(stays) == count
    return (sum(stays) - sum(services)) / count


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (2, 0.7), (8, 0.8)])
def test_a_node_is_a_queue_with_as_many_servers_as_it_has_cores(servers: int, load: float) -> None:
    """M/M/c: the mean wait is C(c, a) / (c (1 - load)) services."""
    expected = waiting_probability(servers, servers * load) / (servers * (1 - load))
    assert mean_wait(servers, load, lambda chance: chance.time(1)) == pytest.approx(expected, rel=0.08)


def test_equal_services_wait_half_as_long() -> None:
    """M/D/1: the mean wait is load / (2 (1 - load))."""
    assert mean_wait(1, 0.7, lambda _: 1.0) == pytest.approx(0.7 / 0.6, rel=0.05)


@pytest.mark.parametrize(("servers", "offered", "probability"), [(1, 0.3, 0.3), (2, 1.0, 1 / 3), (10, 8.0, 0.4092)])
def test_erlang_c(servers: int, offered: float, probability: float) -> None:
    assert waiting_probability(servers, offered) == pytest.approx(probability, abs=1e-4)


def times_at(database: Database, per_s: int, seconds: int) -> list[float]:
    """Return the times of evenly spaced look-ups, without those of the first second."""
    return [database.look_up(n / per_s) for n in range(per_s * seconds)][per_s:]


def test_a_look_up_takes_what_it_takes_in_a_queue_of_its_load() -> None:
    """Each simulated look-up stands for ten: 2,000 a second and 0.6 erlangs of other work on 4 cores, 1 ms each."""
    times = times_at(Database(Chance(3), 4, 0.001, 0.6, scale=10), per_s=200, seconds=200)
    wait_s = waiting_probability(4, 2.6) * 0.001 / (4 - 2.6)
    assert sum(times) / len(times) == pytest.approx(0.001 + wait_s, rel=0.03)


def test_what_a_database_cannot_serve_piles_up_and_is_worked_off() -> None:
    """At 1.5 times its capacity half a second of work is added each second; idle, a second of it goes each second."""
    database = Database(Chance(3), 2, 0.001, 0, scale=1)
    assert times_at(database, per_s=3000, seconds=4)[-1] == pytest.approx(1.5, abs=0.1)
    assert database.look_up(9) < 0.02


def test_a_population_has_the_size_that_little_says() -> None:
    loop, chance, left = Loop(), Chance(1), list[float]()
    population = Population(loop, chance, 5.0, lambda: left.append(loop.now))
    population.join(500)
    for n in range(20_000):
        loop.at(n / 100, population.join)
    loop.run(200)
    assert population.size == pytest.approx(500, rel=0.1)
    assert len(left) + population.size == 20_500


def test_a_lost_region_is_left_in_time() -> None:
    dns = Steering("dns", notice_s=10, spread_s=60)
    assert [dns.stuck(at) for at in (0, 9.9, 40, 70, 100)] == [1, 1, 0.5, 0, 0]
    assert [Steering("anycast", notice_s=3, spread_s=0).stuck(at) for at in (2.9, 3)] == [1, 0]


def run(scenario: Scenario) -> Tally:
    """Run it; every call that was offered has ended once."""
    tally = World(scenario).run()
    assert tally.open == 0
    assert tally.offered == sum(tally.outcomes.values())
    return tally


def test_below_its_capacity_nothing_fails() -> None:
    tally = run(QUIET)
    assert tally.offered == pytest.approx(CALLS_PER_S * 8, rel=0.03)
    assert set(tally.outcomes) == SERVED
    assert tally.outcomes[Outcome.FORWARDED] / tally.offered == pytest.approx(0.75, abs=0.02)
    assert sum(tally.look_ups.values()) / tally.offered == pytest.approx(1.75, abs=0.02)
    assert tally.set_up_s(0.99, 1, 8) < 0.01
    assert tally.last_bad_second(1, 8) is None


def test_the_same_seed_gives_the_same_run() -> None:
    scenario = replace(QUIET, length_s=2)
    assert run(scenario) == run(scenario)
    assert run(scenario) != run(replace(scenario, seed=2))


def test_a_lost_region_costs_what_its_callers_offer_until_they_are_led_elsewhere() -> None:
    """Without second tries: a third of the calls for 1 s, then half of those for 4 s."""
    scenario = replace(
        SCENARIO, traffic=replace(SCENARIO.traffic, redial=0), steering=Steering("dns", 1, 4), loss_at_s=2.0
    )
    tally = run(scenario)
    assert tally.outcomes[Outcome.LOST] == pytest.approx(CALLS_PER_S / 3 * (1 + 4 / 2), rel=0.05)
    assert tally.redialled == 0
    assert tally.last_bad_second(2, 8) == 7
    talking = CALLS_PER_S / 3 * 0.75 * 0.7 * 120
    assert tally.dialogs_lost == pytest.approx(talking, rel=0.03)


def test_callers_of_a_lost_region_try_again() -> None:
    traffic = replace(SCENARIO.traffic, redial=1, redial_after_s=0.1)
    tally = run(replace(SCENARIO, traffic=traffic, steering=Steering("anycast", 3, 0), loss_at_s=2.0))
    first = CALLS_PER_S / 3 * 3
    # Two tries more for nearly all of them: the last ones are let down less often.
    assert tally.redialled == pytest.approx(2 * first, rel=0.1)
    assert tally.given_up == pytest.approx(first, rel=0.1)


def test_carriers_that_fail_over_lose_no_call() -> None:
    steering = Steering("anycast", 3, 0, failover=1, failover_s=1)
    tally = run(replace(SCENARIO, steering=steering, loss_at_s=2.0))
    assert tally.outcomes[Outcome.LOST] == 0
    assert tally.moved == pytest.approx(CALLS_PER_S / 3 * 3, rel=0.05)


def test_beyond_capacity_the_governor_refuses_the_rest() -> None:
    """One of two regions, 75 % loaded both, takes the calls of both: it goes on serving nearly what it can."""
    costs = SCENARIO.costs
    traffic = replace(SCENARIO.traffic, ring_s=0.5, hold_s=0.5, message_s=0.5, redial=0)
    capacity = 2 / traffic.work_a_call_s(costs)
    traffic = replace(traffic, calls_per_s=1.5 * capacity)
    fleet = replace(SCENARIO.fleet, regions=2)
    assert fleet.load(traffic, costs, 1) == pytest.approx(1.5)
    steering = Steering("at once", 0, 0)
    tally = run(replace(SCENARIO, traffic=traffic, fleet=fleet, steering=steering, loss_at_s=1.0))
    refused = tally.failed_share(3, 8)
    assert 0.75 < 1.5 * (1 - refused) <= 1
    assert refused == pytest.approx(tally.outcomes[Outcome.SHED] / (1.5 * capacity * 7), rel=0.2)
    assert tally.outcomes[Outcome.DROPPED] == 0
    assert tally.set_up_s(0.5, 3, 8) < 0.5
    assert tally.last_bad_second(1, 8) == 8


def test_a_voicemail_that_is_full_refuses() -> None:
    fleet = replace(SCENARIO.fleet, voicemail_calls=int(CALLS_PER_S / 3 * 0.05 * 30 / 2))
    tally = run(replace(QUIET, fleet=fleet))
    assert tally.outcomes[Outcome.VOICEMAIL_FULL] > 0.2 * tally.offered * 0.05


def test_look_ups_that_take_too_long_end_their_calls() -> None:
    """On half a core less than they need the look-ups wait longer each second, and soon longer than the edge does."""
    costs = replace(SCENARIO.costs, look_up_s=0.002)
    tally = run(replace(QUIET, costs=costs, fleet=replace(SCENARIO.fleet, database_cores=2)))
    assert tally.outcomes[Outcome.STORE_AWAY] > 0


def test_a_node_gets_the_same_whatever_part_of_its_region_is_simulated() -> None:
    """Ten nodes a region, of which one, and of which three are simulated: the same fleet, other dice."""
    steering = Steering("dns", 1, 4)
    traffic = replace(SCENARIO.traffic, calls_per_s=10 * CALLS_PER_S)
    fleets = [Fleet(nodes=10, simulated_nodes=simulated, voicemail_calls=100_000) for simulated in (1, 3)]
    base = replace(SCENARIO, traffic=traffic, steering=steering, loss_at_s=2.0)
    one, three = (run(replace(base, fleet=fleet)) for fleet in fleets)
    assert 3 * one.offered == pytest.approx(three.offered, rel=0.03)
    assert 3 * one.outcomes[Outcome.LOST] == pytest.approx(three.outcomes[Outcome.LOST], rel=0.05)
    assert 3 * sum(one.look_ups.values()) == pytest.approx(sum(three.look_ups.values()), rel=0.03)
    for share in (0.5, 0.99):
        assert one.set_up_s(share, 3, 8) == pytest.approx(three.set_up_s(share, 3, 8), rel=0.1)
