"""`renvoi audit`."""

from typing import Annotated

import typer

from renvoi.application import accounts, numbers
from renvoi.application.accounts import Change
from renvoi.application.ports.accounts import AuditEntry, AuditFilter
from renvoi.cli.base import Data, Json, load, program_of, whole, with_store
from renvoi.cli.output import HELP, actor_kind, actor_text, addresses, read_span, show_json, show_rows, time_text
from renvoi.domain.rules.rule import Rule, RuleType
from renvoi.domain.rules.rule_change import OptionChange

_OPTIONS = {
    "ring_timeout_s": "ring timeout",
    "no_answer": "on no answer:",
    "busy": "when busy:",
    "unreachable": "when unreachable:",
    "missed_call_mail": "mail of missed calls",
    "email": "messages to",
}


def list_changes(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Option(help="Only changes of this number")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account's numbers: its name or id")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=f"Only changes from this time on: {HELP}")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only changes before this time")] = None,
    limit: Annotated[int, whole("How many to show at most", 1, 100_000)] = 100,
    former: Annotated[
        bool, typer.Option("--former", help="Changes by who has the number no more, instead of the others")
    ] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest changes of rules, newest first: who made them, from where, what was before and after."""
    parsed = numbers.parse_number(number, load(ctx, data).region) if number is not None else None
    first, end = read_span(since, until, program_of(ctx).clock.now_ms())
    only = AuditFilter(number=parsed, since_ms=first, until_ms=end)
    found = with_store(ctx, data, lambda store: accounts.list_changes(store, limit, only, account, former=former))
    if as_json:
        show_json([_row(change) for change in found])
        return
    empty = "no such changes" if account is not None or only != AuditFilter() else "no changes yet"
    show_rows([_shown(change) for change in found], as_json=False, empty=empty)


def _row(change: Change) -> dict[str, object]:
    entry = change.entry
    by_key = entry.key_id is not None
    return {
        "at": time_text(entry.at_ms),
        "number": entry.number.value,
        "account": change.account,
        "account_id": entry.account_id,
        "revision": entry.after.revision,
        "by": actor_kind(entry.key_id),
        "key": entry.key_id,
        "key_name": change.key_name,
        "address": entry.source if by_key else None,
        "before": _rule_row(entry.before),
        "after": _rule_row(entry.after),
        "options": {each.name: {"before": each.before, "after": each.after} for each in entry.options},
    }


def _rule_row(rule: Rule) -> dict[str, object]:
    return {"type": int(rule.type), "param": rule.param}


def _shown(change: Change) -> dict[str, object]:
    entry, row = change.entry, _row(change)
    who = actor_text(entry.key_id) + (f" {change.key_name}" if change.key_name else "")
    return {
        **{key: row[key] for key in ("at", "number", "account", "revision")},
        "by": who,
        "address": row["address"],
        "before": _rule_text(entry.before),
        "after": _rule_text(entry.after),
        "options": "; ".join(map(_option_text, entry.options)) or _no_options(entry),
    }


def _no_options(entry: AuditEntry) -> str | None:
    # Without them a change of the same target changed nothing.
    return "not recorded" if entry.before.asks_the_same(entry.after) else None


def _option_text(change: OptionChange) -> str:
    unit = " s" if change.name.endswith("_s") else ""
    before, after = (f"{value}{unit}" if value is not None else "nobody" for value in (change.before, change.after))
    return f"{_OPTIONS.get(change.name, change.name)} {before} → {after}"


def _rule_text(rule: Rule) -> str:
    if rule.type is RuleType.FORWARD:
        return f"forward to {rule.target}"
    return f"voicemail to {addresses(rule.emails)}" if rule.type is RuleType.VOICEMAIL else "off"
