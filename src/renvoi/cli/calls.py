"""`renvoi calls` and `try`, and what a call meets beyond the rules: trunks, voicemail, and the node that runs."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from renvoi.application import call_log, calls, numbers
from renvoi.application.accounts import list_accounts
from renvoi.application.errors import OperatorError
from renvoi.application.json_fields import call_fields
from renvoi.application.ports.calls import CallFilter, CallQuery
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.reach import THE_OPERATOR
from renvoi.cli.base import Data, Json, Number, group, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import HELP, addresses, cell, read_span, show_json, show_rows, time_text
from renvoi.domain.calls import call_csv
from renvoi.domain.calls.call_record import CallRecord, IdentityResult
from renvoi.domain.calls.rates import amount_text
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.routing.routing import Decision, Forward, Reject, Voicemail
from renvoi.domain.rules.rule import Unanswered
from renvoi.node.checks.results import TracedMessage, TrialCall
from renvoi.node.control.control import NodeFacts, TrunkReport

NO_INBOUND = "no call comes in, as there is no inbound trunk: `renvoi trunk add NAME --inbound CIDR` adds one"
NO_OUTBOUND = "`renvoi trunk add NAME --outbound SIP_URI` adds one"
DEFAULT_LIMIT = 100
DEMO_CALLER = "+33199009876"
"""Who calls when nobody is named: from a range that the French regulator keeps for fiction."""


def ask_node(ctx: typer.Context, data: Path | None) -> NodeFacts | str:
    """Ask the running node what decides what a call meets; return why, if it cannot be asked.

    Raises:
        OperatorError: it works with another store, so what this command reads says nothing about its calls.
    """
    facts = asyncio.run(program_of(ctx).node_facts(load(ctx, data)))
    if isinstance(facts, NodeFacts) and facts.other_store:
        raise OperatorError(f"the running node has another store: {facts.other_store}: give this command the node's")
    return facts


def notes(decision: Decision, trunks: Trunks, facts: NodeFacts | str) -> list[str]:
    """Return what keeps a call from going as `decision` says, and what is not known about that."""
    found = [] if trunks.inbound or trunks.unreadable else [NO_INBOUND]
    if trunks.unreadable:
        names = ", ".join(row.name for row in trunks.unreadable)
        found.append(f"running nodes keep what they had of {names}, which cannot be read now: see `renvoi trunk list`")
    if isinstance(facts, str):
        if isinstance(decision, Forward) and not trunks.outbound and not trunks.unreadable:
            found.append(_unreached(_message_for(decision), "there is no outbound trunk", NO_OUTBOUND))
        if not isinstance(decision, Reject):
            found.append(f"whether trunks and voicemail work is not known: {facts}")
        return found
    if facts.no_calls:
        return [*found, f"the running node carries no calls: {facts.no_calls}"]
    if isinstance(decision, Forward):
        message_for = () if facts.no_voicemail else _message_for(decision)
        found += _forwarding(message_for, trunks, facts.outbound)
        if facts.no_voicemail and decision.fallbacks.takes_messages:
            found.append(f"no message is taken, as the running node has no voicemail: {facts.no_voicemail}")
    elif isinstance(decision, Voicemail) and facts.no_voicemail:
        found.append(f"the caller gets 480, as the running node has no voicemail: {facts.no_voicemail}")
    return found


def _message_for(decision: Forward) -> tuple[EmailAddress, ...]:
    """Return whom a message is taken for when nobody can be reached, by a second number neither."""
    return decision.emails if decision.fallbacks.of(Unanswered.UNREACHABLE).takes_messages else ()


def _forwarding(message_for: tuple[EmailAddress, ...], trunks: Trunks, reports: Mapping[str, TrunkReport]) -> list[str]:
    if trunks.unreadable:
        # Whether one of them works nobody can tell.
        return []
    if not trunks.outbound:
        return [_unreached(message_for, "there is no outbound trunk", NO_OUTBOUND)]
    known = {trunk.name: reports.get(trunk.name) for trunk in trunks.outbound}
    dead = {name: report for name, report in known.items() if report and report.state in ("down", "unfound")}
    if len(dead) < len(known):
        unknown = [name for name, report in known.items() if report is None or report.state == "unknown"]
        return [f"whether trunk {', '.join(unknown)} works is not known"] if len(unknown) == len(known) else []
    states = "; ".join(f"{name}: {report.text}" for name, report in dead.items())
    return [_unreached(message_for, f"no outbound trunk works now ({states})", "`renvoi trunk test NAME` asks one")]


def _unreached(message_for: tuple[EmailAddress, ...], why: str, todo: str) -> str:
    answer = f"a message is taken for {addresses(message_for)} at once" if message_for else "the caller gets 503"
    return f"{answer}, as {why}: {todo}"


call_commands = group("Records of calls.", bare=True)


class CallDecision(StrEnum):
    """What is decided of a call."""

    FORWARD = "forward"
    VOICEMAIL = "voicemail"
    REJECT = "reject"


@call_commands.callback()
def list_calls(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Option(help="Only calls of this number")] = None,
    caller: Annotated[str | None, typer.Option("--from", metavar="CALLER", help="Only calls of this caller")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=f"Only calls from this time on: {HELP}")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only calls before this time")] = None,
    status: Annotated[int | None, whole("Only with this final SIP status", 100, 699)] = None,
    decision: Annotated[CallDecision | None, typer.Option(help="Only calls with this decision")] = None,
    limit: Annotated[int, whole("How many to show at most", 1, 100_000)] = DEFAULT_LIMIT,
    as_csv: Annotated[bool, typer.Option("--csv", help="All of them, however many, as CSV")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest calls, newest first, those to which all of the options apply."""
    if ctx.invoked_subcommand is not None:
        if any(given not in (None, False, DEFAULT_LIMIT) for given in ctx.params.values()):
            usage_error(f"give the options after `calls {ctx.invoked_subcommand}`")
        return
    region = load(ctx, data).region
    first, end = read_span(since, until, program_of(ctx).clock.now_ms())
    only = CallFilter(
        number=numbers.parse_number(number, region) if number is not None else None,
        since_ms=first,
        until_ms=end,
        status=status,
        decision=decision.value if decision is not None else None,
        caller=calls.caller_text(caller, region) if caller is not None else None,
    )
    if as_csv:
        if as_json or limit != DEFAULT_LIMIT:
            usage_error("--csv has all calls: leave --json and --limit out")
        with_store(ctx, data, lambda store: _print_csv(store, only))
        return
    found = with_store(ctx, data, lambda store: calls.list_calls(store, limit, only))
    if as_json:
        show_json([call_row(record) for record in found])
        return
    empty = "no calls yet" if only == CallFilter() else "no such calls"
    columns = ("started_at", "from", "number", "decision", "reason", "target", "status", "answered_at", "ended_at")
    show_rows([_shown(record) for record in found], as_json=False, empty=empty, columns=columns)


