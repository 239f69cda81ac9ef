"""`renvoi number show` says what a call meets, and shows the whole rule."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.sql import open_store
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import Anonymous, Callers
from renvoi.domain.rules.rule import TO_VOICEMAIL, Fallback, Fallbacks, Otherwise, Rule
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule
from tests.unit.cli.conftest import Cli

NUMBER, TARGET, OTHER = E164("+33199001234"), E164("+33644630000"), E164("+33261910123")
RULE = Rule(
    target=TARGET,
    type=Rule.forward(TARGET).type,
    emails=(EmailAddress("owner@example.com"), EmailAddress("office@example.com")),
    revision=7,
    ring_timeout=timedelta(seconds=25),
    fallbacks=Fallbacks(TO_VOICEMAIL, Fallback(Otherwise.FORWARD, OTHER, Otherwise.VOICEMAIL), TO_VOICEMAIL),
    missed_call_mail=True,
    schedule=Schedule(
        "Europe/Paris",
        (Period(tuple(Day)[:5], 540, 1080),),
        "FR",
        (date(2026, 12, 25),),
        date(2028, 1, 2),
        (
            ExceptionalPeriod(date(2026, 12, 24), date(2026, 12, 26)),
            ExceptionalPeriod(date(2026, 12, 31), date(2026, 12, 31), (Hours(1200, 120),)),
        ),
        Closed(ClosedAction.FORWARD, OTHER),
    ),
    callers=Callers(Anonymous.REJECT, ("+33162*",), ("+33162000000",)),
)
SENTENCE = (
    "Rings +33 6 44 63 00 00 for 25 s, then takes a message; when busy, rings +33 2 61 91 01 23, then takes a message. "
    "Closed until Monday 09:00: rings +33 2 61 91 01 23. Anonymous and blocked callers are rejected."
)
SATURDAY = ("--at", "2026-11-28T13:08:28Z")


@pytest.fixture
def ruled(acme: Cli, data: Path) -> Cli:
    """Give the number a rule with all options."""

    async def put() -> None:
        store = await open_store(f"sqlite:///{data / 'renvoi.db'}")
        await store.write(methodcaller("put_rule", NUMBER, RULE, 1_795_871_308_914))
        await store.close()

    asyncio.run(put())
    return acme


def test_a_sentence_says_what_a_call_meets(ruled: Cli) -> None:
    lines = ruled("number", "show", NUMBER.value, *SATURDAY).out.splitlines()
    assert lines == [
        f"{NUMBER}: {SENTENCE}",
        "  account acme, active, call forwarding enabled",
        "  rule of revision 7, changed 2026-11-28T13:08:28.914Z",
        "  messages go to owner@example.com, office@example.com",
        "  hours in Europe/Paris:",
        "    mon, tue, wed, thu, fri 09:00-18:00",
        "    closed on the holidays of FR, known until 2028-01-02",
        "    2026-12-24 to 2026-12-26: closed",
        "    2026-12-31 to 2026-12-31: 20:00-02:00",
    ]


def test_as_json_the_rule_is_that_of_the_management_api(ruled: Cli) -> None:
    assert ruled("number", "show", NUMBER.value, *SATURDAY, "--json").json == {
        "number": NUMBER.value,
        "account": "acme",
        "label": "",
        "active": True,
        "forwarding": True,
        "rule": {
            "action": "forward",
            "to": ["+33644630000"],
            "ring_timeout_s": 25,
            "on_no_answer": {"action": "voicemail"},
            "on_busy": {"action": "forward", "to": ["+33261910123"], "then": "voicemail"},
            "on_unreachable": {"action": "voicemail"},
            "voicemail": {"emails": ["owner@example.com", "office@example.com"], "missed_call_mail": True},
            "schedule": {
                "time_zone": "Europe/Paris",
                "open": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "18:00"}],
                "holidays": "FR",
                "exceptions": [
                    {"from": "2026-12-24", "to": "2026-12-26", "open": []},
                    {"from": "2026-12-31", "to": "2026-12-31", "open": [{"from": "20:00", "to": "02:00"}]},
                ],
                "closed": {"action": "forward", "to": ["+33261910123"]},
            },
            "callers": {"anonymous": "reject", "block": ["+33162*"], "allow": ["+33162000000"]},
            "revision": 7,
            "updated_at": "2026-11-28T13:08:28.914Z",
        },
        "unreadable": None,
        "holidays_until": "2028-01-02",
        "summary": SENTENCE,
    }


def test_it_speaks_french_and_of_now(ruled: Cli) -> None:
    assert "Fait sonner le +33 6 44 63 00 00" in ruled("number", "show", NUMBER.value, "--language", "fr").out
    plain = ruled("number", "add", "+33199001235", "--account", "acme", "--label", "desk")
    assert plain.code == 0
    assert ruled("number", "show", "+33199001235").out.splitlines() == [
        "+33199001235 (desk): Calls are refused.",
        "  account acme, active, call forwarding enabled",
        "  rule of revision 0",
    ]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("+33199009999",), 1, "there is no number +33199009999"),
        (("nonsense",), 1, "not a valid phone number"),
        (("+33199001234", "--language", "de"), 2, "give en or fr"),
        (("+33199001234", "--at", "yesterday"), 2, "is not a time"),
    ],
)
def test_what_cannot_be_shown(acme: Cli, words: tuple[str, ...], code: int, says: str) -> None:
    ran = acme("number", "show", *words)
    assert ran.code == code
    assert says in ran.err


def test_a_deactivated_number_says_so(acme: Cli) -> None:
    acme("number", "deactivate", NUMBER.value)
    shown = acme("number", "show", NUMBER.value, "--json").json
    assert shown["summary"] == "The number is deactivated: calls are refused."
    assert shown["rule"]["schedule"] is None


def test_a_rule_that_cannot_be_read_is_shown_as_such(acme: Cli, data: Path) -> None:
    """With what to do, beside the numbers that can be read."""
    acme("number", "add", OTHER.value, "--account", "acme")
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        broken = "UPDATE numbers SET routing = '', no_answer = 'dance' WHERE number = ?"
        assert store.execute(broken, (NUMBER.digits,)).rowcount == 1
    listed = {row["number"]: row for row in acme("number", "list", "--json").json}
    shown = listed[NUMBER.value]
    assert (shown["type"], shown["param"], shown["unreadable"]) == (None, None, "damaged")
    assert (listed[OTHER.value]["type"], listed[OTHER.value]["unreadable"]) == (0, None)
    table = acme("number", "list")
    assert NUMBER.value in table.out
    assert f"{NUMBER}: The rule cannot be read: calls are refused until the operator removes the number" in table.err
    row = acme("number", "show", NUMBER.value, "--json").json
    assert (row["rule"], row["unreadable"]) == (None, "damaged")
    assert "The rule cannot be read" in acme("number", "show", NUMBER.value).out
    assert acme("number", "remove", NUMBER.value, "--yes").code == 0
    assert acme("number", "list").err == ""
