"""A node's keys as installed: its calls outlive it, and damage to the file of the keys is undone while it runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi import key_file
from tests.support.callers import Caller
from tests.support.node import NUMBER, SECOND, TARGET, Node
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """Run a node on SQLite."""
    made = Node(tmp_path_factory.mktemp("keys"))
    made.configure(voicemail_workers=1, edge_workers=1)
    try:
        made.start()
        assert made.set_rule(2, "owner@example.com").json()["code"] == 4
        yield made
    finally:
        made.stop()


@pytest.mark.parametrize("end", [Node.stop, Node.kill])
def test_a_call_goes_on_over_a_restart(node: Node, end: object) -> None:
    """The media never passed here; its BYE finds an edge that knows the keys, and the record gets its end."""
    assert callable(end)
    with Phone() as phone, Phone() as carrier:
        node.renvoi("trunk", "add", "taker", "--outbound", phone.uri)
        node.forward(TARGET, SECOND)
        call = Call(carrier, node.edge, SECOND).start()
        incoming = Incoming.wait(phone)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        phone.expect("ACK", skip=("OPTIONS",))
        before = (node.data / "run" / key_file.NAME).read_text()
        end(node)
        node.start()
        assert (node.data / "run" / key_file.NAME).read_text() == before
        call.send("BYE")
        incoming.answer(phone.expect("BYE", skip=("OPTIONS",)))
        carrier.expect(200)
        assert node.record(call.call_id)["hung_up_by"] == "caller"
        node.set_rule(0, number=SECOND)
        node.renvoi("trunk", "remove", "taker")


@pytest.mark.parametrize("damage", ["", "{", None])
def test_a_damaged_file_is_written_again_and_messages_are_taken(node: Node, damage: str | None) -> None:
    path: Path = node.data / "run" / key_file.NAME
    before = path.read_text()
    path.unlink()
    if damage is not None:
        path.write_text(damage)
    with Caller(node.edge, NUMBER) as caller:
        # The worker has the keys from before in its memory.
        assert caller.connect() == 200
        caller.hang_up()
    wait_for(lambda: path.exists() and path.read_text() == before, "the file", 30)
    assert path.stat().st_mode & 0o777 == 0o600
