"""What strangers write into a call, through a real Kamailio: it harms no call, no record and nobody beside it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.calls.call_record import identifier
from renvoi.domain.text import clean_text
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.edge.kamailio.log_line import BoundedLines, parse_log_line
from tests.support.edge import EdgeNode
from tests.support.sip import SDP, Call, Incoming, Phone, options

Own = tuple[EdgeNode, Phone]
NUMBER, TARGET = "+33199001234", "+33612345678"
LONG = "c" * 20_000
STRANGE = {
    "call-id": {"Call-ID": LONG},
    "tag": {"From": f"<sip:+33612345678@carrier.example>;tag={LONG}"},
    "call-id-latin": {"Call-ID": b"\xe9\xff".decode("utf-8", "surrogateescape")},
    "tag-latin": {"From": b"<sip:+33612345678@x>;tag=\xe9\xff".decode("utf-8", "surrogateescape")},
    "call-id-control": {"Call-ID": "a\x01b"},
    "caller-nul": {"From": "<sip:a%00b@x>;tag=t"},
    "caller-surrogate": {"From": "<sip:%ed%a0%80@x>;tag=t"},
    "caller-long": {"From": f"<sip:{LONG}@x>;tag=t"},
    "caller-asserted": {"P-Asserted-Identity": "<sip:a%0d%0ab%00@x>"},
    "diversion": {"Diversion": "\x01" * 15_000},
    "diversion-escapes": {"Diversion": ", ".join(["<sip:%00%01%1b%e2%80%ae@x>;counter=0"] * 5)},
    "history": {"History-Info": "<sip:+33100@x?" + "reason=" * 1800 + ">;index=1"},
    "reason": {"Reason": "Q.850;cause=" + "9" * 9000},
}


def is_fit(value: object) -> bool:
    """Tell whether no store and no reader has trouble with a value of an event."""
    if isinstance(value, dict):
        return all(map(is_fit, value.values()))
    if isinstance(value, list):
        return len(value) <= 64 and all(map(is_fit, value))
    return not isinstance(value, str) or (len(value) <= 128 and clean_text(value, 129) == value)


@pytest.mark.parametrize("name", STRANGE)
def test_what_strangers_write_makes_fit_events_of_one_call(
    edge: EdgeNode, carrier: Phone, trunk: Phone, name: str
) -> None:
    """The call goes through byte for byte, and its events, from INVITE to BYE, have one key."""
    edge.put(NUMBER, target=TARGET)
    fields = STRANGE[name]
    call = Call(carrier, edge.address, NUMBER)
    kept = [(key, fields.get(key, value)) for key, value in call.invite.headers]
    call.invite.headers = kept + [(key, value) for key, value in fields.items() if key not in dict(kept)]
    call.call_id = call.invite["Call-ID"]
    before = sum(map(len, edge.lines()))
    call.start()
    incoming = Incoming.wait(trunk)
    for key, value in fields.items():
        assert value in incoming.invite.all(key)
    incoming.reply(200, body=SDP)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    call.send("BYE", headers=[("Reason", fields.get("Reason", "Q.850;cause=16"))])
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    call_id = identifier(call.call_id.encode("utf-8", "surrogateescape"))
    events = edge.wait_for_events(call_id, "decided", "answered", "hungup")
    assert len({event.get("from_tag") or event["key"]["from_tag"] for event in events}) == 1
    assert all(map(is_fit, events))
    assert sum(map(len, edge.lines())) - before < 8192


def test_a_history_of_60_kb_stops_nobody(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """What is too long to be searched for loops is refused, with a record; the others' calls go on."""
    edge.put(NUMBER, target=TARGET)
    for header, value in (
        ("History-Info", "<sip:+33100@x?" + "reason=" * 8600 + ">;index=1"),
        ("Diversion", "\x01" * 60_000),
        ("Diversion", ", ".join(f"<sip:+33100@x;a={n}>" for n in range(2500))),
    ):
        call = Call(carrier, edge.address, NUMBER, headers=[(header, value)]).start()
        call.expect(400)
        (decided,) = edge.wait_for_events(call.call_id, "decided")
        assert (decided["decision"], decided["reason"], decided["status"]) == ("reject", "malformed", 400)
    call = Call(carrier, edge.address, NUMBER).start()
    Incoming.wait(trunk).reply(486)
    call.expect(486)


