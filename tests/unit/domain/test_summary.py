"""The text that says what a call meets now, in both languages, for each part of a rule."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Blocked, Callers
from renvoi.domain.rules.rule import RELEASE, TO_VOICEMAIL, Fallback, Fallbacks, NumberRecord, Otherwise, Rule
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule
from renvoi.domain.rules.summary import summary

OWNER = EmailAddress("owner@example.com")
TARGET, OTHER = E164("+33644630000"), E164("+33261910123")
MAILBOX = Rule.voicemail(OWNER)
RINGS = replace(Rule.forward(TARGET, timedelta(seconds=25)), emails=(OWNER,))
TO_OTHER = Fallback(Otherwise.FORWARD, OTHER)
TO_OTHER_THEN_VOICEMAIL = Fallback(Otherwise.FORWARD, OTHER, Otherwise.VOICEMAIL)
OFFICE = Period(tuple(Day)[:5], 9 * 60, 18 * 60)
SATURDAY = "2026-11-28T14:08"


def told(rule: Rule, at: str = SATURDAY, zone: str = "Europe/Paris") -> tuple[str, str]:
    """Return what is said about a number with a rule at a time of a zone, in English and French."""
    now_ms = int(datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    record = NumberRecord(E164("+33199001234"), 1, rule)
    return summary(record, now_ms, "en"), summary(record, now_ms, "fr")


@pytest.mark.parametrize(
    ("fallbacks", "en", "fr"),
    [
        (
            Fallbacks(),
            "Rings +33 6 44 63 00 00 for 25 s.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s.",
        ),
        (
            Fallbacks(TO_VOICEMAIL, TO_VOICEMAIL, TO_VOICEMAIL),
            "Rings +33 6 44 63 00 00 for 25 s, then takes a message.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s, puis prend un message.",
        ),
        (
            Fallbacks(TO_VOICEMAIL, TO_OTHER, TO_VOICEMAIL),
            "Rings +33 6 44 63 00 00 for 25 s, then takes a message; when busy, rings +33 2 61 91 01 23.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s, puis prend un message\u202f; si la ligne est occupée, "
            "fait sonner le +33 2 61 91 01 23.",
        ),
        (
            Fallbacks(TO_VOICEMAIL, RELEASE, RELEASE),
            "Rings +33 6 44 63 00 00 for 25 s, then takes a message; when busy or unreachable, ends the call.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s, puis prend un message\u202f; si la ligne est occupée ou "
            "injoignable, met fin à l’appel.",
        ),
        (
            Fallbacks(RELEASE, RELEASE, TO_VOICEMAIL),
            "Rings +33 6 44 63 00 00 for 25 s; when unreachable, takes a message.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s\u202f; si la ligne est injoignable, prend un message.",
        ),
        (
            Fallbacks(TO_OTHER, TO_VOICEMAIL, TO_OTHER_THEN_VOICEMAIL),
            "Rings +33 6 44 63 00 00 for 25 s, then rings +33 2 61 91 01 23; when busy, takes a message; "
            "when unreachable, rings +33 2 61 91 01 23, then takes a message.",
            "Fait sonner le +33 6 44 63 00 00 pendant 25 s, puis fait sonner le +33 2 61 91 01 23\u202f; si la ligne "
            "est occupée, prend un message\u202f; si la ligne est injoignable, fait sonner le +33 2 61 91 01 23, "
            "puis prend un message.",
        ),
    ],
)
def test_what_a_forwarded_call_meets(fallbacks: Fallbacks, en: str, fr: str) -> None:
    assert told(replace(RINGS, fallbacks=fallbacks)) == (en, fr)


def test_what_other_rules_do() -> None:
    assert told(MAILBOX) == ("Takes a message.", "Prend un message.")
    assert told(Rule.disabled()) == ("Calls are refused.", "Les appels sont refusés.")


def test_a_number_that_takes_no_calls_says_why_and_nothing_else() -> None:
    record = NumberRecord(E164("+33199001234"), 1, replace(MAILBOX, schedule=hours(Closed())), active=False)
    assert summary(record, 0, "en") == "The number is deactivated: calls are refused."
    assert summary(record, 0, "fr") == "Le numéro est désactivé\u00a0: les appels sont refusés."
    record = replace(record, active=True, forwarding_enabled=False)
    assert summary(record, 0, "en") == "Call forwarding is not enabled for the number: calls are refused."
    assert summary(record, 0, "fr").endswith("pour ce numéro\u00a0: les appels sont refusés.")
    off = replace(Rule.disabled(), schedule=hours(Closed()), callers=Callers(Anonymous.REJECT))
    assert told(off) == ("Calls are refused.", "Les appels sont refusés.")


def hours(closed: Closed, *exceptions: ExceptionalPeriod, periods: tuple[Period, ...] = (OFFICE,)) -> Schedule:
    return Schedule("Europe/Paris", periods, exceptions=exceptions, closed=closed)


@pytest.mark.parametrize(
    ("closed", "en", "fr"),
    [
        (Closed(), "refuses calls", "refuse les appels"),
        (Closed(ClosedAction.VOICEMAIL), "takes a message", "prend un message"),
        (Closed(ClosedAction.FORWARD, OTHER), "rings +33 2 61 91 01 23", "fait sonner le +33 2 61 91 01 23"),
    ],
)
def test_what_happens_outside_the_hours(closed: Closed, en: str, fr: str) -> None:
    assert told(replace(MAILBOX, schedule=hours(closed))) == (
        f"Takes a message. Closed until Monday 09:00: {en}.",
        f"Prend un message. Fermé jusqu’à lundi 09:00\u00a0: {fr}.",
    )


@pytest.mark.parametrize(
    ("at", "exceptions", "en", "fr"),
    [
        ("2026-11-27T09:00", (), "Open until 18:00.", "Ouvert jusqu’à 18:00."),
        ("2026-11-27T08:59", (), "Closed until 09:00: refuses calls.", "Fermé jusqu’à 09:00\u00a0: refuse les appels."),
        (
            "2026-11-27T18:00",
            (),
            "Closed until Monday 09:00: refuses calls.",
            "Fermé jusqu’à lundi 09:00\u00a0: refuse les appels.",
        ),
        (
            "2026-12-25T00:30",
            (ExceptionalPeriod(date(2026, 12, 24), date(2026, 12, 31)),),
            "Closed until Friday 1 January at 09:00: refuses calls.",
            "Fermé jusqu’au vendredi 1er janvier à 09:00\u00a0: refuse les appels.",
        ),
        (
            "2026-11-28T12:00",
            (ExceptionalPeriod(date(2026, 11, 28), date(2027, 11, 1)),),
            "Closed until 2 November 2027 at 09:00: refuses calls.",
            "Fermé jusqu’au 2 novembre 2027 à 09:00\u00a0: refuse les appels.",
        ),
        (
            "2026-11-28T12:00",
            (ExceptionalPeriod(date(2026, 11, 28), date(2026, 11, 28), (Hours(0, 1440),)),),
            "Open until Sunday 00:00.",
            "Ouvert jusqu’à dimanche 00:00.",
        ),
    ],
)
def test_until_when_it_is_open_or_closed(at: str, exceptions: tuple[ExceptionalPeriod, ...], en: str, fr: str) -> None:
    schedule = hours(Closed(), *exceptions)
    assert told(replace(MAILBOX, schedule=schedule), at) == (f"Takes a message. {en}", f"Prend un message. {fr}")


def test_hours_that_never_change() -> None:
    always = hours(Closed(), periods=(Period(tuple(Day), 0, 0),))
    assert told(replace(MAILBOX, schedule=always)) == (
        "Takes a message. Always open.",
        "Prend un message. Toujours ouvert.",
    )
    assert told(replace(MAILBOX, schedule=hours(Closed(), periods=()))) == (
        "Takes a message. Closed: refuses calls.",
        "Prend un message. Fermé\u00a0: refuse les appels.",
    )


def test_times_are_those_of_the_schedule() -> None:
    tokyo = Schedule("Asia/Tokyo", (OFFICE,))
    assert told(replace(MAILBOX, schedule=tokyo), "2026-11-30T01:00")[0] == "Takes a message. Open until 18:00."


VOICEMAIL = Blocked.VOICEMAIL
BLOCK = ("+33162*", "+33900000000")


@pytest.mark.parametrize(
    ("callers", "en", "fr"),
    [
        (Callers(), "", ""),
        (Callers(allow=BLOCK), "", ""),
        (Callers(Anonymous.REJECT), " Anonymous callers are rejected.", " Les appelants anonymes sont rejetés."),
        (
            Callers(Anonymous.VOICEMAIL),
            " Anonymous callers leave a message.",
            " Les appelants anonymes laissent un message.",
        ),
        (Callers(block=BLOCK), " Blocked callers are rejected.", " Les appelants bloqués sont rejetés."),
        (
            Callers(block=BLOCK, blocked=VOICEMAIL),
            " Blocked callers leave a message.",
            " Les appelants bloqués laissent un message.",
        ),
        (
            Callers(Anonymous.REJECT, BLOCK),
            " Anonymous and blocked callers are rejected.",
            " Les appelants anonymes ou bloqués sont rejetés.",
        ),
        (
            Callers(Anonymous.REJECT, BLOCK, blocked=VOICEMAIL),
            " Anonymous callers are rejected. Blocked callers leave a message.",
            " Les appelants anonymes sont rejetés. Les appelants bloqués laissent un message.",
        ),
    ],
)
def test_who_may_call(callers: Callers, en: str, fr: str) -> None:
    assert told(replace(MAILBOX, callers=callers)) == (f"Takes a message.{en}", f"Prend un message.{fr}")


def test_all_parts_together() -> None:
    rule = replace(
        RINGS,
        fallbacks=Fallbacks(TO_VOICEMAIL, TO_VOICEMAIL, TO_VOICEMAIL),
        schedule=hours(Closed(ClosedAction.VOICEMAIL)),
        callers=Callers(block=BLOCK),
    )
    assert told(rule)[0] == (
        "Rings +33 6 44 63 00 00 for 25 s, then takes a message. Closed until Monday 09:00: takes a message. "
        "Blocked callers are rejected."
    )


def test_another_language_is_answered_in_english() -> None:
    assert summary(NumberRecord(TARGET, 1, MAILBOX), 0, "de") == "Takes a message."
