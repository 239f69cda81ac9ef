"""`renvoi explain`: the rules of numbers, told."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from renvoi.application import calls
from renvoi.application.calls import Explanation
from renvoi.cli.base import Data, Json, Number, load, program_of, usage_error, with_store
from renvoi.cli.calls import ask_node, notes
from renvoi.cli.output import COMING_HELP, addresses, cell, read_coming, show_json, time_text
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.moment import is_moment
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.routing.routing import Forward, Reject, Voicemail
from renvoi.domain.rules.rule import NO_FALLBACKS, Fallback, NumberRecord, Otherwise, Rule, RuleType

_DAY, _TIME = "%Y-%m-%d", "%H:%M:%S"
_TIMES = [_DAY, *(f"{_DAY}{between}{_TIME}{zone}" for between in ("T", " ") for zone in ("", "%z"))]
"""How the time of a call may be written besides."""


def rule_text(rule: Rule) -> str:
    """Return what a rule does with calls while the number is open."""
    if rule.type is RuleType.FORWARD:
        text = f"calls are forwarded to {rule.target}, ringing up to {rule.ring_timeout.total_seconds():.0f} s"
        return text if rule.fallbacks == NO_FALLBACKS else f"{text}; {'; '.join(_fallback_texts(rule))}"
    if rule.type is RuleType.VOICEMAIL:
        return f"messages go to {addresses(rule.emails)}"
    return "calls are refused"


def _fallback_texts(of: Rule | Forward) -> list[str]:
    fallbacks = of.fallbacks
    whys = [(fallbacks.no_answer, "not answered"), (fallbacks.busy, "busy")]
    if fallbacks.unreachable != fallbacks.no_answer:
        whys.append((fallbacks.unreachable, "not reached"))
    return [f"{words}: {_fallback_text(fallback, of.emails)}" for fallback, words in whys]


def _fallback_text(fallback: Fallback, emails: tuple[EmailAddress, ...]) -> str:
    message = f"a message is taken for {addresses(emails)}"
    if fallback.action is Otherwise.FORWARD:
        then = f", then {message}" if fallback.then is Otherwise.VOICEMAIL else ""
        return f"forwarded to {fallback.to}{then}"
    return message if fallback.action is Otherwise.VOICEMAIL else "released"


def explain_call(
    ctx: typer.Context,
    number: Number,
    caller: Annotated[str, typer.Option("--from", metavar="CALLER", help="Caller's number")],
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help=f"Time of the call: {COMING_HELP}; now by default")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Explain what would happen to a call under the present rules; no call is placed."""
    settings = load(ctx, data)
    facts = ask_node(ctx, data)
    now_ms = program_of(ctx).clock.now_ms()
    moment = None
    if at is not None:
        now_ms = _read_time(at, now_ms)
        moment = datetime.fromtimestamp(now_ms / 1000, UTC).replace(tzinfo=None)
    cooling_off_ms = settings.country_cooling_off_s * 1000
    found = with_store(
        ctx, data, lambda store: calls.explain(store, number, caller, settings.region, now_ms, cooling_off_ms)
    )
    told, sentence = notes(found.decision, found.trunks, facts), _summary(found, now_ms)
    if as_json:
        show_json(_decision_row(found) | {"at": moment and moment.isoformat(), "summary": sentence, "notes": told})
        return
    typer.echo(
        f"A call from {cell(found.caller)} to {found.called}{f' at {moment:%Y-%m-%d %H:%M} UTC' if moment else ''}:"
    )
    for looked_up, record in found.records:
        typer.echo(f"  {looked_up} {_state(record)}")
    if sentence is not None:
        typer.echo(f"  {sentence}")
    typer.echo(f"  => {_decision_text(found)}")
    if isinstance(found.decision, Forward):
        for text in _fallback_texts(found.decision):
            typer.echo(f"     {text}")
    for text in told:
        typer.echo(f"  note: {text}")


def _read_time(text: str, now_ms: int) -> int:
    """Return a time in ms since 1970-01-01 UTC, which it is in unless it says otherwise."""
    for form in _TIMES:
        try:
            # One without a zone is in UTC.
            at = datetime.strptime(text, form)  # noqa: DTZ007 - see above
        except ValueError:
            continue
        at_ms = int((at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp() * 1000)
        break
    else:
        at_ms = read_coming("--at", text, now_ms)
    if not is_moment(at_ms):
        usage_error(f"--at: {text[:40]} is not a time of a call: give one from 1970 to 9999")
    return at_ms


def _summary(found: Explanation, now_ms: int) -> str | None:
    """Say what calls of the number meet at that time; None for a number that is not ours."""
    # Loaded late: names of days are a large table, and no other command needs it.
    from renvoi.domain.rules.summary import summary  # noqa: PLC0415

    record = found.records[0][1]
    return None if record is None else summary(record, now_ms, LANGUAGES[0])


def _state(record: NumberRecord | None) -> str:
    if record is None:
        return "is not one of our numbers"
    if not record.active:
        return "is deactivated"
    if not record.forwarding_enabled:
        return "has no call-forwarding option"
    return f"is ours, revision {record.rule.revision}: {rule_text(record.rule)}"


def _decision_row(found: Explanation) -> dict[str, object]:
    row: dict[str, object] = {"number": found.called.value, "from": found.caller}
    no_fallback = dict.fromkeys((*NO_FALLBACKS.options, "email"))
    match found.decision:
        case Forward(diverting, revision, target, ring_timeout, fallbacks, emails=emails):
            row |= {"decision": "forward", "reason": None, "target": target.value, "revision": revision}
            row |= {"via": [n.value for n in diverting], "ring_timeout_s": int(ring_timeout.total_seconds())}
            row |= fallbacks.options | {"email": addresses(emails) or None}
        case Voicemail(diverting, revision, emails):
            row |= {"decision": "voicemail", "reason": None, "target": addresses(emails), "revision": revision}
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
        case Voicemail(diverting, _, emails):
            return f"a message for {diverting[-1]} is taken and mailed to {addresses(emails)}"
        case Reject(_, _, target, refused) if refused is not None:
            return f"refused: the account's policy does not let calls go to {target}: {refused}"
        case Reject(_, _, target, _, until_ms) if until_ms is not None:
            since = "the account has just begun to forward to that country"
            return f"refused: calls to {target} wait until {time_text(until_ms)}, as {since}"
        case Reject(reason, _):
            return f"refused: {reason.value}"