@pytest.mark.parametrize(
    ("caller", "headers", "privacy"),
    [
        ("anonymous", [], "id"),
        ("+266696687", [("Privacy", "session")], "id;session"),
        ("+33140000001", [("Remote-Party-ID", "<sip:+33612345678@x>;party=calling;privacy=full")], "id"),
        ("anonymous", [("Privacy", "id;critical")], "id;critical"),
        ("+33140000001", [], None),
    ],
)
def test_the_trunk_learns_that_a_caller_is_withheld(
    edge: EdgeNode, carrier: Phone, trunk: Phone, caller: str, headers: list[tuple[str, str]], privacy: str | None
) -> None:
    """The network's word on who calls goes along, so the trunk has to know that it must not be shown."""
    edge.put(NUMBER, target=TARGET)
    asserted = ("P-Asserted-Identity", "<sip:+33155555555@carrier.example>")
    call = Call(carrier, edge.address, NUMBER, caller, headers=[asserted, *headers]).start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite.get("Privacy") == privacy
    assert len(incoming.invite.all("Privacy")) <= 1
    assert incoming.invite["P-Asserted-Identity"] == asserted[1]
    incoming.reply(486)
    call.expect(486)
    decided = edge.wait_for_events(call.call_id, "decided", "failed")[0]
    assert (decided["caller"], decided["withheld"]) == ("+33155555555", privacy is not None)


LINES = {
    "no-colon": b"Garbage line",
    "space-in-name": b"X Foo: bar",
    "no-name": b": bar",
    "control": b"X\x01Foo: bar",
    "nul": b"X\x00Foo: bar",
    "not-utf-8": b"\xff\xfe\xfd",
    "non-ascii-name": "X-Fôo: bar".encode(),
    "quotes": b'"X": bar',
    "one-word": b"Garbage",
    "nul-in-value": b"X-Foo: a\x00b",
    "cr-in-value": b"X-Foo: a\rGarbage: b",
    "cr-at-the-end": b"X-Foo: a\r",
    "long": b"G" * 20_000,
}


def with_line(call: Call, after: str, line: bytes) -> bytes:
    """Return the call's INVITE with one more line behind the header `after`."""
    head, _, rest = call.invite.encode().partition(f"\r\n{after}".encode())
    value, _, rest = rest.partition(b"\r\n")
    return head + f"\r\n{after}".encode() + value + b"\r\n" + line + b"\r\n" + rest


@pytest.mark.parametrize("name", LINES)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_line_that_is_no_header_costs_no_call(edge: EdgeNode, trunk: Phone, name: str, transport: str) -> None:
    """It is dropped, wherever nothing that is needed comes after it; else the call gets 400 and a record."""
    edge.put(NUMBER, target=TARGET)
    with Phone(transport) as carrier:
        call = Call(carrier, edge.address, NUMBER)
        carrier.send(with_line(call, "Content-Type", LINES[name]), edge.address)
        incoming = Incoming.wait(trunk)
        assert not [key for key, _ in incoming.invite.headers if "Foo" in key or "Garbage" in key]
        assert incoming.invite.body == call.invite.body
        incoming.reply(486)
        call.expect(486)
        edge.wait_for_events(call.call_id, "decided", "failed")
        early = Call(carrier, edge.address, NUMBER)
        carrier.send(with_line(early, "Via", LINES[name]), edge.address)
        early.expect(400)
        (decided,) = edge.wait_for_events(early.call_id, "decided")
        assert (decided["reason"], decided["status"], decided["called"]) == ("malformed", 400, NUMBER)
        assert (decided["caller"], decided["key"]["cseq"]) == ("+33612345678", 1)


