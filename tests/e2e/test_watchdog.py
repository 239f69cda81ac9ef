"""Parts of a real node that hang: shown within 5 s, back within 15 s, the others unharmed; no alarm without a hang."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from renvoi.node.control import control
from tests.support.identity import Authority
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.waiting import BESIDE_S, wait_for

SHOWN_WITHIN_S, BACK_WITHIN_S = 5.0 + BESIDE_S / 2, 15.0 + BESIDE_S
LOAD_S = 20.0
"""For how long the machine is kept busy: twice what a part may be silent before it is killed."""
BUSY = "while True: pass"


BLOCKING = Path(__file__).parents[1] / "support" / "blocking"
"""What lets the event loop of a process be blocked: see there."""
BESIDES = ("voicemail-2", "mailer", "collector", "webhooks", "certificates")
"""Parts that hang together, as each takes some ten seconds to be back; `http` is asked for the others meanwhile."""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node that has every part, and two voicemail workers."""
    node = Node(tmp_path_factory.mktemp("watchdog"))
    node.renvoi("webhook", "add", "https://hooks.example.com/renvoi", "--account", "acme")
    (node.data / "trusted.pem").write_bytes(Authority().trusted)
    node.configure(
        voicemail_workers=2, identity_trusted_file=str(node.data / "trusted.pem"), identity_hosts="other.example"
    )
    node.renvoi("trunk", "set", "carrier", "--identity", "verify")
    node.environment["PYTHONPATH"] = f"{BLOCKING}:{node.environment.get('PYTHONPATH', '')}"
    node.start()
    wait_for(
        lambda: all(parts(node).get(part, {}).get("state") == "running" for part in ("http", "edge", *BESIDES)),
        "every part at work",
        60,
    )
    try:
        yield node
    finally:
        node.stop()


def parts(node: Node) -> dict[str, Any]:
    """Return what the supervisor says of the parts."""
    status = asyncio.run(control.ask(node.data / "run", "status", 5.0))
    return dict(status["parts"])


def untold(node: Node, hanging: Collection[str]) -> set[str]:
    """Return of which parts `/readyz` does not say that something is wrong; not to answer says it of the API."""
    try:
        answer = node.inner.get("/readyz", timeout=2.0).json()
    except httpx.TransportError:
        return set(hanging) - {"http"}
    shown = {part: "voicemail" if part.startswith("voicemail") else part for part in hanging}
    if answer["status"] == "ready":
        return set(hanging)
    return {part for part, name in shown.items() if answer["parts"].get(name, {}).get("state", "ok") == "ok"}


def hang(node: Node, hanging: Collection[str], stop: Callable[[int], object]) -> None:
    """Have these parts hang by `stop`, which is given a process; check that it is seen, and they alone are back."""
    before = parts(node)
    began = time.monotonic()
    for part in hanging:
        stop(before[part]["pid"])
    left = set(hanging)

    def are_told() -> bool:
        # Each before it is back, not all at one moment.
        left.intersection_update(untold(node, left))
        return not left

    wait_for(are_told, lambda: f"news of {left} on /readyz", 30)
    shown_s = time.monotonic() - began

    def are_back() -> bool:
        now = parts(node)
        return all(now[each]["state"] == "running" and now[each]["pid"] != before[each]["pid"] for each in hanging)

    wait_for(are_back, "the return of the parts", 60)
    back_s = time.monotonic() - began
    assert shown_s <= SHOWN_WITHIN_S
    assert back_s <= BACK_WITHIN_S
    node.wait_ready()
    after = parts(node)
    for part in hanging:
        assert after[part]["detail"].startswith("hung: it did not answer")
    others = before.keys() - set(hanging)
    assert {name: after[name]["pid"] for name in others} == {name: before[name]["pid"] for name in others}


@pytest.mark.parametrize("hanging", [("http",), ("edge",), BESIDES], ids=lambda parts: parts[0])
def test_a_part_that_is_stopped_is_shown_and_started_again(watched: Node, hanging: Collection[str]) -> None:
    hang(watched, hanging, lambda pid: os.killpg(pid, signal.SIGSTOP))


@pytest.mark.parametrize("hanging", [("http",), BESIDES], ids=lambda parts: parts[0])
def test_a_part_whose_event_loop_stands_still_is_shown_and_started_again(
    watched: Node, hanging: Collection[str]
) -> None:
    """It runs, and its other threads do what they did."""
    hang(watched, hanging, lambda pid: os.kill(pid, signal.SIGUSR1))


@pytest.mark.parametrize("which", ["first child", "last child"])
def test_one_process_of_the_edge_that_is_stopped_is_not_covered_up_by_the_others(watched: Node, which: str) -> None:
    """Others of its processes still answer whoever asks."""

    def stop(main: int) -> None:
        children = Path(f"/proc/{main}/task/{main}/children").read_text("ascii").split()
        chosen = {"first child": int(children[0]), "last child": int(children[-1])}
        os.kill(chosen[which], signal.SIGSTOP)

    hang(watched, ("edge",), stop)


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
