"""The checks that explain a decision say the same as the decision."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.outcome import LANGUAGES
from renvoi.domain.routing.checks import checks_of
from renvoi.domain.routing.decision_text import decision_text
from renvoi.domain.routing.routing import Call, NeedRecord, Reason, Reject, route_call
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import NumberRecord, Rule, RuleType
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, Period, Schedule

OURS = [E164(f"+3319900123{n}") for n in range(4)]
OUTSIDE, PREMIUM = E164("+33644630000"), E164("+33899701234")
CALLER = "+33162000000"
EMAIL = EmailAddress("owner@example.com")
targets = st.sampled_from([*OURS, OUTSIDE, PREMIUM])
closed = st.one_of(
    st.sampled_from([Closed(), Closed(ClosedAction.VOICEMAIL)]),
    targets.map(lambda target: Closed(ClosedAction.FORWARD, target)),
)
schedules = st.none() | closed.map(
    lambda what: Schedule("Europe/Paris", (Period((Day.MON, Day.TUE), 540, 1080),), closed=what)
)
callers = st.builds(
    Callers,
    st.sampled_from(Anonymous),
    st.sampled_from([(), ("+33162*",)]),
    st.just(()),
    st.sampled_from(Blocked),
)
rules = st.builds(
    lambda kind, target, schedule, who: Rule(
        kind, target, (EMAIL,), 1, timedelta(seconds=25), schedule=schedule, callers=who
    ),
    st.sampled_from([*RuleType, RuleType.FORWARD]),
    targets,
    schedules,
    callers,
)
often = st.sampled_from([True, True, True, False])


@given(
    st.lists(st.tuples(rules, often, often), min_size=len(OURS), max_size=len(OURS)),
    st.sampled_from([CALLER, "+33611223344", "anonymous"]),
    st.integers(0, 7 * 24),
)
def test_checks_end_where_the_decision_does(found: list[tuple[Rule, bool, bool]], caller: str, hour: int) -> None:
    records: dict[E164, NumberRecord | None] = {
        number: NumberRecord(number, 1, rule, active, enabled)
        for number, (rule, active, enabled) in zip(OURS, found, strict=True)
    }
    records |= {OUTSIDE: None, PREMIUM: None}
    owners, now_ms = {1: Owner("FR")}, 1_764_500_000_000 + hour * 3_600_000
    call = Call(OURS[0], caller=caller)
    decision = route_call(call, records, owners, now_ms)
    assert not isinstance(decision, NeedRecord)
    checks = checks_of(call, records, owners, now_ms, decision)
    assert all(check.passed for check in checks[:-1])
    assert checks[-1].passed is not isinstance(decision, Reject)
    if isinstance(decision, Reject):
        verdict = checks[-1].verdict
        expected = {
            Reason.DESTINATION_REFUSED: str(decision.refused),
            Reason.CLOSED: "closed: off",
            Reason.ANONYMOUS: "anonymous",
            Reason.BLOCKED: "blocked",
        }
        assert verdict == expected.get(decision.reason, decision.reason.value)


def test_every_reason_has_its_words() -> None:
    for reason in Reason:
        texts = {decision_text(Reject(reason), language) for language in LANGUAGES}
        assert len(texts) == len(LANGUAGES), reason
        assert all(text.endswith(".") for text in texts)
    assert replace(Reject(Reason.CLOSED), revision=1)
