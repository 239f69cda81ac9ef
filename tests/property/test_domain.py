"""Properties of the domain, on values that nobody would think of."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.name_addr import NameAddr, uri_number, uri_user
from renvoi.domain.numbers.number import E164, NumberInvalid, number_plan
from renvoi.domain.routing.diversion import Diversion, HistoryEntry, extend
from renvoi.domain.routing.routing import MAX_DIVERSIONS, Call, Forward, NeedRecord, Reason, Reject, route_call
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.rule_change import leads_back

NUMBERS = [E164(f"+331990000{n:02}") for n in range(12)]
OUTSIDE = [E164("+33644630000"), E164("+33261910123")]
NOW_MS = 1_767_225_600_000
OWNERS = {1: Owner("FR")}

own = st.sampled_from(NUMBERS)
anywhere = st.sampled_from(NUMBERS + OUTSIDE)
graphs = st.dictionaries(own, st.tuples(anywhere, st.booleans(), st.booleans(), st.booleans()))
valid_numbers = st.builds("+336{:08}".format, st.integers(40_000_000, 49_999_999))


def records_of(graph: dict[E164, tuple[E164, bool, bool, bool]]) -> dict[E164, NumberRecord]:
    return {
        number: NumberRecord(number, 1, Rule() if off else Rule.forward(target), active, enabled)
        for number, (target, active, enabled, off) in graph.items()
    }


@given(st.text())
def test_parsing_a_number_gives_a_number_or_says_no(text: str) -> None:
    try:
        number = E164.parse(text, "FR")
    except NumberInvalid:
        return
    assert E164.parse(number.value, "US") == number


@given(valid_numbers, st.sampled_from(["", " ", ".", "-"]), st.sampled_from(["+33", "0033", "0", "33", "+33 (0)"]))
def test_separators_and_prefixes_do_not_change_the_number(number: str, separator: str, prefix: str) -> None:
    written = prefix + separator.join(number[3:])
    assert E164.parse(written, "FR").value == number


@given(
    st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
    st.sampled_from(["", "0", "00", "1", "8"]),
    st.text("0123456789", min_size=3, max_size=14),
    st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)),
)
def test_international_numbers_are_read_as_by_libphonenumber(code: int, prefix: str, rest: str, region: str) -> None:
    text = f"+{code}{prefix}{rest}"
    found: E164 | None
    try:
        found = E164.parse(text, region)
    except NumberInvalid:
        found = None
    assert found == by_libphonenumber(text, region)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_numbers_of_each_kind_are_read_as_by_libphonenumber(region: str) -> None:
    for kind in range(phonenumbers.PhoneNumberType.VOICEMAIL + 1):
        example = phonenumbers.example_number_for_type(region, kind)
        if example is not None:
            number = E164(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))
            assert E164.parse(number.value, "FR") == number == by_libphonenumber(number.value, "FR")
            assert number_plan(number).type == phonenumbers.number_type(example)


def by_libphonenumber(text: str, region: str) -> E164 | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return E164(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@given(st.text())
def test_any_header_value_can_be_read(text: str) -> None:
    Diversion.parse_all([text], "FR")
    HistoryEntry.parse_all([text], "FR")


diversions = st.builds(
    Diversion.of,
    anywhere,
    st.sampled_from(["127.0.0.1", "[::1]:5060", "sip.example"]),
    st.sampled_from(["user-busy", "away"]),
)


@given(st.lists(diversions, max_size=6))
def test_diversions_survive_a_round_trip(written: list[Diversion]) -> None:
    assert list(Diversion.parse_all([str(entry) for entry in written], "FR")) == written
    assert list(Diversion.parse_all([", ".join(map(str, written))], "FR")) == written


@given(st.lists(own, min_size=1, max_size=5, unique=True), st.sampled_from(OUTSIDE))
def test_history_survives_a_round_trip_and_goes_on_where_it_ended(chain: list[E164], target: E164) -> None:
    first = extend((), tuple(chain), target, "sip.example")
    read = HistoryEntry.parse_all([", ".join(map(str, first))], "FR")
    assert read == first
    again = extend(read, (target,), OUTSIDE[0], "sip.example")
    assert len(again) == 1
    assert again[0].mapped_from == first[-1].index


handoffs = st.builds(VoicemailHandoff, anywhere, st.integers(0, 2**63), st.emails().map(EmailAddress), st.text())


@given(handoffs)
def test_a_handoff_survives_its_way_through_a_header(handoff: VoicemailHandoff) -> None:
    written = handoff.encode()
    # One line without a character that means something in SIP, or that a proxy may fold or change.
    assert set(written) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert VoicemailHandoff.decode(written) == handoff


@given(own, graphs)
def test_every_call_is_decided_within_the_promised_look_ups(
    called: E164, graph: dict[E164, tuple[E164, bool, bool, bool]]
) -> None:
    records = records_of(graph)
    known: dict[E164, NumberRecord | None] = {}
    while isinstance(decision := route_call(Call(called), known, OWNERS, NOW_MS), NeedRecord):
        assert decision.number not in known
        known[decision.number] = records.get(decision.number)
    assert len(known) <= MAX_DIVERSIONS + 2
    if isinstance(decision, Forward):
        assert decision.target not in records
        assert len(set(decision.diverting)) == len(decision.diverting) <= MAX_DIVERSIONS + 1
        assert decision.diverting[0] == called


@given(own, graphs, st.lists(diversions, max_size=8))
def test_a_call_that_comes_back_with_our_headers_ends(
    called: E164, graph: dict[E164, tuple[E164, bool, bool, bool]], came: list[Diversion]
) -> None:
    """However often the world sends a call back to us, our own headers stop it."""
    records = records_of(graph)
    call = Call(called, tuple(came))
    for _ in range(len(NUMBERS) + MAX_DIVERSIONS + 2):
        known: dict[E164, NumberRecord | None] = {}
        while isinstance(decision := route_call(call, known, OWNERS, NOW_MS), NeedRecord):
            known[decision.number] = records.get(decision.number)
        if not isinstance(decision, Forward):
            return
        added = tuple(Diversion.of(number, "x") for number in reversed(decision.diverting))
        call = Call(called, added + call.diversions)
    raise AssertionError("the call went round and round")


@given(own, anywhere, graphs)
def test_a_change_that_does_not_lead_back_makes_no_loop(
    number: E164, target: E164, graph: dict[E164, tuple[E164, bool, bool, bool]]
) -> None:
    records = {n: r for n, r in records_of(graph).items() if r.active and r.forwarding_enabled and n != number}
    back = leads_back(number, target, records.get)
    records[number] = NumberRecord(number, 1, Rule.forward(target))
    known: dict[E164, NumberRecord | None] = (
        dict(records) | dict.fromkeys(OUTSIDE) | {n: None for n in NUMBERS if n not in records}
    )
    decision = route_call(Call(number), known, OWNERS, NOW_MS)
    if back:
        assert isinstance(decision, Reject)
        assert decision.reason in (Reason.LOOP, Reason.TOO_MANY_DIVERSIONS)


_PIECES = st.sampled_from(["sip:", "tel:", "tag", "+33612345678", "%40", *'<>";=,@?: \ta'])


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_common_forms_of_headers_and_uris_are_read_like_all_others(text: str) -> None:
    """What is common has a shorter way through the parsers, which a space in front or a parameter takes it off."""
    assert NameAddr.parse_list(f"<{text}>") == NameAddr.parse_list(f" <{text}>")
    assert NameAddr.parse_list(text) == NameAddr.parse_list(f" {text}")


@given(st.text("+0123456789", max_size=20), st.text("a.:;=1", max_size=12))
def test_a_number_in_a_uri_is_read_like_one_with_more_to_its_user(user: str, rest: str) -> None:
    plain, longer = f"sip:{user}@{rest}", f"sip:{user};x=y@{rest}"
    assert uri_user(plain) == uri_user(longer)
    assert uri_number(plain, "FR") == uri_number(longer, "FR")
