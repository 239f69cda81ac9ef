"""Trunks that are known by name, while a DNS server fails, lies and comes back (docs/operating/network.md)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renvoi.node.control import control
from tests.support.dns import DnsServer, Mood, lacking, with_resolver
from tests.support.node import NUMBER, START_TIMEOUT_S, TARGET, Node
from tests.support.ports import free_port
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import SipMessage
from tests.support.waiting import wait_for

NAME = "sip.trunk.example"
PATIENCE_S = 30.0

pytestmark = pytest.mark.skipif(lacking() is not None, reason=str(lacking()))


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer(53) as server:
        yield server


@pytest.fixture
def port() -> int:
    """Return the port of the trunk, at whatever address."""
    return free_port()


@pytest.fixture
def node(tmp_path: Path, dns: DnsServer, port: int) -> Iterator[Node]:
    """Make a node, not started yet, with one outbound trunk, known by name."""
    made = Node(tmp_path)
    made.wrapper = with_resolver(tmp_path, dns)
    made.renvoi("trunk", "add", "named", "--outbound", f"sip:{NAME}:{port}")
    made.renvoi("forward", NUMBER, "--to", TARGET)
    try:
        yield made
    finally:
        made.stop()


def start(node: Node) -> None:
    """Start the node and wait until it takes calls, whatever needs attention."""
    node.launch()
    wait_for(lambda: node.readiness() == 200, "readiness", START_TIMEOUT_S)


def trunk(node: Node) -> dict[str, Any]:
    """Return what the node says of the trunk."""
    (found,) = asyncio.run(control.ask(node.data / "run", "status", 5))["trunks"]
    return dict(found)


def listed(node: Node) -> dict[str, Any]:
    """Return what `trunk list` says of the trunk."""
    return next(dict(each) for each in node.renvoi("trunk", "list") if each["name"] == "named")


def check(node: Node) -> str:
    """Return what `renvoi check` says of the trunk."""
    (line,) = [line for line in node.run("check").stdout.splitlines() if "trunk named" in line]
    return line


def assert_ready(node: Node, state: str, why: str = "") -> None:
    """Check what /readyz says of the trunk; the node as a whole is ready."""
    node.wait_part("trunk named", state, why)
    assert node.inner.get("/readyz").status_code == 200


def metric(node: Node, name: str) -> list[str]:
    lines = node.inner.get("/metrics").text.splitlines()
    return [line.rpartition(" ")[2] for line in lines if line.startswith(f"{name}{{")]


def reaches(node: Node, phone: Phone) -> bool:
    """Make a call; tell whether it came to `phone`."""
    with Phone() as carrier:
        call = Call(carrier, node.edge, NUMBER).start()
        taken: list[SipMessage] = []

        def is_over() -> bool:
            # An INVITE of a call before may come again.
            while (message := phone.receive_now()) is not None:
                if message.status is None and message.method == "INVITE" and message["Call-ID"] == call.call_id:
                    Incoming(phone, message).reply(486)
                    taken.append(message)
            answer = carrier.receive_now()
            if answer is None or (answer.status or 0) < 300:
                return False
            call._acknowledge(answer)
            return True

        wait_for(is_over, "the end of the call", PATIENCE_S)
        assert {message.uri for message in taken} <= {f"sip:{TARGET}@{NAME}:{phone.port}"}
        return bool(taken)


@pytest.mark.parametrize("mood", [Mood.SILENT, Mood.DENY])
def test_dns_that_fails_while_the_node_starts_costs_no_trunk(node: Node, dns: DnsServer, port: int, mood: Mood) -> None:
    dns.put(NAME, "A", "127.0.0.2")
    dns.mood = mood
    start(node)
    with Phone(host="127.0.0.2", port=port) as phone:
        wait_for(lambda: trunk(node)["name_error"], "a look-up that fails", PATIENCE_S)
        assert (trunk(node)["state"], trunk(node)["addresses"]) == ("unfound", [])
        assert not reaches(node, phone)
        assert_ready(node, "degraded", NAME)
        assert NAME in check(node)
        node.wait_metric('renvoi_trunk_up{trunk="named"} 0.0', 'renvoi_trunk_name_found{trunk="named"} 0.0')
        tested = node.run("trunk", "test", "named")
        assert tested.returncode != 0
        assert NAME in tested.stderr
        dns.mood = Mood.ANSWER
        wait_for(lambda: reaches(node, phone), "calls to the trunk", PATIENCE_S)
        state = listed(node)
        assert (state["state"], state["name_error"]) == ("up", None)
        (address,) = state["addresses"]
        assert (address["uri"], address["answer"]) == (f"sip:127.0.0.2:{port}", 486)
        assert_ready(node, "ok")
        node.wait_metric('renvoi_trunk_up{trunk="named"} 1.0')
        wait_for(lambda: metric(node, "renvoi_trunk_address_up") == ["1.0"], "the state of the address")


@pytest.mark.parametrize("mood", [Mood.SILENT, Mood.BABBLE])
def test_what_was_found_last_serves_while_dns_is_away(node: Node, dns: DnsServer, port: int, mood: Mood) -> None:
    """Over a restart too; and no call waits."""
    dns.put(NAME, "A", "127.0.0.2")
    start(node)
    with Phone(host="127.0.0.2", port=port) as phone:
        assert reaches(node, phone)
        dns.mood = mood
        node.kill()
        start(node)
        wait_for(lambda: trunk(node)["name_error"], "a look-up that fails", PATIENCE_S)
        assert reaches(node, phone)
        assert trunk(node)["state"] == "up"
        assert "serves" in check(node)
        assert_ready(node, "degraded")
        dns.mood = Mood.ANSWER
        wait_for(lambda: trunk(node)["name_error"] is None, "a look-up that succeeds", PATIENCE_S)


def test_a_changed_address_and_a_lie_are_followed_and_left(node: Node, dns: DnsServer, port: int) -> None:
    """A lie that nobody can be at is not believed; one that leads to nobody is given up when DNS tells the truth."""
    dns.put(NAME, "A", "127.0.0.2")
    start(node)
    with Phone(host="127.0.0.2", port=port) as first, Phone(host="127.0.0.3", port=port) as second:
        assert reaches(node, first)
        dns.put(NAME, "A", "0.0.0.0")
        wait_for(lambda: trunk(node)["name_error"], "the look-up of the lie", 2 * PATIENCE_S)
        assert reaches(node, first)
        dns.put(NAME, "A", "127.0.0.3")
        wait_for(lambda: reaches(node, second), "calls to the new address", PATIENCE_S)
        assert [each["uri"] for each in trunk(node)["addresses"]] == [f"sip:127.0.0.3:{port}"]


def test_all_addresses_of_a_name_are_tried(node: Node, dns: DnsServer, port: int) -> None:
    dns.put(NAME, "A", "127.0.0.3", "127.0.0.2")
    with Phone(host="127.0.0.3", port=port) as only, Phone(host="127.0.0.2", port=port) as silent:
        start(node)
        assert reaches(node, only), "the first one says nothing"
        assert {each["uri"]: each["state"] for each in trunk(node)["addresses"]} == {
            f"sip:127.0.0.2:{port}": "down",
            f"sip:127.0.0.3:{port}": "up",
        }
        assert trunk(node)["state"] == "up"
        assert_ready(node, "degraded")
        silent.forget()
        assert reaches(node, only), "it is passed over now"
        tested = node.run("trunk", "test", "named")
        assert f"sip:127.0.0.2:{port}" in tested.stdout + tested.stderr


def test_what_cannot_be_asked_is_said(node: Node) -> None:
    done = node.run("trunk", "list", "--json")
    assert "no node runs" in done.stderr
    assert '"state": "unknown"' in done.stdout
