"""What passed between the sides of a call, step by step, as far as its record and its ladder have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.calls.ladder import ANSWERED, RANG_OUT, UNSENT, Ladder, Leg

CALLER, EDGE, CALLEE, VOICEMAIL = "caller", "edge", "callee", "voicemail"
TRUNK = "trunk "
"""Sides of a call; that of a trunk begins with `TRUNK` and goes on with its name."""


class StepKind(StrEnum):
    """What one side told another one."""

    INVITE = "invite"
    RINGING = "ringing"
    ANSWER = "answer"
    """A final answer, with its status."""
    CANCEL = "cancel"
    """To a trunk: nobody answered in time. From the caller: it gives up."""
    SILENT = "silent"
    """No answer came at all."""
    UNSENT = "unsent"
    BYE = "bye"
    CLOSED = "closed"
    """Nobody ended the call; its record was closed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `at_ms` is ms since 1970-01-01 UTC.

    `uri` is where an INVITE asks for, `destination` the address that it is sent to, `headers` the header lines that
    were added or changed for it. `status` and `phrase` are of an answer, `cause` is Q.850's.
    """

    at_ms: int
    sender: str
    receiver: str
    kind: StepKind
    uri: str = ""
    destination: str = ""
    headers: tuple[str, ...] = ()
    status: int | None = None
    phrase: str = ""
    cause: int | None = None


def steps_of(record: CallRecord, ladder: Ladder | None) -> list[Step]:
    """Return the steps of a call in the order of time."""
    return sorted(_steps(record, ladder.legs if ladder is not None else ()), key=lambda step: step.at_ms)


def _steps(record: CallRecord, legs: Sequence[Leg]) -> Iterator[Step]:
    yield Step(record.setup_at_ms, CALLER, EDGE, StepKind.INVITE, uri=record.called)
    for leg in legs:
        yield from _steps_of_leg(leg)
    if record.ring_at_ms is not None and not any(leg.rang_at_ms == record.ring_at_ms for leg in legs):
        yield Step(record.ring_at_ms, EDGE, CALLER, StepKind.RINGING)
    answered = record.answer_at_ms is not None
    if record.status is not None:
        if record.hung_up_by == CALLER and not answered and record.end_at_ms is not None:
            yield Step(record.end_at_ms, CALLER, EDGE, StepKind.CANCEL)
        cause = None if answered else record.cause
        at_ms = record.answer_at_ms if record.answer_at_ms is not None else record.end_at_ms
        at_ms = at_ms if at_ms is not None else record.setup_at_ms
        yield Step(at_ms, EDGE, CALLER, StepKind.ANSWER, status=record.status, cause=cause)
    if answered and record.end_at_ms is not None:
        yield _last(record, record.end_at_ms, legs)


def _last(record: CallRecord, at_ms: int, legs: Sequence[Leg]) -> Step:
    if record.hung_up_by == CALLER:
        return Step(at_ms, CALLER, EDGE, StepKind.BYE, cause=record.cause)
    if record.hung_up_by == CALLEE:
        return Step(at_ms, _name(legs[-1]) if legs else CALLEE, EDGE, StepKind.BYE, cause=record.cause)
    return Step(at_ms, EDGE, EDGE, StepKind.CLOSED, cause=record.cause)


def _steps_of_leg(leg: Leg) -> Iterator[Step]:
    name = _name(leg)
    yield Step(leg.sent_at_ms, EDGE, name, StepKind.INVITE, leg.request_uri, leg.destination, leg.headers)
    if leg.rang_at_ms is not None:
        yield Step(leg.rang_at_ms, name, EDGE, StepKind.RINGING)
    at_ms = leg.end_at_ms if leg.end_at_ms is not None else leg.sent_at_ms
    if leg.end == ANSWERED:
        yield Step(at_ms, name, EDGE, StepKind.ANSWER, status=leg.status, phrase=leg.phrase)
    elif leg.end == RANG_OUT:
        yield Step(at_ms, EDGE, name, StepKind.CANCEL)
    elif leg.end == UNSENT:
        yield Step(at_ms, EDGE, name, StepKind.UNSENT)
    elif leg.end is not None:
        yield Step(at_ms, EDGE, name, StepKind.SILENT)


def _name(leg: Leg) -> str:
    return f"{TRUNK}{leg.trunk}" if leg.trunk is not None else VOICEMAIL
