"""A scanner that is not a trunk gets not one packet, many of them cost no memory, and peers keep their service."""

import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from renvoi.domain.repetitions import AT_ONCE
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk, parse_network
from renvoi.edge.kamailio.log_line import BoundedLines, LogLine, parse_log_line
from renvoi.edge.kamailio.render import STRANGER_TCP_S
from tests.support.edge import EdgeNode
from tests.support.ports import bind_unused
from tests.support.sip import Call, Incoming, Phone, options
from tests.support.waiting import BESIDE_S, wait_for, wait_for_reader

NUMBER, TARGET = "+33199001234", "+33612345678"
STRANGER, VICTIM = "127.0.0.2", "127.0.0.3"
CARRIER = InboundTrunk("carrier", (parse_network("127.0.0.1/32"), parse_network("127.0.0.8/32")))
SOURCES, AT_A_TIME = 10_000, 16
"""How many addresses a flood comes from, and after how many it looks whether the edge comes after it."""
METHODS = ["OPTIONS", "REGISTER", "INVITE", "SUBSCRIBE", "PUBLISH", "MESSAGE", "NOTIFY", "REFER", "INFO", "UPDATE"]
METHODS += ["PRACK", "ACK", "BYE", "CANCEL", "DANCE"]
AGENTS = ("friendly-scanner", "sipvicious", "sipcli/v1.8", "Zoiper v2", "pplsip", "VaxSIPUserAgent/3.1")
TLS_HELLO = bytes.fromhex("16030100a5010000a10303") + bytes(64) + b"\x00\x02\x00\x2f\x01\x00" + bytes(80)
STUN = bytes.fromhex("000100002112a442") + bytes(12)
HEP = b"HEP3\x00\x40" + bytes(58)
PIECES = (
    TLS_HELLO,
    STUN,
    HEP,
    b"\r\n\r\n",
    b"\r\n\r\n\r\n\r\n",
    b"\xff" * 999,
    b"O",
    b"OPTIONS sip:x SIP/2.0\r\nX: y\r\n",
)
"""What a reader of TCP waits for more after."""
SHORTEST = 32
"""Bytes of a datagram that Kamailio takes for more than a keep-alive."""


def request(method: str, transport: str, agent: str = AGENTS[0], *, more: str = "", tag: str = "") -> bytes:
    """Write a request as scanners do; the address in its Via is not its own."""
    head = f"{method} sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} {VICTIM}:5060;branch=z9hG4bK-1;rport\r\n"
    head += f'From: "100" <sip:100@1.1.1.1>;tag=6433\r\nTo: "100" <sip:100@1.1.1.1>{tag}\r\nCall-ID: {method}{tag}\r\n'
    head += f"CSeq: 1 {method}\r\nContact: <sip:100@{VICTIM}:5060>\r\nUser-Agent: {agent}\r\nMax-Forwards: 70\r\n"
    return f"{head}{more}Content-Length: 0\r\n\r\n".encode()


def answer(status: int, method: str, transport: str) -> bytes:
    """Write an answer to nothing, whose second Via is another's address."""
    vias = (
        f"Via: SIP/2.0/{transport} 127.0.0.1:5060;branch=z9hG4bK1\r\nVia: SIP/2.0/UDP {VICTIM}:5060;branch=z9hG4bK2\r\n"
    )
    parties = "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: none\r\n"
    rest = f"{parties}CSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    return f"SIP/2.0 {status} Any\r\n{vias}{rest}".encode()


