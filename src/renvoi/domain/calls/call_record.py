"""The record that every call leaves, and the events that make it up (`docs/calls.md §5`).

The parts of a call are seen by different processes, so each event may come more than once; applying one again changes
nothing.
"""

import hashlib
from dataclasses import dataclass, replace

from renvoi.domain.calls.ladder import Leg
from renvoi.domain.rules.rule import Unanswered

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
class IdentityResult:
    """What the signed identity of a call has proven (`domain/identity/verification.py`).

    `codes` are the SIP statuses of what is wrong, `faults` the same in words; `diverted_by` has the numbers that signed
    a diversion, first to last.
    """

    verstat: str
    codes: tuple[int, ...] = ()
    faults: tuple[str, ...] = ()
    attestation: str = ""
    diverted_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, as far as it has come. Times are ms since 1970-01-01 UTC, None for what has not happened.

    `decision` is `forward`, `voicemail` or `reject`; `reason` why it was refused, or why a forwarded call was not taken
    by the first number that it was sent to and went on to a second one, or to the voicemail (`Unanswered`); `missed`
    tells whether the voicemail got no message of it, None where it had no part; `status` is the final SIP status of the
    INVITE; `cause` its Q.850 cause; `hung_up_by` `caller`, `callee` or `edge`; `diversions` the numbers that diverted
    the call, first to last, those before us included; `last_known` that the store was away, and a rule that had been
    read before decided; `withheld` that the caller does not want to be known: the operator may look, the called side
    and the log get no `caller`; `identity` what its signed identity has proven, None where nobody looked; `fallback`
    that the trunk refused the caller, and was tried with the one of its `--fallback`; `used` for whose minutes it
    counts, as named in `domain.access.limits`, or for a call over a limit the account and what of it has reached that;
    `price` what a minute costs, in millionths of the rates' currency; `unheard` who was not heard: `caller`, `callee`
    or `both`, None if nobody, and where that is not known, as the audio went past the media relay.
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
    identity: IdentityResult | None = None
    fallback: bool = False
    used: tuple[str, ...] = ()
    price: int | None = None
    unheard: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """An INVITE was decided. A refused call ends here, with the SIP `status` and Q.850 `cause` that it was given.

    `last_known`: the store was away, and a rule that had been read before decided (`docs/calls.md §1`). `withheld`: the
    caller does not want to be known (`docs/calls.md §4`). `identity`, `used`: see `CallRecord`.
    """

    key: CallKey
    at_ms: int
    caller: str
    called: str
    number: str | None
    revision: int | None
    decision: str
    reason: str | None = None
    target: str | None = None
    diversions: tuple[str, ...] = ()
    status: int | None = None
    cause: int | None = None
    last_known: bool = False
    withheld: bool = False
    identity: IdentityResult | None = None
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """The target answered (a 2xx came back), after it rang (180 or 183) at `rang_at_ms`, if it did.

    `legs` are all of the call, those before it went to the voicemail included. `fallback` is
    that of `CallRecord`. `redirected` has the numbers that sent it on with 3xx, and the one that it went to then.
    """

    key: CallKey
    at_ms: int
    status: int
    trunk: str | None = None
    rang_at_ms: int | None = None
    legs: tuple[Leg, ...] = ()
    fallback: bool = False
    redirected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that was sent on got a final answer other than 2xx; `by` is `caller`, `callee` or `edge`.

    It may have rung. `reason` is why the edge gave up, where the status does not say it. `legs`, `fallback` and
    `redirected` as in `Answered`.
    """

    key: CallKey
    at_ms: int
    status: int
    by: str
    cause: int | None = None
    trunk: str | None = None
    rang_at_ms: int | None = None
    reason: str | None = None
    legs: tuple[Leg, ...] = ()
    fallback: bool = False
    redirected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FellBack:
    """A forwarded call was not taken, for the `reason` (`Unanswered`), and goes to the voicemail.

    With a `target` it goes to that number instead, for the first time; `diversions` and `used` are what
    `CallRecord` has of these names from then on.
    """

    key: CallKey
    at_ms: int
    reason: str
    trunk: str | None = None
    rang_at_ms: int | None = None
    target: str | None = None
    diversions: tuple[str, ...] = ()
    used: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """A call was answered by the voicemail, and its message is stored."""

    call_id: str
    from_tag: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Missed:
    """A call was answered by a worker of the voicemail, and no message was left there.

    Of a call that reached two workers, the message that one of them took is what counts.
    """

    call_id: str
    from_tag: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class HungUp:
    """An answered call ended by BYE; `by` is `caller` or `callee`. A BYE does not carry the INVITE's CSeq.

    `unheard` is that of `CallRecord`.
    """

    call_id: str
    from_tag: str
    at_ms: int
    by: str
    cause: int | None = None
    unheard: str | None = None


_UNANSWERED = tuple(why.value for why in Unanswered)
NO_BYE = "no-bye"
"""The reason of an answered call that nobody has ended within the longest time that a call may last."""

CallEvent = Decided | Answered | Failed | FellBack | HungUp | MessageLeft | Missed


def begin(event: Decided) -> CallRecord:
    """Return the record of a call that has just been decided."""
    ended = event.status is not None
    return CallRecord(
        key=event.key,
        caller=event.caller,
        called=event.called,
        number=event.number,
        revision=event.revision,
        decision=event.decision,
        reason=event.reason,
        target=event.target,
        trunk=None,
        setup_at_ms=event.at_ms,
        end_at_ms=event.at_ms if ended else None,
        status=event.status,
        cause=event.cause,
        hung_up_by="edge" if ended else None,
        diversions=event.diversions,
        last_known=event.last_known,
        withheld=event.withheld,
        identity=event.identity,
        used=event.used,
    )


def apply(record: CallRecord, event: CallEvent) -> CallRecord:
    """Return `record` with `event` in it; what the record already knows stays as it is."""
    match event:
        # An edge died with the call before anybody answered, and the caller's next try was decided again.
        case Decided() if record.status is None and event.at_ms > record.setup_at_ms:
            return begin(event)
        # It was refused, and the same INVITE came again: a new attempt (RFC 3261 §8.2.2.2 is about ongoing ones).
        case Decided() if record.answer_at_ms is None and event.at_ms > (record.end_at_ms or event.at_ms):
            return begin(event)
        case Decided():
            return record
        case Answered() if record.status is None:
            return replace(
                _redirected(record, event.redirected),
                ring_at_ms=event.rang_at_ms or record.ring_at_ms,
                answer_at_ms=event.at_ms,
                status=event.status,
                trunk=event.trunk or record.trunk,
                fallback=event.fallback,
            )
        case Failed() if record.status is None:
            return replace(
                _redirected(record, event.redirected),
                ring_at_ms=event.rang_at_ms or record.ring_at_ms,
                end_at_ms=event.at_ms,
                status=event.status,
                cause=event.cause,
                reason=event.reason or record.reason,
                hung_up_by=event.by,
                trunk=event.trunk or record.trunk,
                fallback=event.fallback,
            )
        # It may be read after what followed it, as another process has written that.
        case FellBack():
            return _fallen_back(record, event)
        # The collector may have given the call up meanwhile, while the event waited on the disk of a node.
        case HungUp() if record.answer_at_ms is not None and (record.end_at_ms is None or record.hung_up_by == "edge"):
            reason = record.reason if record.reason != NO_BYE else None
            return replace(
                record,
                end_at_ms=event.at_ms,
                hung_up_by=event.by,
                cause=event.cause,
                reason=reason,
                unheard=event.unheard,
            )
        case MessageLeft():
            return replace(record, missed=False)
        case Missed() if record.missed is None:
            return replace(record, missed=True)
        case _:
            return record


def _fallen_back(record: CallRecord, event: FellBack) -> CallRecord:
    """Return the record of a call that goes to the voicemail, or on to a second number."""
    if event.target is None:
        if record.decision != "forward":
            return record
        return replace(
            record,
            decision="voicemail",
            reason=record.reason or event.reason,
            ring_at_ms=event.rang_at_ms or record.ring_at_ms,
            trunk=event.trunk or record.trunk,
        )
    first, found = event.target, record.diversions
    redirected = found[found.index(first) :] if first in found else ()
    went_on = record.status is not None or record.decision == "voicemail"
    return replace(
        record,
        reason=event.reason if record.reason in (None, *_UNANSWERED) else record.reason,
        target=record.target if redirected else event.target,
        diversions=(*event.diversions, *redirected),
        used=event.used,
        ring_at_ms=(record.ring_at_ms if went_on else None) or event.rang_at_ms or record.ring_at_ms,
        trunk=(record.trunk if went_on else None) or event.trunk or record.trunk,
    )


def _redirected(record: CallRecord, redirected: tuple[str, ...]) -> CallRecord:
    """Return the record of a call that numbers behind its target have sent on, the last one to another target."""
    if not redirected:
        return record
    *by, target = redirected
    return replace(record, target=target, diversions=(*record.diversions, *by))
