"""Headers that Kamailio reads before it routes a message: one that it cannot read must not mean silence.

Kamailio drops a message of which it cannot read Via, To, CSeq or what stands between them, and says so to nobody.
"""

import random
from collections.abc import Callable

import pytest

from renvoi.domain.name_addr import tag_of
from tests.support.edge import EdgeNode
from tests.support.sip import Call, Incoming, Phone
from tests.support.sip_message import SipMessage

NUMBER, TARGET = "+33199001234", "+33612345678"
TO = f"<sip:{NUMBER}@x>"
MALFORMED = {
    "to-parameter-missing": ("To", f"{TO};"),
    "to-parameter-without-name": ("To", f"{TO};=x"),
    "to-text-behind": ("To", f"{TO} text"),
    "to-list": ("To", f"{TO}, <sip:c@d>"),
    "to-open-quote": ("To", f'{TO};x="a'),
    "to-two-equals": ("To", f"{TO};x=a=b"),
    "to-nul": ("To", f"{TO};x=\0"),
    "to-folded-name": ("To", f'"a\r\n b" {TO}'),
    "to-empty": ("To", ""),
    "cseq-folded": ("CSeq", "1\r\n INVITE"),
    "cseq-text-behind": ("CSeq", "1 INVITE x"),
    "cseq-in-one": ("CSeq", "1INVITE"),
    "second-via-port": ("Via", "SIP/2.0/UDP h:abc;branch=z9hG4bKx"),
    "second-via-address": ("Via", "SIP/2.0/UDP [::;branch=z9hG4bKx"),
    "second-via-parameter": ("Via", "SIP/2.0/UDP h;;branch=z9hG4bKx"),
    "second-via-comma": ("Via", "SIP/2.0/UDP h;branch=z9hG4bKx,"),
    "second-via-branch": ("Via", "SIP/2.0/UDP h;branch="),
    "second-via-escape": ("Via", 'SIP/2.0/UDP h;branch=z9hG4bKx;x="a\\"b"'),
    "second-via-alias": ("Via", "SIP/2.0/UDP h;alias=x"),
    "second-via-a": ("Via", "SIP/2.0/UDP h;a=b"),
    "second-via-ali": ("Via", "SIP/2.0/UDP h;ali"),
    "many-to-parameters": ("To", TO + ";p=b" * 12_000),
    "many-via-parameters": ("Via", "SIP/2.0/UDP h" + ";p=b" * 12_000),
    "many-vias": ("Via", ",".join(["SIP/2.0/UDP h"] * 3_500)),
    "many-via-lines": ("Via", "\r\nv: ".join(["SIP/2.0/UDP h"] * 600)),
    "folded-colon": ("X-Any\r\n ", "a"),
    "early-retry-after": ("Retry-After", "soon"),
}
READ = {
    "to-escape": ("To", f'"a\\"b" {TO}'),
    "to-backslash": ("To", f'"a\\\\" {TO}'),
    "to-folded": ("To", f"\r\n A B\r\n {TO}\r\n ;x=y"),
    "to-comma": ("To", f"Doe, John {TO}"),
    "from-escape": ("From", '"O\\"Neil \\\\" <sip:a@x>;tag=t'),
    "from-quoted-parameter": ("From", '<sip:a@x>;x="a;tag=z" ; tag = t'),
    "second-via-spaces": ("Via", "SIP / 2.0 / UDP h : 5060 ; branch=z9hG4bKx"),
    "second-via-list": ("Via", "SIP/2.0/UDP h;rport;branch=z9hG4bKx , SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKy"),
    "sixty-vias": ("Via", ",".join(["SIP/2.0/UDP h;rport"] * 60)),
    "second-via-comment": ("Via", "SIP/2.0/UDP h (here)"),
    "late-folded-colon": ("X-Late\r\n ", "a"),
    "late-retry-after": ("Retry-After", "-1"),
}


def written(message: SipMessage, name: str, value: str) -> bytes:
    """Return a message with another value of a header that it has, or with one more header."""
    headers = list(message.headers)
    if name in ("From", "To", "CSeq"):
        headers = [(key, value if key == name else other) for key, other in headers]
    else:
        headers.insert(len(headers) - 1 if name.startswith("X-Late") or value == "-1" else 1, (name, value))
    return SipMessage(message.start_line, headers, message.body).encode()


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_what_kamailio_cannot_read_is_refused_with_a_record(
    edge: EdgeNode, trunk: Phone, name: str, transport: str
) -> None:
    edge.put(NUMBER, target=TARGET)
    with Phone(transport) as carrier:
        call = Call(carrier, edge.address, NUMBER)
        carrier.send(written(call.invite, *MALFORMED[name]), edge.address)
        carrier.expect(400)
    (decided,) = edge.wait_for_events(call.call_id, "decided")
    assert (decided["reason"], decided["status"], decided["called"]) == ("malformed", 400, NUMBER)
    trunk.expect_silence(0)


