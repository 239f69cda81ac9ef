"""`renvoi number show`: a number, its rule, and what a call to it meets now."""

from collections.abc import Iterator
from typing import Annotated

import typer

from renvoi.application import numbers
from renvoi.application.accounts import list_accounts
from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Store
from renvoi.cli.base import Data, Json, Number, load, program_of, usage_error, with_store
from renvoi.cli.output import HELP, cell, read_moment, show_json, time_text
from renvoi.documents.rule_json import rule_json
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.rules.schedule import Schedule, clock_text


def show_number(
    ctx: typer.Context,
    number: Number,
    at: Annotated[str | None, typer.Option(metavar="TIME", help=f"What a call meets at this time: {HELP}")] = None,
    language: Annotated[str, typer.Option(help=f"Language of the sentence: {' or '.join(LANGUAGES)}")] = LANGUAGES[0],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show a number with its rule, and say in a sentence what a call meets now."""
    # Loaded late: names of days are a large table, and no other command needs it.
    from renvoi.domain.rules.summary import summary  # noqa: PLC0415

    if language not in LANGUAGES:
        usage_error(f"--language: {language[:20]!r} is not one: give {' or '.join(LANGUAGES)}")
    now_ms = program_of(ctx).clock.now_ms()
    at_ms = now_ms if at is None else read_moment("--at", at, now_ms)
    parsed = numbers.parse_listed(number, load(ctx, data).region)

    async def look(store: Store) -> tuple[NumberRecord, str]:
        record = await store.read(lambda reader: reader.listed_number(parsed))
        if record is None:
            raise OperatorError(f"there is no number {parsed}: `renvoi number list` lists them")
        names = {account.id: account.name for account in await list_accounts(store)}
        return record, names.get(record.account_id, str(record.account_id))

    record, account = with_store(ctx, data, look)
    sentence = summary(record, at_ms, language)
    if as_json:
        show_json(_row(record, account, sentence))
        return
    label = f" ({cell(record.label)})" if record.label else ""
    typer.echo(f"{record.number}{label}: {sentence}")
    state = "active" if record.active else "deactivated"
    option = "enabled" if record.forwarding_enabled else "disabled"
    typer.echo(f"  account {cell(account)}, {state}, call forwarding {option}")
    changed = f", changed {time_text(record.updated_at_ms)}" if record.updated_at_ms is not None else ""
    typer.echo(f"  rule of revision {record.rule.revision}{changed}")
    if record.rule.emails:
        typer.echo(f"  messages go to {', '.join(map(str, record.rule.emails))}")
    if record.rule.schedule is not None:
        for line in _hours(record.rule.schedule):
            typer.echo(f"  {line}")


def _row(record: NumberRecord, account: str, sentence: str) -> dict[str, object]:
    schedule = record.rule.schedule
    until = schedule.holidays_until if schedule is not None else None
    return {
        "number": record.number.value,
        "account": account,
        "label": record.label,
        "active": record.active,
        "forwarding": record.forwarding_enabled,
        "rule": None
        if record.unreadable is not None
        else rule_json(record.rule) | {"updated_at": time_text(record.updated_at_ms)},
        "unreadable": record.unreadable,
        "holidays_until": until and until.isoformat(),
        "summary": sentence,
    }


def _hours(schedule: Schedule) -> Iterator[str]:
    yield f"hours in {schedule.time_zone}:"
    for period in schedule.open:
        yield f"  {', '.join(period.days)} {clock_text(period.start)}-{clock_text(period.end)}"
    if schedule.holidays is not None:
        yield f"  closed on the holidays of {schedule.holidays}, known until {schedule.holidays_until}"
    for each in schedule.exceptions:
        opened = ", ".join(f"{clock_text(hours.start)}-{clock_text(hours.end)}" for hours in each.open)
        yield f"  {each.first} to {each.last}: {opened or 'closed'}"
