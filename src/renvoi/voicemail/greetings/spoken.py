"""How a phone number is said: digit by digit, with a pause between the groups that it is written in."""

import phonenumbers

from renvoi.domain.number import E164
from renvoi.voicemail.greetings.clips import DIGITS, PLUS


def spoken(number: E164) -> tuple[tuple[str, ...], ...]:
    """Return the clips that say `number` in international form, in the groups of its country.

    A number of a country code that nobody has is one group.
    """
    groups = _written(number).replace("-", " ").split()
    return tuple(tuple(PLUS if sign == "+" else sign for sign in group if sign in DIGITS + "+") for group in groups)


def _written(number: E164) -> str:
    try:
        parsed = phonenumbers.parse(number.value)
    except phonenumbers.NumberParseException:
        return number.value
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
