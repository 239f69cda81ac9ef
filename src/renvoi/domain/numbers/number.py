"""Phone numbers: what people write, the one form that renvoi stores and compares, and beginnings of them."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import phonenumbers
from phonenumbers import shortnumberinfo
from phonenumbers.phonemetadata import PhoneMetadata
from phonenumbers.phonenumberutil import ndd_prefix_for_region
from phonenumbers.re_util import re_compile

from renvoi.domain.numbers.numbering_plan import plan_of_code
from renvoi.domain.text import without_invisible

# Else each of the ten patterns that a number is compared with is looked up twice among those that `re` keeps, and where
# numbers of many regions come, made again. All of them take some hundred KiB.
phonenumbers.enable_pattern_cache()

NO_REGION = "ZZ"
"""In place of a region where none is known, as of whoever acts for no account: numbers are read in international form
only."""
MAX_TEXT_LENGTH = 64
"""Characters of a written number; ITU-T E.164 allows 15 digits, the rest is room for separators."""
_MAX_WITH_INVISIBLE = 1000
"""Characters of a text that is looked at, what nobody sees included."""

_WRITTEN = re.compile("[+0-9.()/\\-‐-―−]+")
_PLAIN = re.compile(r"[+0-9]+")
_TEL = re.compile(r"tel:([^;]*)(?:;phone-context=(\+[0-9.()\-]+))?", re.IGNORECASE)
"""A URI of RFC 3966 without any parameter but the one that completes a local number."""
_SEPARATORS = re.compile(r"[^+0-9]")
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]{5,16}")


LEAST_DIGITS = -(1 << 63)
"""Before the digits of each number that a row may have: a damaged one has any integer."""
_LISTED = re.compile(r"\+(0|-?[1-9][0-9]{0,18})", re.ASCII)
NOBODYS_DIGITS = 0
"""In place of the digits of a number that cannot be read: no number begins so, and nobody has it."""


class NumberInvalid(ValueError):
    """The text is not a dialable phone number."""


class NumberShort(NumberInvalid):
    """The text is a short or emergency number: it exists, but has no E.164 form (`112`, `3639`)."""


@dataclass(frozen=True, slots=True, order=True)
class E164:
    """A phone number in international form (ITU-T E.164), `+` and up to 15 digits."""

    value: str

    @classmethod
    def parse(cls, text: str, region: str) -> Self:
        """Read a number as written in `region` (ISO 3166 alpha-2): `+33…`, `0033…`, `33…` or the national form.

        Spaces, dots, dashes, slashes and brackets are ignored, and what nobody sees; digits of every script and `tel:`
        (RFC 3966) are understood, extensions are not. A text that is valid both in the national form and as E.164
        without `+` is read in the national form (`docs/api.md §2`).

        Raises:
            NumberShort: a short or emergency number of that region.
            NumberInvalid: anything else that is not a valid number.
        """
        return cls(_parse(_written(text), region))

    @classmethod
    def listed(cls, text: str, region: str) -> Self:
        """Read a number as `parse` does, and also as lists show one whose row is damaged: `+0`, `+-7`.

        Raises:
            NumberInvalid: see `parse`.
        """
        is_listed = _LISTED.fullmatch(text) is not None and LEAST_DIGITS < int(text[1:]) < -LEAST_DIGITS
        # `parse` takes the minus sign for a separator, which would be another number.
        if is_listed and text.startswith("+-"):
            return cls(text)
        try:
            return cls.parse(text, region)
        except NumberInvalid:
            if is_listed:
                return cls(text)
            raise

    @classmethod
    def from_digits(cls, digits: int) -> Self:
        """Return the number whose digits, country code first, make up the integer `digits`."""
        return cls(f"+{digits}")

    @property
    def digits(self) -> int:
        """The digits, country code first; lossless, as no country code starts with 0."""
        return int(self.value[1:])

    def __str__(self) -> str:
        return self.value


def is_digits_of_number(digits: object) -> bool:
    """Tell whether a stored value is the digits of a phone number, country code first, whatever number that is."""
    return isinstance(digits, int) and not isinstance(digits, bool) and 10_000 <= digits < 10**15


def is_written_number(text: str) -> bool:
    """Tell whether a text has the form of a phone number, whatever number that would be (`E164.parse`)."""
    try:
        return bool(_written(text))
    except NumberInvalid:
        return False


def _written(text: str) -> str:
    """Return the digits and separators that `text` shows, as ASCII digits.

    Raises:
        NumberInvalid: it shows anything else, or too much.
    """
    if len(text) <= MAX_TEXT_LENGTH and _PLAIN.fullmatch(text):
        return text
    if len(text) > _MAX_WITH_INVISIBLE:
        raise NumberInvalid(text[:MAX_TEXT_LENGTH])
    shown = "".join(_ascii_digit(each) for each in without_invisible(text))
    if uri := _TEL.fullmatch(shown):
        local, context = uri.groups()
        shown = local if context is None or local.startswith("+") else context + local
    if len(shown) > MAX_TEXT_LENGTH or not _WRITTEN.fullmatch(shown):
        raise NumberInvalid(text[:MAX_TEXT_LENGTH])
    return _SEPARATORS.sub("", shown)


def _ascii_digit(character: str) -> str:
    if character.isascii():
        return character
    if character == "\N{FULLWIDTH PLUS SIGN}":
        return "+"
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


# Parsing is a pure function of its arguments, so remembering results is not a cache of rules.
@lru_cache(maxsize=16384)
def _parse(written: str, region: str) -> str:
    # 00 is understood everywhere: it is what callers of the API write, whatever their region dials (docs/api.md §1).
    dialled = written
    if written.startswith("00"):
        written = "+" + written[2:]
    candidates = [written] if written.startswith("+") else [written, "+" + written]
    for candidate in candidates:
        plan = _plan_of_international(candidate)
        if plan is None:
            parsed = _read(candidate, region)
            if parsed is not None and phonenumbers.is_valid_number(parsed):
                return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        elif plan.type != phonenumbers.PhoneNumberType.UNKNOWN:
            return candidate
    # Some begin with 00 themselves, such as Australia's 000.
    if _is_short(written, region) or (dialled != written and _is_short(dialled, region)):
        raise NumberShort(written)
    raise NumberInvalid(written)


@dataclass(frozen=True, slots=True)
class NumberPlan:
    """What the numbering plan says of a number: its `PhoneNumberType`, UNKNOWN for one that is not valid, and region.

    `region` is None for a number that is not valid, and `001` for the plans that belong to no country. Where regions
    share numbers, such as +1 800, it is the first one of their country code.
    """

    type: int
    region: str | None


def number_plan(number: E164) -> NumberPlan:
    """Return what the numbering plan says of a number."""
    return _plan_of_international(number.value) or _plan_of_parsed(number.value)


def is_number_of(number: E164, region: str) -> bool:
    """Tell whether a number is valid in a region, which may be one of several."""
    parsed = _read(number.value, region)
    return parsed is not None and phonenumbers.is_valid_number_for_region(parsed, region)


def regions_with_code_of(region: str) -> tuple[str, ...]:
    """Return the regions that share the country code of `region`, itself included."""
    found: tuple[str, ...] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(
        phonenumbers.country_code_for_region(region), ()
    )
    return found


# A change of a rule asks twice, whether its target is a number and whether calls may go there, and each call once.
@lru_cache(maxsize=16384)
def _plan_of_international(written: str) -> NumberPlan | None:
    """Return the plan of `+` and digits; None where libphonenumber's parser is needed."""
    if not _INTERNATIONAL.fullmatch(written):
        return None
    # No country code begins with another one.
    for end in (2, 3, 4):
        plan = plan_of_code(written[1:end])
        if plan is not None:
            national = written[end:]
            if plan.may_have_prefix(national):
                return None
            kind = plan.type_of(national)
            return NumberPlan(kind, plan.region if kind != phonenumbers.PhoneNumberType.UNKNOWN else None)
    number = _split(written)
    return None if number is None else _plan(number)


