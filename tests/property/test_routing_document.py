"""Any rule comes back from its row as it was, and any text is a rule or none."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from renvoi.documents.number_row import COLUMNS, number_record, rule_values
from renvoi.documents.routing_document import VERSION, decode, version_of
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.moment import MAX_AT_MS
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import RELEASE, Fallback, Fallbacks, NumberRecord, Otherwise, Rule, RuleType
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule

numbers = st.builds(E164.from_digits, st.integers(1, 10**15 - 1))
one_line = st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"))
domains = st.text(one_line.filter(lambda each: each not in "@ "), min_size=1, max_size=60)
addresses = st.builds("{}@{}".format, st.text(one_line, min_size=1, max_size=60), domains).map(EmailAddress)
actions = st.sampled_from((Otherwise.RELEASE, Otherwise.VOICEMAIL))
some_fallbacks = st.one_of(
    st.just(RELEASE), st.builds(Fallback, actions), st.builds(Fallback, st.just(Otherwise.FORWARD), numbers, actions)
)
minutes = st.integers(0, 1439)
days = st.dates(date(2026, 1, 1), date(2035, 12, 31))
times = st.lists(st.builds(Hours, minutes, minutes), max_size=2).map(tuple)
periods = st.builds(Period, st.lists(st.sampled_from(Day), min_size=1, unique=True).map(tuple), minutes, minutes)
closed = st.one_of(
    st.builds(Closed, st.sampled_from((ClosedAction.OFF, ClosedAction.VOICEMAIL))),
    st.builds(Closed, st.just(ClosedAction.FORWARD), numbers),
)
exceptions = st.lists(days, max_size=4, unique=True).flatmap(
    lambda found: st.tuples(*(st.builds(ExceptionalPeriod, st.just(day), st.just(day), times) for day in found))
)
holidays = st.one_of(
    st.just((None, (), None)),
    st.tuples(st.just("FR-57"), st.lists(days, max_size=5, unique=True).map(lambda found: tuple(sorted(found))), days),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Return any schedule."""
    zone = draw(st.sampled_from(("Europe/Paris", "Australia/Lord_Howe", "UTC")))
    opened = draw(st.lists(periods, max_size=3).map(tuple))
    code, dates, until = draw(holidays)
    return Schedule(zone, opened, code, dates, until, draw(exceptions), draw(closed))


prefixes = st.lists(st.from_regex(r"\+[1-9][0-9]{0,13}\*", fullmatch=True), max_size=3).map(tuple)
callers = st.builds(Callers, st.sampled_from(Anonymous), prefixes, prefixes, st.sampled_from(Blocked))


@st.composite
def rules(draw: st.DrawFn, *, plain: bool = False) -> Rule:
    """Return any rule that the domain admits; `plain`: of those that the columns hold all of."""
    kind = draw(st.sampled_from(RuleType))
    revision, ring_timeout = draw(st.integers(0, 2**63 - 1)), timedelta(seconds=draw(st.integers(5, 170)))
    forwards = kind is RuleType.FORWARD
    if plain:
        some = Fallbacks(*(draw(st.builds(Fallback, actions)) for _ in range(2)))
        some = replace(some, unreachable=some.no_answer)
        target, emails = draw(numbers) if forwards else None, (draw(addresses),)
        return Rule(kind, target, emails, revision, ring_timeout, some)
    some = Fallbacks(*(draw(some_fallbacks) for _ in range(3)))
    return Rule(
        kind,
        draw(numbers) if forwards else draw(st.none() | numbers),
        draw(st.lists(addresses, min_size=1, max_size=10, unique=True).map(tuple)),
        revision,
        ring_timeout,
        some,
        missed_call_mail=draw(st.booleans()),
        schedule=draw(st.none() | schedules()),
        callers=draw(callers),
    )


def records_with(some: st.SearchStrategy[Rule]) -> st.SearchStrategy[NumberRecord]:
    """Return records with such rules."""
    flags, times = st.booleans(), st.none() | st.integers(0, MAX_AT_MS - 1)
    return st.builds(NumberRecord, numbers, st.integers(1), some, flags, flags, st.text(), times)


def row_of(record: NumberRecord, **changed: object) -> list[object]:
    """Return the row of a record, in which some columns say something else."""
    values = {
        "account_id": record.account_id,
        "label": record.label,
        "active": record.active,
        "forwarding_enabled": record.forwarding_enabled,
        "updated_at_ms": record.updated_at_ms,
        **rule_values(record.rule),
        **changed,
    }
    return [values[name] for name in COLUMNS]


@given(records_with(rules()))
def test_a_record_comes_back_from_its_row(record: NumberRecord) -> None:
    assert number_record(record.number, row_of(record)) == record


@given(records_with(rules(plain=True)))
def test_the_columns_hold_all_of_a_rule_of_version_1(record: NumberRecord) -> None:
    assert number_record(record.number, row_of(record, routing_version=None, routing=None)) == record


@given(st.text() | st.binary(), st.integers(1, VERSION))
def test_any_text_is_a_rule_or_none(text: str | bytes, version: int) -> None:
    try:
        decode(text, version)
    except ValueError:
        return


@given(rules(), st.data())
def test_a_document_that_was_cut_or_changed_is_a_rule_or_none(rule: Rule, data: st.DataObject) -> None:
    document = bytearray(str(rule_values(rule)["routing"]).encode())
    place = data.draw(st.integers(0, len(document) - 1))
    document[place] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(document), version_of(rule))
    except ValueError:
        return
