"""Callers that prove by a password of which trunk they are, written without the code under test."""

from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from tests.support.digest import credentials
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone
from tests.support.sip_message import Header, SipMessage
from tests.support.tls import Authority

NUMBER, OTHER, TARGET = "+33199001234", "+33199005678", "+33612345678"
USER, PASSWORD = "pbx-12", 'p"ä:s wörd€'
FIXED = InboundTrunk("fixed", (parse_network("127.0.0.1/32"),))
ROAMING = InboundTrunk("roaming", (), inbound_user=USER)
AUTHORITY = Authority("callers of the test")
HERE, THERE = "127.0.0.2", "127.0.0.3"


def challenged(call: Call) -> str:
    """Send a call that proves nothing; return what it is asked."""
    call.start()
    return call.expect(407, skip=()).all("Proxy-Authenticate")[0]


def again(call: Call, *headers: Header) -> Call:
    """Send the call once more with these headers, as the next request of a new transaction."""
    call.cseq += 1
    kept = [each for each in call.invite.headers if each[0] not in ("Via", "CSeq", "Proxy-Authorization")]
    added = [("Via", call.phone.via()), ("CSeq", f"{call.cseq} INVITE"), *headers]
    call.invite = SipMessage(call.invite.start_line, [*added, *kept], call.invite.body)
    return call.start()


def proven(call: Call, user: str = USER, password: str = PASSWORD) -> Call:
    """Send a call, and again with what it is asked."""
    asked = challenged(call)
    return again(call, credentials(asked, user, password, call.invite.uri))


def connected(node: EdgeNode, caller: Phone, trunk: Phone) -> tuple[Call, Incoming]:
    """Set up a call of a caller with a password."""
    call = proven(Call(caller, node.address, NUMBER))
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    return call, incoming
