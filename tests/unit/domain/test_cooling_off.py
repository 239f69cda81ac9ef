"""Calls to a country that an account has just begun to use wait."""

from dataclasses import replace

import pytest

from renvoi.domain.access.account_policy import NO_POLICY, NONE_USED, AccountPolicy, CountriesUsed, Owner
from renvoi.domain.numbers.destination_policy import EVERYWHERE, DestinationPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.policies import cooled_off
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, Reason, Reject, Voicemail, route_call
from renvoi.domain.rules.rule import NumberRecord, Rule

FRENCH, OTHER = E164("+33199001234"), E164("+33199005678")
BELGIAN, SWISS, HOME = E164("+32470123456"), E164("+41781234567"), E164("+33612345678")
HOUR = 3_600_000
ANYWHERE = DestinationPolicy(countries=frozenset({EVERYWHERE}))
SINCE_1000 = CountriesUsed((("BE", 1000),))


def decide(used: CountriesUsed, now_ms: int, *rules: tuple[E164, E164], cooling_off_ms: int = HOUR) -> Decision:
    """Decide about a call to the first of these numbers, each of an account of its own."""
    records: dict[E164, NumberRecord | None] = {
        number: NumberRecord(number, account_id, Rule.forward(target))
        for account_id, (number, target) in enumerate(rules, start=1)
    }
    owners = {account_id: Owner("FR", AccountPolicy(ANYWHERE)) for account_id in range(1, len(rules) + 1)}
    owners[len(rules)] = Owner("FR", AccountPolicy(ANYWHERE, used=used))
    for _ in range(9):
        decision = route_call(Call(rules[0][0]), records, owners, now_ms)
        if not isinstance(decision, NeedRecord):
            return cooled_off(decision, records, owners, now_ms, cooling_off_ms)
        records[decision.number] = None
    raise AssertionError


@pytest.mark.parametrize(
    ("target", "used", "now_ms", "waits"),
    [
        (BELGIAN, SINCE_1000, 1000, True),
        (BELGIAN, SINCE_1000, 999 + HOUR, True),
        (BELGIAN, SINCE_1000, 1000 + HOUR, False),
        (BELGIAN, SINCE_1000, 900, True),
        (BELGIAN, CountriesUsed((("BE", 0), ("CH", 0))), 10 * HOUR, False),
        (SWISS, SINCE_1000, 1000, False),
        (HOME, SINCE_1000, 1000, False),
        (BELGIAN, NONE_USED, 1000, False),
    ],
)
def test_calls_wait_from_the_first_rule_on(target: E164, used: CountriesUsed, now_ms: int, waits: bool) -> None:
    decision = decide(used, now_ms, (FRENCH, target))
    if waits:
        assert decision == replace(Reject(Reason.COOLING_OFF, 0, target), until_ms=1000 + HOUR)
    else:
        assert getattr(decision, "target", None) == target
        assert not isinstance(decision, Reject)
    assert not isinstance(decide(used, now_ms, (FRENCH, target), cooling_off_ms=0), Reject)


def test_the_account_that_sends_a_call_out_is_asked() -> None:
    assert isinstance(decide(SINCE_1000, 1000, (FRENCH, OTHER), (OTHER, BELGIAN)), Reject)
    message = Voicemail((FRENCH,), 1, None)  # type: ignore[arg-type]  # nobody looks at it
    assert cooled_off(message, {}, {}, 1000, HOUR) is message


def test_what_is_new_to_an_account() -> None:
    owner = Owner("FR", AccountPolicy(used=SINCE_1000))
    assert [owner.new_country(target) for target in (HOME, BELGIAN, SWISS)] == [None, None, "CH"]
    assert Owner("FR", NO_POLICY).new_country(BELGIAN) == "BE"
    toll_free = E164("+18002345678")
    assert [Owner(region).new_country(toll_free) for region in ("CA", "US", "FR")] == [None, None, "US"]
    assert owner.new_country(E164("+999123456")) is None
    more = SINCE_1000.with_country("AT", 5).with_country("BE", 7)
    assert more.since_ms == (("AT", 5), ("BE", 1000))
    with pytest.raises(ValueError, match="not in order"):
        CountriesUsed((("CH", 1), ("BE", 2)))
