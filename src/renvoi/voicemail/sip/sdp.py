"""Session descriptions as far as telephony needs them (RFC 4566), and offer and answer of one audio stream (RFC 3264).

The stream is PCMA, PCMU or G.722, with telephone events.
"""

import ipaddress
import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import NamedTuple, Self

MAX_SIZE = 16384
"""Bytes: a description that is longer is none."""
MAX_MAPPINGS = 4
"""How many mappings of one payload type are read: one is right, two have been seen."""
CLOCK = 8000
"""Hz: the RTP clock of every codec here, G.722 included (RFC 3551 §4.5.2)."""
_STATIC = {"0": ("PCMU/8000",), "8": ("PCMA/8000",), "9": ("G722/8000",)}
"""Payload types that need no rtpmap (RFC 3551 §6)."""
CODECS = ("PCMA", "PCMU", "G722")
"""Encoding names, in the order in which we offer them."""
_PAYLOAD_TYPES = {"PCMA": 8, "PCMU": 0, "G722": 9}
_STATIC_CODECS = {payload_type: codec for codec, payload_type in _PAYLOAD_TYPES.items()}
_CLOCKS = {"G722": 16000}
"""What some say of a codec instead of 8000 Hz, as it is its sample rate (RFC 3551 §4.5.2 tells why that is wrong)."""
_EVENTS = "TELEPHONE-EVENT"
_EVENTS_TYPE = 101
_PTIME_MS = 20
MIN_PACKET_MS, MAX_PACKET_MS = 10, 120
"""How much audio a packet of ours has at the least and at the most, whatever a peer asks for."""
_ENCODING = re.compile(r"(?P<name>[^/]+)/(?P<clock>[0-9]{1,6})(?:/1)?")
_PACKET_TIME = re.compile(r"([0-9]{1,4})(?:\.[0-9]{1,20})?")
_PROFILES = ("RTP/AVP", "RTP/AVPF")
"""Plain RTP, without and with feedback that nobody is obliged to send (RFC 4585 §3.1)."""


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
        return self in (Direction.SENDRECV, Direction.SENDONLY)

    @property
    def receives(self) -> bool:
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

    @property
    def is_ipv6(self) -> bool:
        """Whether its side wants to receive at an address of IPv6."""
        return any(":" in (each.host or "") for each in self.media)

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
        # Without a clock it says nothing: a static type is what it always is.
        if len(words) == 2 and "/" in words[1]:
            mappings = section.rtpmap.setdefault(words[0], [])
            if len(mappings) < MAX_MAPPINGS:
                mappings.append(words[1].strip().upper())
    elif name == "ptime":
        section.ptime_ms = _milliseconds(rest.strip())
    elif name == "maxptime":
        section.maxptime_ms = _milliseconds(rest.strip())


def _milliseconds(text: str) -> int | None:
    # A real number is one as well (RFC 8866 §9), rounded down here: a packet may be shorter than wanted.
    whole = int(found[1]) if (found := _PACKET_TIME.fullmatch(text)) else 0
    return whole or None


def _finished(section: _Reading, session: _Reading) -> Media:
    return Media(
        section.kind,
        section.port,
        section.profile,
        section.formats,
        section.host or session.host,
        section.direction or session.direction or Direction.SENDRECV,
        # Of a stream by the grammar, but some say it once for all.
        section.ptime_ms or session.ptime_ms,
        section.maxptime_ms or session.maxptime_ms,
        {each: tuple(section.rtpmap.get(each, _STATIC.get(each, ()))) for each in section.formats},
    )


class NotAcceptable(Exception):
    """There is no audio stream that we could take part in: 488; the text says why."""


