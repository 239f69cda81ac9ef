"""`renvoi forward` and `explain`: the rule of a number, set and told."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from renvoi.application import calls, numbers
from renvoi.application.calls import Explanation
from renvoi.application.numbers import ForwardOptions
from renvoi.cli.base import Data, Json, Number, load, program_of, usage_error, whole, with_store
from renvoi.cli.calls import ask_node, notes
from renvoi.cli.output import cell, show_json, time_text
from renvoi.domain.numbers.rule import NO_FALLBACK, Fallback, NumberRecord, Otherwise, Rule, RuleType, Unanswered
from renvoi.domain.routing.routing import Forward, Reject, Voicemail


def forward(
    ctx: typer.Context,
    number: Number,
    to: Annotated[str | None, typer.Option(metavar="NUMBER", help="Forward calls to this number")] = None,
    voicemail: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="Take messages, mailed to this address")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Refuse calls")] = False,
    ring_timeout: Annotated[int | None, whole("With --to: ring timeout in seconds, 5 to 170", metavar="S")] = None,
    no_answer: Annotated[
        Otherwise | None, typer.Option(help="With --to: if nobody answers, or it is unreachable")
    ] = None,
    busy: Annotated[Otherwise | None, typer.Option(help="With --to: if the target is busy, or declines")] = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="With --to: where messages of such calls are mailed")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set what happens to calls of a number, from the next call on; options of --to that are not given stay."""
    if (to is not None) + (voicemail is not None) + off != 1:
        usage_error("give one of --to NUMBER, --voicemail EMAIL and --off")
    options = ForwardOptions(ring_timeout, no_answer, busy, email)
    if to is None and options != ForwardOptions():
        usage_error("--ring-timeout, --no-answer, --busy and --email go with --to NUMBER")
    kind = RuleType.FORWARD if to is not None else RuleType.VOICEMAIL if voicemail is not None else RuleType.DISABLED
    parsed, clock = numbers.parse_number(number, load(ctx, data).region), program_of(ctx).clock
    record = with_store(
        ctx, data, lambda store: numbers.set_rule(store, clock, parsed, kind, to or voicemail or "", options)
    )
    if as_json:
        show_json(_rule_row(record))
    else:
        typer.echo(f"{record.number}: {_rule_text(record.rule)} (revision {record.rule.revision})")


def _rule_row(record: NumberRecord) -> dict[str, object]:
    rule = record.rule
    return {
        "number": record.number.value,
        "type": int(rule.type),
        "param": rule.param,
        "revision": rule.revision,
        **rule.options,
    }


def _rule_text(rule: Rule) -> str:
    if rule.type is RuleType.FORWARD:
        text = f"calls are forwarded to {rule.target}, ringing up to {rule.ring_timeout.total_seconds():.0f} s"
        return text if rule.fallback == NO_FALLBACK else f"{text}; {'; '.join(_fallback_texts(rule.fallback))}"
    if rule.type is RuleType.VOICEMAIL:
        return f"messages go to {rule.email}"
    return "calls are refused"


def _fallback_texts(fallback: Fallback) -> list[str]:
    texts = []
    for why, words in ((Unanswered.NO_ANSWER, "not answered"), (Unanswered.BUSY, "busy")):
        email = fallback.mailbox(why)
        texts.append(f"{words}: " + (f"a message is taken for {email}" if email is not None else "released"))
    return texts


def explain_call(
    ctx: typer.Context,
    number: Number,
    caller: Annotated[str, typer.Option("--from", metavar="CALLER", help="Caller's number")],
    at: Annotated[
        datetime | None,
        typer.Option(metavar="TIME", help="Time of the call, UTC; no rule of this version depends on it"),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Explain what would happen to a call under the present rules; no call is placed."""
    settings = load(ctx, data)
    facts = ask_node(ctx, data)
    now_ms = program_of(ctx).clock.now_ms() if at is None else int(at.replace(tzinfo=UTC).timestamp() * 1000)
    cooling_off_ms = settings.country_cooling_off_s * 1000
    found = with_store(
        ctx, data, lambda store: calls.explain(store, number, caller, settings.region, now_ms, cooling_off_ms)
    )
    told = notes(found.decision, found.trunks, facts)
    if as_json:
        show_json(_decision_row(found) | {"at": at and at.isoformat(), "notes": told})
        return
    typer.echo(f"A call from {cell(found.caller)} to {found.called}{f' at {at:%Y-%m-%d %H:%M} UTC' if at else ''}:")
    for looked_up, record in found.records:
        typer.echo(f"  {looked_up} {_state(record)}")
    typer.echo(f"  => {_decision_text(found)}")
    if isinstance(found.decision, Forward):
        for text in _fallback_texts(found.decision.fallback):
            typer.echo(f"     {text}")
    for text in told:
        typer.echo(f"  note: {text}")


def _state(record: NumberRecord | None) -> str:
    if record is None:
        return "is not one of our numbers"
    if not record.active:
        return "is deactivated"
    if not record.forwarding_enabled:
        return "has no call-forwarding option"
    return f"is ours, revision {record.rule.revision}: {_rule_text(record.rule)}"


def _decision_row(found: Explanation) -> dict[str, object]:
    row: dict[str, object] = {"number": found.called.value, "from": found.caller}
    no_fallback = dict.fromkeys(("no_answer", "busy", "email"))
    match found.decision:
        case Forward(diverting, revision, target, ring_timeout, fallback):
            row |= {"decision": "forward", "reason": None, "target": target.value, "revision": revision}
            row |= {"via": [n.value for n in diverting], "ring_timeout_s": int(ring_timeout.total_seconds())}
            row |= fallback.options
        case Voicemail(diverting, revision, email):
            row |= {"decision": "voicemail", "reason": None, "target": str(email), "revision": revision}
            row |= {"via": [n.value for n in diverting], "ring_timeout_s": None, **no_fallback}
        case Reject(reason, revision, target, _, until_ms):
            row |= {"decision": "reject", "reason": reason.value, "target": target and target.value}
            row |= {"revision": revision} | ({} if until_ms is None else {"until": time_text(until_ms)})
            row |= {"via": [], "ring_timeout_s": None, **no_fallback}
    return row


def _decision_text(found: Explanation) -> str:
    match found.decision:
        case Forward(diverting, _, target, ring_timeout):
            via = ", ".join(number.value for number in diverting)
            return f"forwarded to {target} on behalf of {via}, ringing up to {ring_timeout.total_seconds():.0f} s"
        case Voicemail(diverting, _, email):
            return f"a message for {diverting[-1]} is taken and mailed to {email}"
        case Reject(_, _, target, refused) if refused is not None:
            return f"refused: the account's policy does not let calls go to {target}: {refused}"
        case Reject(_, _, target, _, until_ms) if until_ms is not None:
            since = "the account has just begun to forward to that country"
            return f"refused: calls to {target} wait until {time_text(until_ms)}, as {since}"
        case Reject(reason, _):
            return f"refused: {reason.value}"