def shown_abroad(number: E164) -> str:
    """Return a number as people write it for readers in any country: `+33 6 44 63 00 00`."""
    parsed = _split(number.value) or _read(number.value, None)
    if parsed is None:
        return number.value
    shown: str = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return shown


def _split(written: str) -> phonenumbers.PhoneNumber | None:
    """Split `+` and digits at a third of what libphonenumber's parser takes; None where it is needed.

    That is where a national prefix may stand behind the country code, as in `+33 (0)1 …`.
    """
    if not _INTERNATIONAL.fullmatch(written):
        return None
    for end in (2, 3, 4):
        country_code, national = int(written[1:end]), written[end:]
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(country_code)
        if regions is not None:
            break
    else:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, regions[0])
    prefix = metadata.national_prefix_for_parsing if metadata is not None else None
    if prefix and re_compile(prefix).match(national):
        return None
    zeros = len(national) - len(national.lstrip("0"))
    number = phonenumbers.PhoneNumber(country_code, int(national), italian_leading_zero=zeros > 0)
    number.number_of_leading_zeros = zeros
    return number


@lru_cache(maxsize=1024)
def _plan_of_parsed(written: str) -> NumberPlan:
    parsed = _read(written, None)
    return NumberPlan(phonenumbers.PhoneNumberType.UNKNOWN, None) if parsed is None else _plan(parsed)


