"""Where calls may be forwarded to. For now by the number's type; an operator's own policy will stand here too."""

from phonenumbers import PhoneNumberType

from renvoi.domain.numbers.number import E164, number_type

_REFUSED_TYPES = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)
_REFUSED_COUNTRY_CODES = frozenset({"808", "870", "878", "881", "882", "883", "888", "979"})
"""Shared cost, Inmarsat, personal, satellite, global networks and premium codes (ITU-T E.164, annex)."""


def may_forward_to(target: E164) -> bool:
    """Tell whether `target` is a destination that a forwarded call may cost somebody's money for.

    Refused are premium and shared-cost numbers, personal numbers, pagers, satellite and
    global networks. Short and emergency numbers never become an `E164` (see `NumberShort`).
    """
    if target.value[1:4] in _REFUSED_COUNTRY_CODES:
        return False
    return number_type(target) not in _REFUSED_TYPES
