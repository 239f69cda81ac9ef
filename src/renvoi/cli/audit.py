"""`renvoi audit`."""

from typing import Annotated

import typer

from renvoi.application import audit, numbers
from renvoi.application.audit import Change
from renvoi.application.ports.accounts import AuditFilter
from renvoi.cli.base import Data, Json, load, program_of, with_store
from renvoi.cli.output import HELP, read_span, show_json, show_rows, time_text
from renvoi.domain.numbers.rule import Rule, RuleType


def list_changes(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Option(help="Only changes of this number")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account's numbers: its name or id")] = None,
    since: Annotated[str | None, typer.Option(metavar="TIME", help=f"Only changes from this time on: {HELP}")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only changes before this time")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many to show at most")] = 100,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """List the latest changes of rules, newest first: who made them, from where, what was before and after."""
    parsed = numbers.parse_number(number, load(ctx, data).region) if number is not None else None
    first, end = read_span(since, until, program_of(ctx).clock.now_ms())
    only = AuditFilter(number=parsed, since_ms=first, until_ms=end)
    found = with_store(ctx, data, lambda store: audit.list_changes(store, limit, only, account))
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
        "by": "key" if by_key else "command line",
        "key": entry.key_id,
        "key_name": change.key_name,
        "address": entry.source if by_key else None,
        "before": _rule_row(entry.before),
        "after": _rule_row(entry.after),
    }


def _rule_row(rule: Rule) -> dict[str, object]:
    return {"type": int(rule.type), "param": rule.param}


def _shown(change: Change) -> dict[str, object]:
    entry, row = change.entry, _row(change)
    who = f"key {entry.key_id}" + (f" {change.key_name}" if change.key_name else "") if entry.key_id else row["by"]
    before, after = _rule_text(entry.before), _rule_text(entry.after)
    return {
        **{key: row[key] for key in ("at", "number", "account", "revision")},
        "by": who,
        "address": row["address"],
        "before": before,
        # The trail has the type of a rule and its target: see `docs/operating.md`.
        "after": after if after != before else f"{after}, with other options",
    }


def _rule_text(rule: Rule) -> str:
    if rule.type is RuleType.FORWARD:
        return f"forward to {rule.target}"
    return f"voicemail to {rule.email}" if rule.type is RuleType.VOICEMAIL else "off"
