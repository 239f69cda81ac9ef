"""What a national number is by the plan of its country code: one look where libphonenumber takes a dozen.

Each change of a rule asks that of a target that it may never have met. For country codes that several regions share
libphonenumber is asked: which of them it is comes first there. `docs/decisions/0052` says why this is not left to it.
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumberType
from phonenumbers.phonemetadata import PhoneMetadata, PhoneNumberDesc

_ORDER = (
    (PhoneNumberType.PREMIUM_RATE, "premium_rate"),
    (PhoneNumberType.TOLL_FREE, "toll_free"),
    (PhoneNumberType.SHARED_COST, "shared_cost"),
    (PhoneNumberType.VOIP, "voip"),
    (PhoneNumberType.PERSONAL_NUMBER, "personal_number"),
    (PhoneNumberType.PAGER, "pager"),
    (PhoneNumberType.UAN, "uan"),
    (PhoneNumberType.VOICEMAIL, "voicemail"),
    (PhoneNumberType.FIXED_LINE, "fixed_line"),
    (PhoneNumberType.MOBILE, "mobile"),
)
"""Types as libphonenumber tries them, with where its metadata has them: the first one that fits is the number's."""
_NEVER = re.compile(r"(?!)")


class OneRegionPlan:
    """The plan of a country code that one region has."""

    def __init__(self, region: str, metadata: PhoneMetadata) -> None:
        self.region = region
        self._prefix = re.compile(metadata.national_prefix_for_parsing or _NEVER.pattern)
        self._general = metadata.general_desc
        self._descriptions = [(kind, getattr(metadata, name)) for kind, name in _ORDER]
        self._mobile = metadata.mobile
        self._one_pattern: bool = metadata.same_mobile_and_fixed_line_pattern
        # Each pattern is for some lengths: those of a length are put together when a number of it comes.
        self._by_length: dict[int, tuple[re.Pattern[str], re.Pattern[str], dict[int, int], re.Pattern[str]]] = {}

    def may_have_prefix(self, national: str) -> bool:
        """Tell whether it may begin with digits that are dialled inside of the country only, as in `+33 (0)1 …`."""
        return self._prefix.match(national) is not None

    def type_of(self, national: str) -> int:
        """Return the `PhoneNumberType` of a number, UNKNOWN for one that is not valid."""
        length = len(national)
        general, types, kinds, mobile = self._by_length.get(length) or self._of_length(length)
        if general.fullmatch(national) is None:
            return _UNKNOWN
        found = types.fullmatch(national)
        if found is None or found.lastindex is None:
            return _UNKNOWN
        kind = kinds[found.lastindex]
        if kind == _FIXED and (self._one_pattern or mobile.fullmatch(national)):
            return _FIXED_OR_MOBILE
        return kind

    def _of_length(self, length: int) -> tuple[re.Pattern[str], re.Pattern[str], dict[int, int], re.Pattern[str]]:
        parts, kinds, groups = [], {}, 0
        for kind, description in self._descriptions:
            pattern = _pattern(description, length)
            if pattern is None or (kind == PhoneNumberType.MOBILE and self._one_pattern):
                continue
            groups += pattern.groups + 1
            # The empty group behind it is the last one to match where this is the alternative.
            parts.append(f"(?:{pattern.pattern})()")
            kinds[groups] = kind
        general = _pattern(self._general, length) or _NEVER
        types = re.compile("|".join(parts)) if parts else _NEVER
        made = self._by_length[length] = general, types, kinds, _pattern(self._mobile, length) or _NEVER
        return made


_UNKNOWN: int = PhoneNumberType.UNKNOWN
_FIXED: int = PhoneNumberType.FIXED_LINE
_FIXED_OR_MOBILE: int = PhoneNumberType.FIXED_LINE_OR_MOBILE


def _pattern(description: PhoneNumberDesc | None, length: int) -> re.Pattern[str] | None:
    """Return what a number of this length has to match; None where none of them does."""
    if description is None or not description.national_number_pattern:
        return None
    if description.possible_length and length not in description.possible_length:
        return None
    return re.compile(description.national_number_pattern)


@cache
def plan_of_code(code: str) -> OneRegionPlan | None:
    """Return the plan of a country code that one region has; None for others, and for what is not a country code."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ())
    if len(regions) != 1:
        return None
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), regions[0])
    return None if metadata is None else OneRegionPlan(regions[0], metadata)
