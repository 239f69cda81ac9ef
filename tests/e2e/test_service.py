"""A node as a service: what the service manager is told, settings that are read again, and a terminal that goes."""

import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import RENVOI
from tests.support.node import TARGET, Node
from tests.support.ports import free_port
from tests.support.service_manager import Manager, manager_at
from tests.support.waiting import BESIDE_S, wait_for

WATCHDOG_S = 4


@pytest.fixture(scope="module")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    with manager_at(str(tmp_path_factory.mktemp("manager") / "notify")) as listening, listening.reads_along():
        yield listening


@pytest.fixture(scope="module")
def node(manager: Manager, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node that a service manager started."""
    made = Node(tmp_path_factory.mktemp("service"))
    made.environment |= {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": str(WATCHDOG_S * 1_000_000)}
    made.start()
    yield made
    made.stop()


def reload(node: Node, manager: Manager) -> None:
    """Have the node read its settings again, and wait until it has."""
    assert node.process is not None
    before = len(manager.read())
    node.process.send_signal(signal.SIGHUP)
    manager.wait("READY", after=manager.wait("RELOADING", "1", after=before))


def parts(node: Node) -> dict[str, list[int]]:
    words = ("http", "voicemail", "mailer", "collector")
    return {word: node.pids(f"renvoi.node {word}") for word in words} | {"edge": node.pids("kamailio")}


def new_settings(node: Node) -> list[str]:
    """Return what `renvoi check` says of settings that were read again."""
    return [each["text"] for each in node.renvoi("check") if each["name"] == "new settings"]


def test_the_manager_is_told_of_the_start_and_that_the_node_lives(node: Node, manager: Manager) -> None:
    ready = manager.wait("READY", "1")
    status = manager.wait("STATUS", f"serving, http://127.0.0.1:{node.http_port}")
    assert status < ready
    assert node.is_ready()
    fed = manager.wait("WATCHDOG", "1")
    began = time.monotonic()
    manager.wait("WATCHDOG", "1", after=fed + 1)
    assert time.monotonic() - began < WATCHDOG_S + BESIDE_S / 5
    for pids in parts(node).values():
        for pid in pids:
            assert b"NOTIFY_SOCKET" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_settings_are_read_again_without_harm_to_calls(node: Node, manager: Manager) -> None:
    before = parts(node)
    assert node.set_rule(1, TARGET).status_code == 200
    node.configure(bad_key_limit=1, mail_from="calls@example.net", longest_call_h=48)
    reload(node, manager)
    after = parts(node)
    assert {name for name in before if before[name] != after[name]} == {"http", "mailer"}
    node.wait_ready()
    assert node.set_rule(0).status_code == 200
    refused = [node.api.post("/v1/vn/list", json={"apiKey": "rv_wrong"}).status_code for _ in range(3)]
    assert 429 in refused
    assert new_settings(node) == [
        "these have changed, and count from the next start on: RENVOI_LONGEST_CALL_H",
    ]
    node.configure()
    reload(node, manager)
    assert new_settings(node) == []


def test_requests_are_answered_while_settings_are_read_again(node: Node, manager: Manager) -> None:
    assert node.process is not None
    node.configure(error_status="ok")
    before = len(manager.read())
    node.process.send_signal(signal.SIGHUP)
    answers = []

    def is_over() -> bool:
        answers.append(node.api.get("/healthz", headers={"Connection": "close"}).status_code)
        return any("READY" in message for message in manager.read()[before:])

    wait_for(is_over, "the end of the reload", 60)
    assert set(answers) == {200}
    node.configure()
    reload(node, manager)


def test_the_level_of_the_log_changes_in_every_part_as_it_runs(node: Node, manager: Manager) -> None:
    def logged(path: str) -> bool:
        node.api.get(path)
        return path in node.log.read_text()

    before = parts(node)
    assert wait_for(lambda: logged("/v1/at-first"), "a request's line in the log")
    node.configure(log_level="error")
    reload(node, manager)
    wait_for(lambda: not logged(f"/v1/{time.monotonic_ns()}"), "a request without a line")
    node.configure(log_level="debug")
    reload(node, manager)
    wait_for(lambda: logged("/v1/at-last"), "a request's line in the log")
    assert parts(node) == before


def test_settings_that_cannot_be_used_leave_those_before_in_force(node: Node, manager: Manager) -> None:
    before = parts(node)
    file = node.data / "renvoi.toml"
    file.write_text("rate_limit_per_key = 'many'\n")
    reload(node, manager)
    reason = f"rate_limit_per_key in {file}: 'many' is not allowed: it should be a valid number"
    file.write_text("")
    assert new_settings(node) == [f"not read again: {reason}"]
    assert parts(node) == before
    reload(node, manager)
    assert new_settings(node) == []


def test_the_manager_is_told_of_the_end(node: Node, manager: Manager) -> None:
    before = len(manager.read())
    assert node.stop() == 0
    stopping = manager.messages[manager.wait("STOPPING", "1", after=before)]
    assert int(stopping["EXTEND_TIMEOUT_USEC"]) > 5_000_000


def test_a_node_ends_with_its_terminal(tmp_path: Path) -> None:
    """A SIGHUP that somebody sends does not end it."""
    screen, terminal = pty.openpty()
    ports = ["--http-port", str(free_port()), "--no-calls"]
    environment = os.environ | {"RENVOI_INNER_PORT": "0"}
    log = tmp_path / "log"
    with log.open("wb") as errors:
        process = subprocess.Popen(
            ["setsid", "--ctty", RENVOI, "serve", "--data", str(tmp_path), *ports],
            stdin=terminal,
            stdout=terminal,
            stderr=errors,
            env=environment,
        )
    os.close(terminal)
    try:
        wait_for(lambda: b"data     " in os.read(screen, 65536), "the summary of the start", 60)
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "settings were read again" in log.read_text(), "the reload", 30)
        assert process.poll() is None
    finally:
        os.close(screen)
    try:
        assert process.wait(30) == 0
    finally:
        process.kill()
