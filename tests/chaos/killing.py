"""The script that kills: parts of nodes, whole nodes, and the connections of the database, at random."""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.chaos.database import trouble
from tests.chaos.history import Fault, History
from tests.support.node import Node, command_line
from tests.support.postgres import PostgresCluster
from tests.support.waiting import wait_for

WEIGHTS = {
    "http": 12,
    "edge": 12,
    "voicemail": 12,
    "mailer": 8,
    "collector": 8,
    "node": 8,
    "database": 30,
}
"""What befalls whom how often; `database` as in `database.FAULTS`."""
PAUSE_S = (0.2, 2.8)
"""Shortest and longest pause between two faults."""
PATIENCE_S = 120.0
"""How much longer it may take until it is enough."""
GONE_AFTER_S, BACK_AFTER_S = 30.0, 60.0
"""How long a killed process may stay, and a node may take to be ready again, on a busy machine."""
_WORDS = {
    "http": "renvoi.node http",
    "voicemail": "renvoi.node voicemail ",
    "mailer": "renvoi.node mailer",
    "collector": "renvoi.node collector",
    "edge": "kamailio -",
}


@dataclass
class Killer:
    """Kills, and notes it. Nodes are started again as a service manager would do it."""

    nodes: dict[str, Node]
    cluster: PostgresCluster
    history: History
    dice: random.Random
    failed_starts: int = 0
    """How often a node gave up while it was being started, and was started once more."""
    _down: set[str] = field(default_factory=set)

    async def run(self, until: float, enough: Callable[[], bool]) -> None:
        """Kill until that time of the monotonic clock, and until it is enough; then wait until all that is back."""
        async with asyncio.TaskGroup() as group:
            while (now := time.monotonic()) < until or (not enough() and now < until + PATIENCE_S):
                await asyncio.sleep(self.dice.uniform(*PAUSE_S))
                what = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
                if what == "database":
                    await self._note("", lambda: trouble(self.cluster, self.dice))
                    continue
                up = [name for name in self.nodes if name not in self._down]
                name = self.dice.choice(up)
                if what != "node":
                    group.create_task(self._note(name, self._part_killer(self.nodes[name], what)))
                elif len(up) > 1:
                    self._down.add(name)
                    group.create_task(self._restart(name))

    async def _note(self, name: str, work: Callable[[], str]) -> None:
        """Do something, and note what it was; nothing if there was nothing to kill."""
        at = time.monotonic()
        what = await asyncio.to_thread(work)
        if what:
            self.history.faults.append(Fault(at, time.monotonic(), name, what))

    async def _restart(self, name: str) -> None:
        down_s = self.dice.uniform(0, 2)
        try:
            await self._note(name, lambda: self._kill_node(self.nodes[name], down_s))
        finally:
            self._down.discard(name)

    def _kill_node(self, node: Node, down_s: float) -> str:
        node.kill()
        threading.Event().wait(down_s)
        self.start(node)
        return "node"

    def start(self, node: Node) -> None:
        """Start a node; one that gives up since the database is away is started again."""
        deadline = time.monotonic() + BACK_AFTER_S
        while True:
            try:
                node.start()
            except AssertionError:
                assert node.process is not None
                if node.process.poll() is None or time.monotonic() > deadline:
                    raise
                self.failed_starts += 1
            else:
                return

    def _part_killer(self, node: Node, what: str) -> Callable[[], str]:
        return lambda: self._kill_part(node, what)

    def _kill_part(self, node: Node, what: str) -> str:
        """Kill a part of a node; return which one it was when it is gone, nothing if there was none."""
        pids = node.pids(_WORDS[what])
        if not pids:
            return ""
        pid = self.dice.choice(pids)
        words = command_line(pid).split()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return ""
        # Any of Kamailio's processes takes the others with it.
        gone = pids if what == "edge" else [pid]
        wait_for(lambda: not any(map(command_line, gone)), "the end of what was killed", GONE_AFTER_S)
        return f"voicemail {words[-2]}" if what == "voicemail" and words else what
