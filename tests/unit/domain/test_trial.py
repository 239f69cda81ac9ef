"""Trials of trunks: who has the store writes them, for one call and a minute."""

from dataclasses import replace

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.trial import RING_TIMEOUT, VALID_S, Trial, TrialInvalid
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.domain.shared_key import KeyRing
from tests.support.keys import new_keys

NOW_MS, CALL = 1_900_000_000_000, "test-1"
TRIAL = Trial("out", E164("+33644630000"))


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return new_keys()


@pytest.mark.parametrize("age_s", [0, VALID_S, -VALID_S])
def test_it_holds_for_its_call(ring: KeyRing, age_s: int) -> None:
    text = TRIAL.seal(ring, NOW_MS, CALL)
    assert Trial.unseal(text, ring, NOW_MS + age_s * 1000, CALL.encode()) == TRIAL


def test_it_holds_for_no_other(ring: KeyRing) -> None:
    text = TRIAL.seal(ring, NOW_MS, CALL)
    late = (VALID_S + 1) * 1000
    others = [text.replace("out", "in"), text.replace("+33", "+34"), text[:-1] + "é", text + " x", text[:40], "", "x"]
    others += [text.replace(str(NOW_MS // 1000), each) for each in ("1900000001", "x", "-1")]
    for other in others:
        with pytest.raises(TrialInvalid):
            Trial.unseal(other, ring, NOW_MS, CALL)
    for keys, now_ms, call in (
        (new_keys(), NOW_MS, CALL),
        (ring, NOW_MS + late, CALL),
        (ring, NOW_MS - late, CALL),
        (ring, NOW_MS, "test-2"),
    ):
        with pytest.raises(TrialInvalid):
            Trial.unseal(text, keys, now_ms, call)


def test_the_number_is_as_it_was_but_for_its_rule() -> None:
    record = NumberRecord(E164("+33199001234"), 7, active=False, forwarding_enabled=False)
    tried = TRIAL.of(record)
    assert (tried.rule.type, tried.rule.target, tried.rule.ring_timeout) == (
        RuleType.FORWARD,
        TRIAL.target,
        RING_TIMEOUT,
    )
    assert replace(tried, rule=record.rule, forwarding_enabled=False) == record
