"""Any rule that a form shows comes back from it as it was."""

from dataclasses import replace

from hypothesis import given

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import MAX_EMAILS, Fallbacks, Rule
from renvoi.http.dashboard.rule_form import fields_of, read_fields
from renvoi.http.v2.rule_reading import read_rule, rule_of
from tests.property.test_routing_document import rules

TARGETS = tuple(map(E164, ("+33644630000", "+33261910123", "+442079460958")))
EMAILS = tuple(EmailAddress(f"owner{place}@example.com") for place in range(MAX_EMAILS))


def known(number: E164 | None) -> E164 | None:
    """Return a number that there is, where there is one: the domain also admits numbers that nobody can write."""
    return None if number is None else TARGETS[number.digits % len(TARGETS)]


def writable(rule: Rule) -> Rule:
    """Return a rule with numbers and addresses that people can write, as `/v2` would have stored it."""
    parts = (rule.fallbacks.no_answer, rule.fallbacks.busy, rule.fallbacks.unreachable)
    schedule = rule.schedule
    if schedule is not None:
        closed = replace(schedule.closed, to=known(schedule.closed.to))
        schedule = replace(schedule, holiday_dates=(), holidays_until=None, closed=closed)
    return replace(
        rule,
        target=known(rule.target),
        emails=EMAILS[: len(rule.emails)],
        revision=0,
        fallbacks=Fallbacks(*(replace(each, to=known(each.to)) for each in parts)),
        schedule=schedule,
    )


@given(rules().map(writable))
def test_a_rule_comes_back_from_its_form(rule: Rule) -> None:
    assert rule_of(read_rule(read_fields(fields_of(rule), "FR", rule).value)) == rule
