"""Numbers as people write them (docs/api.md §2)."""

import subprocess
import sys

import pytest

from renvoi.domain.numbers.number import E164, NumberInvalid, NumberShort


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("+33644630000", "FR", "+33644630000"),
        ("33644630000", "FR", "+33644630000"),
        ("0033644630000", "FR", "+33644630000"),
        ("0644630000", "FR", "+33644630000"),
        ("06 44.63-00 00", "FR", "+33644630000"),
        ("+33 (0)6 44 63 00 00", "FR", "+33644630000"),
        ("0033644630000", "US", "+33644630000"),
        ("447911123456", "FR", "+447911123456"),
        ("6465551234", "US", "+16465551234"),
        ("+33199001234", "FR", "+33199001234"),
        ("+33261910123", "US", "+33261910123"),
        # What is pasted along with a number, or in it, and is not seen.
        ("\u202a+33 1 99 00 12 34\u202c", "FR", "+33199001234"),
        ("\ufeff+33199001234\u200b\r\n", "FR", "+33199001234"),
        ("+33\ufe0f1\u00ad99\u2009001234\x00", "FR", "+33199001234"),
        ("+33\U000e0100199001234", "FR", "+33199001234"),
        # Digits of other scripts, and signs of other keyboards.
        ("٠١٩٩٠٠١٢٣٤", "FR", "+33199001234"),
        ("+३३१९९००१२३४", "US", "+33199001234"),
        ("\uff0b\uff13\uff13\uff11\uff19\uff19\uff10\uff10\uff11\uff12\uff13\uff14", "FR", "+33199001234"),
        ("01\u201399\u201400\u221212\u201034", "FR", "+33199001234"),
        # RFC 3966
        ("tel:+33-1-99-00-12-34", "US", "+33199001234"),
        ("TEL:0199001234", "FR", "+33199001234"),
        ("tel:0199001234;phone-context=+33", "US", "+33199001234"),
    ],
)
def test_every_written_form_is_one_number(text: str, region: str, expected: str) -> None:
    assert E164.parse(text, region).value == expected


@pytest.mark.parametrize("text", ["112", "15", "3639", "118218", "+33112"])
def test_short_and_emergency_numbers_are_told_apart(text: str) -> None:
    with pytest.raises(NumberShort):
        E164.parse(text, "FR")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        "abc",
        "0644",
        "+33 1 99 00 12 34 ext 5",
        "1-800-FLOWERS",
        "+3319900123456",
        "0" * 65,
        "+33199001234" + " " * 2000,
        "+33199001234;ext=5",
        "+33199001234x12",
        "tel:+33199001234;ext=5",
        "tel:0199001234;phone-context=example.com",
        "tel:",
        "sip:+33199001234@example.com",
        "\u00b2\u2460\u0199001234",
        "\ud800+33199001234",
    ],
)
def test_what_reaches_nobody_is_invalid(text: str) -> None:
    with pytest.raises(NumberInvalid) as raised:
        E164.parse(text, "FR")
    assert not isinstance(raised.value, NumberShort)


def test_digits_are_lossless() -> None:
    number = E164("+33199001234")
    assert number.digits == 33199001234
    assert E164.from_digits(number.digits) == number


LOADED = """
import sys
import phonenumbers
from renvoi.domain.numbers.number import E164, NumberInvalid, load_every_region
from renvoi.domain.access.account_policy import Owner
load_every_region()
before = set(sys.modules)
for region in phonenumbers.SUPPORTED_REGIONS:
    example = phonenumbers.format_number(phonenumbers.example_number(region), phonenumbers.PhoneNumberFormat.NATIONAL)
    for text in (example, "112", "+33199001234", "0"):
        try:
            Owner(region).refusal(E164.parse(text, region))
        except NumberInvalid:
            pass
print(sorted(set(sys.modules) - before))
"""


def test_once_every_region_is_loaded_nothing_more_is() -> None:
    """Kamailio's processes may be unable to read files once they have dropped their privileges."""
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
