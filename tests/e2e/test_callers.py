"""A node whose inbound trunk is known by a password alone (docs/trunks.md), and callers that know digest."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_digest import written
from tests.support import sipp
from tests.support.node import NUMBER, OTHER_TARGET, TARGET, Node
from tests.support.waiting import wait_for

USER, PASSWORD, SECOND = "pbx-12", "correct-horse-battery", "staple-of-another-kind"
CALL_S = 30.0


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """Run a node with a trunk that answers, and none that calls come from."""
    made = Node(tmp_path)
    made.renvoi("trunk", "set", "carrier", "--inbound", "192.0.2.9")
    made.renvoi("forward", NUMBER, "--to", TARGET)
    with sipp.trunk(tmp_path) as trunk:
        made.renvoi("trunk", "add", "out", "--outbound", f"sip:127.0.0.1:{trunk.port}")
        try:
            yield made.start()
        finally:
            made.stop()


def call(node: Node, directory: Path, password: str, patience_s: int = 20) -> bool:
    """Make a call with SIPp; tell whether it went as a call goes, within a time: SIPp does not give up by itself."""
    limits = ("-d", "20", "-timeout", str(patience_s), "-timeout_error")
    with sipp.proving_carrier(directory, node.edge, NUMBER, USER, password, *limits) as carrier:
        try:
            carrier.wait(CALL_S)
        except AssertionError:
            return False
        return True


def test_a_caller_with_a_password(node: Node, tmp_path: Path) -> None:
    """It calls as soon as it has one, without a start of the edge, until there is another; nobody else sees either."""
    file = tmp_path / "password"
    file.write_text(PASSWORD, "utf-8")
    edge = set(node.pids("kamailio"))
    node.renvoi("trunk", "add", "pbx", "--inbound-user", USER, "--inbound-password-file", str(file))
    assert call(node, tmp_path, PASSWORD)
    (record,) = wait_for(lambda: [each for each in node.renvoi("calls") if each["ended_at"]], "the record")
    assert (record["decision"], record["target"]) == ("forward", TARGET)
    file.write_text(SECOND, "utf-8")
    node.renvoi("trunk", "set", "pbx", "--inbound-password-file", str(file))
    assert not call(node, tmp_path, PASSWORD, 3)
    assert call(node, tmp_path, SECOND)
    assert edge == set(node.pids("kamailio"))
    counted = re.compile(r"renvoi_edge_refused_digests_total [1-9]")
    wait_for(lambda: counted.search(node.inner.get("/metrics").text), "the count")
    for where, content in written(node):
        assert PASSWORD.encode() not in content, where
        assert SECOND.encode() not in content, where

    # The trunk that calls go out by is tried as one of the numbers.
    node.renvoi("trunk", "set", "carrier", "--inbound", "127.0.0.1")
    tried = node.run("trunk", "test", "out", "--call", OTHER_TARGET, "--from", NUMBER)
    assert (tried.returncode, tried.stderr) == (0, "")
    assert f"INVITE sip:{OTHER_TARGET}@127.0.0.1" in tried.stdout
    assert "ok    call: it was answered (200 OK), and ended" in tried.stdout
    node.renvoi("trunk", "set", "carrier", "--inbound", "192.0.2.9")

    # Whichever process dies, the next one knows the password before it takes calls.
    node.kill()
    node.start()
    assert call(node, tmp_path, SECOND)
    node.renvoi("trunk", "remove", "pbx")
    assert not call(node, tmp_path, SECOND, 3)
