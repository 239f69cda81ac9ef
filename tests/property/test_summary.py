"""Whatever a rule says, it can be told."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.moment import MAX_AT_MS
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import Fallback, Fallbacks, NumberRecord, Otherwise, Rule, RuleType
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule
from renvoi.domain.rules.summary import summary

ZONES = ("UTC", "Europe/Paris", "Australia/Lord_Howe", "Pacific/Apia", "Antarctica/Troll", "America/St_Johns")

numbers = st.integers(1, 10**15 - 1).map(E164.from_digits)
minutes = st.integers(0, 1439)
hours = st.builds(Hours, minutes, st.integers(0, 1440))
periods = st.builds(
    Period, st.lists(st.sampled_from(Day), min_size=1, unique=True).map(tuple), minutes, st.integers(0, 1440)
)
days = st.dates(date(1969, 12, 1), date(9999, 12, 31))
exceptions = st.builds(
    lambda first, length, opened: ExceptionalPeriod(first, min(date.max, first + timedelta(length)), opened),
    st.dates(date(1969, 12, 1), date(9998, 12, 31)),
    st.integers(0, 365),
    st.lists(hours, max_size=2).map(tuple),
)
fallbacks = st.one_of(
    st.sampled_from([Fallback(), Fallback(Otherwise.VOICEMAIL)]),
    st.builds(Fallback, st.just(Otherwise.FORWARD), numbers, st.sampled_from([Otherwise.RELEASE, Otherwise.VOICEMAIL])),
)
closed = st.one_of(
    st.sampled_from([Closed(), Closed(ClosedAction.VOICEMAIL)]),
    st.builds(Closed, st.just(ClosedAction.FORWARD), numbers),
)
schedules = st.builds(
    Schedule,
    st.sampled_from(ZONES),
    st.lists(periods, max_size=3).map(tuple),
    st.just("FR"),
    st.lists(days, max_size=3, unique=True).map(sorted).map(tuple),
    st.one_of(st.none(), days),
    st.lists(exceptions, max_size=1).map(tuple),
    closed,
)
callers = st.builds(
    Callers, st.sampled_from(Anonymous), st.sampled_from([(), ("+33162*",)]), st.just(()), st.sampled_from(Blocked)
)
rules = st.builds(
    Rule,
    st.sampled_from(RuleType),
    numbers,
    st.just((EmailAddress("owner@example.com"),)),
    st.just(1),
    st.integers(5, 170).map(lambda seconds: timedelta(seconds=seconds)),
    st.builds(Fallbacks, fallbacks, fallbacks, fallbacks),
    st.booleans(),
    st.one_of(st.none(), schedules),
    callers,
)
instants = st.one_of(st.integers(0, MAX_AT_MS), st.integers(-(2**63), 2**63 - 1), st.integers(10**12, 2 * 10**12))


@pytest.mark.parametrize("language", ["en", "fr"])
@given(rule=rules, now_ms=instants, active=st.booleans(), enabled=st.booleans())
def test_every_rule_can_be_told(language: str, rule: Rule, now_ms: int, active: bool, enabled: bool) -> None:
    record = replace(NumberRecord(E164("+33199001234"), 1, rule), active=active, forwarding_enabled=enabled)
    text = summary(record, now_ms, language)
    assert text == summary(record, now_ms, language)
    assert text.endswith(".")
    assert text[0].isupper()
    assert not set("{}\n") & set(text)
    assert len(text) < 600
