"""What a rule may be, what it does with calls that are not taken, and what the core endpoint changes of it."""

import json
from datetime import date, timedelta

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import RELEASE, TO_VOICEMAIL, Fallback, Fallbacks, Otherwise, Rule, RuleType, Unanswered
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule

OWNER, OFFICE = EmailAddress("owner@example.net"), EmailAddress("office@example.net")
A, B, C, D = (E164(f"+3364463000{n}") for n in range(4))
WHOLE = Rule(
    RuleType.FORWARD,
    A,
    (OWNER, OFFICE),
    7,
    timedelta(seconds=25),
    Fallbacks(TO_VOICEMAIL, Fallback(Otherwise.FORWARD, B, Otherwise.VOICEMAIL), Fallback(Otherwise.FORWARD, C)),
    missed_call_mail=True,
    schedule=Schedule("Europe/Paris", closed=Closed(ClosedAction.FORWARD, D)),
    callers=Callers(Anonymous.REJECT),
)


def test_each_reason_has_its_fallback() -> None:
    fallbacks = WHOLE.fallbacks
    assert [fallbacks.of(why) for why in Unanswered] == [fallbacks.no_answer, fallbacks.busy, fallbacks.unreachable]


@pytest.mark.parametrize(
    "parts",
    [
        {"type": RuleType.VOICEMAIL},
        {"missed_call_mail": True},
        {"fallbacks": Fallbacks(busy=TO_VOICEMAIL)},
        {"fallbacks": Fallbacks(unreachable=Fallback(Otherwise.FORWARD, B, Otherwise.VOICEMAIL))},
        {"schedule": Schedule("UTC", closed=Closed(ClosedAction.VOICEMAIL))},
        {"callers": Callers(Anonymous.VOICEMAIL)},
        {"callers": Callers(block=("+33162*",), blocked=Blocked.VOICEMAIL)},
    ],
)
def test_messages_need_an_address(parts: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="e-mail address"):
        Rule(**parts)  # type: ignore[arg-type]  # of any field
    assert Rule(emails=(OWNER,), **parts)  # type: ignore[arg-type]  # of any field


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"type": RuleType.FORWARD}, "needs a target"),
        ({"ring_timeout": timedelta(seconds=4)}, "between 5 and 170"),
        ({"ring_timeout": timedelta(seconds=171)}, "between 5 and 170"),
        ({"emails": (OWNER, OWNER)}, "10 different"),
        ({"emails": tuple(EmailAddress(f"{n}@example.net") for n in range(11))}, "10 different"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(parts: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule(**parts)  # type: ignore[arg-type]  # of any field


@pytest.mark.parametrize(
    "parts",
    [
        (Otherwise.FORWARD,),
        (Otherwise.RELEASE, B),
        (Otherwise.FORWARD, B, Otherwise.FORWARD),
        (Otherwise.VOICEMAIL, None, Otherwise.VOICEMAIL),
    ],
)
def test_a_fallback_forwards_once_and_has_a_number_then(parts: tuple[Otherwise, ...]) -> None:
    with pytest.raises(ValueError, match=r"number|once more|then"):
        Fallback(*parts)  # type: ignore[arg-type]  # of either type


def test_all_numbers_that_calls_may_go_to() -> None:
    assert list(WHOLE.targets()) == [A, B, C, D]
    assert list(Rule(target=A).targets()) == []


@pytest.mark.parametrize(
    ("wanted", "kind", "target", "emails"),
    [
        (Rule.disabled(), RuleType.DISABLED, A, (OWNER, OFFICE)),
        (Rule.forward(D), RuleType.FORWARD, D, (OWNER, OFFICE)),
        (Rule.voicemail(OFFICE), RuleType.VOICEMAIL, A, (OFFICE,)),
    ],
)
def test_the_core_endpoint_leaves_what_it_has_no_word_for(
    wanted: Rule, kind: RuleType, target: E164, emails: tuple[EmailAddress, ...]
) -> None:
    turned = WHOLE.turned(wanted)
    assert (turned.type, turned.target, turned.emails, turned.revision) == (kind, target, emails, 8)
    kept = ("ring_timeout", "fallbacks", "missed_call_mail", "schedule", "callers")
    assert [getattr(turned, name) for name in kept] == [getattr(WHOLE, name) for name in kept]
    assert not WHOLE.asks_the_same(wanted)
    assert turned.asks_the_same(wanted)


def test_what_is_read_by_the_core_endpoint() -> None:
    assert WHOLE.param == A.value
    assert WHOLE.turned(Rule.voicemail(OFFICE)).param == OFFICE.value
    assert WHOLE.turned(Rule.disabled()).param == ""
    assert str(RELEASE) == "release"
    assert WHOLE.options["busy"] == f"forward {B}, then voicemail"


def test_options_are_written_as_the_management_api_writes_them() -> None:
    schedule = Schedule(
        "Europe/Paris",
        (Period((Day.MON, Day.TUE), 540, 1440),),
        "FR",
        exceptions=(ExceptionalPeriod(date(2026, 12, 24), date(2026, 12, 26), (Hours(600, 720),)),),
        closed=Closed(ClosedAction.FORWARD, D),
    )
    options = Rule(schedule=schedule, callers=Callers(block=("+33162*",))).options
    assert json.loads(str(options["schedule"])) == {
        "time_zone": "Europe/Paris",
        "open": [{"days": ["mon", "tue"], "from": "09:00", "to": "24:00"}],
        "holidays": "FR",
        "exceptions": [{"from": "2026-12-24", "to": "2026-12-26", "open": [{"from": "10:00", "to": "12:00"}]}],
        "closed": {"action": "forward", "to": [D.value]},
    }
    assert json.loads(str(options["callers"])) == {
        "anonymous": "accept",
        "block": ["+33162*"],
        "allow": [],
        "blocked": "reject",
    }


CALLERS = Callers(Anonymous.REJECT, ("+33162*", "+447700900123"), ("+33162000001",))


@pytest.mark.parametrize(
    ("caller", "withheld", "verdict"),
    [
        ("+33162999999", False, "reject-blocked"),
        ("+33162000001", False, "accept"),
        ("+33163000000", False, "accept"),
        ("+447700900123", False, "reject-blocked"),
        ("+4477009001234", False, "accept"),
        ("+33163000000", True, "reject-anonymous"),
        ("", False, "reject-anonymous"),
        ("anonymous", False, "reject-anonymous"),
        ("33162999999", False, "reject-anonymous"),
    ],
)
def test_who_may_call(caller: str, withheld: bool, verdict: str) -> None:
    assert CALLERS.judge(caller, withheld=withheld).value == verdict
    assert Callers().judge(caller, withheld=withheld).value == "accept"


def test_turned_away_callers_may_leave_a_message() -> None:
    callers = Callers(Anonymous.VOICEMAIL, ("+33162*",), blocked=Blocked.VOICEMAIL)
    assert callers.judge("", withheld=False).value == "voicemail"
    assert callers.judge("+331621", withheld=False).value == "voicemail"


@pytest.mark.parametrize("entry", ["", "*", "33162*", "+0162*", "+33 162*", "+33162**", "+1234567890123456", "+331\n"])
def test_entries_are_numbers_or_their_beginnings(entry: str) -> None:
    with pytest.raises(ValueError, match="is not a number such as"):
        Callers(block=(entry,))
    with pytest.raises(ValueError, match="is not a number such as"):
        Callers(allow=(entry,))


def test_the_lists_are_bounded() -> None:
    with pytest.raises(ValueError, match="at most 200"):
        Callers(block=("+33162*",) * 201)
