"""Where an account's calls may be forwarded to: asked when a rule is written, and again at each call.

Whoever forwards calls for others is a target: with a stolen key, or by a customer's own rule, calls are sent to numbers
that earn somebody money. So what costs more than a call is refused, and so is what lies beyond the account's countries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType

from renvoi.domain.numbers.number import E164, is_number_of, number_plan, regions_with_code_of

EEA = frozenset(
    (
        *("AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GF", "GP", "GR", "HR", "HU"),
        *("IE", "IS", "IT", "LI", "LT", "LU", "LV", "MF", "MQ", "MT", "NL", "NO", "PL", "PT", "RE", "RO", "SE"),
        *("SI", "SK", "YT"),
    )
)
"""The European Union with its outermost regions, which have codes of their own, Iceland, Liechtenstein and Norway."""
GLOBAL = "001"
"""The region of what belongs to no country (ITU-T E.164 annex: 800, 808, 870, 878, 881, 882, 883, 888, 979)."""
EVERYWHERE = "ALL"
"""In a list of countries: every one of them, which `GLOBAL` is not."""
MAX_PREFIXES = 100
"""Prefixes that an account may allow, and as many that it may refuse: a look costs the same however many."""
_PREFIX = re.compile("[1-9][0-9]{0,14}")

TYPES: Mapping[str, int] = {
    "fixed-line": PhoneNumberType.FIXED_LINE,
    "mobile": PhoneNumberType.MOBILE,
    "fixed-line-or-mobile": PhoneNumberType.FIXED_LINE_OR_MOBILE,
    "toll-free": PhoneNumberType.TOLL_FREE,
    "premium-rate": PhoneNumberType.PREMIUM_RATE,
    "shared-cost": PhoneNumberType.SHARED_COST,
    "voip": PhoneNumberType.VOIP,
    "personal": PhoneNumberType.PERSONAL_NUMBER,
    "pager": PhoneNumberType.PAGER,
    "uan": PhoneNumberType.UAN,
    "voicemail": PhoneNumberType.VOICEMAIL,
}
"""The types of numbers that libphonenumber tells apart, by our names for them."""
_NAMES = {number: name for name, number in TYPES.items()}
REFUSED_TYPES = frozenset({"premium-rate", "shared-cost", "personal", "pager"})
"""What is refused unless the operator says otherwise."""


class Refusal(StrEnum):
    """Why a number is not a destination."""

    INVALID = "invalid"
    """No numbering plan has it: a short number, say, behind a country code."""
    PREFIX = "prefix"
    TYPE = "type"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, and what of the number it is for: the prefix, the type or the region; empty for an invalid number."""

    why: Refusal
    what: str = ""

    def __str__(self) -> str:
        match self.why:
            case Refusal.PREFIX:
                return f"prefix +{self.what} is refused"
            case Refusal.TYPE:
                return f"numbers of type {self.what} are refused"
            case Refusal.COUNTRY if self.what == GLOBAL:
                return f"numbers of no country ({GLOBAL}) are refused"
            case Refusal.COUNTRY:
                return f"country {self.what} is not allowed"
            case Refusal.INVALID:
                return "it is not a valid number"


class DestinationsInvalid(ValueError):
    """A policy is not allowed as it would be; the text says what of it, and what is. `texts` has both languages."""

    def __init__(self, english: str, french: str) -> None:
        super().__init__(english)
        self.texts = {"en": english, "fr": french}


