"""What a fleet of renvoi nodes does when it loses a region: `python -m bench.simulation`.

A simulation by discrete events. Calls come as a Poisson process; each takes CPU time of an edge at its INVITE, when it
rings and when it ends, and one or two look-ups at its region's database; the overload governor is the edge's own code.
What a call costs was measured (`inputs.Costs`), what callers do and how the fleet is built is assumed (`Traffic`,
`Fleet`) and can be set. Of each region's N nodes `--simulated-nodes` are simulated, with their part of the calls, of
the voicemail and of the database: nodes that get calls at random do not depend on each other, so what happens to one
happens to all, and counts are multiplied by N / simulated. docs/scale.md shows the tables and says what is not
simulated. The same seed gives the same figures.
"""

import argparse
import gc
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace

from bench.report import table
from bench.simulation.inputs import Fleet, Scenario, Steering, Traffic
from bench.simulation.tally import Outcome, Tally
from bench.simulation.world import World

SETTLED_S = 2
"""The queues, which begin empty, count as filled from here on."""
NODES = (15, 17, 20, 25)
DNS = Steering("DNS, 60 s", notice_s=10, spread_s=60)
STEERINGS = (
    DNS,
    Steering("DNS, 60 s; 90 % of carriers fail over", notice_s=10, spread_s=60, failover=0.9),
    Steering("anycast, BGP hold time 90 s", notice_s=90, spread_s=0),
    Steering("anycast, BFD 3 s", notice_s=3, spread_s=0),
)
ROUND_TRIPS_MS = (0.3, 2.0, 20.0)
WORKERS = (2, 8, 64)
ALONE_S = 12.0


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario, and the outcome of its calls."""

    scenario: Scenario
    tally: Tally

    def real(self, count: float) -> str:
        """Return a count of simulated calls as one of real ones, to three digits: more would say too much."""
        return f"{float(f'{count * self.scenario.fleet.scale:.3g}'):,.0f}"


def simulate(scenario: Scenario) -> Run:
    """Run one scenario."""
    # Nothing here refers to itself, and looking for what does takes a quarter of the time.
    gc.disable()
    return Run(scenario, World(scenario).run())


def loss_rows(runs: Sequence[Run], names: Sequence[object]) -> list[tuple[object, ...]]:
    """Return the table rows about the loss of a region."""
    rows: list[tuple[object, ...]] = []
    for name, run in zip(names, runs, strict=True):
        scenario, tally = run.scenario, run.tally
        assert scenario.loss_at_s is not None
        fleet, loss, end = scenario.fleet, scenario.loss_at_s, scenario.length_s
        loads = (fleet.load(scenario.traffic, scenario.costs, fleet.regions - lost) for lost in (0, 1))
        bad = tally.last_bad_second(loss, end)
        refused = sum(tally.outcomes[each] for each in (Outcome.SHED, Outcome.DROPPED, Outcome.STORE_AWAY))
        rows.append(
            (
                name,
                " / ".join(f"{load:.0%}" for load in loads),
                run.real(tally.outcomes[Outcome.LOST] + tally.outcomes[Outcome.CUT]),
                run.real(refused),
                run.real(tally.outcomes[Outcome.VOICEMAIL_FULL]),
                run.real(tally.redialled),
                run.real(tally.given_up),
                f"{tally.set_up_s(0.5, SETTLED_S, loss) * 1e3:.1f} / {tally.set_up_s(0.99, SETTLED_S, loss) * 1e3:.1f}",
                f"{tally.set_up_s(0.5, loss, end) * 1e3:.1f} / {tally.set_up_s(0.99, loss, end) * 1e3:.1f}",
                "not" if bad == int(end) else f"{bad - loss:.0f}" if bad else "0",
            )
        )
    return rows


LOSS_HEADER = [
    "load before / after",
    "lost in the dead region",
    "refused: overload",
    "voicemail full",
    "dialled again",
    "given up",
    "set-up ms before: p50 / p99",
    "after: p50 / p99",
    "recovered after s",
]


def database_rows(runs: Sequence[Run]) -> list[tuple[object, ...]]:
    """Return the table rows about the databases: look-ups a second of a region's, and the cores that they keep busy."""
    rows: list[tuple[object, ...]] = []
    for run in runs:
        scenario, fleet = run.scenario, run.scenario.fleet
        assert scenario.loss_at_s is not None
        loss, end = int(scenario.loss_at_s), int(scenario.length_s)
        cells: list[object] = [fleet.nodes]
        for first, last, regions in ((SETTLED_S, loss, fleet.regions), (end - 20, end, fleet.regions - 1)):
            seconds = [run.tally.look_ups[second] * fleet.scale / regions for second in range(first, last)]
            rate = sum(seconds) / len(seconds)
            busy = rate * scenario.costs.look_up_s + scenario.traffic.changes_per_s * scenario.costs.change_s
            cells += [f"{float(f'{rate:.3g}'):,.0f}", f"{busy:.1f} of {fleet.database_cores}"]
        rows.append(tuple(cells))
    return rows