@pytest.mark.parametrize("name", READ)
def test_what_kamailio_can_read_is_a_call(edge: EdgeNode, carrier: Phone, trunk: Phone, name: str) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER)
    carrier.send(written(call.invite, *READ[name]), edge.address)
    Incoming.wait(trunk).reply(486)
    call.expect(486)
    edge.wait_for_events(call.call_id, "decided", "failed")


@pytest.mark.parametrize("before", [b"\r\n\r\n", b"\0", b" ", b"\r\n\t\0\r\n"])
def test_what_stands_before_a_message_is_not_sent_on(
    edge: EdgeNode, carrier: Phone, trunk: Phone, before: bytes
) -> None:
    """A trunk that cannot read the call would not answer it, and be taken to be down."""
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER)
    carrier.send(before + call.invite.encode(), edge.address)
    incoming = Incoming.wait(trunk)
    assert incoming.invite.start_line.startswith("INVITE ")
    incoming.reply(486)
    call.expect(486)


@pytest.mark.parametrize("value", ["soon", "", "-1", "99999999999", "1.5", "120 (a meeting)", "18000;duration=3600"])
def test_a_retry_after_of_any_form_costs_no_answer(edge: EdgeNode, carrier: Phone, trunk: Phone, value: str) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER).start()
    incoming = Incoming.wait(trunk)
    answer = incoming.invite.answer(486, tag="busy", headers=[("Retry-After", value)])
    trunk.send(answer, edge.address)
    call.expect(486)
    trunk.expect("ACK")
    edge.wait_for_events(call.call_id, "decided", "failed")


@pytest.mark.parametrize(
    ("values", "unsupported"),
    [
        (["Privacy"], None),
        (["PRIVACY, privacy"], None),
        (["privacy", "Privacy"], None),
        ([""], None),
        (["privacy,"], None),
        (["privacyprivacy"], "privacyprivacy"),
        (["privacy", "foo"], "foo"),
    ],
)
def test_option_tags_are_the_same_in_capitals(
    edge: EdgeNode, carrier: Phone, trunk: Phone, values: list[str], unsupported: str | None
) -> None:
    edge.put(NUMBER, target=TARGET)
    call = Call(carrier, edge.address, NUMBER, headers=[("Proxy-Require", value) for value in values]).start()
    if unsupported is None:
        Incoming.wait(trunk).reply(486)
        call.expect(486)
    else:
        assert call.expect(420)["Unsupported"] == unsupported


TAGS = {
    '"a\\";tag=q" <sip:p@y>': "",
    '"a\\\\\\"<sip:x@y>;tag=q" <sip:p@y>': "",
    '"<sip:x@y>;tag=q" <sip:p@y>': "",
    "<sip:p@y;tag=u>": "",
    "<sip:p@y?tag=u>": "",
    '<sip:p@y>;x=";tag=z"': "",
    "<sip:p@y>;x=tag": "",
    "tag=1 <sip:p@y>;tagx=2": "",
    '"a\\\\" <sip:p@y>;tag=t': "t",
    '<sip:p@y>;x=";tag=z";TAG = t': "t",
    "sip:p@y;x=y;tag=t": "t",
    "<sip:p@y>\r\n ;tag=t": "t",
}


@pytest.mark.parametrize("to", TAGS)
def test_kamailio_and_the_worker_read_tags_alike(edge: EdgeNode, carrier: Phone, to: str) -> None:
    """What one takes for a new call must not be inside a call for the other."""
    assert tag_of(to.replace("\r\n", "")) == TAGS[to]
    call = Call(carrier, edge.address, "+33199009999")
    carrier.send(written(call.invite, "To", to), edge.address)
    assert call.expect(481 if TAGS[to] else 404)["Call-ID"] == call.call_id


