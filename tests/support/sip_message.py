"""SIP messages as tests read and write them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

Address = tuple[str, int]
Header = tuple[str, str]
_FOLD = re.compile(r"\r\n[ \t]+")


@dataclass(slots=True)
class SipMessage:
    """A request or response, its headers in order and as written, without folds; `raw` is what came."""

    start_line: str
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""
    source: Address = ("", 0)
    raw: bytes = b""

    @classmethod
    def parse(cls, data: bytes, source: Address = ("", 0)) -> Self:
        """Read a message; bytes that are not UTF-8 survive as surrogates."""
        head, _, body = data.partition(b"\r\n\r\n")
        start_line, *lines = _FOLD.sub(" ", head.decode("utf-8", "surrogateescape")).split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        return cls(start_line, headers, body, source, data)

    def encode(self) -> bytes:
        """Write the message, with its Content-Length."""
        headers = [header for header in self.headers if header[0].lower() != "content-length"]
        lines = [self.start_line, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(self.body)}"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + self.body

    @property
    def status(self) -> int | None:
        """The status of a response, None for a request."""
        return int(self.start_line.split()[1]) if self.start_line.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """The method of a request, or the one that a response answers."""
        return self.start_line.split()[0] if self.status is None else self["CSeq"].split()[1]

    @property
    def transaction(self) -> tuple[str | None, str | None, str | None]:
        """What a response shares with its request and with other responses to it: topmost Via, Call-ID, CSeq."""
        return self.get("Via"), self.get("Call-ID"), self.get("CSeq")

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.start_line.split()[1]

    def all(self, name: str) -> list[str]:
        """Return the values of every header of that name, topmost first."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        """Return the topmost header's value."""
        return next(iter(self.all(name)), None)

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(f"no {name} in {self.start_line}")
        return value

    def answer(
        self, status: int, phrase: str = "Test", *, tag: str = "", headers: Iterable[Header] = (), body: str = ""
    ) -> "SipMessage":
        """Make the response that a user agent server would give to this request."""
        copied = [(key, value) for key, value in self.headers if key.lower() in ("via", "from", "call-id", "cseq")]
        copied += [("Record-Route", value) for value in self.all("Record-Route")]
        to = self["To"] if not tag or ";tag=" in self["To"] else f"{self['To']};tag={tag}"
        return SipMessage(f"SIP/2.0 {status} {phrase}", [*copied, ("To", to), *headers], body.encode())


def uri_in(address: str) -> str:
    """Return the URI inside `<>`."""
    found = re.search(r"<([^>]*)>", address)
    return found[1] if found else address