@dataclass(frozen=True, slots=True)
class LocalMedia:
    """Our side of a session: where we receive RTP, and the two numbers of the `o=` line (RFC 4566 §5.2)."""

    host: str
    port: int
    session_id: int
    version: int = 1

    def newer(self) -> Self:
        """Return the same for the next description of the session (RFC 3264 §8)."""
        return replace(self, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What was agreed on.

    `answer` is the description to send, empty when it was for the peer to answer. We send `codec` as `payload_type`, by
    an RTP clock of `clock` Hz, `packet_ms` in each packet. `codecs` and `events` are the payload types that the peer
    may send: audio, and telephone events. `remote` is where the peer wants to receive, None when it does not say.
    `sends` and `receives` are ours.
    """

    answer: str
    codec: str
    payload_type: int
    clock: int
    codecs: dict[int, str]
    events: frozenset[int]
    remote: tuple[str, int] | None
    sends: bool
    receives: bool
    packet_ms: int


class _Mapping(NamedTuple):
    """What a payload type stands for: the encoding's name, and its RTP clock in Hz."""

    name: str
    clock: int


class _Types(NamedTuple):
    """What we understand of a stream: payload types of audio, at least one, and of telephone events."""

    codecs: list[tuple[int, _Mapping]]
    events: list[tuple[int, _Mapping]]


def negotiate(offer: SessionDescription, local: LocalMedia) -> Negotiated:
    """Take the first audio stream of the offer that suits, with its first codec that we have.

    Raises:
        NotAcceptable: none does.
    """
    for index, media in enumerate(offer.media):
        if (types := _types(media, local)) is None:
            continue
        chosen = [_preferred(types.codecs), *([_preferred(types.events)] if types.events else [])]
        accepted = _section(local, media.profile, chosen, media.direction.mirrored)
        refused = [f"m={each.kind} 0 {each.profile} {' '.join(each.formats)}" for each in offer.media]
        sections = [*refused[:index], accepted, *refused[index + 1 :]]
        return _negotiated(_description(local, offer.timing, sections), types, media, {})
    raise NotAcceptable("no audio stream with PCMA, PCMU or G722 over RTP/AVP to an address of our family")


def offer(local: LocalMedia) -> str:
    """Return an offer of all our codecs."""
    types = {**{_PAYLOAD_TYPES[codec]: codec for codec in CODECS}, _EVENTS_TYPE: _EVENTS}
    offered = [(payload_type, _Mapping(name, CLOCK)) for payload_type, name in types.items()]
    return _description(local, "0 0", [_section(local, "RTP/AVP", offered, Direction.SENDRECV)])


def accept_answer(answer: SessionDescription, local: LocalMedia) -> Negotiated:
    """Read the answer to our `offer`.

    Raises:
        NotAcceptable: it refuses the stream, or chooses what was not offered.
    """
    media = answer.media[0] if answer.media else None
    types = _types(media, local) if media is not None else None
    if media is None or types is None:
        raise NotAcceptable("the answer has no audio stream with a codec that was offered")
    # We receive by the payload types of our offer, whatever the answer calls them (RFC 3264 §5.1); what it has besides
    # is understood as well, as some send that.
    return _negotiated("", types, media, {**_STATIC_CODECS, _EVENTS_TYPE: _EVENTS})


def _types(media: Media, local: LocalMedia) -> _Types | None:
    """Return what we understand of a stream; None when we cannot take part in it."""
    if media.kind != "audio" or not media.port or media.profile.upper() not in _PROFILES:
        return None
    if media.address is not None and (":" in media.address[0]) is not (":" in local.host):
        return None
    found = [(int(each), mapping) for each in media.formats if (mapping := _mapping(each, media)) is not None]
    codecs = [(payload_type, mapping) for payload_type, mapping in found if mapping.name != _EVENTS]
    events = [(payload_type, mapping) for payload_type, mapping in found if mapping.name == _EVENTS]
    return _Types(codecs, events) if codecs else None


def _mapping(payload_type: str, media: Media) -> _Mapping | None:
    """Return what a payload type stands for, by its first mapping that we understand, if any; our clock goes first."""
    if not _is_payload_type(payload_type):
        return None
    mappings = (_read_mapping(each) for each in media.encodings[payload_type])
    known = (each for each in mappings if each is not None)
    return min(known, key=lambda mapping: mapping.clock != CLOCK, default=None)


def _read_mapping(text: str) -> _Mapping | None:
    found = _ENCODING.fullmatch(text)
    if found is None:
        return None
    mapping = _Mapping(found["name"], int(found["clock"]))
    if mapping.name in CODECS:
        return mapping if mapping.clock in (CLOCK, _CLOCKS.get(mapping.name)) else None
    # How long keys are pressed is of no interest, so any clock will do.
    return mapping if mapping.name == _EVENTS else None


def _preferred(types: list[tuple[int, _Mapping]]) -> tuple[int, _Mapping]:
    """Return the first of our clock, else the first."""
    return min(types, key=lambda each: each[1].clock != CLOCK)


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 128


def _negotiated(answer: str, types: _Types, media: Media, ours: dict[int, str]) -> Negotiated:
    """Return what was agreed on; `ours` are the types of an offer of ours, which hold for what we receive."""
    payload_type, mapping = _preferred(types.codecs)
    codecs = ours | {each: found.name for each, found in types.codecs if each not in ours}
    for each, name in _STATIC_CODECS.items():
        # They mean the same in every session (RFC 3551 §6), and some send them without a word.
        if str(each) not in media.encodings:
            codecs.setdefault(each, name)
    codecs = {each: name for each, name in codecs.items() if name in CODECS}
    events = {each for each, _ in types.events}
    if ours:
        events.add(_EVENTS_TYPE)
    direction = media.direction.mirrored
    return Negotiated(
        answer,
        mapping.name,
        payload_type,
        mapping.clock,
        codecs,
        frozenset(events - codecs.keys()),
        media.address,
        # An unspecified address is how hold was said before RFC 3264 (§8.4): nothing must be sent.
        direction.sends and not _on_hold(media),
        direction.receives,
        _packet_ms(media),
    )


def _packet_ms(media: Media) -> int:
    """Return how much audio a packet of ours has, as the peer wants it (RFC 4566 §6), within what makes sense."""
    wanted = media.ptime_ms or _PTIME_MS
    if media.maxptime_ms is not None:
        wanted = min(wanted, media.maxptime_ms)
    return max(MIN_PACKET_MS, min(wanted, MAX_PACKET_MS))


def _on_hold(media: Media) -> bool:
    try:
        return ipaddress.ip_address(media.host or "").is_unspecified
    except ValueError:
        return False


def _section(local: LocalMedia, profile: str, types: list[tuple[int, _Mapping]], direction: Direction) -> str:
    lines = [f"m=audio {local.port} {profile} {' '.join(str(payload_type) for payload_type, _ in types)}"]
    for payload_type, (name, clock) in types:
        if name == _EVENTS:
            lines += [f"a=rtpmap:{payload_type} telephone-event/{clock}", f"a=fmtp:{payload_type} 0-16"]
        else:
            lines.append(f"a=rtpmap:{payload_type} {name}/{clock}")
    return "\r\n".join([*lines, f"a=ptime:{_PTIME_MS}", f"a={direction}"])


def _description(local: LocalMedia, timing: str, sections: list[str]) -> str:
    host = f"IP6 {local.host}" if ":" in local.host else f"IP4 {local.host}"
    head = [
        "v=0",
        f"o=renvoi {local.session_id} {local.version} IN {host}",
        "s=-",
        f"c=IN {host}",
        f"t={timing}",
    ]
    return "\r\n".join([*head, *sections, ""])
