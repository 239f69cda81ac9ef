"""`renvoi forward`, `explain`, `try` and `calls`."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from renvoi.application import calls, explain, numbers
from renvoi.application.accounts import list_accounts
from renvoi.application.explain import Explanation
from renvoi.application.ports import Store
from renvoi.application.refused import Refused
from renvoi.cli.base import Data, Json, load, program_of, usage_error, with_store
from renvoi.cli.output import cell, show_json, show_rows, time_text
from renvoi.cli.program import Message, TrialCall
from renvoi.domain.callrecord import CallRecord
from renvoi.domain.decision import Forward, Reject, Voicemail
from renvoi.domain.rule import NumberRecord, RuleType

DEMO_CALLER = "+33199009876"
"""Who calls when nobody is named: from a range that the French regulator keeps for fiction."""

_Number = Annotated[str, typer.Argument(help="Virtual number, such as +33199001234")]
_Caller = Annotated[str, typer.Option("--from", metavar="CALLER", help="Who calls")]


def forward(
    ctx: typer.Context,
    number: _Number,
    to: Annotated[str | None, typer.Option(metavar="NUMBER", help="Forward calls to this number")] = None,
    voicemail: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Take messages, mailed to this address")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Refuse calls")] = False,
    ring_timeout: Annotated[int | None, typer.Option(metavar="S", help="Seconds a forwarded call may ring")] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set what happens to calls of a number, from the next call on."""
    if (to is not None) + (voicemail is not None) + off != 1:
        usage_error("give one of --to NUMBER, --voicemail EMAIL and --off")
    kind = RuleType.FORWARD if to is not None else RuleType.VOICEMAIL if voicemail is not None else RuleType.DISABLED
    parsed, clock = numbers.parse_number(number, load(ctx, data).region), program_of(ctx).clock
    record = with_store(
        ctx, data, lambda store: numbers.set_rule(store, clock, parsed, kind, to or voicemail or "", ring_timeout)
    )
    if as_json:
        show_json(
            {
                "number": record.number.value,
                "type": int(record.rule.type),
                "param": record.rule.param,
                "revision": record.rule.revision,
                "ring_timeout_s": int(record.rule.ring_timeout.total_seconds()),
            }
        )
    else:
        typer.echo(f"{record.number}: {_rule(record)} (revision {record.rule.revision})")


def _rule(record: NumberRecord) -> str:
    rule = record.rule
    if rule.type is RuleType.FORWARD:
        return f"calls are forwarded to {rule.target}, ringing up to {rule.ring_timeout.total_seconds():.0f} s"
    if rule.type is RuleType.VOICEMAIL:
        return f"messages go to {rule.email}"
    return "calls are refused"


