"""How a leg is ended that was answered too late."""

from renvoi.edge.router.late_answer import LateAnswer

OURS = "<sip:192.0.2.1:5060;lr;ftag=a;rv=0123>"
CONTACT = '"B" <sip:b@198.51.100.7:5070;transport=udp>;expires=60'


def leg(contact: str = CONTACT, record_route: str = "") -> LateAnswer:
    return LateAnswer("UDP 192.0.2.1:5060", "<sip:a@x>;tag=a", "<sip:b@x>;tag=b", "call@x", 7, contact, record_route)


def test_the_answer_is_acknowledged_and_the_leg_ended() -> None:
    ack, bye = (text.split("\r\n") for text in leg().ending())
    assert ack[0] == "ACK sip:b@198.51.100.7:5070;transport=udp SIP/2.0"
    assert bye[0] == "BYE sip:b@198.51.100.7:5070;transport=udp SIP/2.0"
    assert ack[1].startswith("Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK")
    assert ack[1] != bye[1]
    assert ack[2:] == [
        "Max-Forwards: 70",
        "From: <sip:a@x>;tag=a",
        "To: <sip:b@x>;tag=b",
        "Call-ID: call@x",
        "CSeq: 7 ACK",
        "Content-Length: 0",
        "",
        "",
    ]
    assert "CSeq: 8 BYE" in bye


def test_proxies_beyond_us_are_passed_in_our_order() -> None:
    """In the answer the callee's own proxy is on top, and those between the caller and us are below our entry."""
    record_route = f"<sip:far.example;lr>,<sip:near.example;lr>;x=y, {OURS}, <sip:caller.example;lr>"
    routes = [line for line in leg(record_route=record_route).ending()[1].split("\r\n") if line.startswith("Route")]
    assert routes == ["Route: <sip:near.example;lr>", "Route: <sip:far.example;lr>"]
    assert "Route" not in leg(record_route=f"{OURS},{OURS}").ending()[0]


def test_the_same_answer_again_makes_no_second_request() -> None:
    assert leg().ending() == leg().ending()


def test_an_answer_without_a_contact_is_ended_at_the_called_address() -> None:
    assert leg(contact="").target == "sip:b@x"