def _plan(number: phonenumbers.PhoneNumber) -> NumberPlan:
    kind: int = phonenumbers.number_type(number)
    is_valid = kind != phonenumbers.PhoneNumberType.UNKNOWN
    return NumberPlan(kind, phonenumbers.region_code_for_number(number) if is_valid else None)


def _read(written: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None


def _is_short(written: str, region: str) -> bool:
    parsed = _read(written, region)
    if parsed is None:
        return False
    return shortnumberinfo.is_valid_short_number(parsed) or shortnumberinfo.is_emergency_number(written, region)


def load_every_region() -> None:
    """Load what is known of all regions now, which otherwise happens when a number of one is first met.

    For processes that fork and share it, and for those that later may no longer read files.
    """
    PhoneMetadata.load_all()
    for region in shortnumberinfo.SUPPORTED_SHORT_REGIONS:
        PhoneMetadata.short_metadata_for_region(region)


def is_region(text: str) -> bool:
    """Tell whether `text` is a region that numbers can be written in (ISO 3166 alpha-2, upper case)."""
    return text in phonenumbers.SUPPORTED_REGIONS


MAX_DIGITS = 15
"""ITU-T E.164."""
_WRITTEN_PREFIX = re.compile(r"\+?[0-9.()/-]+")
_PREFIX_SEPARATORS = re.compile(r"[.()/-]")


def international_prefix(text: str, region: str) -> str | None:
    """Return how the digits of a number begin, country code first, whose beginning `text` is as written in `region`.

    None when it cannot be that of a number: a word, or nothing at all.
    """
    shown = without_invisible(text)
    if not _WRITTEN_PREFIX.fullmatch(shown):
        return None
    written = _PREFIX_SEPARATORS.sub("", shown)
    if written.startswith(("+", "00")):
        digits = written.removeprefix("00") if written[0] == "0" else written[1:]
    else:
        national = ndd_prefix_for_region(region, True) or ""
        is_national = bool(national) and written.startswith(national)
        code = phonenumbers.country_code_for_region(region)
        digits = f"{code}{written.removeprefix(national)}" if is_national else written
    return digits if digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= MAX_DIGITS else None


def ranges(prefix: str) -> list[tuple[int, int]]:
    """Return where the numbers lie whose digits begin with `prefix`: the least and the greatest of each length."""
    found = []
    for more in range(MAX_DIGITS - len(prefix) + 1):
        least = int(prefix) * 10**more
        found.append((least, least + 10**more - 1))
    return found
