"""Parts of a real node that hang: shown within 5 s, back within 15 s, the others unharmed; no alarm without a hang."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.node.supervisor import control
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.waiting import wait_for

SHOWN_WITHIN_S, BACK_WITHIN_S = 5.0, 15.0
LOAD_S = 20.0
"""For how long the machine is kept busy: twice what a part may be silent before it is killed."""
BUSY = "while True: pass"


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node with two voicemail workers."""
    node = Node(tmp_path_factory.mktemp("watchdog"))
    node.configure(voicemail_workers=2)
    node.start()
    try:
        yield node
    finally:
        node.stop()


def parts(node: Node) -> dict[str, Any]:
    """Return what the supervisor says of the parts."""
    status = asyncio.run(control.ask(node.data / "run", "status", 5.0))
    return dict(status["parts"])


def tells_of(node: Node, part: str) -> bool:
    """Tell whether `/readyz` says that something is wrong with `part`; not to answer says it of the API."""
    shown = "voicemail" if part.startswith("voicemail") else part
    try:
        answer = node.inner.get("/readyz", timeout=2.0).json()
    except httpx.TransportError:
        return part == "http"
    return bool(answer["status"] != "ready" and answer["parts"].get(shown, {}).get("state") != "ok")


def hang(node: Node, part: str, stop: Callable[[int], object]) -> None:
    """Have `part` hang by `stop`, which is given its process; check that it is seen, and back, and nobody else."""
    before = parts(node)
    began = time.monotonic()
    stop(before[part]["pid"])
    wait_for(lambda: tells_of(node, part), "the news on /readyz", 30)
    shown_s = time.monotonic() - began
    wait_for(
        lambda: (now := parts(node)[part])["state"] == "running" and now["pid"] != before[part]["pid"],
        "the part's return",
        60,
    )
    back_s = time.monotonic() - began
    assert shown_s <= SHOWN_WITHIN_S
    assert back_s <= BACK_WITHIN_S
    node.wait_ready()
    after = parts(node)
    assert after[part]["detail"].startswith("hung: it did not answer")
    assert {name: each["pid"] for name, each in after.items() if name != part} == {
        name: each["pid"] for name, each in before.items() if name != part
    }


@pytest.mark.parametrize("part", ["http", "edge", "voicemail-2", "mailer", "collector"])
def test_a_part_that_is_stopped_is_shown_and_started_again(watched: Node, part: str) -> None:
    hang(watched, part, lambda pid: os.killpg(pid, signal.SIGSTOP))


@pytest.mark.parametrize("which", ["main", "first child", "last child"])
def test_one_process_of_the_edge_that_is_stopped_is_not_covered_up_by_the_others(watched: Node, which: str) -> None:
    """Others of its processes still answer whoever asks."""

    def stop(main: int) -> None:
        children = Path(f"/proc/{main}/task/{main}/children").read_text("ascii").split()
        chosen = {"main": main, "first child": int(children[0]), "last child": int(children[-1])}
        os.kill(chosen[which], signal.SIGSTOP)

    hang(watched, "edge", stop)


@contextmanager
def busy_machine() -> Iterator[None]:
    """Keep each core busy with two more processes than it can run."""
    with ExitStack() as stack:
        for _ in range(2 * (os.cpu_count() or 1)):
            process = subprocess.Popen([sys.executable, "-c", BUSY])
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def test_a_busy_machine_and_a_backup_restart_nothing(watched: Node, tmp_path: Path) -> None:
    """Calls, changes and backups go on meanwhile, while the machine has more to do than it can."""
    before = parts(watched)
    with busy_machine():
        until = time.monotonic() + LOAD_S
        rounds = 0
        while time.monotonic() < until:
            watched.forward(OTHER_TARGET if rounds % 2 else TARGET)
            # There is no outbound trunk.
            assert watched.renvoi("try", NUMBER)["status"] == 503
            watched.renvoi("backup", str(tmp_path / f"{rounds}.tar"))
            rounds += 1
    after = parts(watched)
    assert {name: each["pid"] for name, each in after.items()} == {name: each["pid"] for name, each in before.items()}