_PARAMETERS = (
    "a", "tag=x", "tag=", "=x", "", "x = y", 'x="q"', 'x="', 'x="a\\"b"', "x=a=b", "x=<a>", "x=a,b", "x=\\a", "x=a b",
    "x=[::1]", "received=", "rport", "rport=", "rport=abc", "branch=", "branch", "maddr", "ttl", "ttl=5", "i", "comp",
    "(c)", "x=(c)", "x='", "x=\x01", "x=\0",
)  # fmt: skip
_BETWEEN = (";", ";", " ; ", ";\t", ";;", "; ;", ";\r\n ", "\r\n ;")
_NAMES = (
    "", "", '"A" ', '"A"', '"a\\"b" ', "A B ", '"A" B ', '"a,b" ', '"<x>" ', '"a\r\n b" ', "A\r\n ", "A;B ", "A,B ",
    "(c) ", '"a', "\\A ",
)  # fmt: skip
_URIS = ("sip:a@b", "sip:b", "sip:a@b:x", "*", "", "sip:", "a b", "sip:a>b", "sip:a<b", 'sip:"x"@b', "sip:a\\@b")
_HOSTS = ("h", "h", "[::1]", "[::", "h:5060", "h :5060", "h: 5060", "h:", "h:abc", "h:-1", "::1", "h (c)", "h x", "")
_PROTOCOLS = ("SIP/2.0/UDP", "SIP/2.0/UDP", "SIP / 2.0 / TCP",
              "SIP/2.0/", "SIP/3.0/UDP", "SIP/\r\n 2.0/UDP", "sip/2.0/x")  # fmt: skip
_ENDS = ("", "", "", " ", ",", ", ", "x", " x", "\r\n ")
_SEQUENCES = ("1 OPTIONS", "1\tOPTIONS", "1\r\n OPTIONS", "\r\n 1 OPTIONS", "1 OPTIONS\r\n ", "1 OPTIONS x", "1OPTIONS",
              "-1 OPTIONS", "4294967295 OPTIONS", "99999999999 OPTIONS", "1 OPTIONS;x")  # fmt: skip
_OTHERS = ("Retry-After", "Expires", "Date", "Event", "Contact", "Route", "Record-Route", "Session-Expires", "RAck",
           "Proxy-Authorization", "Content-Type", "Identity", "Refer-To", "k", "m", "y", "Allow\r\n ", "X\x01",
           " X")  # fmt: skip
_VALUES = ("", "x", "-1", "99999999999", "1;x", ";", "<", '"', "\\", "*", ",", "(", "x\r\n y", "\r\n", "\x7f")


def _parameters(dice: random.Random) -> str:
    return "".join(dice.choice(_BETWEEN) + dice.choice(_PARAMETERS) for _ in range(dice.choice((0, 0, 1, 1, 2, 3))))


def _name_addr(dice: random.Random) -> str:
    uri = dice.choice(_URIS)
    where = f"{dice.choice(_NAMES)}<{uri}>" if dice.random() < 0.75 else uri
    return where + _parameters(dice) + dice.choice(_ENDS)


def _via(dice: random.Random) -> str:
    return f"{dice.choice(_PROTOCOLS)} {dice.choice(_HOSTS)}{_parameters(dice)}{dice.choice(_ENDS)}"


KINDS: list[Callable[[random.Random], tuple[str, str]]] = [
    lambda dice: ("To", _name_addr(dice)),
    lambda dice: ("From", _name_addr(dice)),
    lambda dice: ("Via", _via(dice)),
    lambda dice: ("Via", f"{_via(dice)},{_via(dice)}"),
    lambda dice: ("CSeq", dice.choice(_SEQUENCES)),
    lambda dice: (dice.choice(_OTHERS), dice.choice(_VALUES)),
]


@pytest.mark.parametrize("seed", range(4))
def test_every_request_is_answered_whatever_is_in_its_headers(edge: EdgeNode, carrier: Phone, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(250):
        name, value = dice.choice(KINDS)(dice)
        headers = [
            ("Via", carrier.via()),
            ("From", f"<sip:a@b>;tag={number}"),
            ("To", "<sip:c@d>"),
            ("Call-ID", f"needed-{seed}-{number}"),
            ("CSeq", "1 OPTIONS"),
            ("Content-Length", "0"),
        ]
        asked = written(SipMessage(f"OPTIONS sip:x@{edge.address[0]} SIP/2.0", headers), name, value)
        carrier.send(asked, edge.address)
        try:
            answer = carrier.receive()
        except TimeoutError:
            pytest.fail(f"no answer to {asked!r}")
        assert answer.status in (200, 400, 420, 481)
