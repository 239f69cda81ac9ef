"""A schedule comes back from its document as it was, and a hostile document is none."""

import json
from dataclasses import replace
from datetime import date

import pytest

from bench.schedules import largest
from renvoi.documents.schedule_document import decode_schedule, encode_schedule
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.schedule import Closed, ClosedAction, Day, ExceptionalPeriod, Hours, Period, Schedule

PLAIN = Schedule("Europe/Paris")
WHOLE = Schedule(
    "Europe/Paris",
    (Period((Day.MON, Day.SUN), 540, 1440), Period((Day.FRI,), 1320, 0)),
    "FR-57",
    (date(2026, 12, 25), date(2026, 12, 26)),
    date(2028, 1, 2),
    (
        ExceptionalPeriod(date(2026, 12, 31), date(2026, 12, 31), (Hours(1200, 120), Hours(0, 0))),
        ExceptionalPeriod(date(2026, 12, 24), date(2026, 12, 26)),
    ),
    Closed(ClosedAction.FORWARD, E164("+33261910123")),
)
TEXT = {
    "time_zone": "Europe/Paris",
    "open": [
        {"days": ["mon", "sun"], "from": "09:00", "to": "24:00"},
        {"days": ["fri"], "from": "22:00", "to": "00:00"},
    ],
    "holidays": "FR-57",
    "holiday_dates": ["2026-12-25", "2026-12-26"],
    "holidays_until": "2028-01-02",
    "exceptions": [
        {
            "from": "2026-12-31",
            "to": "2026-12-31",
            "open": [{"from": "20:00", "to": "02:00"}, {"from": "00:00", "to": "00:00"}],
        },
        {"from": "2026-12-24", "to": "2026-12-26"},
    ],
    "closed": {"action": "forward", "to": [33261910123]},
}


def test_a_document_is_in_the_words_of_the_api() -> None:
    assert json.loads(encode_schedule(WHOLE)) == TEXT
    assert json.loads(encode_schedule(PLAIN)) == {"time_zone": "Europe/Paris"}


@pytest.mark.parametrize("schedule", [PLAIN, WHOLE, largest(), replace(WHOLE, closed=Closed(ClosedAction.VOICEMAIL))])
def test_a_schedule_comes_back_as_it_was(schedule: Schedule) -> None:
    assert decode_schedule(encode_schedule(schedule)) == schedule


def test_the_same_text_gives_the_same_schedule() -> None:
    document = encode_schedule(WHOLE)
    assert decode_schedule(bytes(bytearray(document))) is decode_schedule(document)


def changed(**values: object) -> bytes:
    return json.dumps(TEXT | values).encode()


def opened(**values: object) -> bytes:
    return changed(open=[{"days": ["mon"], "from": "09:00", "to": "10:00"} | values])


def exception(**values: object) -> bytes:
    return changed(exceptions=[{"from": "2026-12-24", "to": "2026-12-26"} | values])


WRONG_LISTS: tuple[object, ...] = (None, {}, "mon", [7], [[]], [{}])


@pytest.mark.parametrize(
    ("document", "says"),
    [
        *((each, ".") for each in (b"", b"null", b"[]", b"7", b'"x"', b"{}", b"{", b"\xff", b'{"time_zone": "UTC"} x')),
        (b'{"time_zone": "UTC"' + b"[" * 100_000, "."),
        (b'{"time_zone": ' + b"[" * 100_000, "."),
        (changed(extra=1), "unknown field"),
        (opened(extra=1), "unknown field"),
        (exception(extra=1), "unknown field"),
        (changed(closed={"action": "off", "extra": 1}), "unknown field"),
        *((changed(time_zone=each), ".") for each in (None, 7, "", "Mars/Olympus", "Europe/Paris\0", "../x", ["UTC"])),
        *((changed(open=each), ".") for each in WRONG_LISTS),
        *((opened(days=each), ".") for each in (None, [], ["Mon"], ["mon", "mon"], [0], "mon", [None])),
        *((opened(**{"from": each}), ".") for each in (None, 540, "9:00", "24:00", "24:01", "09:00:00", "٠٩:٠٠", ".")),
        *((opened(to=each), ".") for each in (None, 540, "24:01", "-1:00", True)),
        (changed(open=[{"days": ["mon"], "from": "09:00", "to": "10:00"}] * 51), "at most 50"),
        *((changed(holidays=each), ".") for each in ("fr", "FRANCE", 7, ["FR"], "FR\n", None)),
        *((changed(holiday_dates=each), ".") for each in (["2026-02-30"], ["2026-12-26", "2026-12-25"], [7], "x")),
        (changed(holiday_dates=[f"{1000 + n}-01-01" for n in range(601)]), "at most 600"),
        *((changed(holidays_until=each), ".") for each in ("tomorrow", 7, "2026-13-01")),
        *(
            (exception(**{"from": each}), ".")
            for each in ("2026-12-27", "2025-12-24", None, "2026-12-24T00:00", "0000-01-01")
        ),
        (exception(open=[{"from": "20:00", "to": "02:00"}] * 11), "at most 10"),
        (changed(exceptions=[{"from": "2026-12-24", "to": "2026-12-26"}] * 2), "at most, 2026-12-24 is in two"),
        *(
            (changed(closed=each), ".")
            for each in (None, "off", {"action": "ring"}, {"action": "forward"}, {"to": [1]})
        ),
        *((changed(closed={"action": "forward", "to": each}), ".") for each in ([], [1, 2], [0], [-1], [True], ["+3"])),
        *((changed(closed={"action": "forward", "to": each}), ".") for each in ([10**15], [1.5], [10**30], [None])),
    ],
)
def test_hostile_documents_are_no_schedule(document: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        decode_schedule(document)
