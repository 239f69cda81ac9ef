"""Policies of accounts as the store holds them: read back whole, and never guessed at."""

import json
from dataclasses import replace
from typing import Any

import pytest

from renvoi.documents.number_row import RowDamaged
from renvoi.documents.policy_document import VERSION, decode, encode, policy_of, policy_values
from renvoi.documents.routing_document import NewerDocument
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, CountriesUsed
from renvoi.domain.access.limits import AccountLimits, Limits
from renvoi.domain.numbers.destination_policy import REFUSED_TYPES, TYPES, DestinationPolicy

POLICIES = [
    AccountPolicy(destinations)
    for destinations in (
        DestinationPolicy(),
        DestinationPolicy(frozenset({"FR", "BE", "001"})),
        DestinationPolicy(frozenset()),
        DestinationPolicy(frozenset({"ALL"}), eea=True),
        DestinationPolicy(refused_types=frozenset()),
        DestinationPolicy(refused_types=frozenset(TYPES)),
        DestinationPolicy(allowed_prefixes=frozenset({"33", "338"}), refused_prefixes=frozenset({"339", "1"})),
    )
]


@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_read_back_as_written(policy: AccountPolicy) -> None:
    values = policy_values(policy)
    assert decode(encode(policy)) == policy
    assert policy_of(3, values["policy_version"], values["policy"]) == policy


def test_a_document_holds_what_was_chosen_and_no_defaults() -> None:
    assert policy_values(NO_POLICY) == {"policy_version": None, "policy": None}
    chosen = DestinationPolicy(frozenset({"FR", "BE"}), refused_types=frozenset({"pager"}))
    assert json.loads(encode(AccountPolicy(chosen))) == {
        "destinations": {"countries": ["BE", "FR"], "refused_types": ["pager"]}
    }
    assert decode("{}").destinations.refused_types == REFUSED_TYPES


def test_a_newer_policy_is_not_passed_over() -> None:
    assert policy_of(3, None, None) == NO_POLICY
    assert policy_of(3, VERSION, "{}") == NO_POLICY
    with pytest.raises(NewerDocument, match="the policy of account 3 is a document of version 3"):
        policy_of(3, 3, "{}")


@pytest.mark.parametrize(
    ("version", "document"),
    [
        (None, "{}"),
        (None, '{"limits": {}}'),
        ("one", "{}"),
        (b"1", "{}"),
        (1, None),
        (1, 7),
        (1, b"{}"),
        (1, ""),
        (1, "{"),
        (1, "[]"),
        (1, "\udce9"),
        (1, '{"limit": {}}'),
        (1, '{"destinations": {"countries": ["Atlantis"]}}'),
        (1, '{"destinations": {"countries": "FR"}}'),
        (1, '{"destinations": {"eea": 1}}'),
        (1, '{"destinations": {"refused_types": ["x"]}}'),
        (1, '{"destinations": {"allowed_prefixes": [33]}}'),
        (1, '{"destinations": {"allowed_prefixes": ["+33"]}}'),
        (1, '{"destinations": {"allowed_prefixes": ["33"], "refused_prefixes": ["33"]}}'),
        (1, json.dumps({"destinations": {"refused_prefixes": [str(n) for n in range(1, 102)]}})),
        (1, "[" * 100_000),
        (1, json.dumps({"x" * 100_000: 1})),
    ],
)
def test_a_damaged_policy_is_an_error_of_bounded_length(version: Any, document: Any) -> None:
    with pytest.raises(RowDamaged, match=r"^the policy of account 3 cannot be read: ") as caught:
        policy_of(3, version, document)
    assert len(str(caught.value)) < 500


def test_the_version_is_not_raised_unseen() -> None:
    assert VERSION == 2, "a program that does not know a limit must not let calls pass it: see `account_policy`"
    chosen = AccountPolicy(DestinationPolicy(frozenset({"FR", "BE"})))
    assert policy_values(chosen)["policy_version"] == 1, "programs of schema 0004 read that too"
    used = CountriesUsed((("BE", 0),))
    for more in (replace(chosen, limits=AccountLimits(Limits(calls=1))), replace(chosen, used=used)):
        assert policy_values(more)["policy_version"] == 2
