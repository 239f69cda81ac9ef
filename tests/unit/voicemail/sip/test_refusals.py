"""Requests that are refused or passed over, and OPTIONS (RFC 3261 §8.2, §11.2)."""

import time

import pytest

from renvoi.voicemail.sip.agent import OptionsAnswer, UserAgent
from renvoi.voicemail.sip.endpoint import Confirmed, Invited
from renvoi.voicemail.sip.sdp import SessionDescription
from tests.support.sip_message import SipMessage
from tests.support.sip_peer import AGENT, ANSWER, SDP, AgentHarness, Caller, follow_up

MULTIPART = (
    "preamble\r\n--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    f"--b1\r\nContent-Type: application/sdp;x=y\r\n\r\n{SDP}\r\n--b1--\r\n"
)


@pytest.fixture
def harness() -> AgentHarness:
    return AgentHarness()


def outside(method: str, **replaced: str) -> SipMessage:
    """Return a request that belongs to no call."""
    invite = Caller(**replaced).invite(body="")
    invite.start_line = f"{method} sip:127.0.0.1:7000 SIP/2.0"
    return SipMessage(
        invite.start_line, [(k, f"1 {method}" if k == "CSeq" else v) for k, v in invite.headers], invite.body
    )


@pytest.mark.parametrize(
    ("method", "status"),
    [
        ("BYE", 481),
        ("CANCEL", 481),
        ("UPDATE", 481),
        ("PRACK", 481),
        ("MESSAGE", 405),
        ("REGISTER", 405),
        ("SUBSCRIBE", 405),
        ("invite", 501),
        ("FROB", 501),
    ],
)
def test_requests_of_no_call_are_refused(harness: AgentHarness, method: str, status: int) -> None:
    request = outside(method)
    refusal = harness.ask(request)
    assert refusal.status == status
    assert ";tag=" in refusal["To"]
    assert refusal["Server"] == "renvoi"
    assert (status in (405, 501)) == (refusal.get("Allow") is not None)
    assert harness.ask(request) == refusal
    assert harness.events() == []
    harness.wait(32)
    assert harness.agent.idle


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "OPTIONS"])
def test_requests_of_an_unknown_call_are_refused(harness: AgentHarness, method: str) -> None:
    assert harness.ask(outside(method, To="<sip:a@b>;tag=unknown")).status == 481


def test_nobody_gets_into_a_call_by_its_call_id_alone(harness: AgentHarness) -> None:
    caller = Caller()
    harness.call(caller)
    caller.headers["From"] = "<sip:a@b>;tag=mallory"
    assert harness.ask(caller.request("BYE")).status == 481
    assert harness.agent.calls == 1


def test_nobody_gets_into_a_call_that_is_not_accepted_yet(harness: AgentHarness) -> None:
    caller = Caller()
    invited = harness.ring(caller.invite())
    caller.answer = SipMessage("", [("To", "<sip:a@b>;tag=token1"), ("Contact", "<sip:a@b>")])
    assert harness.ask(caller.request("BYE")).status == 481
    assert harness.send(caller.ack()) == []
    assert harness.events() == []
    harness.agent.accept(invited.call, ANSWER, harness.now)
    assert harness.sent()[0].status == 200


def test_an_ack_of_nothing_is_passed_over(harness: AgentHarness) -> None:
    assert harness.send(outside("ACK")) == []
    assert harness.send(outside("ACK", To="<sip:a@b>;tag=unknown")) == []
    assert harness.agent.idle


def test_a_merged_invite_is_refused(harness: AgentHarness) -> None:
    caller = Caller()
    harness.ring(caller.invite())
    assert harness.ask(caller.invite()).status == 482
    assert harness.events() == []


def test_an_edge_that_asks_in_place_of_one_that_was_killed_gets_the_same_answer(harness: AgentHarness) -> None:
    """The caller sends its INVITE again, and the next edge knows nothing of the first one's branch."""
    caller = Caller()
    invited = harness.ring(caller.invite())
    harness.agent.accept(invited.call, ANSWER, harness.now)
    first = harness.sent()[0]
    asked = caller.invite()
    again = harness.ask(asked)
    assert (again.status, again["To"], again.body) == (200, first["To"], first.body)
    assert again["Via"] != first["Via"]
    assert harness.ask(asked) == again
    assert harness.events() == []
    assert harness.agent.calls == 1


def test_an_invite_that_comes_back_after_a_refusal_is_a_new_call(harness: AgentHarness) -> None:
    caller = Caller()
    harness.agent.reject(harness.ring(caller.invite()).call, 503, "Service Unavailable", harness.now)
    harness.sent()
    harness.ring(caller.invite())


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_what_we_do_not_understand_must_not_be_required(harness: AgentHarness, method: str) -> None:
    refusal = harness.ask(outside(method, Require="precondition, Timer,100rel , gruu"))
    assert (refusal.status, refusal["Unsupported"]) == (420, "gruu, precondition")


