"""Limits on a node as installed: set by command, and kept by the edge from the next call on."""

from tests.support.node import NUMBER, Node
from tests.support.sip import SDP, Call, Incoming, Phone

TARGET = "+33612345678"


def test_a_limit_that_is_set_holds_for_the_next_call(node: Node) -> None:
    with Phone() as carrier, Phone() as trunk:
        node.renvoi("trunk", "add", "out", "--outbound", trunk.uri)
        node.forward(TARGET)
        node.renvoi("limits", "set", "acme", "--number-calls", "1")
        first = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        first.expect(200)
        first.ack()
        trunk.expect("ACK")
        second = Call(carrier, node.edge, NUMBER).start()
        assert second.expect(486)["Reason"] == "Q.850;cause=17"
        first.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        carrier.expect(200)
        third = Call(carrier, node.edge, NUMBER).start()
        Incoming.wait(trunk).reply(603)
        third.expect(603)
        node.renvoi("limits", "set", "acme", "--number-calls", "0")
        assert node.renvoi("limits", "show", "acme")[0]["limits"]["number"]["calls"] == 0
    refused = node.record(second.call_id)
    assert (refused["reason"], refused["status"]) == ("limit-calls", 486)
