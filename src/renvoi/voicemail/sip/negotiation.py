"""Offer and answer of one audio stream (RFC 3264): PCMA, PCMU or G.722, with telephone events."""

import ipaddress
from dataclasses import dataclass, replace
from typing import Self

from renvoi.voicemail.sip.sdp import CLOCK, Direction, Media, SessionDescription

CODECS = ("PCMA", "PCMU", "G722")
"""Encoding names, in the order in which we offer them."""
_PAYLOAD_TYPES = {"PCMA": 8, "PCMU": 0, "G722": 9}
_EVENTS = "telephone-event"
_EVENTS_TYPE = 101
_PTIME_MS = 20
_PROFILES = ("RTP/AVP", "RTP/AVPF")
"""Plain RTP, without and with feedback that nobody is obliged to send (RFC 4585 §3.1)."""


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

    `answer` is the description to send, empty when it was for the peer to answer. `payload_type` is that of `codec`,
    both ways. `remote` is where the peer wants to receive, None when it does not say. `sends` and `receives` are ours.
    """

    answer: str
    codec: str
    payload_type: int
    telephone_event_pt: int | None
    remote: tuple[str, int] | None
    sends: bool
    receives: bool
    ptime_ms: int | None


def negotiate(offer: SessionDescription, local: LocalMedia) -> Negotiated:
    """Take the first audio stream of the offer that suits, with its first codec that we have.

    Raises:
        NotAcceptable: none does.
    """
    for index, media in enumerate(offer.media):
        if (found := _codec(media, local)) is None:
            continue
        codec, payload_type = found
        events = _events(media)
        accepted = _section(local, media.profile, [(codec, payload_type)], events, media.direction.mirrored)
        refused = [f"m={each.kind} 0 {each.profile} {' '.join(each.formats)}" for each in offer.media]
        sections = [*refused[:index], accepted, *refused[index + 1 :]]
        return _negotiated(_description(local, offer.timing, sections), codec, payload_type, events, media)
    raise NotAcceptable("no audio stream with PCMA, PCMU or G722 over RTP/AVP to an address of our family")


def offer(local: LocalMedia) -> str:
    """Return an offer of all our codecs."""
    codecs = [(codec, _PAYLOAD_TYPES[codec]) for codec in CODECS]
    section = _section(local, "RTP/AVP", codecs, _EVENTS_TYPE, Direction.SENDRECV)
    return _description(local, "0 0", [section])


def accept_answer(answer: SessionDescription, local: LocalMedia) -> Negotiated:
    """Read the answer to our `offer`.

    Raises:
        NotAcceptable: it refuses the stream, or chooses what was not offered.
    """
    media = answer.media[0] if answer.media else None
    found = _codec(media, local) if media is not None else None
    if media is None or found is None:
        raise NotAcceptable("the answer has no audio stream with a codec that was offered")
    # We receive by the payload types of our offer, whatever the answer calls them (RFC 3264 §5.1).
    events = _EVENTS_TYPE if _events(media) is not None else None
    return _negotiated("", *found, events, media)


def _codec(media: Media, local: LocalMedia) -> tuple[str, int] | None:
    """Return the first codec of a stream that we have, with its payload type; None when we cannot take part."""
    if media.kind != "audio" or not media.port or media.profile.upper() not in _PROFILES:
        return None
    if media.address is not None and (":" in media.address[0]) is not (":" in local.host):
        return None
    for each in media.formats:
        name, _, rate = media.encodings[each].partition("/")
        if name in CODECS and rate in (str(CLOCK), f"{CLOCK}/1") and _is_payload_type(each):
            return name, int(each)
    return None


def _events(media: Media) -> int | None:
    wanted = f"{_EVENTS}/{CLOCK}".upper()
    types = [each for each in media.formats if media.encodings[each].partition("/1")[0] == wanted]
    return int(types[0]) if types and _is_payload_type(types[0]) else None


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) < 128


def _negotiated(answer: str, codec: str, payload_type: int, events: int | None, media: Media) -> Negotiated:
    direction = media.direction.mirrored
    return Negotiated(
        answer,
        codec,
        payload_type,
        events,
        media.address,
        # An unspecified address is how hold was said before RFC 3264 (§8.4): nothing must be sent.
        direction.sends and not _on_hold(media),
        direction.receives,
        media.ptime_ms,
    )


def _on_hold(media: Media) -> bool:
    try:
        return ipaddress.ip_address(media.host or "").is_unspecified
    except ValueError:
        return False


def _section(
    local: LocalMedia, profile: str, codecs: list[tuple[str, int]], events: int | None, direction: Direction
) -> str:
    types = [payload_type for _, payload_type in codecs] + ([] if events is None else [events])
    lines = [f"m=audio {local.port} {profile} {' '.join(map(str, types))}"]
    lines += [f"a=rtpmap:{payload_type} {codec}/{CLOCK}" for codec, payload_type in codecs]
    if events is not None:
        lines += [f"a=rtpmap:{events} {_EVENTS}/{CLOCK}", f"a=fmtp:{events} 0-16"]
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
