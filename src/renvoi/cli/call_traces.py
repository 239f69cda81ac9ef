"""`renvoi calls show`: one call from its beginning to its end, and why it went that way."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from renvoi.application import calls
from renvoi.application.calls import Trace
from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import AuditEntry
from renvoi.cli.base import Data, Json, with_store
from renvoi.cli.calls import call_row
from renvoi.cli.output import cell, show_json, time_text
from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.calls.ladder import ANSWERED, RANG_OUT, UNSENT, Leg

WIDTH = 80
_INDENT = 13
"""Columns before what is said: the time of a step, or the name of a line."""
_CALLER, _EDGE, _CALLEE, _VOICEMAIL = "caller", "edge", "callee", "voicemail"
_TOLD = frozenset({"call_id", "from", "called", "number", "withheld", "reason", "target", "revision", "diversions"})
"""What of a record is not repeated in its lines, as the text above them has it."""


def show_calls(
    ctx: typer.Context,
    call_id: Annotated[
        str, typer.Argument(metavar="CALL-ID", help="As SIP messages have it, or `renvoi calls --json`")
    ],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show what is kept of a call: why it went where, what each trunk was sent, and what it answered."""
    found = with_store(ctx, data, lambda store: calls.trace_calls(store, call_id))
    if not found:
        raise OperatorError(
            f"there is no record of a call with the Call-ID {cell(call_id)[:200]}: `renvoi calls --json` has those of"
            " the latest calls; records come a moment after their call, and go after RENVOI_CALL_RETENTION_DAYS"
        )
    if as_json:
        show_json([trace_row(trace) for trace in found])
        return
    for number, trace in enumerate(found):
        if number:
            typer.echo("")
        show_trace(trace)


def trace_row(trace: Trace) -> dict[str, object]:
    """Return what is kept of a call with the keys of `--json`."""
    ladder = trace.ladder
    return call_row(trace.record) | {
        "why": why(trace.record),
        "rule_set_at": time_text(trace.change.at_ms) if trace.change is not None else None,
        "rule_set_by": _who(trace.change) if trace.change is not None else None,
        "ladder": [_leg_row(leg) for leg in ladder.legs] if ladder is not None and not ladder.damaged else None,
        "note": _note(trace) or None,
    }


def _leg_row(leg: Leg) -> dict[str, object]:
    return {
        "trunk": leg.trunk,
        "destination": leg.destination,
        "request_uri": leg.request_uri,
        "headers": list(leg.headers),
        "sent_at": time_text(leg.sent_at_ms),
        "ringing_at": time_text(leg.rang_at_ms),
        "end": leg.end,
        "ended_at": time_text(leg.end_at_ms),
        "status": leg.status,
        "phrase": leg.phrase or None,
    }


def why(record: CallRecord) -> str:
    """Say why a call went where it did, as `renvoi explain` does for one to come."""
    if record.decision == "reject":
        return f"refused: {record.reason}"
    ours = _diverting(record)
    taken = "a message was taken" if record.missed is False else "the voicemail took no message"
    if record.target is None:
        text = f"the voicemail of {record.number}" + (f" on behalf of {', '.join(ours)}" if len(ours) > 1 else "")
        return text + ("" if record.missed is None else f"; {taken}") + _ending(record)
    text = f"forwarded to {record.target} on behalf of {', '.join(ours)}"
    if record.decision == "voicemail":
        text += f"; not taken ({record.reason}), so it went to the voicemail"
        return text if record.missed is None else f"{text}; {taken}"
    return text + _ending(record)


def _ending(record: CallRecord) -> str:
    return f"; ended with reason {record.reason}" if record.reason is not None else ""


def _diverting(record: CallRecord) -> Sequence[str]:
    """Return our numbers that diverted the call, the called one first."""
    if record.number in record.diversions:
        return record.diversions[record.diversions.index(record.number) :]
    return [record.number or record.called]


def _who(change: AuditEntry) -> str:
    return f"key {change.key_id} from {change.source}" if change.key_id is not None else "the command line"


@dataclass(frozen=True, slots=True)
class _Step:
    """A line of the ladder: when, from whom to whom, what, and the lines below it."""

    at_ms: int
    sender: str
    receiver: str
    what: str
    below: tuple[str, ...] = ()


