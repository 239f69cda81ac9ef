"""Properties of the voicemail's user agent, on datagrams and sequences that nobody would think of."""

from dataclasses import dataclass

import sipmessage
from hypothesis import given, settings
from hypothesis import strategies as st

from renvoi.voicemail.sip.endpoint import Invited
from renvoi.voicemail.sip.message import split
from renvoi.voicemail.sip.sdp import LocalMedia, NotAcceptable, SdpInvalid, SessionDescription, negotiate
from tests.support.sip_message import SipMessage
from tests.support.sip_peer import ANSWER, SDP, AgentHarness, Caller, follow_up

LONGEST_S = 200.0
"""After this time nothing of a call is left, once both sides are done with it."""
FRAGMENTS = (
    *(b"\r\n\r\n", b"\r\n", b"\n", b"\r", b"\0", b",", b";", b":", b'"', b"\\", b"<", b">", b" ", b"\t", b"=", b"@"),
    *(
        b"-1",
        b"99999999999",
        b"\xff",
        b"\xc3\xa9",
        b"Via: ",
        b"v:",
        b"To: ",
        b"t: x\r\n",
        b"Contact: *\r\n",
        b"SIP/2.0",
    ),
    *(b"INVITE", b"CSeq: 1 ACK\r\n", b"Require: x\r\n", b"Session-Expires: 9;refresher=\r\n", b"l: 3\r\n", b";rport"),
    *(
        b"Content-Type: multipart/mixed;boundary=-\r\n",
        b"Record-Route: <<,>,\r\n",
        b"m=audio 1 RTP/AVP 8",
        b"c=IN IP4 ",
    ),
    *(b"a=rtpmap:8 ", b";branch=", b";tag="),
)
mutations = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=8))),
    max_size=6,
)


def is_over(desk: AgentHarness) -> bool:
    """End every call from our side, let time pass, and say whether nothing is left."""
    for call in range(1, 100):
        desk.agent.hang_up(call, desk.now)
    desk.wait(LONGEST_S)
    return desk.agent.idle and desk.agent.next_timer() is None