def test_a_line_that_is_no_header_costs_no_answer(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """Nor a BYE."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    answer = incoming.invite.answer(200, tag=incoming.tag, headers=[("Contact", incoming.contact)], body=SDP)
    trunk.send(answer.encode().replace(b"\r\nContent-Length", b"\r\nGarbage line\r\nContent-Length"), edge.address)
    call.expect(200)
    call.ack()
    trunk.expect("ACK")
    bye = call.request("BYE").encode().replace(b"\r\nContent-Length", b"\r\nX Foo: bar\r\nContent-Length")
    carrier.send(bye, edge.address)
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)
    edge.wait_for_events(call.call_id, "decided", "answered", "hungup")


FORMS = {
    "max-forwards-negative": (b"Max-Forwards: 70", b"Max-Forwards: -1", 400),
    "max-forwards-256": (b"Max-Forwards: 70", b"Max-Forwards: 256", 400),
    "max-forwards-huge": (b"Max-Forwards: 70", b"Max-Forwards: 99999999999999999999", 400),
    "max-forwards-word": (b"Max-Forwards: 70", b"Max-Forwards: seventy", 400),
    "max-forwards-empty": (b"Max-Forwards: 70", b"Max-Forwards:", 400),
    "max-forwards-0": (b"Max-Forwards: 70", b"Max-Forwards: 0", 483),
    "sips": (b"INVITE sip:", b"INVITE sips:", 416),
    "http": (b"INVITE sip:", b"INVITE http:", 416),
    "proxy-require": (b"CSeq:", b"Proxy-Require: privacy, foo, \xe9\r\nCSeq:", 420),
    "version": (b" SIP/2.0\r\nVia", b" SIP/7.0\r\nVia", 505),
    "start-line": (b" SIP/2.0\r\nVia", b" SIPX/2.0\r\nVia", 400),
    "no-from": (b"From:", b"X-From:", 400),
    "no-to": (b"To:", b"X-To:", 400),
    "no-cseq": (b"CSeq:", b"X-CSeq:", 400),
    "no-via": (b"Via:", b"X-Via:", 400),
    "bad-from": (b"From: ", b"From: <<", 400),
    "bad-to": (b"To: ", b"To: <<", 400),
    "bad-via": (b"Via: SIP/2.0/UDP", b"Via: nonsense", 400),
    "second-via-bad": (b"Max-Forwards", b"Via: garbage\r\nMax-Forwards", 400),
    "two-froms": (b"CSeq:", b"From: <sip:b@c>;tag=2\r\nCSeq:", 400),
    "two-compact": (b"CSeq:", b"f: <sip:b@c>;tag=2\r\nCSeq:", 400),
    "two-max-forwards": (b"CSeq:", b"max-forwards: 9\r\nCSeq:", 400),
    "two-call-ids": (b"CSeq:", b"Call-ID: other\r\nCSeq:", 400),
    "two-tags": (b"\r\nCall-ID:", b";tag;tag=abc\r\nCall-ID:", 400),
    "cseq-too-big": (b"CSeq: 1 ", b"CSeq: 2147483648 ", 400),
    "cseq-huge": (b"CSeq: 1 ", b"CSeq: 999999999999999999999 ", 400),
    "cseq-method": (b"CSeq: 1 INVITE", b"CSeq: 1 BYE", 400),
    "length": (b"Content-Length: ", b"Content-Length: -", 400),
    "no-end": (b"\r\n\r\n", b"\r\n", 400),
    "authorization": (b"CSeq:", b"Authorization: garbage\r\nCSeq:", 400),
    "folded-start-line": (b" SIP/2.0\r\n", b" SIP/2.0\r\n folded\r\n", 400),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_is_refused_for_its_form_is_answered_and_recorded(edge: EdgeNode, trunk: Phone, name: str) -> None:
    edge.put(NUMBER, target=TARGET)
    good, bad, status = FORMS[name]
    with Phone() as carrier:
        call = Call(carrier, edge.address, NUMBER)
        message = call.invite.encode()
        assert good in message
        carrier.send(message.replace(good, bad, 1), edge.address)
        answer = carrier.expect(status)
        assert answer["Call-ID"] == call.call_id
        assert name in ("no-to", "two-tags") or ";tag=" in answer["To"]
        assert name != "proxy-require" or answer["Unsupported"] == "foo"
        (decided,) = edge.wait_for_events(call.call_id, "decided")[:1] if name != "two-tags" else [{"status": 400}]
        assert decided["status"] == status
        # The same again gets the same tag, as a server without memory has to (RFC 3261 §8.2.7).
        carrier.send(message.replace(good, bad, 1), edge.address)
        assert carrier.expect(status).get("To") == answer.get("To")
        trunk.expect_silence(0.05)


def test_what_cannot_be_read_keeps_its_caller_secret(edge: EdgeNode) -> None:
    for privacy in ("id", "none"):
        with Phone() as carrier:
            call = Call(carrier, edge.address, NUMBER, "+33140000001", headers=[("Privacy", privacy)])
            carrier.send(call.invite.encode().replace(b"Max-Forwards: 70", b"Max-Forwards: -1"), edge.address)
            carrier.expect(400)
            (decided,) = edge.wait_for_events(call.call_id, "decided")
        assert (decided["caller"], decided["withheld"]) == ("+33140000001", privacy == "id")


def test_a_call_without_a_name_is_answered(edge: EdgeNode, carrier: Phone) -> None:
    caller = "+33140000077"
    call = Call(carrier, edge.address, NUMBER, caller)
    carrier.send(call.invite.encode().replace(b"Call-ID:", b"X-Call-ID:"), edge.address)
    carrier.expect(400)
    # Calls of other tests may end meanwhile.
    assert not [line for line in edge.lines() if caller.encode() in line]


def test_nobody_is_answered_for_an_ack_or_an_answer(edge: EdgeNode, carrier: Phone) -> None:
    call = Call(carrier, edge.address, NUMBER)
    invite = call.invite.encode()
    carrier.send(invite.replace(b"INVITE", b"ACK").replace(b"From:", b"X-From:"), edge.address)
    carrier.send(
        invite.replace(invite.split(b"\r\n")[0], b"SIP/2.0 200 OK").replace(b"From:", b"X-From:"), edge.address
    )
    carrier.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", edge.address)
    carrier.expect_silence(0.3)


def test_privacy_may_be_required(edge: EdgeNode, carrier: Phone, trunk: Phone) -> None:
    """RFC 3323 §5: a proxy that understands it says so by not refusing it."""
    edge.put(NUMBER, target=TARGET)
    headers = [("Proxy-Require", "privacy"), ("Privacy", "id")]
    call = Call(carrier, edge.address, NUMBER, headers=headers).start()
    incoming = Incoming.wait(trunk)
    assert incoming.invite["Privacy"] == "id"
    incoming.reply(486)
    call.expect(486)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Own]:
    """Run an edge whose trunk may be marked as down, which the other tests must not notice."""
    with Phone() as gateway, EdgeNode(tmp_path, [OutboundTrunk("main", gateway.uri)]) as node:
        yield node, gateway


@pytest.mark.parametrize("status", [404, 486, 503])
def test_the_same_invite_after_the_final_answer_is_a_new_attempt(own: Own, carrier: Phone, status: int) -> None:
    """RFC 3261 §8.2.2.2 is about ongoing transactions only; while the first one lasts a copy gets 482."""
    edge, trunk = own
    edge.put(NUMBER, target=TARGET)
    first = Call(carrier, edge.address, "+33199009999" if status == 404 else NUMBER).start()
    if status != 404:
        incoming = Incoming.wait(trunk)
        copied = again(first, carrier)
        copied.start().expect(482)
        incoming.reply(status)
    first.expect(status)
    second = again(first, carrier)
    second.invite.start_line = f"INVITE sip:{NUMBER}@{edge.address[0]} SIP/2.0"
    second.start()
    incoming = Incoming.wait(trunk)
    incoming.reply(200, body=SDP)
    second.expect(200)
    second.ack()
    trunk.expect("ACK")
    second.send("BYE")
    incoming.answer(trunk.expect("BYE"))
    carrier.expect(200)


def again(call: Call, phone: Phone) -> Call:
    """Return the same call by another way: only the branch differs."""
    copy = Call(phone, call.edge, NUMBER)
    copy.call_id, copy.tag = call.call_id, call.tag
    copy.invite.headers = [("Via", phone.via()), *call.invite.headers[1:]]
    copy.invite.start_line = call.invite.start_line
    return copy


def test_a_503_of_the_only_trunk_is_ours(own: Own, carrier: Phone) -> None:
    """The caller gets 503 with cause 38, and the record says just that."""
    edge, trunk = own
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    incoming.reply(503, headers=[("Reason", "Q.850;cause=42"), ("Retry-After", "3600")])
    answer = call.expect(503)
    assert answer["Reason"] == "Q.850;cause=38"
    assert answer.get("Retry-After") is None
    failed = edge.wait_for_events(call.call_id, "decided", "failed")[1]
    assert (failed["status"], failed["cause"], failed["by"], failed["trunk"]) == (503, 38, "edge", "main")


def test_what_does_not_parse_fills_no_disk(own: Own, carrier: Phone) -> None:
    """Two hundred requests of 60 kB, each of which Kamailio's parser repeats in its log."""
    node, _ = own
    before = len(node.logged())
    for number in range(200):
        call = Call(carrier, node.address, NUMBER, headers=[("Route", f"<<{'Y' * 59_000}")])
        odd = f"<sip:a@b>;tag=t{number}"
        call.invite.headers[:] = [(name, odd if name == "To" else value) for name, value in call.invite.headers]
        call.start()
        # Each is waited for, as the socket's buffer holds few of them.
        with Phone() as phone:
            options(phone, node.address, 10)
    written = node.logged()[before:]
    assert len(written) > 1_000_000, "the parser does not repeat it any more: find another fault"
    repetitions = BoundedLines(time.monotonic)
    lines = filter(None, map(parse_log_line, written.splitlines()))
    assert sum(len(each.text) for line in lines for each in repetitions.filter(line)) < 64 * 1024
