"""A caller in memory, and a user agent: SIP without sockets, under a clock that the test moves."""

import itertools
from collections.abc import Iterable

from renvoi.voicemail.sip.agent import UserAgent
from renvoi.voicemail.sip.endpoint import Event, Invited
from tests.support.sip_message import Header, SipMessage, uri_in

AGENT = ("127.0.0.1", 7000)
EDGE = ("127.0.0.1", 5060)
SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
ANSWER = "v=0\r\no=renvoi 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n"


class Caller:
    """Makes the requests of one call, and keeps of its dialog what the 200 told."""

    _numbers = itertools.count(1)

    def __init__(self, **replaced: str) -> None:
        """Begin a call; `replaced` headers of the INVITE, by name with `_` for `-`, empty to leave one out."""
        self.call_id = replaced.get("Call_ID", f"call-{next(self._numbers)}@192.0.2.1")
        self.cseq = 1
        self.branches = itertools.count(1)
        self.headers = {
            "From": '"Alice, of A" <sip:+33612345678@carrier.example>;tag=alice',
            "To": "<sip:+33199001234@carrier.example>",
            "Call-ID": self.call_id,
            "Contact": "<sip:alice@192.0.2.1:5070;transport=tcp>",
        }
        self.extra = {name.replace("_", "-"): value for name, value in replaced.items()}
        self.answer: SipMessage | None = None

    def invite(self, headers: Iterable[Header] = (), body: str = SDP) -> SipMessage:
        """Return the INVITE that begins the call."""
        return self._request("INVITE", "sip:+33199001234@127.0.0.1:7000", self.cseq, headers, body)

    def request(
        self, method: str, headers: Iterable[Header] = (), body: str = "", cseq: int | None = None
    ) -> SipMessage:
        """Return the next request inside the dialog, or one with that CSeq."""
        assert self.answer is not None
        self.cseq = self.cseq + 1 if cseq is None else cseq
        return self._request(method, uri_in(self.answer["Contact"]), self.cseq, headers, body)

    def ack(self, body: str = "", cseq: int | None = None) -> SipMessage:
        """Return the ACK of a 200."""
        assert self.answer is not None
        return self._request("ACK", uri_in(self.answer["Contact"]), cseq or self.cseq, (), body)

    def _request(self, method: str, uri: str, cseq: int, headers: Iterable[Header], body: str) -> SipMessage:
        to = {"To": self.answer["To"]} if self.answer is not None else {}
        fields = {
            "Via": f"SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK{self.call_id}-{next(self.branches)};rport",
            **self.headers,
            "CSeq": f"{cseq} {method}",
            **({"Content-Type": "application/sdp"} if body else {}),
            **self.extra,
            **to,
        }
        return SipMessage(
            f"{method} {uri} SIP/2.0", [*((k, v) for k, v in fields.items() if v), *headers], body.encode()
        )


def follow_up(method: str, invite: SipMessage, answer: SipMessage | None = None) -> SipMessage:
    """Return the CANCEL of an INVITE, or the ACK of its refusal: those two share its branch."""
    number = invite["CSeq"].split()[0]
    headers = [each for each in invite.headers if each[0] in ("Via", "From", "To", "Call-ID")]
    if answer is not None:
        headers = [(name, answer["To"] if name == "To" else value) for name, value in headers]
    return SipMessage(f"{method} {invite.uri} SIP/2.0", [*headers, ("CSeq", f"{number} {method}")])


class AgentHarness:
    """A user agent under a clock that only the test moves."""

    def __init__(self, address: tuple[str, int] = AGENT) -> None:
        tokens = itertools.count(1)
        self.agent = UserAgent(address, lambda: f"token{next(tokens)}")
        self.now = 1000.0

    def send(self, message: SipMessage | bytes, source: tuple[str, int] = EDGE) -> list[SipMessage]:
        """Have the agent receive a message, and return what it sends at once."""
        data = message if isinstance(message, bytes) else message.encode()
        self.agent.receive(data, source, self.now)
        return self.sent()

    def ask(self, message: SipMessage | bytes) -> SipMessage:
        """Send a message that gets exactly one response, and return that."""
        (response,) = self.send(message)
        return response

    def sent(self) -> list[SipMessage]:
        """Return what the agent wants to be sent, each with its destination as `source`."""
        return [SipMessage.parse(data, peer) for data, peer in self.agent.datagrams_to_send()]

    def wait(self, seconds: float) -> list[tuple[float, SipMessage]]:
        """Let time pass, timer by timer; return what was sent, and after how long."""
        start, sent = self.now, []
        while (due := self.agent.next_timer()) is not None and due <= start + seconds:
            self.now = max(self.now, due)
            self.agent.handle_timer(self.now)
            sent += [(round(self.now - start, 3), message) for message in self.sent()]
        self.now = start + seconds
        return sent

    def events(self) -> list[Event]:
        """Return what the agent told."""
        return self.agent.events()

    def event(self) -> Event:
        """Return the one thing that the agent told."""
        (event,) = self.agent.events()
        return event

    def ring(self, invite: SipMessage, source: tuple[str, int] = EDGE) -> Invited:
        """Send an INVITE that waits for the owner's answer."""
        assert self.send(invite, source) == []
        event = self.event()
        assert isinstance(event, Invited)
        return event

    def call(self, caller: Caller, headers: Iterable[Header] = (), body: str = SDP) -> int:
        """Have the caller's INVITE accepted and acknowledged; return the call's number."""
        number = self.ring(caller.invite(headers, body)).call
        self.agent.accept(number, ANSWER, self.now)
        (caller.answer,) = self.sent()
        assert caller.answer.status == 200
        assert self.send(caller.ack("" if body else SDP)) == []
        self.event()
        return number