def repertoire(transport: str) -> list[bytes]:
    """Return everything that a scanner may try."""
    credentials = 'Authorization: Digest username="100", realm="x", nonce="1", uri="sip:x", response="0"\r\n'
    said = [request(method, transport, tag=tag) for method in METHODS for tag in ("", ";tag=1")]
    said += [request("OPTIONS", transport, agent) for agent in AGENTS]
    said += [request("REGISTER", transport, more=more) for more in (credentials, f"Proxy-{credentials}")]
    said += [request("INVITE", transport, more=f"Route: <sip:{VICTIM};lr>\r\n"), request("OPTIONS", "WSS")]
    said += [request("OPTIONS", transport).replace(b"SIP/2.0\r\n", b"SIP/3.0\r\n", 1)]
    said += [
        request("INVITE", transport, more=more) for more in ("CSeq: x\r\n", "Require: x\r\n", "Proxy-Require: x\r\n")
    ]
    said += [answer(status, method, transport) for status in (100, 183, 200, 401, 503) for method in ("INVITE", "BYE")]
    return [*said, *PIECES, b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n"]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Phone]:
    with Phone() as phone:
        yield phone


@pytest.fixture(scope="module")
def node(gateway: Phone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeNode]:
    trunks = [OutboundTrunk("main", gateway.uri)]
    with EdgeNode(tmp_path_factory.mktemp("scanners"), trunks, [CARRIER]) as made:
        made.put(NUMBER, target=TARGET)
        yield made


def is_quiet(*sockets: socket.socket) -> bool:
    """Tell whether nothing has arrived."""
    return not select.select(sockets, [], [], 0)[0]


def test_a_scanner_gets_not_one_packet_by_udp(node: EdgeNode, carrier: Phone) -> None:
    """Nor does whoever stands in its Via, Contact or Route."""
    before, said = node.statistics()["refused_sources"], len(node.logged())
    with ExitStack() as stack:
        stranger, victim = (stack.enter_context(socket.socket(type=socket.SOCK_DGRAM)) for _ in range(2))
        bind_unused(stranger, STRANGER)
        victim.bind((VICTIM, 5060))
        tries = repertoire("UDP")
        for data in tries:
            stranger.sendto(data, node.address)
        counted = sum(len(data) >= SHORTEST for data in tries)
        wait_for(lambda: node.statistics()["refused_sources"] == before + counted, "all to be dropped")
        assert options(carrier, node.address).status == 200
        assert is_quiet(stranger, victim)
    assert len(node.logged()) == said


def test_a_scanner_gets_not_one_byte_by_tcp(node: EdgeNode) -> None:
    """Whatever it says, its connection is closed; the test below is about those that say nothing whole."""
    said = len(node.logged())
    with ExitStack() as stack:
        victim = stack.enter_context(socket.socket(type=socket.SOCK_DGRAM))
        victim.bind((VICTIM, 5060))
        for data in repertoire("TCP"):
            if data not in PIECES:
                assert_closed(stack.enter_context(connect(node, STRANGER, data)))
        assert is_quiet(victim)
    # Kamailio repeats what has no length, which the supervisor bounds.
    assert len(bounded(node.logged()[said:])) <= 2 * AT_ONCE


def connect(node: EdgeNode, host: str, data: bytes) -> socket.socket:
    """Connect from that address and say something."""
    stream = socket.create_connection(node.address, 5, source_address=(host, 0))
    with suppress(ConnectionError):
        stream.sendall(data)
    return stream


def hears(node: EdgeNode, transport: str) -> bool:
    """Tell whether a peer that asks now is answered."""
    with suppress(OSError), Phone(transport) as phone:
        return options(phone, node.address, 1).status == 200
    return False


def assert_closed(stream: socket.socket) -> None:
    """Check that the edge closes a connection without a word."""
    stream.settimeout(4 * STRANGER_TCP_S)
    with suppress(ConnectionResetError):
        assert stream.recv(100) == b""


def bounded(log: str) -> list[LogLine]:
    """Return what the supervisor logs of Kamailio's lines, if all came within a minute."""
    lines = BoundedLines(lambda: 0.0)
    return [each for line in map(parse_log_line, log.splitlines()) if line is not None for each in lines.filter(line)]


def test_connections_of_strangers_do_not_keep_peers_out(node: EdgeNode, trunk: Phone) -> None:
    """Who has all places holds them for some seconds; a peer keeps its connection however long a call rings."""
    places, said = 128, len(node.logged())
    with ExitStack() as stack:
        peer = stack.enter_context(Phone("tcp"))
        assert options(peer, node.address).status == 200
        call = Call(peer, node.address, NUMBER).start()
        incoming = Incoming.wait(trunk)
        incoming.reply(180)
        call.expect(180)
        pieces = (b"", *PIECES)
        streams = [
            stack.enter_context(connect(node, f"127.9.0.{number + 1}", pieces[number % len(pieces)]))
            for number in range(places + 20)
        ]
        # Kamailio takes them in its own time.
        wait_for(lambda: node.tcp_connections() > places // 2, "the strangers to have most places")
        wait_for(lambda: hears(node, "tcp"), "a new connection of a peer to be taken", 4 * STRANGER_TCP_S)
        for stream in streams:
            assert_closed(stream)
        incoming.reply(486)
        call.expect(486)
    assert len(bounded(node.logged()[said:])) <= 2 * AT_ONCE


class Flood:
    """Sends what scanners do from ten thousand addresses until it is told to end, each of them once a turn.

    It is as quick as the edge, and no quicker: who asks for a call does not ask again in these tests.
    """

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)
        self.turns = 0.0
        self.sent = 0

    def __enter__(self) -> "Flood":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _send(self) -> None:
        said = repertoire("UDP")
        while not self._ended.is_set():
            for number in range(SOURCES):
                if number % AT_A_TIME == 0:
                    wait_for_reader(self._target[1])
                with socket.socket(type=socket.SOCK_DGRAM) as stranger:
                    stranger.bind((f"127.77.{number >> 8}.{number & 255}", 0))
                    stranger.sendto(said[number % len(said)], self._target)
                self.sent += 1
                if self._ended.is_set() and self.turns >= 1:
                    return
            self.turns += 1


def place_calls(node: EdgeNode, trunk: Phone, enough: "Flood") -> list[float]:
    """Place calls one after the other until the flood has come by; return how long each took to be answered."""
    took: list[float] = []

    def is_due() -> bool:
        # A call takes memory until 5 s after its end, so a peer that calls as quickly as it can is refused for that.
        return enough.sent >= min(len(took) * AT_A_TIME, SOURCES)

    with Phone() as carrier:
        while not took or enough.turns < 1:
            wait_for(is_due, "the flood to go on", 60)
            began = time.monotonic()
            call = Call(carrier, node.address, NUMBER).start()
            Incoming.wait(trunk).reply(486)
            call.expect(486)
            took.append(time.monotonic() - began)
    return took


def test_ten_thousand_sources_at_once(node: EdgeNode, trunk: Phone) -> None:
    """A peer's calls go through in time; memory and log do not grow with the number of strangers."""
    before, said = node.statistics(), len(node.logged())
    with Flood(node.address) as flood:
        wait_for(lambda: flood.turns >= 1, "all to have come", 60)
    after = node.statistics()
    assert after["refused_sources"] >= before["refused_sources"] + SOURCES / 2
    assert after["used_size"] < before["used_size"] + 200_000
    with Flood(node.address) as flood:
        took = sorted(place_calls(node, trunk, flood))
    assert took[-1] < 4 + BESIDE_S / 2
    assert node.logged()[said:].count("\n") <= 2


def test_ten_thousand_sources_that_are_answered(tmp_path: Path) -> None:
    """Where the operator wants them answered, what is kept of them is bounded too, and soon forgotten."""
    with EdgeNode(tmp_path, [], [CARRIER], answer_strangers=True) as node:
        before, said = node.statistics(), len(node.logged())
        with Flood(node.address) as flood:
            wait_for(lambda: flood.turns >= 1, "all to have come", 60)
        wait_for(lambda: hears(node, "udp"), "a peer to be answered")
        assert node.statistics()["used_size"] < before["used_size"] + 8 * 1024 * 1024
        assert len(bounded(node.logged()[said:])) <= 20 * AT_ONCE
