"""A chaos run: nodes as installed on one PostgreSQL, load on all of them, kills in their midst, and the judgement."""

import asyncio
import json
import logging
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.chaos.asking import Asking
from tests.chaos.calling import Callers, Trunk
from tests.chaos.changing import Changers, Mix
from tests.chaos.checker import Verdict, judge
from tests.chaos.ending import read_final
from tests.chaos.history import Final, History, Outcome
from tests.chaos.killing import Killer
from tests.chaos.leaving import WORKERS, Leaving, mails_seen, rtp_ports
from tests.support.node import Node
from tests.support.postgres import PostgresCluster
from tests.support.smtp import Inbox
from tests.support.stores import opened

NUMBERS = [f"+3319900{n:04}" for n in range(6)]
MAILBOXES = [f"+3319901{n:04}" for n in range(3)]
CHANGING_CLIENTS, CALLING_LINES, LEAVING_CALLERS = 6, 8, 3
CHANGE_PAUSE_S, CALL_PAUSE_S = 0.1, 0.15
"""Mean pauses of each client and line: enough happens, and the machine has time for it."""
SETTLE_S = 120.0
"""How long everything may take to be stored and sent when nothing is killed any more."""
UNKNOWN_OUTCOME = "the outcome of a change is unknown"
"""What a node logs when it cannot learn the fate of a commit."""

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, on how many nodes, and by which dice."""

    seconds: float
    nodes: int
    seed: int


@dataclass(slots=True)
class Result:
    """What came of a run."""

    plan: Plan
    history: History
    final: Final
    verdict: Verdict
    failed_starts: int
    slowest_s: float
    took_s: float

    def summary(self) -> str:
        """Return what happened, in a few lines."""
        history = self.history
        outcomes = Counter(change.outcome.value for change in history.changes)
        statuses = Counter(str(call.status or "none") for call in history.calls)
        faults = Counter(fault.what for fault in history.faults)
        kinds = Counter(violation.kind for violation in self.verdict.violations)
        plan = self.plan
        return "\n".join(
            [
                f"seed {plan.seed}: {plan.nodes} nodes, {plan.seconds:g} s of kills, {self.took_s:.0f} s in all",
                f"  {len(history.changes)} changes: {_counted(outcomes)}; slowest answer {self.slowest_s:.1f} s",
                f"  {len(history.calls)} calls: {_counted(statuses)}; {len(history.decisions)} decisions seen",
                f"  {len(self.final.messages)} messages, {len(history.mails)} mails",
                f"  {len(history.faults)} faults: {_counted(faults)}; {self.failed_starts} failed starts",
                f"  {self.verdict.explained} refused changes are stored, their outcome unknown to their node",
                f"  violations: {_counted(kinds) or 'none'}",
            ]
        )


def _counted(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items()))


@dataclass
class Run:
    """The parts of a run."""

    plan: Plan
    cluster: PostgresCluster
    inbox: Inbox
    nodes: dict[str, Node]
    store: Store
    history: History = field(default_factory=History)

    def __post_init__(self) -> None:
        # Each of the parts throws dice of its own, so that one does not disturb the others'.
        self._dice = random.Random(self.plan.seed)
        self._ways = [Asking(name, node) for name, node in self.nodes.items()]
        self._killer = Killer(self.nodes, self.cluster, self.history, self._new_dice())

    def _new_dice(self) -> random.Random:
        return random.Random(self._dice.random())

    async def play(self) -> Result:
        """Do it all."""
        begun = time.monotonic()
        trunk = await Trunk.open(self._new_dice())
        callers = await Callers.open(self.history, trunk, self.nodes, self._new_dice())
        try:
            await self.store.write(lambda writer: _seed(writer, f"sip:127.0.0.1:{trunk.address[1]}"))
            await self._begin()
            await self._load_and_kill(callers)
            await self._settle()
            final = await read_final(self.store, [*NUMBERS, *MAILBOXES])
        finally:
            callers.close()
            trunk.close()
            for way in self._ways:
                await way.close()
        self.history.mails += mails_seen(self.inbox.mails)
        self.history.unknown_at += unknown_outcomes(node.log for node in self.nodes.values())
        slowest_s = max(way.slowest_s for way in self._ways)
        verdict = judge(self.history, final)
        took_s = time.monotonic() - begun
        return Result(self.plan, self.history, final, verdict, self._killer.failed_starts, slowest_s, took_s)

    async def _begin(self) -> None:
        async with asyncio.TaskGroup() as group:
            for node in self.nodes.values():
                group.create_task(asyncio.to_thread(self._killer.start, node))

    async def _load_and_kill(self, callers: Callers) -> None:
        mix = Mix(pause_s=CHANGE_PAUSE_S)
        changers = Changers(self.history, self._ways, NUMBERS, MAILBOXES, self._new_dice(), mix, callers.call)
        await changers.begin()
        leaving = Leaving(self.nodes, MAILBOXES, self._new_dice())
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        with ThreadPoolExecutor(LEAVING_CALLERS) as threads:
            load = [
                asyncio.ensure_future(changers.run(stop, CHANGING_CLIENTS)),
                asyncio.ensure_future(callers.run(stop, NUMBERS, CALLING_LINES, CALL_PAUSE_S)),
                *(loop.run_in_executor(threads, leaving.run, index) for index in range(LEAVING_CALLERS)),
            ]
            try:
                seconds = self.plan.seconds
                await self._killer.run(time.monotonic() + seconds, lambda: is_busy(self.history, seconds))
            finally:
                stop.set()
                leaving.stop()
                await asyncio.gather(*load)
        self.history.calls += (left.call for left in leaving.calls)
        self.history.takings += (left.taking(self.history.faults) for left in leaving.calls)

    async def _settle(self) -> None:
        """Wait until all nodes are ready, and whatever they had in hand is stored and sent."""
        for node in self.nodes.values():
            await asyncio.to_thread(node.wait_ready, SETTLE_S)
        deadline = time.monotonic() + SETTLE_S
        while (left := await self._left_over()) and time.monotonic() < deadline:  # noqa: ASYNC110 - of other processes
            # Each look asks the whole store.
            await asyncio.sleep(0.2)
        if left:
            # The judgement tells what that means.
            LOG.warning("not settled after %g s: %s", SETTLE_S, left)

    async def _left_over(self) -> list[str]:
        recordings = [
            str(path)
            for node in self.nodes.values()
            for path in (node.data / "recordings").iterdir()
            if path.suffix != ".new"
        ]
        queue, offsets = await self.store.read(lambda reader: (reader.mail_queue(), reader.spool_offsets()))
        spooled = [
            str(path)
            for node in self.nodes.values()
            for path in (node.data / "spool").glob("*.jsonl")
            if path.stat().st_size > offsets.get(path.name, 0)
        ]
        return [*recordings, *spooled, *([f"{queue.length} mails"] * (queue.length > 0))]


def _seed(writer: Writer, trunk_uri: str) -> None:
    account = writer.account("acme")
    assert account is not None
    for number in (*NUMBERS, *MAILBOXES):
        writer.add_number(account.id, NumberRow(E164(number)), 1)
    writer.add_trunk(OutboundTrunk("out", trunk_uri))


def unknown_outcomes(logs: Iterable[Path]) -> list[float]:
    """Return when nodes logged that they do not know the outcome of a change, by the monotonic clock."""
    offset_s = time.monotonic() - time.time()
    found = []
    for log in logs:
        for line in log.read_text("utf-8", "replace").splitlines():
            if UNKNOWN_OUTCOME in line and line.startswith("{"):
                at = datetime.fromisoformat(json.loads(line)["timestamp"])
                found.append(at.timestamp() + offset_s)
    return found


def play(plan: Plan, directory: Path) -> Result:
    """Play a plan, with files in `directory`; everything that it started has ended when this returns."""
    with ExitStack() as stack:
        cluster = stack.enter_context(PostgresCluster())
        inbox = stack.enter_context(Inbox())
        url = cluster.url(cluster.create_database())
        nodes: dict[str, Node] = {}
        for index in range(plan.nodes):
            beside = next(iter(nodes.values()), None)
            node = Node(directory / f"node{index}", database_url=url, beside=beside)
            node.configure(
                smtp_url=inbox.url(), mail_retry_s=0.2, voicemail_workers=WORKERS, rtp_ports=rtp_ports(index)
            )
            stack.callback(node.stop)
            nodes["abcdefgh"[index]] = node
        return asyncio.run(_play(plan, cluster, inbox, nodes, url))


async def _play(plan: Plan, cluster: PostgresCluster, inbox: Inbox, nodes: dict[str, Node], url: str) -> Result:
    async with opened(url) as store:
        return await Run(plan, cluster, inbox, nodes, store).play()


def report(result: Result) -> str:
    """Return the summary with the first violations of each kind, and how to repeat the run."""
    shown = Counter[str]()
    lines = [result.summary()]
    for violation in result.verdict.violations:
        shown[violation.kind] += 1
        if shown[violation.kind] <= 3:
            lines.append(str(violation))
    if lines[1:]:
        plan = result.plan
        lines.append(f"again: ./test --chaos --chaos-seed {plan.seed} --chaos-seconds {plan.seconds:g}")
    return "\n".join(lines)


def is_busy(history: History, seconds: float) -> bool:
    """Tell whether enough happened for the run to mean anything."""
    done = sum(change.outcome is Outcome.DONE for change in history.changes)
    return done > seconds / 2 and len(history.decisions) > seconds / 2 and len(history.faults) > seconds / 10
