"""What operators do by `/v2` on a node as installed: the edge obeys, and no secret comes out."""

from tests.e2e.test_removals import operator
from tests.support.node import NUMBER, TARGET, Node
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.waiting import wait_for

PASSWORD = "correct horse battery"


def test_a_trunk_that_is_added_by_v2_gets_calls_within_seconds(node: Node) -> None:
    with Phone() as trunk, Phone() as carrier, operator(node) as admin:
        outbound = {"uri": trunk.uri, "user": "us", "password": PASSWORD}
        made = admin.post("/v2/admin/trunks", json={"name": "main", "outbound": outbound})
        assert made.status_code == 201, made.text
        assert PASSWORD not in made.text
        node.forward(TARGET)
        wait_for(lambda: admin.get("/v2/admin/trunks/main").json()["state"] == "up", "the trunk at the edge", 30)
        call = Call(carrier, node.edge, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(200, body=SDP)
        call.expect(200)
        call.ack()
        trunk.expect("ACK")
        call.send("BYE")
        incoming.answer(trunk.expect("BYE"))
        carrier.expect(200)
        state = admin.get("/v2/admin/node").json()
        assert {"edge", "mailer", "voicemail"} <= {part["name"] for part in state["parts"]}
        assert admin.delete("/v2/admin/trunks/main").status_code == 204
        assert node.renvoi("trunk", "list") == [each for each in node.renvoi("trunk", "list") if each["name"] != "main"]
        # The log of the node, and all that its store shows, know no password.
        assert PASSWORD not in node.log.read_text()
        assert PASSWORD.encode() not in (node.data / "renvoi.db").read_bytes()
