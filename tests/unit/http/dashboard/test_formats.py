"""How numbers, times, lengths and sizes are written for a reader."""

from zoneinfo import ZoneInfo

import pytest

from renvoi.http.dashboard.formats import Reader, count, duration, phone, size, when

FRENCH = Reader("fr", "FR", ZoneInfo("Europe/Paris"))
ENGLISH = Reader("en", "GB", ZoneInfo("Europe/London"))
NOON_MS = 1_767_265_200_000
"""2026-01-01T11:00:00Z."""


@pytest.mark.parametrize(
    ("reader", "number", "written"),
    [
        (FRENCH, "+33199001234", "01 99 00 12 34"),
        (ENGLISH, "+33199001234", "+33 1 99 00 12 34"),
        (ENGLISH, "+442079460018", "020 7946 0018"),
        (ENGLISH, "anonymous", "anonymous"),
        (ENGLISH, "+", "+"),
        (ENGLISH, "+99999999999999999", "+99999999999999999"),
        (ENGLISH, "<b>", "<b>"),
        (ENGLISH, None, ""),
    ],
)
def test_phone(reader: Reader, number: str | None, written: str) -> None:
    assert phone(reader, number).replace("\N{NO-BREAK SPACE}", " ") == written
    assert " " not in phone(reader, number)


@pytest.mark.parametrize(
    ("reader", "at_ms", "written"),
    [
        (FRENCH, NOON_MS, ">12:00<"),
        (ENGLISH, NOON_MS, ">11:00<"),
        (ENGLISH, NOON_MS - 86_400_000, ">31 Dec 2025, 11:00<"),
        (FRENCH, NOON_MS + 40 * 86_400_000, ">10 févr., 12:00<"),
        (ENGLISH, None, "–"),
        (ENGLISH, 10**18, "–"),
        (ENGLISH, -1, "–"),
    ],
)
def test_when(reader: Reader, at_ms: int | None, written: str) -> None:
    assert written in when(reader, at_ms, now_ms=NOON_MS)


def test_times_in_nobodys_own_zone_say_it() -> None:
    nobody = Reader("fr", "FR", ZoneInfo("UTC"), names_zone=True)
    assert ">11:00\N{NO-BREAK SPACE}UTC<" in when(nobody, NOON_MS, now_ms=NOON_MS)
    assert when(nobody, None, now_ms=NOON_MS) == "–"


def test_when_names_the_whole_time_and_its_zone() -> None:
    shown = when(FRENCH, NOON_MS, now_ms=NOON_MS)
    assert 'datetime="2026-01-01T11:00:00.000Z"' in shown
    assert "jeudi 1 janvier 2026, 12:00:00 (Europe/Paris)" in shown


def test_duration() -> None:
    assert [duration(ENGLISH, each) for each in (None, 0, 499, 59_600, 3_723_000)] == [
        "–",
        "0:00",
        "0:00",
        "1:00",
        "1:02:03",
    ]


def test_size() -> None:
    assert [size(ENGLISH, each) for each in (None, 0, 999, 1000, 12_345, 999_600, 5 * 10**12)] == [
        "–",
        "0 B",
        "999 B",
        "1 kB",
        "12 kB",
        "1 MB",
        "5 TB",
    ]
    assert size(FRENCH, 1500) == "1,5\u202fko"


def test_count() -> None:
    assert count(ENGLISH, 1_234_567) == "1,234,567"
    assert count(FRENCH, 1234.5).replace("\u202f", " ") == "1 234,5"
