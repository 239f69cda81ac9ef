"""Where calls may be forwarded to: every type and short number of every region, and what an operator edits."""

from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType, shortnumberinfo
from phonenumbers.phonemetadata import PhoneMetadata

from renvoi.domain.access.account_policy import AccountPolicy, Owner
from renvoi.domain.numbers.destination_policy import EEA, REFUSED_TYPES, TYPES, DestinationPolicy, Refusal, refusal
from renvoi.domain.numbers.number import E164, NumberInvalid, NumberShort

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
GLOBAL_CODES = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
EVERYTHING = DestinationPolicy(frozenset({"ALL", "001"}), refused_types=frozenset())


def examples(region: str) -> Iterator[tuple[str, E164]]:
    """Return libphonenumber's own example of each type of a region, with our name of the type."""
    for name, kind in TYPES.items():
        number = phonenumbers.example_number_for_type(region, kind)
        if number is not None:
            yield name, E164(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def short_numbers(region: str) -> set[str]:
    """Return the examples of short and emergency numbers that libphonenumber has for a region, if they are valid."""
    metadata = PhoneMetadata.short_metadata_for_region(region)
    kinds = ("general_desc", "toll_free", "premium_rate", "standard_rate", "short_code", "emergency")
    found = {getattr(metadata, kind).example_number for kind in kinds if getattr(metadata, kind) is not None}
    return {
        each
        for each in found
        if each
        and (
            shortnumberinfo.is_emergency_number(each, region)
            or shortnumberinfo.is_valid_short_number_for_region(phonenumbers.parse(f"+{code_of(region)}{each}"), region)
        )
    }


def code_of(region: str) -> int:
    return phonenumbers.country_code_for_region(region)


@pytest.mark.parametrize("region", REGIONS)
def test_in_its_own_country_an_account_reaches_all_types_but_the_refused_ones(region: str) -> None:
    found = {name: Owner(region).refusal(number) for name, number in examples(region)}
    assert {name for name, refused in found.items() if refused is not None} == found.keys() & REFUSED_TYPES
    assert {refused.why for refused in found.values() if refused is not None} <= {Refusal.TYPE}


@pytest.mark.parametrize("region", REGIONS)
def test_beyond_its_country_an_account_reaches_nothing(region: str) -> None:
    """An account of a country that shares no numbers with this one; with the switch it reaches those of the EEA."""
    home = "FR" if code_of(region) != 33 else "DE"
    for name, number in examples(region):
        assert Owner(home).refusal(number) is not None
        refused = refusal(number, DestinationPolicy(eea=True), home)
        shared = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code_of(region)]
        parsed = phonenumbers.parse(number.value)
        in_eea = any(phonenumbers.is_valid_number_for_region(parsed, each) for each in EEA & {*shared})
        assert (refused is None) == (in_eea and name not in REFUSED_TYPES), (number, name)


@pytest.mark.parametrize("region", REGIONS)
def test_an_operator_may_allow_everything(region: str) -> None:
    for _, number in examples(region):
        assert refusal(number, EVERYTHING, "FR") is None
        assert refusal(number, DestinationPolicy(frozenset({region}), refused_types=frozenset()), "FR") is None


@pytest.mark.parametrize("region", sorted(shortnumberinfo.SUPPORTED_SHORT_REGIONS))
def test_short_numbers_are_never_destinations(region: str) -> None:
    """Written as at home they are known for what they are; behind the country code they are no valid number."""
    for short in short_numbers(region):
        with pytest.raises(NumberShort):
            E164.parse(short, region)
        for written in (f"+{code_of(region)}{short}", f"00{code_of(region)}{short}"):
            with pytest.raises(NumberInvalid):
                E164.parse(written, region)
        assert refusal(E164(f"+{code_of(region)}{short}"), EVERYTHING, region) is not None


@pytest.mark.parametrize("code", GLOBAL_CODES)
def test_what_belongs_to_no_country_is_refused(code: int) -> None:
    example = phonenumbers.example_number_for_non_geo_entity(code)
    assert example is not None
    number = E164(phonenumbers.format_number(example, PhoneNumberFormat.E164))
    for policy in (DestinationPolicy(), DestinationPolicy(eea=True), DestinationPolicy(frozenset({"ALL"}))):
        assert refusal(number, policy, "FR") is not None
    assert refusal(number, EVERYTHING, "FR") is None
    assert refusal(number, DestinationPolicy(allowed_prefixes=frozenset({str(code)})), "FR") is None


