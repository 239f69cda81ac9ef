"""A `NodeControl` without a node: its facts, checks and test call are made up; and one mail that it keeps."""

from collections.abc import Mapping, Sequence
from typing import Any

from renvoi.application.ports.mails import KeptMail
from renvoi.http.deps import NodeAway

MESSAGES = (
    (0.0, "caller", "edge", "INVITE sip:+33199001234@127.0.0.1 SIP/2.0"),
    (1.0, "edge", "caller", "SIP/2.0 100 trying"),
    (2.0, "edge", "trunk", "INVITE sip:+33199005678@127.0.0.1 SIP/2.0"),
    (3.0, "trunk", "edge", "SIP/2.0 180 <b>Ringing"),
    (4.0, "trunk", "edge", "SIP/2.0 200 OK"),
    (5.0, "edge", "caller", "SIP/2.0 200 OK"),
    (6.0, "caller", "edge", "BYE sip:x SIP/2.0"),
)


class FakeNodeControl:
    """See `NodeControl`. Of its call `upto` messages have come; with `away` it does nothing."""

    def __init__(self, *, is_over: bool = False) -> None:
        self.asked: list[tuple[str, str]] = []
        self.upto, self.away, self.mail_server = len(MESSAGES) if is_over else 3, "", ""
        self.is_over = is_over

    async def facts(self) -> Mapping[str, Any]:
        return {
            "data_dir": "/var/lib/renvoi",
            "disk_free": 1,
            "disk_total": 100,
            "store": "sqlite:///renvoi.db",
            "mail_server": self.mail_server,
            "calls": "",
            "voicemail": "",
        }

    async def check(self) -> Sequence[Mapping[str, Any]]:
        return [{"name": "data", "ok": False, "needed": True, "text": "<i>no", "advice": "chown"}]

    async def start_call(self, called: str, caller: str) -> str:
        if self.away:
            raise NodeAway(self.away)
        self.asked.append((called, caller))
        return "abc"

    async def test_call(self, name: str) -> Mapping[str, Any] | None:
        if name != "abc":
            return None
        names = ("at_ms", "sender", "receiver", "line")
        return {
            "called": "+33199001234",
            "caller": "+33199009876",
            "is_over": self.is_over,
            "error": "",
            "status": 200 if self.is_over else None,
            "note": "",
            "call_id": "try-1",
            "messages": [dict(zip(names, each, strict=True)) for each in MESSAGES[: self.upto]],
        }


MAIL = b"From: renvoi@example.com\r\nTo: owner@example.com\r\nSubject: A <b>message</b>\r\n\r\nHello <script>\r\n"


class OneKeptMail:
    """See `KeptMails`: the mail `m1`."""

    def latest(self, _limit: int) -> Sequence[KeptMail]:
        return [KeptMail("m1", 0, len(MAIL), MAIL)]

    def read(self, name: str) -> bytes | None:
        return MAIL if name == "m1" else None
