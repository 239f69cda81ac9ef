"""What our own look at the numbering plans finds is what libphonenumber finds."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from renvoi.domain.numbers.number import E164, number_plan
from renvoi.domain.numbers.numbering_plan import plan_of_code

ONE_REGION = {
    code: regions[0] for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items() if len(regions) == 1
}
DIGITS = "0123456789"


def examples(code: int, region: str) -> set[str]:
    """Return national numbers of each kind, others that differ from these in some last digits, and any."""
    dice = random.Random(code)
    kinds = range(PhoneNumberType.VOICEMAIL + 1)
    found = [phonenumbers.example_number_for_type(region, kind) for kind in kinds] if region != "001" else []
    found.append(phonenumbers.example_number_for_non_geo_entity(code))
    behind_code = 1 + len(str(code))
    written = [phonenumbers.format_number(each, PhoneNumberFormat.E164)[behind_code:] for each in found if each]
    made = {each for text in written for each in (text, text[:-1], text + "1")}
    for text in (*written, "9" * 9):
        for kept in range(len(text)):
            made.add(text[:kept] + "".join(dice.choices(DIGITS, k=len(text) - kept)))
    made |= {"".join(dice.choices(DIGITS, k=length)) for length in range(4, 13)}
    return made


def test_the_plans_of_all_country_codes_of_one_region() -> None:
    kinds = set()
    for code, region in ONE_REGION.items():
        plan = plan_of_code(str(code))
        assert plan is not None
        for national in examples(code, region):
            zeros = len(national) - len(national.lstrip("0"))
            number = phonenumbers.PhoneNumber(code, int(national), italian_leading_zero=zeros > 0)
            number.number_of_leading_zeros = zeros
            kind = phonenumbers.number_type(number)
            assert plan.type_of(national) == kind, f"+{code} {national}"
            kinds.add(kind)
            if not plan.may_have_prefix(national) and 6 <= len(f"{code}{national}") <= 17:
                region_found = phonenumbers.region_code_for_number(number) if kind != PhoneNumberType.UNKNOWN else None
                assert number_plan(E164(f"+{code}{national}")).region == region_found
    assert len(kinds) > 10


@pytest.mark.parametrize("code", ["1", "44", "999", "2"])
def test_others_are_left_to_libphonenumber(code: str) -> None:
    assert plan_of_code(code) is None