def test_types_are_those_of_libphonenumber() -> None:
    known = {getattr(PhoneNumberType, name) for name in vars(PhoneNumberType) if name.isupper()}
    assert set(TYPES.values()) == known - {PhoneNumberType.UNKNOWN}
    assert TYPES.keys() > REFUSED_TYPES


@pytest.mark.parametrize(
    ("policy", "number", "why"),
    [
        (DestinationPolicy(), "+33644630000", None),
        (DestinationPolicy(), "+33800123456", None),
        (DestinationPolicy(), "+33899123456", "numbers of type premium-rate are refused"),
        (DestinationPolicy(), "+447400123456", "country GB is not allowed"),
        (DestinationPolicy(), "+596596301234", "country MQ is not allowed"),
        (DestinationPolicy(), "+883510001000100", "numbers of no country (001) are refused"),
        (DestinationPolicy(), "+33112", "it is not a valid number"),
        (DestinationPolicy(), "+999", "it is not a valid number"),
        (DestinationPolicy(), "+1", "it is not a valid number"),
        (DestinationPolicy(eea=True), "+596596301234", None),
        (DestinationPolicy(eea=True), "+447400123456", "country GB is not allowed"),
        (DestinationPolicy(eea=True), "+41446681800", "country CH is not allowed"),
        (DestinationPolicy(frozenset({"GB"})), "+447400123456", None),
        (DestinationPolicy(frozenset({"GB"})), "+33644630000", "country FR is not allowed"),
        (DestinationPolicy(frozenset({"GB"})), "+441534456789", "country JE is not allowed"),
        (DestinationPolicy(frozenset({"GB"}), eea=True), "+33644630000", None),
        (DestinationPolicy(frozenset({"US"})), "+12423591234", "country BS is not allowed"),
        # Valid in many countries, and listed by libphonenumber for the first of them.
        (DestinationPolicy(frozenset({"CA"})), "+18002345678", None),
        (DestinationPolicy(frozenset({"CA"})), "+12125551234", "country US is not allowed"),
        (DestinationPolicy(frozenset()), "+33644630000", "country FR is not allowed"),
        (DestinationPolicy(refused_types=frozenset({"mobile"})), "+33644630000", "numbers of type mobile are refused"),
        (DestinationPolicy(refused_types=frozenset({"mobile"})), "+33899123456", None),
        (DestinationPolicy(refused_prefixes=frozenset({"336446"})), "+33644630000", "prefix +336446 is refused"),
        (DestinationPolicy(refused_prefixes=frozenset({"336446"})), "+33644730000", None),
        (DestinationPolicy(allowed_prefixes=frozenset({"33899", "44"})), "+33899123456", None),
        (DestinationPolicy(allowed_prefixes=frozenset({"33899", "44"})), "+447400123456", None),
        (DestinationPolicy(frozenset(), allowed_prefixes=frozenset({"33644630000"})), "+33644630000", None),
        (
            DestinationPolicy(refused_prefixes=frozenset({"33"}), allowed_prefixes=frozenset({"336"})),
            "+33644630000",
            None,
        ),
        (
            DestinationPolicy(refused_prefixes=frozenset({"3364"}), allowed_prefixes=frozenset({"336"})),
            "+33644630000",
            "prefix +3364 is refused",
        ),
    ],
)
def test_what_an_operator_edits(policy: DestinationPolicy, number: str, why: str | None) -> None:
    found = Owner("FR", AccountPolicy(policy)).refusal(E164(number))
    assert (None if found is None else str(found)) == why


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"countries": frozenset({"FR", "Atlantis"})}, "unknown country 'Atlantis'"),
        ({"countries": frozenset({"fr"})}, "unknown country 'fr'"),
        ({"refused_types": frozenset({"premium"})}, "unknown type 'premium': the types are fixed-line, mobile"),
        ({"allowed_prefixes": frozenset({""})}, "'' is not a prefix"),
        ({"allowed_prefixes": frozenset({"+33"})}, r"'\+33' is not a prefix"),
        ({"refused_prefixes": frozenset({"033"})}, "'033' is not a prefix"),
        ({"refused_prefixes": frozenset({"3" * 16})}, "is not a prefix"),
        ({"refused_prefixes": frozenset({"٣٣"})}, "is not a prefix"),
        ({"refused_prefixes": frozenset({"33\n"})}, "is not a prefix"),
        ({"refused_prefixes": frozenset(map(str, range(1, 102)))}, "101 prefixes are too many"),
        ({"refused_prefixes": frozenset({"33"}), "allowed_prefixes": frozenset({"33"})}, "both allowed and refused"),
    ],
)
def test_what_is_no_policy(words: dict[str, frozenset[str]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        DestinationPolicy(**words)  # type: ignore[arg-type] # sets only
