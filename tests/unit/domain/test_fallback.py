"""What happens to a forwarded call that is not taken when its rule names another number."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import Diversion, HistoryEntry, Redirection
from renvoi.domain.routing.fallback import fall_back
from renvoi.domain.routing.routing import (
    MAX_DIVERSIONS,
    Call,
    Decision,
    Forward,
    NeedRecord,
    Reason,
    Reject,
    Voicemail,
    route_call,
)
from renvoi.domain.rules.callers import Callers
from renvoi.domain.rules.rule import (
    RELEASE,
    TO_VOICEMAIL,
    Fallback,
    Fallbacks,
    NumberRecord,
    Otherwise,
    Rule,
    RuleType,
    Unanswered,
)

OURS, SECOND, THIRD = E164("+33199001234"), E164("+33199005678"), E164("+33199009999")
TARGET, NEXT, FAR = E164("+33612345678"), E164("+33140000009"), E164("+33140000010")
EMAIL, OTHER = EmailAddress("a@example.org"), EmailAddress("b@example.org")
CALL = Call(OURS, caller="+33611111111")
BUSY = Unanswered.BUSY


def rule(target: E164, busy: Fallback = RELEASE, *emails: EmailAddress, ring_s: int = 60) -> Rule:
    return Rule(
        RuleType.FORWARD,
        target,
        emails,
        7,
        ring_timeout=timedelta(seconds=ring_s),
        fallbacks=Fallbacks(RELEASE, busy, RELEASE),
    )


def forward_to(number: E164, then: Otherwise = Otherwise.RELEASE) -> Fallback:
    return Fallback(Otherwise.FORWARD, number, then)


def decided(records: Iterable[NumberRecord], call: Call = CALL, why: Unanswered = BUSY) -> Decision:
    """Return what happens to a call that was forwarded and not taken, with every record that it asks for."""
    every = {record.number: record for record in records}
    known: dict[E164, NumberRecord | None] = {}
    owners = {1: Owner("FR")}
    while isinstance(first := route_call(call, known, owners, 0), NeedRecord):
        known[first.number] = every.get(first.number)
    assert isinstance(first, Forward)
    known.clear()
    while isinstance(found := fall_back(first, why, call, known, owners, 0), NeedRecord):
        assert found.number not in known
        known[found.number] = every.get(found.number)
    return found


def test_the_second_number_is_tried_with_the_reason_and_nothing_after_it() -> None:
    assert decided([NumberRecord(OURS, 1, rule(TARGET, forward_to(NEXT), ring_s=20))]) == Forward(
        (OURS,), 7, NEXT, timedelta(seconds=20), reasons=("user-busy",)
    )


@pytest.mark.parametrize(
    ("why", "reason"), [("no-answer", "no-answer"), ("busy", "user-busy"), ("unreachable", "unavailable")]
)
def test_each_reason_has_its_own_number(why: str, reason: str) -> None:
    fallbacks = Fallbacks(forward_to(NEXT), forward_to(FAR), forward_to(E164("+33140000011")))
    made = replace(rule(TARGET), fallbacks=fallbacks)
    found = decided([NumberRecord(OURS, 1, made)], why=Unanswered(why))
    assert isinstance(found, Forward)
    assert (found.target, found.reasons) == (fallbacks.of(Unanswered(why)).to, (reason,))


def test_then_a_message_is_left_for_the_number_whose_rule_says_so() -> None:
    ours = rule(TARGET, forward_to(SECOND, Otherwise.VOICEMAIL), EMAIL)
    found = decided([NumberRecord(OURS, 1, ours), NumberRecord(SECOND, 1, rule(NEXT, TO_VOICEMAIL, OTHER))])
    assert isinstance(found, Forward)
    assert (found.diverting, found.target) == ((OURS, SECOND), NEXT)
    assert (found.number_of_mailbox, found.emails) == (OURS, (EMAIL,))
    assert all(found.mailbox(why) == (EMAIL,) for why in Unanswered)
    assert found.reasons == ("user-busy", "unconditional")


@pytest.mark.parametrize(
    ("busy", "mailbox"),
    [
        (TO_VOICEMAIL, (OTHER,)),
        (RELEASE, ()),
        (forward_to(FAR), ()),
        (forward_to(FAR, Otherwise.VOICEMAIL), (OTHER,)),
    ],
)
def test_a_second_number_of_ours_takes_its_own_messages_but_forwards_no_further(
    busy: Fallback, mailbox: tuple[EmailAddress, ...]
) -> None:
    ours = NumberRecord(OURS, 1, rule(TARGET, forward_to(SECOND)))
    found = decided([ours, NumberRecord(SECOND, 1, rule(NEXT, busy, OTHER, ring_s=30))])
    assert isinstance(found, Forward)
    assert found.ring_timeout == timedelta(seconds=30)
    assert (found.number_of_mailbox, found.mailbox(BUSY), found.mailbox(Unanswered.NO_ANSWER)) == (SECOND, mailbox, ())


def test_a_second_number_of_ours_may_be_a_voicemail() -> None:
    ours = NumberRecord(OURS, 1, rule(TARGET, forward_to(SECOND)))
    assert decided([ours, NumberRecord(SECOND, 1, Rule.voicemail(OTHER))]) == Voicemail((OURS, SECOND), 7, (OTHER,))


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (Rule.disabled(), Reason.DISABLED),
        (replace(rule(NEXT), callers=Callers(block=("+336*",))), Reason.BLOCKED),
        (rule(OURS), Reason.LOOP),
        (rule(E164("+33899700000")), Reason.DESTINATION_REFUSED),
    ],
)
def test_a_second_number_that_does_not_take_the_call(second: Rule, reason: Reason) -> None:
    found = decided([NumberRecord(OURS, 1, rule(TARGET, forward_to(SECOND))), NumberRecord(SECOND, 1, second)])
    assert isinstance(found, Reject)
    assert (found.reason, found.revision) == (reason, 7)


def test_numbers_that_fall_back_to_each_other_and_to_themselves() -> None:
    each_other = [
        NumberRecord(OURS, 1, rule(TARGET, forward_to(SECOND))),
        NumberRecord(SECOND, 1, rule(NEXT, forward_to(OURS))),
    ]
    found = decided(each_other)
    assert isinstance(found, Forward), "the second one's target may be free"
    assert not any(found.mailbox(why) or found.fallbacks.of(why).to for why in Unanswered)
    itself = decided([NumberRecord(OURS, 1, rule(TARGET, forward_to(OURS)))])
    assert itself == Reject(Reason.LOOP, 7, OURS)


@pytest.mark.parametrize(
    "call",
    [
        replace(CALL, diversions=(Diversion.of(NEXT, "other.example"),)),
        replace(CALL, history=(HistoryEntry(f"sip:{NEXT}@other.example", NEXT, "1"),)),
    ],
)
def test_a_call_does_not_go_back_to_where_it_came_from(call: Call) -> None:
    assert decided([NumberRecord(OURS, 1, rule(TARGET, forward_to(NEXT)))], call) == Reject(Reason.LOOP, 7, NEXT)


def test_diversions_count_on() -> None:
    """Both tries of one number are one diversion, each number of ours behind it is another."""
    far = Diversion.of(E164("+33149999999"), "other.example", counter=MAX_DIVERSIONS - 1)
    call = replace(CALL, diversions=(far,))
    ours = NumberRecord(OURS, 1, rule(TARGET, forward_to(SECOND)))
    found = decided([ours, NumberRecord(SECOND, 1, rule(NEXT))], call)
    assert isinstance(found, Forward)
    behind = [ours, NumberRecord(SECOND, 1, rule(THIRD)), NumberRecord(THIRD, 1, rule(NEXT))]
    assert decided(behind, call) == Reject(Reason.TOO_MANY_DIVERSIONS, 7)


def test_the_policy_counts_as_it_is_now() -> None:
    premium = E164("+33899700000")
    first = Forward((OURS,), 7, TARGET, timedelta(seconds=60), Fallbacks(busy=forward_to(premium)))
    refused = fall_back(first, BUSY, CALL, {OURS: NumberRecord(OURS, 1)}, {1: Owner("FR")}, 0)
    assert isinstance(refused, Reject)
    assert (refused.reason, refused.target) == (Reason.DESTINATION_REFUSED, premium)


def test_a_number_that_is_gone_sends_no_call_on() -> None:
    first = Forward((OURS,), 7, TARGET, timedelta(seconds=60), Fallbacks(busy=forward_to(NEXT)))
    assert fall_back(first, BUSY, CALL, {OURS: None}, {}, 0) == Reject(Reason.UNKNOWN, 7)


def test_who_redirected_the_first_try_is_not_named_in_the_second() -> None:
    redirected = Forward(
        (OURS,), 7, FAR, timedelta(seconds=60), Fallbacks(busy=forward_to(NEXT)), (Redirection(TARGET, "deflection"),)
    )
    found = fall_back(redirected, BUSY, CALL, {OURS: NumberRecord(OURS, 1), NEXT: None}, {1: Owner("FR")}, 0)
    assert isinstance(found, Forward)
    assert found.redirections == ()