def worker_rows(runs: Sequence[Run]) -> list[tuple[object, ...]]:
    """Return the table rows about processes that wait for look-ups."""
    return [
        (
            f"{run.scenario.fleet.network_s * 1e3:g}",
            run.scenario.fleet.workers,
            f"{run.tally.failed_share(SETTLED_S, ALONE_S):.1%}",
            f"{run.tally.set_up_s(0.5, SETTLED_S, ALONE_S) * 1e3:,.1f}",
            f"{run.tally.set_up_s(0.99, SETTLED_S, ALONE_S) * 1e3:,.1f}",
        )
        for run in runs
    ]


def scenarios(base: Scenario) -> tuple[list[Scenario], list[Scenario], list[Scenario]]:
    """Return the scenarios of the three questions: how many nodes, which steering, how many processes."""
    sized = [replace(base, fleet=replace(base.fleet, nodes=nodes)) for nodes in NODES]
    steered = [replace(base, steering=steering) for steering in STEERINGS]
    waiting = [
        replace(base, fleet=replace(base.fleet, network_s=ms / 1e3, workers=workers), loss_at_s=None, length_s=ALONE_S)
        for ms in ROUND_TRIPS_MS
        for workers in WORKERS
    ]
    return sized, steered, waiting


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bench.simulation", description=__doc__)
    defaults = (Traffic(), Fleet(), Scenario())
    left_out = {"steering", "loss_at_s", "nodes"}
    for group in defaults:
        for each in fields(group):
            default = getattr(group, each.name)
            if isinstance(default, int | float) and each.name not in left_out:
                parser.add_argument(f"--{each.name.replace('_', '-')}", type=type(default), default=default)
    parser.add_argument("--loss-at-s", type=float, default=10.0)
    parser.add_argument("--nodes", type=int, default=Fleet().nodes, help="of a region, where the table is not about it")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="scenarios simulated at once")
    return parser.parse_args()


def scenario_of(chosen: argparse.Namespace) -> Scenario:
    """Return the scenario that the command line describes."""

    def of(kind: type[Traffic | Fleet]) -> dict[str, object]:
        return {each.name: getattr(chosen, each.name) for each in fields(kind)}

    return Scenario(
        traffic=Traffic(**of(Traffic)),  # type: ignore[arg-type]  # argparse has made them of the fields' own types
        fleet=Fleet(**of(Fleet)),  # type: ignore[arg-type]
        steering=DNS,
        loss_at_s=chosen.loss_at_s,
        length_s=chosen.length_s,
        seed=chosen.seed,
    )


def main() -> None:
    """Simulate, and print the tables."""
    chosen = options()
    groups = scenarios(scenario_of(chosen))
    distinct = list(dict.fromkeys(scenario for group in groups for scenario in group))
    with ProcessPoolExecutor(chosen.processes) as pool:
        done = dict(zip(distinct, pool.map(simulate, distinct), strict=True))
    sized, steered, waiting = ([done[scenario] for scenario in group] for group in groups)
    table(["nodes in a region", *LOSS_HEADER], loss_rows(sized, NODES))
    table(["steering", *LOSS_HEADER], loss_rows(steered, [each.name for each in STEERINGS]))
    header = ["look-ups/s of a region before", "cores busy", "after", "cores busy"]
    table(["nodes in a region", *header], database_rows(sized))
    table(["round trip ms", "processes of a node", "calls that failed", "set-up ms: p50", "p99"], worker_rows(waiting))


if __name__ == "__main__":
    main()
