"""Numbers, times, lengths, sizes and places as a reader writes them: the filters of the templates, and lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from markupsafe import Markup
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberFormat

from renvoi.domain.moment import moment_text, shown_moment
from renvoi.domain.numbers.destination_policy import EVERYWHERE, GLOBAL
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.schedule import zone_names
from renvoi.http.dashboard import words

LOCALES = {"en": "en_001", "fr": "fr"}
"""The locale that times are written in, as Babel names it: English without a country has the 24-hour clock."""
_LONGEST_NUMBER = 20
"""Characters; E.164 has 16 with its plus sign."""
_UNITS = ("B", "kB", "MB", "GB", "TB")
_UNITS_FR = ("o", "ko", "Mo", "Go", "To")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a page: the language, the country whose numbers are written the short way, and the time zone."""

    language: str
    region: str
    zone: ZoneInfo
    names_zone: bool = False
    """Whether times say their zone, as it is nobody's own: an operator who acts for no account is anywhere."""


def phone(reader: Reader, number: E164 | str | None) -> str:
    """Return a number as people of the reader's country write it, on one line; what is not a number as it is."""
    text = number.value if isinstance(number, E164) else number or ""
    forms = phone_forms(text)
    if forms is None:
        return text
    return forms.at_home if forms.region == reader.region else forms.abroad


class PhoneForms(NamedTuple):
    """How a number is written at home and abroad, and the country that it is of (ISO 3166-1 alpha-2), if it has one."""

    at_home: str
    abroad: str
    region: str | None


@lru_cache(maxsize=5000)
def phone_forms(text: str) -> PhoneForms | None:
    """Return the forms of a number in E.164; None for what is not a number.

    Some are kept: a page of calls shows 150 numbers, many of them over and over.
    """
    if len(text) > _LONGEST_NUMBER or not text.startswith("+") or not text[1:].isdigit():
        return None
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return None
    at_home, abroad = (
        str(phonenumbers.format_number(parsed, form)).replace(" ", "\N{NO-BREAK SPACE}")
        for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL)
    )
    return PhoneForms(at_home, abroad, phonenumbers.region_code_for_number(parsed))


def moment(reader: Reader, at_ms: int | None) -> datetime | None:
    """Return a stored time in the reader's zone; None for none, or for one that no calendar here has."""
    found = None if at_ms is None else shown_moment(at_ms)
    return None if found is None else found.astimezone(reader.zone)


def when(reader: Reader, at_ms: int | None, *, now_ms: int, seconds: bool = False) -> Markup:
    """Return a time as `<time>`: of today the time alone, of this year without the year."""
    found, now = moment(reader, at_ms), moment(reader, now_ms)
    if found is None or now is None:
        return Markup("–")
    locale = LOCALES[reader.language]
    clock = format_time(found, "HH:mm:ss" if seconds else "HH:mm", locale=locale)
    if found.date() == now.date():
        text = clock
    else:
        text = f"{format_date(found, 'd MMM' if found.year == now.year else 'd MMM y', locale)}, {clock}"
    if reader.names_zone:
        text = f"{text}\N{NO-BREAK SPACE}{reader.zone.key}"
    whole = f"{format_date(found, 'full', locale)}, {format_time(found, 'HH:mm:ss', locale=locale)} ({reader.zone})"
    iso = moment_text(at_ms)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso, whole, text)


def duration(_reader: Reader, length_ms: int | None) -> str:
    """Return a length of time: `0:07`, `12:34`, `1:02:03`."""
    if length_ms is None:
        return "–"
    minutes, seconds = divmod(round(length_ms / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def size(reader: Reader, length_bytes: int | None) -> str:
    """Return a size in the largest unit of a thousand that fits."""
    if length_bytes is None:
        return "–"
    value, unit = float(length_bytes), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    units = _UNITS_FR if reader.language == "fr" else _UNITS
    shown = format_decimal(value, "#,##0" if value >= 10 or unit == 0 else "#,##0.#", LOCALES[reader.language])
    return f"{shown}\u202f{units[unit]}" if reader.language == "fr" else f"{shown} {units[unit]}"


def count(reader: Reader, value: float) -> str:
    """Return a number with the reader's separators."""
    return format_decimal(value, "#,##0.###", LOCALES[reader.language])


def filters(reader: Reader, now_ms: int) -> Mapping[str, Callable[..., Any]]:
    """Return what templates call, for one reader: `phone`, `when`, `duration`, `size` and `count`."""
    return {
        "phone": lambda number: phone(reader, number),
        "when": lambda at_ms, *, seconds=False: when(reader, at_ms, now_ms=now_ms, seconds=seconds),
        "duration": lambda length_ms: duration(reader, length_ms),
        "size": lambda length: size(reader, length),
        "count": lambda value: count(reader, value),
    }


_OLD = ("Etc/", "SystemV/", "US/", "Brazil/", "Canada/", "Chile/", "Mexico/", "posix/", "right/")
"""How names begin that stand for other ones (tzdata, `backward`)."""


def country(language: str, code: str) -> str:
    """Return the name of a country by its ISO 3166-1 code; one that has none as it is."""
    if code in (GLOBAL, EVERYWHERE):
        return words.text(language, "country.none" if code == GLOBAL else "country.all")
    return str(Locale.parse(LOCALES[language]).territories.get(code, code))


@cache
def countries(language: str) -> Sequence[tuple[str, str]]:
    """Return code and name of all countries that numbers are of, by name."""
    found = [(code, country(language, code)) for code in SUPPORTED_REGIONS]
    return sorted(found, key=lambda each: each[1])


@cache
def zones() -> Sequence[str]:
    """Return the names of time zones to choose from; others that are known may be written as well."""
    return sorted(name for name in zone_names() if "/" in name and not name.startswith(_OLD))
