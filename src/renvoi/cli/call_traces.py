"""`renvoi calls show`: one call from its beginning to its end, and why it went that way."""

import textwrap
from collections.abc import Mapping
from typing import Annotated

import typer

from renvoi.application import calls
from renvoi.application.calls import NoLadder, Trace
from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import AuditEntry
from renvoi.cli.base import Data, Json, with_store
from renvoi.cli.calls import call_row
from renvoi.cli.output import actor_text, cell, show_json, time_text
from renvoi.domain.calls.ladder import Leg
from renvoi.domain.calls.reason_text import why
from renvoi.domain.calls.step_text import what
from renvoi.domain.calls.steps import steps_of

WIDTH = 80
_INDENT = 13
"""Columns before what is said: the time of a step, or the name of a line."""
_NOTES = {
    NoLadder.DAMAGED: "where it was sent is kept, but cannot be read",
    NoLadder.LATER: "where it is sent comes with its final answer",
    NoLadder.GONE: "where it was sent is not kept (any more): RENVOI_LADDER_RETENTION_DAYS",
}
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


def _who(change: AuditEntry) -> str:
    return f"{actor_text(change.key_id)} from {change.source}" if change.key_id is not None else "the command line"


def show_trace(trace: Trace) -> None:
    """Print what is kept of a call."""
    record = trace.record
    withheld = " (withheld)" if record.withheld else ""
    _say("call", record.key.call_id)
    _say("", f"{record.caller}{withheld} calls {record.number or record.called}, {time_text(record.setup_at_ms)}")
    typer.echo("")
    for step in steps_of(record, trace.ladder):
        seconds = (step.at_ms - record.setup_at_ms) / 1000
        _say(f"{seconds:9.3f} s", f"{step.sender} -> {step.receiver}  {what(step, 'en')}")
        for line in (f"to {step.destination}", *step.headers) if step.destination else ():
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
    found = calls.no_ladder(trace)
    return "" if found is None else _NOTES[found]