def show_trace(trace: Trace) -> None:
    """Print what is kept of a call."""
    record = trace.record
    withheld = " (withheld)" if record.withheld else ""
    _say("call", record.key.call_id)
    _say("", f"{record.caller}{withheld} calls {record.number or record.called}, {time_text(record.setup_at_ms)}")
    typer.echo("")
    for step in sorted(_steps(trace), key=lambda step: step.at_ms):
        seconds = (step.at_ms - record.setup_at_ms) / 1000
        _say(f"{seconds:9.3f} s", f"{step.sender} -> {step.receiver}  {step.what}")
        for line in step.below:
            _say("", line, deeper=2)
    typer.echo("")
    _say("why", why(record))
    if record.revision is not None:
        change = f", set {time_text(trace.change.at_ms)} by {_who(trace.change)}" if trace.change is not None else ""
        _say("rule", f"revision {record.revision} of {record.number}{change}")
    if record.last_known:
        _say("", "read before the call, as the store was away")
    if record.diversions:
        _say("diverted by", " ".join(record.diversions))
    if note := _note(trace):
        _say("note", note)
    for key, value in call_row(record).items():
        if key not in _TOLD and value not in (None, False):
            _say(key, _words(value) if isinstance(value, dict) else cell(value))


def _words(values: Mapping[str, object]) -> str:
    return " ".join(f"{name}={cell(value)}" for name, value in values.items() if value not in (None, [], ""))


def _say(name: str, text: str, deeper: int = 0) -> None:
    """Print a text behind its name or time, wrapped."""
    first = f"{name:{_INDENT + deeper}}"
    lines = textwrap.wrap(cell(text), WIDTH, initial_indent=first, subsequent_indent=" " * (_INDENT + deeper + 2))
    typer.echo("\n".join(lines) or name)


def _note(trace: Trace) -> str:
    """Say why there is nothing, or not all, of where the call was sent."""
    record, ladder = trace.record, trace.ladder
    if ladder is not None and ladder.damaged:
        return "where it was sent is kept, but cannot be read"
    if record.decision == "reject" or (ladder is not None and ladder.legs):
        return ""
    if record.status is None:
        return "where it is sent comes with its final answer"
    return "where it was sent is not kept (any more): RENVOI_LADDER_RETENTION_DAYS"


def _steps(trace: Trace) -> Iterator[_Step]:
    record = trace.record
    legs = trace.ladder.legs if trace.ladder is not None else ()
    yield _Step(record.setup_at_ms, _CALLER, _EDGE, f"INVITE {record.called}")
    for leg in legs:
        yield from _steps_of(leg)
    if record.ring_at_ms is not None and not any(leg.rang_at_ms == record.ring_at_ms for leg in legs):
        yield _Step(record.ring_at_ms, _EDGE, _CALLER, "ringing")
    answered = record.answer_at_ms is not None
    if record.status is not None:
        if record.hung_up_by == _CALLER and not answered and record.end_at_ms is not None:
            yield _Step(record.end_at_ms, _CALLER, _EDGE, "gives up")
        cause = f" (cause {record.cause})" if record.cause is not None and not answered else ""
        at_ms = record.answer_at_ms if record.answer_at_ms is not None else record.end_at_ms
        yield _Step(at_ms if at_ms is not None else record.setup_at_ms, _EDGE, _CALLER, f"{record.status}{cause}")
    if answered and record.end_at_ms is not None:
        yield _last(record, record.end_at_ms, legs)


def _last(record: CallRecord, at_ms: int, legs: Sequence[Leg]) -> _Step:
    cause = f" (cause {record.cause})" if record.cause is not None else ""
    if record.hung_up_by == _CALLER:
        return _Step(at_ms, _CALLER, _EDGE, f"BYE{cause}")
    if record.hung_up_by == _CALLEE:
        return _Step(at_ms, _name(legs[-1]) if legs else _CALLEE, _EDGE, f"BYE{cause}")
    return _Step(at_ms, _EDGE, _EDGE, f"the record is closed{cause}")


def _steps_of(leg: Leg) -> Iterator[_Step]:
    name = _name(leg)
    yield _Step(leg.sent_at_ms, _EDGE, name, f"INVITE {leg.request_uri}", (f"to {leg.destination}", *leg.headers))
    if leg.rang_at_ms is not None:
        yield _Step(leg.rang_at_ms, name, _EDGE, "ringing")
    at_ms = leg.end_at_ms if leg.end_at_ms is not None else leg.sent_at_ms
    if leg.end == ANSWERED:
        yield _Step(at_ms, name, _EDGE, f"{leg.status} {leg.phrase}")
    elif leg.end == RANG_OUT:
        yield _Step(at_ms, _EDGE, name, "CANCEL, as nobody answered in time")
    elif leg.end == UNSENT:
        yield _Step(at_ms, _EDGE, name, "nothing: it could not be sent")
    elif leg.end is not None:
        yield _Step(at_ms, _EDGE, name, "no answer came in time")


def _name(leg: Leg) -> str:
    return f"trunk {leg.trunk}" if leg.trunk is not None else _VOICEMAIL
