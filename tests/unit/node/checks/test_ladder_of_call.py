"""The ladder of a test call, of what two SIPps have traced by clocks of their own."""

from renvoi.node.checks.test_call import SippMessage, ladder_of


def message(at_ms: float, line: str, *, sent: bool) -> SippMessage:
    return SippMessage(at_ms, sent, line, ())


def test_nothing_is_before_the_invite_of_the_caller() -> None:
    asked = [message(1004.0, "INVITE sip:a SIP/2.0", sent=True), message(1300.0, "SIP/2.0 200 OK", sent=False)]
    trunk = [message(1000.0, "INVITE sip:b SIP/2.0", sent=False), message(1299.0, "SIP/2.0 200 OK", sent=True)]
    found = [(each.at_ms, each.sender, each.receiver) for each in ladder_of(asked, trunk)]
    assert found == [
        (0.0, "caller", "edge"),
        (0.0, "edge", "trunk"),
        (295.0, "trunk", "edge"),
        (296.0, "edge", "caller"),
    ]


def test_what_is_there_of_a_call_under_way_begins_at_nought() -> None:
    trunk = [message(1000.0, "INVITE sip:b SIP/2.0", sent=False)]
    assert [each.at_ms for each in ladder_of([], trunk)] == [0.0]
    assert ladder_of([], []) == ()