def explain_call(
    ctx: typer.Context,
    number: _Number,
    caller: _Caller,
    at: Annotated[
        datetime | None, typer.Option(metavar="TIME", help="When it comes, UTC; no rule of this version depends on it")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what would happen to a call by the rules as they are now, and why; no call is placed."""
    region = load(ctx, data).region
    found = with_store(ctx, data, lambda store: explain.explain(store, number, caller, region))
    if as_json:
        show_json(_decision_row(found) | {"at": at and at.isoformat()})
        return
    typer.echo(f"A call from {cell(found.caller)} to {found.called}{f' at {at:%Y-%m-%d %H:%M} UTC' if at else ''}:")
    for looked_up, record in found.records:
        typer.echo(f"  {looked_up} {_state(record)}")
    typer.echo(f"  => {_decision_text(found)}")


def _state(record: NumberRecord | None) -> str:
    if record is None:
        return "is none of our numbers"
    if not record.active:
        return "is deactivated"
    if not record.forwarding_enabled:
        return "has no call-forwarding option"
    return f"is ours, revision {record.rule.revision}: {_rule(record)}"


def _decision_row(found: Explanation) -> dict[str, object]:
    row: dict[str, object] = {"number": found.called.value, "from": found.caller}
    match found.decision:
        case Forward(diverting, revision, target, ring_timeout):
            row |= {"decision": "forward", "reason": None, "target": target.value, "revision": revision}
            row |= {"via": [n.value for n in diverting], "ring_timeout_s": int(ring_timeout.total_seconds())}
        case Voicemail(diverting, revision, email):
            row |= {"decision": "voicemail", "reason": None, "target": str(email), "revision": revision}
            row |= {"via": [n.value for n in diverting], "ring_timeout_s": None}
        case Reject(reason, revision):
            row |= {"decision": "reject", "reason": reason.value, "target": None, "revision": revision}
            row |= {"via": [], "ring_timeout_s": None}
    return row


def _decision_text(found: Explanation) -> str:
    match found.decision:
        case Forward(diverting, _, target, ring_timeout):
            via = ", ".join(number.value for number in diverting)
            return f"forwarded to {target} on behalf of {via}, ringing up to {ring_timeout.total_seconds():.0f} s"
        case Voicemail(_, _, email):
            return f"a message is taken for {email} (a call is answered 480 until this version takes messages)"
        case Reject(reason, _):
            return f"refused: {reason.value}"


def list_calls(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Option(help="Only calls of this number")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the latest")] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest calls, newest first."""
    parsed = numbers.parse_number(number, load(ctx, data).region) if number is not None else None
    found = with_store(ctx, data, lambda store: calls.list_calls(store, limit, parsed))
    columns = ("started_at", "from", "number", "decision", "reason", "target", "status", "answered_at", "ended_at")
    show_rows([call_row(record) for record in found], as_json=as_json, empty="no calls yet", columns=columns)


def call_row(record: CallRecord) -> dict[str, object]:
    """Return a call's record with the keys of `--json`."""
    return {
        "call_id": record.key.call_id,
        "from": record.caller,
        "called": record.called,
        "number": record.number,
        "decision": record.decision,
        "reason": record.reason,
        "target": record.target,
        "trunk": record.trunk,
        "revision": record.revision,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by,
        "diversions": list(record.diversions),
        "started_at": time_text(record.setup_at_ms),
        "ringing_at": time_text(record.ring_at_ms),
        "answered_at": time_text(record.answer_at_ms),
        "ended_at": time_text(record.end_at_ms),
    }


def try_call(
    ctx: typer.Context, number: _Number, caller: _Caller = DEMO_CALLER, data: Data = None, as_json: Json = False
) -> None:
    """Place one real call from loopback through the running edge, and show what became of it."""
    program, settings = program_of(ctx), load(ctx, data)
    called, calling = (numbers.parse_number(text, settings.region) for text in (number, caller))

    async def accounts_exist(store: Store) -> bool:
        return bool(await list_accounts(store))

    if not with_store(ctx, data, accounts_exist):
        raise Refused("there are no accounts yet: `renvoi demo` makes one to try with")
    trial = asyncio.run(program.place_call(settings, called, calling))
    if as_json:
        show_json(_trial_row(trial))
    else:
        _show_ladder(trial)
    if trial.status is None:
        raise Refused("the edge gave the call no final answer")


def _trial_row(trial: TrialCall) -> dict[str, object]:
    return {
        "call_id": trial.call_id,
        "from": trial.caller,
        "number": trial.number,
        "status": trial.status,
        "note": trial.note or None,
        "messages": [
            {"at_ms": m.at_ms, "sender": m.sender, "receiver": m.receiver, "line": m.line, "headers": dict(m.headers)}
            for m in trial.messages
        ],
        "record": call_row(trial.record) if trial.record is not None else None,
    }


def _show_ladder(trial: TrialCall) -> None:
    typer.echo(f"{trial.caller} calls {trial.number}\n")
    for message in trial.messages:
        _show_message(message)
    record = trial.record
    typer.echo("")
    if record is None:
        typer.echo("record    none yet: `renvoi calls` shows it when it comes")
    else:
        what = record.target or record.reason or ""
        typer.echo(f"decided   {record.decision} {what} (revision {cell(record.revision)})")
        typer.echo(f"record    {_record_line(record)}")
    if trial.note:
        typer.echo(f"note      {trial.note}")


def _show_message(message: Message) -> None:
    typer.echo(f"{message.at_ms:8.1f} ms  {message.sender:>6} -> {message.receiver:<6}  {cell(message.line)}")
    for name, value in message.headers:
        typer.echo(f"{'':31}{name}: {cell(value)}")


def _record_line(record: CallRecord) -> str:
    row = call_row(record)
    keys = ("status", "cause", "trunk", "started_at", "ringing_at", "answered_at", "ended_at", "hung_up_by")
    return " ".join(f"{key}={cell(row[key])}" for key in keys if row[key] is not None)
