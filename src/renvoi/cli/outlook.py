"""What a call meets beyond the rules: trunks, voicemail, and the node that runs."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from renvoi.application.errors import OperatorError
from renvoi.application.ports.trunks import Trunks
from renvoi.cli.base import load, program_of
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.rule import NO_FALLBACK, Unanswered
from renvoi.domain.routing.routing import Decision, Forward, Reject, Voicemail
from renvoi.node.supervisor.control import NodeFacts, TrunkReport

NO_INBOUND = "no call comes in, as there is no inbound trunk: `renvoi trunk add NAME --inbound CIDR` adds one"
NO_OUTBOUND = "`renvoi trunk add NAME --outbound SIP_URI` adds one"


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
    found = [] if trunks.inbound else [NO_INBOUND]
    if isinstance(facts, str):
        if isinstance(decision, Forward) and not trunks.outbound:
            found.append(_unreached(_message_for(decision), "there is no outbound trunk", NO_OUTBOUND))
        if not isinstance(decision, Reject):
            found.append(f"whether trunks and voicemail work is not known: {facts}")
        return found
    if facts.no_calls:
        return [*found, f"the running node carries no calls: {facts.no_calls}"]
    if isinstance(decision, Forward):
        message_for = None if facts.no_voicemail else _message_for(decision)
        found += _forwarding(message_for, trunks, facts.outbound)
        if facts.no_voicemail and decision.fallback != NO_FALLBACK:
            found.append(f"no message is taken, as the running node has no voicemail: {facts.no_voicemail}")
    elif isinstance(decision, Voicemail) and facts.no_voicemail:
        found.append(f"the caller gets 480, as the running node has no voicemail: {facts.no_voicemail}")
    return found


def _message_for(decision: Forward) -> EmailAddress | None:
    """Return whom a message is taken for when nobody can be reached."""
    return decision.fallback.mailbox(Unanswered.NO_ANSWER)


def _forwarding(message_for: EmailAddress | None, trunks: Trunks, reports: Mapping[str, TrunkReport]) -> list[str]:
    if not trunks.outbound:
        return [_unreached(message_for, "there is no outbound trunk", NO_OUTBOUND)]
    known = {trunk.name: reports.get(trunk.name) for trunk in trunks.outbound}
    dead = {name: report for name, report in known.items() if report and report.state in ("down", "unfound")}
    if len(dead) < len(known):
        unknown = [name for name, report in known.items() if report is None or report.state == "unknown"]
        return [f"whether trunk {', '.join(unknown)} works is not known"] if len(unknown) == len(known) else []
    states = "; ".join(f"{name}: {report.text}" for name, report in dead.items())
    return [_unreached(message_for, f"no outbound trunk works now ({states})", "`renvoi trunk test NAME` asks one")]


def _unreached(message_for: EmailAddress | None, why: str, todo: str) -> str:
    answer = "the caller gets 503" if message_for is None else f"a message is taken for {message_for} at once"
    return f"{answer}, as {why}: {todo}"
