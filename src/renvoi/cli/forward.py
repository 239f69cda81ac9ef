"""`renvoi forward`: the rule of a number, set."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from renvoi.application import numbers
from renvoi.application.auth import operator_everywhere
from renvoi.application.numbers import ForwardOptions
from renvoi.cli.base import Data, Json, Number, load, program_of, usage_error, whole, with_store
from renvoi.cli.output import show_json, time_text
from renvoi.cli.rule_options import RuleOptions, read_rule_file
from renvoi.cli.rules import rule_text
from renvoi.documents.rule_json import rule_json
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.problem import Problem
from renvoi.domain.rules.callers import Anonymous, Blocked
from renvoi.domain.rules.rule import Action, NumberRecord, Otherwise, RuleType

if TYPE_CHECKING:
    # Each import costs every command.
    from renvoi.application.rules import Changed

_WITH_TO = "--ring-timeout, --no-answer, --busy and --email go with --to NUMBER"


def forward(
    ctx: typer.Context,
    number: Number,
    to: Annotated[str | None, typer.Option(metavar="NUMBER", help="Forward calls to this number")] = None,
    voicemail: Annotated[
        list[str] | None, typer.Option(metavar="EMAIL", help="Take messages, mailed to this address; may come again")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Refuse calls")] = False,
    ring_timeout: Annotated[int | None, whole("Ring timeout in seconds, 5 to 170", metavar="S")] = None,
    no_answer: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="If nobody answers, or it is unreachable: release, voicemail, NUMBER, or NUMBER,voicemail",
        ),
    ] = None,
    busy: Annotated[str | None, typer.Option(metavar="WHAT", help="If the target is busy, or declines")] = None,
    unreachable: Annotated[str | None, typer.Option(metavar="WHAT", help="If the target is unreachable")] = None,
    email: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Where messages are mailed; may come again")
    ] = None,
    missed_calls: Annotated[
        bool | None, typer.Option("--missed-calls/--no-missed-calls", help="Mail missed calls there too")
    ] = None,
    time_zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Time zone of the hours")] = None,
    hours: Annotated[
        list[str] | None, typer.Option(metavar="HOURS", help="Open, such as 'mon-fri 09:00-18:00'; may come again")
    ] = None,
    holidays: Annotated[str | None, typer.Option(metavar="CODE", help="Closed on holidays: FR, FR-57, or none")] = None,
    exception: Annotated[
        list[str] | None,
        typer.Option(metavar="DAYS", help="'2026-12-24..2026-12-26', or '2026-12-31 20:00-02:00'; may come again"),
    ] = None,
    closed: Annotated[str | None, typer.Option(metavar="WHAT", help="When closed: off, voicemail or NUMBER")] = None,
    always_open: Annotated[bool, typer.Option("--always-open", help="Take the schedule away")] = False,
    anonymous: Annotated[Anonymous | None, typer.Option(help="What anonymous callers meet")] = None,
    block: Annotated[
        list[str] | None, typer.Option(metavar="PREFIX", help="Block +33162* or a number; none; may come again")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(metavar="PREFIX", help="But not these; none; may come again")
    ] = None,
    blocked: Annotated[Blocked | None, typer.Option(help="What blocked callers meet")] = None,
    rule: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The whole rule, as JSON of the management API; - for stdin")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to the rule before the last change")] = False,
    revision: Annotated[int | None, whole("With --undo: to the rule of this revision", 0, metavar="N")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would be, and store nothing")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set what happens to calls of a number, from the next call on; what is not given stays."""
    if (to is not None) + bool(voicemail) + off + (rule is not None) > 1:
        usage_error("give one of --to NUMBER, --voicemail EMAIL, --off and --rule FILE")
    if email and (voicemail or off):
        usage_error(_WITH_TO)
    action = Action.FORWARD if to is not None else Action.VOICEMAIL if voicemail else Action.OFF if off else None
    options = RuleOptions(
        to=to,
        emails=(*(voicemail or ()), *(email or ())),
        action=action and action.value,
        ring_timeout_s=ring_timeout,
        no_answer=no_answer,
        busy=busy,
        unreachable=unreachable,
        missed_call_mail=missed_calls,
        always_open=always_open,
        time_zone=time_zone,
        hours=tuple(hours or ()),
        holidays=holidays,
        exceptions=tuple(exception or ()),
        closed=closed,
        anonymous=anonymous and anonymous.value,
        block=tuple(block or ()),
        allow=tuple(allow or ()),
        blocked=blocked and blocked.value,
    )
    if undo:
        if rule is not None or options != RuleOptions() or dry_run:
            usage_error("--undo goes with --revision N alone")
        _undo(ctx, data, number, revision, as_json=as_json)
        return
    if revision is not None:
        usage_error("--revision N goes with --undo")
    if rule is None and options == RuleOptions():
        usage_error("give one of --to NUMBER, --voicemail EMAIL and --off, or another option of a rule")
    if rule is None and not dry_run and action is not None and options.is_plain:
        _set_plain(ctx, data, number, action, options, as_json=as_json)
        return
    if rule is not None and options != RuleOptions():
        usage_error("--rule FILE is the whole rule: give no other option of a rule with it")
    _change(ctx, data, number, options, rule, dry_run=dry_run, as_json=as_json)