@dataclass(frozen=True, slots=True)
class DestinationPolicy:
    """What the operator allows an account as destinations; as made, it is what an account has that nobody changed.

    `countries` are regions (ISO 3166 alpha-2, `GLOBAL`, `EVERYWHERE`), None for the account's own; `eea` adds those of
    `EEA`. `refused_types` are keys of `TYPES`. Prefixes are the first digits of numbers, country code first; the
    longest one that a number begins with decides, whatever its type and country.

    Raises:
        DestinationsInvalid: something of it is not allowed; the text says what.
    """

    countries: frozenset[str] | None = None
    eea: bool = False
    refused_types: frozenset[str] = REFUSED_TYPES
    allowed_prefixes: frozenset[str] = frozenset()
    refused_prefixes: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for country in sorted(self.countries or ()):
            if country not in SUPPORTED_REGIONS and country not in (GLOBAL, EVERYWHERE):
                raise DestinationsInvalid(
                    f"unknown country {country!r}: use ISO 3166-1 codes such as FR, {GLOBAL} for numbers of no "
                    f"country, or {EVERYWHERE} for every country",
                    f"pays inconnu {country!r} : prenez les codes ISO 3166-1 tels que FR, {GLOBAL} pour les numéros "
                    f"d’aucun pays, ou {EVERYWHERE} pour tous les pays",
                )
        for name in sorted(self.refused_types - TYPES.keys()):
            types = ", ".join(TYPES)
            raise DestinationsInvalid(
                f"unknown type {name!r}: the types are {types}", f"type inconnu {name!r} : les types sont {types}"
            )
        for prefixes in (self.allowed_prefixes, self.refused_prefixes):
            if len(prefixes) > MAX_PREFIXES:
                raise DestinationsInvalid(
                    f"{len(prefixes)} prefixes are too many: give at most {MAX_PREFIXES} of a kind",
                    f"{len(prefixes)} préfixes sont trop : donnez-en {MAX_PREFIXES} au plus de chaque sorte",
                )
            for prefix in sorted(prefixes):
                if not _PREFIX.fullmatch(prefix):
                    raise DestinationsInvalid(
                        f"{prefix!r} is not a prefix: give 1 to 15 digits, country code first, such as 3389",
                        f"{prefix!r} n’est pas un préfixe : donnez 1 à 15 chiffres, indicatif du pays en tête, "
                        "par exemple 3389",
                    )
        for prefix in sorted(self.allowed_prefixes & self.refused_prefixes):
            raise DestinationsInvalid(
                f"prefix {prefix} cannot be both allowed and refused: take it out of one of the two",
                f"le préfixe {prefix} ne peut être à la fois autorisé et refusé : retirez-le de l’un des deux",
            )


DEFAULT = DestinationPolicy()


def refusal(target: E164, policy: DestinationPolicy, region: str) -> Refused | None:
    """Return why calls of an account of `region` must not be forwarded to `target`; None where they may.

    Emergency numbers and short ones have no international form, so they never are an `E164` (see `NumberShort`); one
    that was written behind a country code is not valid.
    """
    prefix = _longest_prefix(target.value[1:], policy)
    if prefix is not None:
        return None if prefix in policy.allowed_prefixes else Refused(Refusal.PREFIX, prefix)
    plan = number_plan(target)
    if plan.region is None:
        return Refused(Refusal.INVALID)
    name = _NAMES[plan.type]
    if name in policy.refused_types:
        return Refused(Refusal.TYPE, name)
    if not _is_allowed_country(target, plan.region, policy, region):
        return Refused(Refusal.COUNTRY, plan.region)
    return None


def _longest_prefix(digits: str, policy: DestinationPolicy) -> str | None:
    if not policy.allowed_prefixes and not policy.refused_prefixes:
        return None
    for length in range(len(digits), 0, -1):
        prefix = digits[:length]
        if prefix in policy.allowed_prefixes or prefix in policy.refused_prefixes:
            return prefix
    return None


def _is_allowed_country(target: E164, found: str, policy: DestinationPolicy, region: str) -> bool:
    if _is_listed(found, policy, region):
        return True
    # Toll-free numbers of +1, say, are those of many countries, and count as the first one's.
    others = regions_with_code_of(found)
    return len(others) > 1 and any(
        other != found and _is_listed(other, policy, region) and is_number_of(target, other) for other in others
    )


def _is_listed(country: str, policy: DestinationPolicy, region: str) -> bool:
    if policy.countries is None:
        listed = country == region
    else:
        listed = country in policy.countries or (EVERYWHERE in policy.countries and country != GLOBAL)
    return listed or (policy.eea and country in EEA)
