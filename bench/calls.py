"""Forwarded and rejected calls, beside the same Kamailio with a fixed route: `python -m bench.calls`.

With `--tls` the trunk is reached by TLS, and is a Kamailio that answers at once; callers still call by UDP. That takes
a Kamailio that can do TLS: 5.7.5 or later.

Three figures for each: the CPU time that the edge spends on a call at an even rate, the highest rate that it sustains
(no call fails), and, for renvoi, what is left of that at twice the rate (`--overload`). The node is a whole `renvoi
serve`; its numbers, each with a rule of its own, are called in turn. Callers and trunk are SIPp, on the same machine:
read the rates as ratios.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import sipp
from bench.kamailio import kamailio, tls_lines
from bench.report import progress, table
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.node.checks.test_call import is_free
from tests.support.node import Node, descendants
from tests.support.ports import free_port
from tests.support.sip import Phone, options
from tests.support.tls import Authority
from tests.support.waiting import wait_for

NUMBERS = 1000
FORWARDED = [f"+3319900{n:04}" for n in range(NUMBERS)]
REJECTED = [f"+331991{n:02}000" for n in range(100)]
KINDS = {"forwarded": (FORWARDED, 1), "rejected": (REJECTED, 2)}
"""For each kind of call its numbers, and how much higher the search for the highest rate begins."""
TARGET = E164("+33644630000")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Edge:
    """What is measured: a SIP port, and the processes whose time counts."""

    name: str
    port: int
    pids: Sequence[int]

    def cpu_s(self) -> float:
        """Return the CPU time that its processes have used, in seconds."""
        total = 0
        for pid in self.pids:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total * TICK_S


def _fill(writer: Writer) -> None:
    account = writer.account("acme")
    assert account is not None
    rows = [NumberRow(E164(number)) for number in (*FORWARDED, *REJECTED)]
    known = {record.number for record in writer.numbers(limit=10)}
    writer.add_numbers(account.id, (row for row in rows if row.number not in known), 0)
    for number in FORWARDED:
        rule = Rule.forward(TARGET)
        writer.put_rule(E164(number), Rule(rule.type, target=TARGET, revision=1), 1)


async def _prepare(path: Path) -> None:
    store = await open_sqlite(path)
    await store.write(_fill)
    await store.close()


def prepare(path: Path) -> None:
    """Put the numbers and their rules into the database of account `acme`."""
    asyncio.run(_prepare(path))


@contextmanager
def renvoi(directory: Path, trunk_port: int, authority: Authority | None = None) -> Iterator[Edge]:
    """Run a node, whose trunk is reached by TLS where there is an authority for its certificate."""
    node = Node(directory)
    prepare(node.data / "renvoi.db")
    words = ["--outbound", f"sip:{_place(trunk_port, authority)}"]
    if authority is not None:
        (directory / "authority.pem").write_text(authority.pem)
        words += ["--ca", str(directory / "authority.pem")]
    node.renvoi("trunk", "add", "bench", *words)
    node.start()
    try:
        wait_for(lambda: _has_trunk(node), "the trunk's connection", 60)
        yield Edge("renvoi", node.sip_port, node.pids("kamailio"))
    finally:
        node.stop()


def _has_trunk(node: Node) -> bool:
    return any(row["name"] == "bench" and row.get("state") == "up" for row in node.renvoi("trunk", "list"))


def _place(trunk_port: int, authority: Authority | None) -> str:
    return f"127.0.0.1:{trunk_port}" + (";transport=tls" if authority is not None else "")


@contextmanager
def floor(directory: Path, trunk_port: int, authority: Authority | None = None) -> Iterator[Edge]:
    """Run the floor: Kamailio with a fixed route, to the trunk as `renvoi` reaches it."""
    port = free_port()
    identity = None if authority is None else authority.issue("127.0.0.1")
    tls = tls_lines(directory, "floor", identity, free_port())
    place = _place(trunk_port, authority)
    with kamailio(directory, "floor", PORT=port, TRUNK=place, TLS=tls) as process:
        with Phone() as phone:
            _wait_for_answer(phone, port)
        yield Edge("floor", port, [process.pid, *descendants(process.pid)])


@contextmanager
def tls_trunk(directory: Path, authority: Authority) -> Iterator[int]:
    """Run the trunk by TLS; yields its port."""
    port = free_port()
    tls = tls_lines(directory, "tls_trunk", authority.issue("127.0.0.1"), port)
    with kamailio(directory, "tls_trunk", TRUNK=_place(port, authority), TLS=tls):
        wait_for(lambda: not is_free(("127.0.0.1", port), tcp=True), "the trunk's start")
        yield port


def _wait_for_answer(phone: Phone, port: int) -> None:
    for _ in range(50):
        try:
            options(phone, ("127.0.0.1", port), 0.2)
        except TimeoutError:
            continue
        return
    sys.exit("the floor did not start")


def cpu_per_call(
    edge: Edge, scenario: str, numbers: Sequence[str], directory: Path, rate: int, seconds: float
) -> float:
    """Return the CPU time of a call, in microseconds, at an even rate."""
    before = edge.cpu_s()
    load = sipp.call(scenario, directory, edge.port, numbers, rate, seconds)
    assert not load.failed, f"{load.failed} of {load.good + load.failed} calls failed at {rate}/s"
    return (edge.cpu_s() - before) / load.good * 1e6


def highest_rate(edge: Edge, scenario: str, numbers: Sequence[str], directory: Path, first: int) -> int:
    """Return the highest rate, in calls a second, at which all calls end well for 5 s; rates grow by an eighth.

    A rate that fails is tried once more: the callers' own start takes a core for a moment.
    """
    best, rate = 0, first
    while _sustains(edge, scenario, numbers, directory, rate) or _sustains(edge, scenario, numbers, directory, rate):
        best, rate = rate, rate + rate // 8
    assert best, f"{edge.name} does not sustain {first}/s: begin lower with --first"
    return best


def _sustains(edge: Edge, scenario: str, numbers: Sequence[str], directory: Path, rate: int) -> bool:
    load = sipp.call(scenario, directory, edge.port, numbers, rate, 5)
    progress(f"{edge.name}: {rate}/s: {load.good} good, {load.failed} failed, {load.retransmissions} repeated")
    return not load.failed and load.retransmissions <= load.good // 20 and load.seconds <= 8


def overload(edge: Edge, directory: Path, highest: int) -> None:
    """Measure what is left at twice the highest rate, and how soon all is as before."""
    doubled = sipp.call("overload", directory, edge.port, FORWARDED, 2 * highest, 10)
    refused = sum(count for name, count in doubled.messages.items() if "503" in name and "Recv" in name)
    ended = time.monotonic()
    while sipp.call("overload", directory, edge.port, FORWARDED, highest // 2, 0.5).failed:
        progress("not yet back to normal")
    recovered = time.monotonic() - ended
    answered = doubled.good - refused
    table(
        ["offered/s", "answered/s", "of the highest rate", "refused with 503", "failed", "back to normal s"],
        [
            (
                2 * highest,
                answered / 10,
                f"{answered / 10 / highest:.0%}",
                refused,
                doubled.failed,
                recovered,
            )
        ],
    )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--rate", type=int, default=200, help="calls a second for the CPU time of a call")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--first", type=int, default=300, help="rate to begin the search for the highest with; 0: none")
    parser.add_argument("--overload", action="store_true")
    parser.add_argument("--tls", action="store_true", help="reach the trunk by TLS")
    options_given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        directory = Path(name)
        directory.chmod(0o755)
        authority = Authority("bench") if options_given.tls else None
        trunk = sipp.trunk(directory) if authority is None else tls_trunk(directory, authority)
        trunk_port = stack.enter_context(trunk)
        edges = [stack.enter_context(each(directory, trunk_port, authority)) for each in (floor, renvoi)]
        rows = []
        for scenario in options_given.kinds:
            numbers, cheaper = KINDS[scenario]
            cpu = {edge.name: float("inf") for edge in edges}
            for edge in edges:
                progress(f"{scenario}, {edge.name}, warming up")
                sipp.call(scenario, directory, edge.port, numbers, 500, 5)
            for round_number in range(options_given.rounds):
                for edge in edges:
                    progress(f"{scenario}, {edge.name}, round {round_number + 1}")
                    spent = cpu_per_call(edge, scenario, numbers, directory, options_given.rate, options_given.seconds)
                    cpu[edge.name] = min(cpu[edge.name], spent)
            for edge in edges:
                first = options_given.first * cheaper
                highest = highest_rate(edge, scenario, numbers, directory, first) if first else 0
                rows.append((scenario, edge.name, cpu[edge.name], f"{cpu[edge.name] / cpu['floor']:.2f}", highest))
        table(["calls", "edge", "CPU µs a call", "to the floor", "highest calls/s"], rows)
        if options_given.overload:
            overload(edges[1], directory, next(row[4] for row in rows if row[:2] == ("forwarded", "renvoi")))


if __name__ == "__main__":
    main()
