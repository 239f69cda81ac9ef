"""The record that every call leaves (`docs/calls.md §5`)."""

import hashlib
from dataclasses import dataclass

MAX_IDENTIFIER = 128
"""Characters, all of them printable ASCII, so bytes as well. Real Call-IDs and tags stay far below it."""


def identifier(raw: bytes) -> str:
    """Return `raw` itself if it is short printable ASCII, as RFC 3261 §25.1 has it; else its beginning and its SHA-256.

    The same bytes give the same text wherever they are read, so that all events of one call meet in one record. What
    the function returned comes back unchanged from a second time.
    """
    if len(raw) <= MAX_IDENTIFIER and raw.isascii() and (text := raw.decode("ascii")).isprintable():
        return text
    digest = hashlib.sha256(raw).hexdigest()
    head = "".join(chr(byte) if 0x20 < byte < 0x7F else "?" for byte in raw[: MAX_IDENTIFIER - len(digest) - 1])
    return f"{head}~{digest}"


MAX_ID_BYTES = 255
"""Longest Call-ID or tag that is kept as it is, UTF-8."""


def bounded_id(text: str) -> str:
    """Return a Call-ID or tag that can be a key of the store, the same for the same text.

    What is too long, or no text that a store holds, becomes its beginning and its hash; what was made here stays.
    """
    if "\0" not in text and len(text) <= MAX_ID_BYTES:
        if text.isascii():
            return text
        try:
            if len(text.encode()) <= MAX_ID_BYTES:
                return text
        except UnicodeEncodeError:
            pass
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    head = text[:64].encode("ascii", "replace").decode().replace("\0", "?")
    return f"{head}~{digest}"


@dataclass(frozen=True, slots=True)
class CallKey:
    """What makes two INVITEs copies of one call: Call-ID, From tag and CSeq number (RFC 3261 §8.2.2.2)."""

    call_id: str
    from_tag: str
    cseq: int


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, as far as it has come. Times are ms since 1970-01-01 UTC, None for what has not happened.

    `decision` is `forward`, `voicemail` or `reject`; `reason` why it was refused, or why a forwarded call went to the
    voicemail (`no-answer`, `busy`); `missed` tells whether the voicemail got no message of it, None where it had no
    part; `status` is the final SIP status of the INVITE; `cause` its Q.850 cause; `hung_up_by` `caller`, `callee` or
    `edge`; `diversions` the numbers that diverted the call, first to last, those before us included; `last_known` that
    the store was away, and a rule that had been read before decided; `withheld` that the caller does not want to be
    known: the operator may look, the called side and the log get no `caller`.
    """

    key: CallKey
    caller: str
    called: str
    number: str | None
    revision: int | None
    decision: str
    reason: str | None
    target: str | None
    trunk: str | None
    setup_at_ms: int
    ring_at_ms: int | None = None
    answer_at_ms: int | None = None
    end_at_ms: int | None = None
    status: int | None = None
    cause: int | None = None
    hung_up_by: str | None = None
    diversions: tuple[str, ...] = ()
    missed: bool | None = None
    last_known: bool = False
    withheld: bool = False