def test_what_we_understand_may_be_required(harness: AgentHarness) -> None:
    harness.ring(Caller(Require="timer, 100rel").invite())


def test_a_cancel_requires_nothing(harness: AgentHarness) -> None:
    invite = Caller().invite()
    harness.ring(invite)
    cancel = follow_up("CANCEL", invite)
    cancel.headers.append(("Require", "gruu"))
    assert [message.status for message in harness.send(cancel)] == [200, 487]


@pytest.mark.parametrize(
    "replaced",
    [
        {"CSeq": "1 BYE"},
        {"CSeq": "one INVITE"},
        {"CSeq": "2147483648 INVITE"},
        {"CSeq": ""},
        {"Call-ID": ""},
        {"From": ""},
        {"To": ""},
        {"From": "<sip:a"},
        {"To": "nobody"},
        {"Contact": ""},
        {"Contact": "*"},
        {"Contact": "<sip:a>, <sip:b>"},
        {"Contact": "<sip:a b>"},
        {"Contact": "<mailto:a@b>"},
        {"Via": "nonsense"},
        {"l": "9999"},
        {"l": "-1"},
        {"i": "another"},
    ],
    ids=str,
)
def test_a_request_with_faulty_mandatory_parts_is_refused(harness: AgentHarness, replaced: dict[str, str]) -> None:
    invite = Caller().invite()
    names = {name for name, _ in invite.headers}
    headers = [(name, replaced.get(name, value)) for name, value in invite.headers]
    headers += [(name, value) for name, value in replaced.items() if name not in names]
    head = "\r\n".join([invite.start_line, *(f"{name}: {value}" for name, value in headers if value), "", ""])
    refusal = harness.ask(head.encode() + invite.body)
    assert refusal.status == 400
    assert harness.events() == []


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("INVITE sip:a b SIP/2.0", 400),
        ("INVITE mailto:a@b SIP/2.0", 416),
        ("INVITE sip:a SIP/3.0", 505),
        ("INVITE tel:+33199001234 SIP/2.0", None),
        ("INVITE  sip:a  sip/2.0", None),
    ],
)
def test_the_start_line_is_checked(harness: AgentHarness, line: str, status: int | None) -> None:
    invite = Caller().invite()
    invite.start_line = line
    assert [message.status for message in harness.send(invite)] == ([] if status is None else [status])


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\r\n\r\n",
        b"\0\0\0\0",
        b"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\n",
        b"INVITE sip:a SIP/2.0\r\nTo: <sip:a>\r\n\r\n",
        b"INVITE sip:a\r\nVia: SIP/2.0/UDP a\r\n\r\n",
        b"INVITE SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n",
        b"GET / HTTP/1.1\r\nVia: SIP/2.0/UDP a\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a;branch=z9hG4bKunknown\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n",
        b"SIP/2.0 999 What\r\nVia: SIP/2.0/UDP a\r\n\r\n",
    ],
)
def test_garbage_is_passed_over(harness: AgentHarness, datagram: bytes) -> None:
    assert harness.send(datagram) == []
    assert harness.events() == []
    assert harness.agent.idle
    assert harness.agent.next_timer() is None


@pytest.mark.parametrize(
    ("replaced", "body", "status"),
    [
        ({"Content_Type": "text/plain"}, "hello", 415),
        ({"Content_Type": ""}, SDP, 415),
        ({"Content_Encoding": "gzip"}, SDP, 415),
        ({"Content_Type": "multipart/mixed"}, MULTIPART, 415),
        ({"Content_Type": "multipart/mixed;boundary=b2"}, MULTIPART, 415),
        ({}, "v=0\r\nm=audio\r\n", 400),
    ],
)
def test_a_body_that_we_cannot_read_is_refused(
    harness: AgentHarness, replaced: dict[str, str], body: str, status: int
) -> None:
    refusal = harness.ask(Caller(**replaced).invite(body=body))
    assert refusal.status == status
    assert refusal.get("Accept") == ("application/sdp" if status == 415 else None)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ('multipart/mixed; boundary="b1"', MULTIPART),
        ("MULTIPART/Alternative;boundary=b1", MULTIPART),
        ("multipart/mixed;boundary=b", f"--b\r\nContent-Type: application/sdp\r\n\r\n{SDP}\r\n--b--"),
    ],
)
def test_an_offer_is_found_among_several_parts(harness: AgentHarness, content_type: str, body: str) -> None:
    offer = harness.ring(Caller(Content_Type=content_type).invite(body=body)).offer
    assert offer == SessionDescription.parse(SDP.encode())