def _set_plain(
    ctx: typer.Context, data: Path | None, number: str, action: Action, options: RuleOptions, *, as_json: bool
) -> None:
    """Set what the core endpoint sets, with its answers, and the options of a forward."""
    email = options.emails[0] if options.emails and action is Action.FORWARD else None
    chosen = ForwardOptions(
        options.ring_timeout_s,
        None if options.no_answer is None else Otherwise(options.no_answer),
        None if options.busy is None else Otherwise(options.busy),
        email,
    )
    if action is not Action.FORWARD and chosen != ForwardOptions():
        usage_error(_WITH_TO)
    kinds = {Action.FORWARD: RuleType.FORWARD, Action.VOICEMAIL: RuleType.VOICEMAIL, Action.OFF: RuleType.DISABLED}
    kind = kinds[action]
    param = options.to or (options.emails[0] if kind is RuleType.VOICEMAIL else "")
    parsed, clock = numbers.parse_number(number, load(ctx, data).region), program_of(ctx).clock
    record = with_store(ctx, data, lambda store: numbers.set_rule(store, clock, parsed, kind, param, chosen))
    if as_json:
        show_json(_rule_row(record))
    else:
        typer.echo(f"{record.number}: {rule_text(record.rule)} (revision {record.rule.revision})")


def _rule_row(record: NumberRecord) -> dict[str, object]:
    rule = record.rule
    return {
        "number": record.number.value,
        "type": int(rule.type),
        "param": rule.param,
        "revision": rule.revision,
        **rule.options,
    }


def _change(
    ctx: typer.Context,
    data: Path | None,
    number: str,
    options: RuleOptions,
    file: Path | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Change the whole rule, as the management API does."""
    # Loaded late, all of them: they take longer than most commands, which do without.
    from renvoi.adapters.holidays import PackagedHolidays  # noqa: PLC0415
    from renvoi.application.rules import HolidayDates, change_rule  # noqa: PLC0415
    from renvoi.http.v2.rule_reading import holidays_in, patch_change, whole_change  # noqa: PLC0415

    region, clock = load(ctx, data).region, program_of(ctx).clock
    parsed = numbers.parse_number(number, region)
    calendar, who = PackagedHolidays(), operator_everywhere()
    if file is not None:
        read, asked = whole_change, read_rule_file(file)
    else:
        read, asked = patch_change, options.patch(lambda text: numbers.parse_number(text, region).value)
    try:
        change = read(parsed, asked)
    except Problem as problem:
        dates = HolidayDates(calendar, clock.now_ms())
        raise asyncio.run(dates.told_with(problem, holidays_in(asked))) from problem
    changed = with_store(ctx, data, lambda store: change_rule(store, clock, calendar, who, change, dry_run=dry_run))
    _show(ctx, changed, dry_run=dry_run, as_json=as_json)


def _undo(ctx: typer.Context, data: Path | None, number: str, revision: int | None, *, as_json: bool) -> None:
    """Go back to an earlier rule, which is a change like any other."""
    # Loaded late, as above.
    from renvoi.adapters.holidays import PackagedHolidays  # noqa: PLC0415
    from renvoi.application.rule_history import undo  # noqa: PLC0415

    parsed, clock = numbers.parse_number(number, load(ctx, data).region), program_of(ctx).clock
    calendar, who = PackagedHolidays(), operator_everywhere()
    changed = with_store(ctx, data, lambda store: undo(store, clock, calendar, who, parsed, revision))
    _show(ctx, changed, dry_run=False, as_json=as_json)


def _show(ctx: typer.Context, changed: "Changed", *, dry_run: bool, as_json: bool) -> None:
    """Show the rule that a number has now, or would have."""
    from renvoi.domain.rules.summary import summary  # noqa: PLC0415 - as above

    record = changed.record
    sentence = summary(record, program_of(ctx).clock.now_ms(), LANGUAGES[0])
    if as_json:
        shown = rule_json(record.rule) | {"updated_at": time_text(record.updated_at_ms), "summary": sentence}
        show_json({"number": record.number.value, "changed": changed.is_changed, "dry_run": dry_run, "rule": shown})
        return
    what = "" if changed.is_changed else ", as before"
    typer.echo(f"{record.number}: {sentence} (revision {record.rule.revision}{what})")
    if dry_run:
        typer.echo("nothing was stored: leave --dry-run out to store it", err=True)