async def _print_csv(store: Store, only: CallFilter) -> None:
    query = CallQuery(None, only.number, only.caller, only.decision, only.status, only.since_ms, only.until_ms)
    typer.echo(call_csv.csv_line(call_csv.COLUMNS), nl=False)
    async for stored in call_log.every_call(store, THE_OPERATOR, query, None):
        typer.echo(call_csv.row(call_fields(stored, shows_withheld=True)), nl=False)


def _shown(record: CallRecord) -> dict[str, object]:
    # The operator may look, and should know who must not be told.
    return call_row(record) | ({"from": f"{record.caller} (withheld)"} if record.withheld else {})


def call_row(record: CallRecord) -> dict[str, object]:
    """Return a call's record with the keys of `--json`."""
    return {
        "call_id": record.key.call_id,
        "from": record.caller,
        "withheld": record.withheld,
        "called": record.called,
        "number": record.number,
        "decision": record.decision,
        "reason": record.reason,
        "target": record.target,
        "trunk": record.trunk,
        "fallback": record.fallback,
        "unheard": record.unheard,
        "revision": record.revision,
        "status": record.status,
        "cause": record.cause,
        "hung_up_by": record.hung_up_by,
        "diversions": list(record.diversions),
        "missed": record.missed,
        "last_known": record.last_known,
        "price": None if record.price is None else amount_text(record.price),
        "identity": identity_row(record.identity) if record.identity is not None else None,
        "started_at": time_text(record.setup_at_ms),
        "ringing_at": time_text(record.ring_at_ms),
        "answered_at": time_text(record.answer_at_ms),
        "ended_at": time_text(record.end_at_ms),
    }


def identity_row(identity: IdentityResult) -> dict[str, object]:
    """Return what signed identity has proven, with the keys of `--json`."""
    return {
        "verstat": identity.verstat,
        "codes": list(identity.codes),
        "faults": list(identity.faults),
        "attestation": identity.attestation or None,
        "diverted_by": list(identity.diverted_by),
    }


def try_call(
    ctx: typer.Context,
    number: Number,
    caller: Annotated[str, typer.Option("--from", metavar="CALLER", help="Caller's number")] = DEMO_CALLER,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Place one real call from loopback through the running edge, and show the result."""
    program, settings = program_of(ctx), load(ctx, data)
    called, calling = (numbers.parse_number(text, settings.region) for text in (number, caller))

    async def accounts_exist(store: Store) -> bool:
        return bool(await list_accounts(store))

    facts = ask_node(ctx, data)
    if not with_store(ctx, data, accounts_exist):
        raise OperatorError("there are no accounts yet: `renvoi demo` makes one to try with")
    if isinstance(facts, str):
        raise OperatorError(f"there is no edge to call through: {facts}: start one with `renvoi serve`")
    trial = asyncio.run(program.place_call(settings, called, calling))
    if as_json:
        show_json(_trial_row(trial))
    else:
        _show_ladder(trial)
    if trial.status is None:
        raise OperatorError("the edge gave the call no final answer")


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
        what = " ".join(filter(None, (record.decision, record.target or record.reason)))
        typer.echo(f"decided   {what} (revision {cell(record.revision)})")
        typer.echo(f"record    {_record_line(record)}")
    if trial.note:
        typer.echo(f"note      {trial.note}")


def _show_message(message: TracedMessage) -> None:
    typer.echo(f"{message.at_ms:8.1f} ms  {message.sender:>6} -> {message.receiver:<6}  {cell(message.line)}")
    for name, value in message.headers:
        typer.echo(f"{'':31}{name}: {cell(value)}")


def _record_line(record: CallRecord) -> str:
    row = call_row(record)
    keys = ("status", "cause", "trunk", "started_at", "ringing_at", "answered_at", "ended_at", "hung_up_by")
    return " ".join(f"{key}={cell(row[key])}" for key in keys if row[key] is not None)