def test_a_body_that_may_be_ignored_is_ignored(harness: AgentHarness) -> None:
    caller = Caller(Content_Type="text/plain", Content_Disposition="icon; handling=optional")
    invited = harness.ring(caller.invite(body="hello"))
    assert invited.offer is None
    harness.agent.accept(invited.call, ANSWER, harness.now)
    (caller.answer,) = harness.sent()
    caller.extra = {}
    harness.send(caller.ack(SDP))
    assert harness.event() == Confirmed(invited.call, SessionDescription.parse(SDP.encode()))


def test_compact_folded_and_odd_headers_are_read(harness: AgentHarness) -> None:
    datagram = (
        "\r\nINVITE sip:%2B33199@127.0.0.1;user=phone SIP/2.0\n"
        "v: SIP/2.0/UDP 127.0.0.1 ;branch=z9hG4bK77\r\n"
        'f: "Ali\\"ce, <B>"\r\n <sip:a@b;x=y>;x=1\r\n\t;TAG = "t1"\r\n'
        "T : sip:b@c;user=phone\r\n"
        "no colon here\r\n"
        "i:abc\r\n"
        "cSEQ: 7\t INVITE\r\n"
        "m: <sip:\xe9@d>\r\n"
        "C: Application/SDP ; charset=utf-8\r\n"
        f"l: {len(SDP)}\n\n{SDP}m=audio 9 RTP/AVP 9\r\n".encode("latin-1")
    )
    assert harness.send(datagram) == []
    invited = harness.event()
    assert isinstance(invited, Invited)
    assert (invited.user, invited.call_id, invited.from_tag) == ("+33199", "abc", "t1")
    assert invited.offer == SessionDescription.parse(SDP.encode())
    harness.agent.accept(1, ANSWER, harness.now)
    ((answer, _),) = harness.agent.datagrams_to_send()
    assert b'\r\nFrom: "Ali\\"ce, <B>" <sip:a@b;x=y>;x=1 ;TAG = "t1"\r\n' in answer
    assert b"\r\nTo: sip:b@c;user=phone;tag=token1\r\n" in answer


def test_headers_go_back_byte_for_byte(harness: AgentHarness) -> None:
    invite = Caller(From='"\x00" <sip:a@b>;tag=1').invite().encode().replace(b"\x00", b"caf\xe9 \xc3\xa9\x85")
    harness.agent.receive(invite, ("127.0.0.1", 5060), harness.now)
    harness.agent.reject(1, 486, "Busy Here", harness.now)
    ((refusal, _),) = harness.agent.datagrams_to_send()
    assert b'From: "caf\xe9 \xc3\xa9\x85" <sip:a@b>;tag=1\r\n' in refusal


def test_an_old_branch_does_not_mix_calls_up(harness: AgentHarness) -> None:
    via = "SIP/2.0/UDP 127.0.0.1:5060;branch=1"
    first, second = Caller(Via=via).invite(), Caller(Via=via).invite()
    assert harness.ring(first).call != harness.ring(second).call
    assert harness.send(first) == []
    assert harness.events() == []


def test_options_tells_what_we_can(harness: AgentHarness) -> None:
    answer = harness.ask(outside("OPTIONS"))
    assert answer.status == 200
    assert answer["Allow"] == "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO"
    assert (answer["Accept"], answer["Supported"]) == ("application/sdp", "timer, 100rel")
    assert (answer.body, answer.get("Content-Type")) == (b"", None)


def test_options_gets_the_owners_answer() -> None:
    harness = AgentHarness()
    busy = OptionsAnswer(503, "Service Unavailable", "application/json", b'{"calls":9}')
    harness.agent = UserAgent(AGENT, lambda: "token", product="test/1", options=lambda: busy)
    answer = harness.ask(outside("OPTIONS"))
    assert answer.start_line == "SIP/2.0 503 Service Unavailable"
    assert (answer["Content-Type"], answer.body, answer["Server"]) == ("application/json", b'{"calls":9}', "test/1")


@pytest.mark.parametrize("run", ["<", '"', "\\", ",", ";", " ", ";a=", '"<', "\r\n ", ":", "a"])
@pytest.mark.parametrize("name", ["Via", "Contact", "Record-Route", "Content-Type", "Session-Expires"])
def test_a_long_run_of_anything_is_read_in_little_time(harness: AgentHarness, name: str, run: str) -> None:
    """What takes a time quadratic in its length takes seconds here, what takes a linear time some milliseconds."""
    prefix = {"Via": "SIP/2.0/UDP a", "Content-Type": "multipart/mixed;boundary=b1"}.get(name, "")
    caller = Caller(Record_Route="<sip:edge>", Supported="timer", Session_Expires="90")
    caller.headers[name] = prefix + run * (60000 // len(run)) + "x"
    caller.extra.pop(name, None)
    began = time.process_time()
    harness.send(caller.invite())
    harness.agent.accept(1, ANSWER, harness.now)
    harness.agent.hang_up(1, harness.now)
    harness.wait(40)
    assert time.process_time() - began < 1
