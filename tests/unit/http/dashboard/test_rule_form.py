"""The fields of a rule's form: what people write in them, and where what is wrong with it is shown."""

from datetime import timedelta
from typing import Any

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import Rule
from renvoi.http.dashboard.rule_form import fields_of, hours_text, read_fields
from renvoi.http.v2.rule_reading import read_rule, rule_of

PLAIN = fields_of(Rule.forward(E164("+33644630000"), timedelta(seconds=25)))


def read(fields: dict[str, str]) -> Any:
    return read_fields(PLAIN | fields, "FR", Rule())


def read_week(fields: dict[str, str]) -> Any:
    return read({"hours": "week", "schedule/time_zone": "Europe/Paris"} | fields).value["schedule"]


@pytest.mark.parametrize("written", ["06 44 63 00 00", "+33 6 44 63 00 00", "0033644630000", " 06.44.63.00.00 "])
def test_numbers_are_read_as_people_of_the_country_write_them(written: str) -> None:
    assert read({"to": written}).value["to"] == ["+33644630000"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("09:00–12:00, 13:00–18:00", [("09:00", "12:00"), ("13:00", "18:00")]),
        ("9-12; 13h30 - 18h", [("09:00", "12:00"), ("13:30", "18:00")]),
        ("22:00-2:00", [("22:00", "02:00")]),
        ("closed", []),
        (" ", []),
    ],
)
def test_hours_are_read_as_people_write_them(written: str, expected: list[tuple[str, str]]) -> None:
    assert [(each["from"], each["to"]) for each in read_week({"day/mon": written})["open"]] == expected


def test_days_with_the_same_hours_share_a_period() -> None:
    days = {f"day/{day}": "9-12" for day in ("mon", "tue", "wed")} | {"day/sat": "10-16"}
    assert read_week(days)["open"] == [
        {"days": ["mon", "tue", "wed"], "from": "09:00", "to": "12:00"},
        {"days": ["sat"], "from": "10:00", "to": "16:00"},
    ]


def test_rows_of_exceptional_days_that_are_empty_are_left_out() -> None:
    fields = {"exception/0/from": "", "exception/2/from": "2026-12-24", "exception/2/hours": "9-12"}
    assert read_week(fields)["exceptions"] == [
        {"from": "2026-12-24", "to": "2026-12-24", "open": [{"from": "09:00", "to": "12:00"}]}
    ]


def test_what_goes_with_another_choice_is_left_out() -> None:
    value = read({"on_busy/action": "voicemail", "on_busy/to": "+33261910123"}).value
    assert value["on_busy"] == {"action": "voicemail"}


WEEK = {"hours": "week", "schedule/time_zone": "Europe/Paris"}


@pytest.mark.parametrize(
    ("fields", "pointer", "name"),
    [
        ({"to": "12"}, "/to/0", "to"),
        ({"to": ""}, "/to", "to"),
        ({"ring_timeout_s": "soon"}, "/ring_timeout_s", "ring_timeout_s"),
        ({"on_busy/action": "forward", "on_busy/to": "x"}, "/on_busy/to/0", "on_busy/to"),
        ({"on_busy/action": "dance"}, "/on_busy/action", "on_busy/action"),
        ({"voicemail/emails": "owner@example.com\nnobody"}, "/voicemail/emails/1", "voicemail/emails"),
        ({"action": "voicemail"}, "/voicemail/emails", "voicemail/emails"),
        (WEEK | {"schedule/time_zone": "Europe/Nowhere"}, "/schedule/time_zone", "schedule/time_zone"),
        (WEEK | {"day/tue": "early"}, "/schedule/open/0/from", "day/tue"),
        (WEEK | {"schedule/closed/action": "forward"}, "/schedule/closed/to", "schedule/closed/to"),
        (
            WEEK | {"exception/3/from": "2026-12-24", "exception/3/to": "x"},
            "/schedule/exceptions/0/to",
            "exception/3/to",
        ),
        ({"callers/block": "+33162*\nhello"}, "/callers/block/1", "callers/block"),
    ],
)
def test_what_is_wrong_leads_to_its_field(fields: dict[str, str], pointer: str, name: str) -> None:
    found = read(fields)
    with pytest.raises(Problem) as caught:
        read_rule(found.value)
    assert pointer in [each.pointer for each in caught.value.errors]
    assert found.field_of(pointer) == name


def test_a_pointer_that_no_field_made_leads_nowhere() -> None:
    assert read({}).field_of("/elsewhere/0") is None


def test_hours_that_are_sent_back_keep_their_periods() -> None:
    value = PLAIN_JSON | {
        "schedule": {
            "time_zone": "Europe/Paris",
            "open": [
                {"days": ["tue", "mon"], "from": "13:00", "to": "18:00"},
                {"days": ["mon"], "from": "09:00", "to": "12:00"},
            ],
        }
    }
    rule = rule_of(read_rule(value))
    assert rule_of(read_rule(read_fields(fields_of(rule), "FR", rule).value)) == rule


PLAIN_JSON: dict[str, Any] = {"action": "forward", "to": ["+33644630000"]}


def test_hours_are_shown_as_they_are_read() -> None:
    assert hours_text([(540, 720), (780, 1440)]) == "09:00–12:00, 13:00–24:00"