def mutate(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Replace some bytes at each place, given as a share of the length, by others."""
    for place, length, others in changes:
        start = int(place * len(data))
        data = data[:start] + others + data[start + length :]
    return data


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_survived(data: bytes, in_headers: bool) -> None:
    desk = AgentHarness()
    desk.send(b"INVITE sip:a SIP/2.0\r\nVia: " + data if in_headers else data)
    assert is_over(desk)


@settings(max_examples=300)
@given(st.sampled_from(["INVITE", "BYE", "CANCEL", "ACK", "UPDATE", "OPTIONS", "200"]), mutations)
def test_any_mutation_of_a_message_is_survived(kind: str, changes: list[tuple[float, int, bytes]]) -> None:
    desk, caller = AgentHarness(), Caller()
    invite = caller.invite([("Record-Route", "<sip:edge;lr>"), ("Supported", "timer"), ("Session-Expires", "90")])
    if kind in ("INVITE", "CANCEL"):
        message = invite if kind == "INVITE" else follow_up(kind, invite)
    else:
        call = desk.call(caller)
        message = caller.request("BYE" if kind == "200" else kind, body=SDP)
    if kind == "200":
        desk.agent.hang_up(call, desk.now)
        message = desk.sent()[0].answer(200)
    if kind == "CANCEL":
        desk.ring(invite)
    for _ in range(2):
        sent = desk.send(mutate(message.encode(), changes))
        assert [each for each in sent if each.status is None] == []
        assert len(sent) <= 2
        for each in desk.events():
            if isinstance(each, Invited):
                desk.agent.accept(each.call, ANSWER, desk.now)
    assert is_over(desk)


@given(mutations)
def test_any_mutation_of_a_description_is_read_or_refused(changes: list[tuple[float, int, bytes]]) -> None:
    try:
        offer = SessionDescription.parse(mutate(SDP.encode(), changes))
        answer = negotiate(offer, LocalMedia("127.0.0.1", 30000, 1)).answer
    except (SdpInvalid, NotAcceptable):
        return
    read = SessionDescription.parse(answer.encode())
    assert [each.kind for each in read.media] == [each.kind for each in offer.media]
    assert [each.port for each in read.media if each.port] == [30000]


@given(
    st.lists(st.sampled_from(['"a,\\""', "<b,c>", "d", ";e", " ", "\\"]), max_size=6).map("".join), st.integers(1, 3)
)
def test_elements_are_split_where_they_were_joined(element: str, times: int) -> None:
    stripped = element.strip()
    assert split(", ".join([stripped] * times)) == ([stripped] * times if stripped else [])


@dataclass(frozen=True)
class Step:
    """What happens next in a call: a request by its method, what the owner does, or time that passes."""

    what: str
    skew: int = 0
    """Added to the CSeq of a request; the number of seconds of a wait."""


REQUESTS = ["INVITE", "OFFERLESS", "UPDATE", "BYE", "PRACK", "OPTIONS", "INFO", "ACK", "CANCEL", "AGAIN", "ANSWER"]
COMMANDS = ["accept", "reject", "accept_bye", "hang_up", "wait"]
steps = st.builds(Step, st.sampled_from(REQUESTS + COMMANDS), st.sampled_from([0, 0, 0, 1, -1, 5, 40]))


class Play:
    """One call in which anything may happen; it keeps what was asked and what was answered."""

    def __init__(self) -> None:
        self.desk, self.caller = AgentHarness(), Caller()
        self.last = self.caller.invite()
        self.asked: set[tuple[str, str]] = set()
        self.answered: set[tuple[str, str]] = set()
        self.bye: SipMessage | None = None
        self.send(self.last)

    def send(self, message: SipMessage) -> None:
        if message.status is None and message.method != "ACK":
            self.last = message
            self.asked.add((message["Via"].split("rport")[0], message["CSeq"]))
        self.note(self.desk.send(message))

    def note(self, sent: list[SipMessage]) -> None:
        for message in sent:
            sipmessage.Message.parse(message.encode())
            if message.status is None:
                self.bye = message
            elif message.status >= 200:
                self.answered.add((message["Via"].split("rport")[0], message["CSeq"]))
                if message.status == 200 and message.method == "INVITE":
                    self.caller.answer = message
        self.desk.events()

    def play(self, step: Step) -> None:
        if step.what in COMMANDS:
            self.command(step)
        else:
            self.request(step)
        self.note(self.desk.sent())

    def command(self, step: Step) -> None:
        agent, now = self.desk.agent, self.desk.now
        match step.what:
            case "accept":
                agent.accept(1, ANSWER, now)
            case "reject":
                agent.reject(1, 488, "Not Acceptable Here", now)
            case "accept_bye":
                agent.accept_bye(1, now)
            case "hang_up":
                agent.hang_up(1, now)
            case "wait":
                self.note([message for _, message in self.desk.wait(abs(step.skew))])

    def request(self, step: Step) -> None:
        caller = self.caller
        match step.what:
            case "AGAIN":
                self.send(self.last)
            case "CANCEL":
                if self.last.method == "INVITE":
                    self.send(follow_up("CANCEL", self.last))
            case "ANSWER":
                if self.bye is not None:
                    self.send(self.bye.answer(200))
            case "ACK":
                if caller.answer is not None:
                    self.send(caller.ack(cseq=max(1, caller.cseq + step.skew)))
            case method if caller.answer is not None:
                body = SDP if method in ("INVITE", "UPDATE") else ""
                cseq = max(0, caller.cseq + 1 + step.skew)
                self.send(caller.request(method.replace("OFFERLESS", "INVITE"), body=body, cseq=cseq))


@settings(max_examples=300)
@given(st.lists(steps, max_size=25))
def test_no_request_stays_without_an_answer_and_no_call_for_ever(happening: list[Step]) -> None:
    play = Play()
    for step in happening:
        play.play(step)
    # A copy of the INVITE that comes after 64·T1 is a call of its own.
    for call in range(1, len(happening) + 2):
        play.desk.agent.hang_up(call, play.desk.now)
    play.note(play.desk.sent())
    play.note([message for _, message in play.desk.wait(LONGEST_S)])
    assert play.asked <= play.answered
    assert play.desk.agent.idle
