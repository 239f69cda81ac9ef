"""Session descriptions, as far as telephony needs them (RFC 4566)."""

import ipaddress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self

MAX_SIZE = 16384
"""Bytes: a description that is longer is none."""
MAX_MAPPINGS = 4
"""How many mappings of one payload type are read: one is right, two have been seen."""
CLOCK = 8000
"""Hz: the RTP clock of every codec here, G.722 included (RFC 3551 §4.5.2)."""
_STATIC = {"0": ("PCMU/8000",), "8": ("PCMA/8000",), "9": ("G722/8000",)}
"""Payload types that need no rtpmap (RFC 3551 §6)."""


class SdpInvalid(ValueError):
    """A body is not a session description; the text says why, and quotes nothing of it."""


class Direction(StrEnum):
    """Which way media flows, as the one who says so sees it (RFC 3264 §5.1)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Say whether it sends."""
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
        """Say whether it receives."""
        return self in (Direction.SENDRECV, Direction.RECVONLY)

    @property
    def mirrored(self) -> "Direction":
        """The same flow, as the other side sees it (RFC 3264 §6.1)."""
        return {Direction.SENDONLY: Direction.RECVONLY, Direction.RECVONLY: Direction.SENDONLY}.get(self, self)


_DIRECTIONS = {direction.value: direction for direction in Direction}


@dataclass(slots=True)
class _Reading:
    """A media section while its lines are read."""

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    host: str | None = None
    direction: Direction | None = None
    ptime_ms: int | None = None
    maxptime_ms: int | None = None
    rtpmap: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Media:
    """One media section: `host` is an IP address or, rarely, a name.

    `encodings` has what each payload type stands for, as `NAME/CLOCK`: mostly one thing, but some map a type twice.
    """

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    host: str | None
    direction: Direction
    ptime_ms: int | None
    maxptime_ms: int | None
    encodings: dict[str, tuple[str, ...]]

    @property
    def address(self) -> tuple[str, int] | None:
        """Where its side wants to receive, None when that is nowhere: no IP address, or 0.0.0.0 (RFC 3264 §8.4)."""
        try:
            host = ipaddress.ip_address(self.host or "")
        except ValueError:
            return None
        return None if host.is_unspecified or not self.port else (str(host), self.port)


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A session description: its media sections in order, and its `t=` value, which an answer repeats."""

    media: tuple[Media, ...]
    timing: str = "0 0"

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a body of type application/sdp; lines that do not matter here are passed over.

        Raises:
            SdpInvalid: it is too long, has no `v=0`, or a faulty `m=` or `c=` line.
        """
        if len(body) > MAX_SIZE:
            raise SdpInvalid("too long")
        lines = [line.rstrip("\r") for line in body.decode("utf-8", "replace").split("\n")]
        if lines[0].strip() != "v=0":
            raise SdpInvalid("no v=0 line")
        session = _Reading("", 0, "", ())
        sections = [session]
        timing = "0 0"
        for line in lines[1:]:
            letter, _, value = line.partition("=")
            if letter == "m":
                sections.append(_media(value))
            elif letter == "c":
                sections[-1].host = _connection(value)
            elif letter == "a":
                _attribute(sections[-1], value.strip())
            elif letter == "t" and len(sections) == 1 and value.isascii() and value.replace(" ", "").isdigit():
                timing = value.strip()
        return cls(tuple(_finished(each, session) for each in sections[1:]), timing)


def _media(value: str) -> _Reading:
    words = value.split()
    if len(words) < 4:
        raise SdpInvalid("m= line too short")
    kind, port, profile, *formats = words
    port = port.partition("/")[0]
    if not (port.isascii() and port.isdigit()) or len(port) > 5 or int(port) > 65535:
        raise SdpInvalid("m= line without a port")
    return _Reading(kind, int(port), profile, tuple(formats))


def _connection(value: str) -> str:
    words = value.split()
    if len(words) != 3:
        raise SdpInvalid("c= line malformed")
    return words[2].partition("/")[0]


def _attribute(section: _Reading, value: str) -> None:
    name, _, rest = value.partition(":")
    if name in _DIRECTIONS:
        section.direction = _DIRECTIONS[name]
    elif name == "rtpmap":
        words = rest.split(None, 1)
        if len(words) == 2:
            mappings = section.rtpmap.setdefault(words[0], [])
            if len(mappings) < MAX_MAPPINGS:
                mappings.append(words[1].strip().upper())
    elif name == "ptime":
        section.ptime_ms = _milliseconds(rest.strip())
    elif name == "maxptime":
        section.maxptime_ms = _milliseconds(rest.strip())


def _milliseconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 and int(text) else None


def _finished(section: _Reading, session: _Reading) -> Media:
    return Media(
        section.kind,
        section.port,
        section.profile,
        section.formats,
        section.host or session.host,
        section.direction or session.direction or Direction.SENDRECV,
        section.ptime_ms,
        section.maxptime_ms,
        {each: tuple(section.rtpmap.get(each, _STATIC.get(each, ()))) for each in section.formats},
    )
