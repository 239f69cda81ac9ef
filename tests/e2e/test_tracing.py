"""Copies of SIP messages from a node as installed: a forwarded call and a message, from the edge and the voicemail."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.support.callers import Caller
from tests.support.hep import HepServer, words
from tests.support.node import NUMBER, TARGET, Node
from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

CAPTURE_ID, KEY = 4711, "sesame"


@pytest.fixture(scope="module")
def server() -> Iterator[HepServer]:
    with HepServer() as made:
        yield made


@pytest.fixture(scope="module")
def trunk() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(server: HepServer, trunk: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node whose capture server is known by a name, and whose key is in a file."""
    made = Node(tmp_path_factory.mktemp("tracing"))
    path = made.data / "hep.key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    made.configure(hep_url=f"udp://localhost:{server.port}", hep_id=CAPTURE_ID, hep_key_file=str(path))
    made.renvoi("trunk", "add", "main", "--outbound", trunk.uri)
    try:
        yield made.start()
    finally:
        made.stop()


def kill_edge(node: Node) -> None:
    """Kill the edge, and wait until there is another one."""
    before = node.pids("kamailio")
    os.kill(before[0], signal.SIGKILL)
    node.wait_for_another_edge(before)


def test_a_forwarded_call_is_seen_whole_after_a_restart_of_the_edge_too(
    node: Node, server: HepServer, trunk: Phone
) -> None:
    node.forward(TARGET)
    for again in (False, True):
        if again:
            kill_edge(node)
        with Phone() as carrier:
            call = Call(carrier, node.edge, NUMBER).start()
            Incoming.wait(trunk).reply(486)
            call.expect(486)
            copies = server.wait_for(call.call_id, 7)
        assert sorted(words(copies)) == ["100", "486", "486", "ACK", "ACK", "INVITE", "INVITE"]
        assert {(copy.capture_id, copy.key) for copy in copies} == {(CAPTURE_ID, KEY)}
    (line,) = [line for line in node.run("check").stdout.splitlines() if "copies of" in line]
    assert f"udp://localhost:{server.port}, capture id {CAPTURE_ID}, at 127.0.0.1" in line
    assert KEY not in node.log.read_text("utf-8")


def test_a_message_is_seen_from_the_edge_and_from_the_worker(node: Node, server: HepServer) -> None:
    """What passes between the two comes twice, once from each of them."""
    node.set_rule(2, "owner@example.com")
    with Caller(node.edge, NUMBER) as caller:
        assert caller.connect() == 200
        caller.hang_up()
        call_id = caller.call_id
    wait_for(lambda: words(server.of(call_id)).count("BYE") == 3, "the end of the call")
    copies = server.of(call_id)
    edge = node.edge
    (worker,) = {
        copy.destination for copy in copies if copy.source == edge and copy.destination[1] != caller.phone.port
    }
    for method in ("INVITE", "ACK", "BYE"):
        seen = [(copy.source, copy.destination) for copy in copies if copy.message.method == method]
        assert seen.count((edge, worker)) >= 2
    assert {(copy.capture_id, copy.key) for copy in copies} == {(CAPTURE_ID, KEY)}
