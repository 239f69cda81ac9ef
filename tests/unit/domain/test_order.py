"""In which order a call tries the outbound trunks."""

from collections import Counter
from itertools import permutations

import pytest

from renvoi.domain.trunks.order import in_order, in_turn
from renvoi.domain.trunks.trunk import OutboundTrunk, TrunkInvalid

LARGEST_DRAWN = 1 - 2**-53


def trunk(name: str, weight: int = 0, priority: int = 50) -> OutboundTrunk:
    return OutboundTrunk(name, "sip:192.0.2.1", priority, weight=weight)


def turn(*trunks: OutboundTrunk, drawn: float) -> str:
    return "".join(each.name for each in in_turn(in_order(trunks), drawn))


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [(0.0, "abc"), (0.099, "acb"), (0.1, "bac"), (0.399, "bca"), (0.4, "cab"), (0.999, "cba"), (LARGEST_DRAWN, "cba")],
)
def test_one_priority_is_shared_by_weight(drawn: float, expected: str) -> None:
    """The weights 10, 30 and 60 have the first 0.1, the next 0.3 and the last 0.6 of what can be drawn."""
    assert turn(trunk("a", 10), trunk("b", 30), trunk("c", 60), drawn=drawn) == expected


def test_every_order_is_as_likely_as_by_drawing_one_after_the_other() -> None:
    weights = {"a": 10, "b": 30, "c": 60}
    trunks = [trunk(*each) for each in weights.items()]
    draws = 100_000
    found = Counter(turn(*trunks, drawn=number / draws) for number in range(draws))
    for order in map("".join, permutations(weights)):
        first, second, _ = (weights[name] for name in order)
        assert found[order] / draws == pytest.approx(first / 100 * second / (100 - first), abs=0.0001)


@pytest.mark.parametrize("drawn", [0.0, 0.5, LARGEST_DRAWN])
def test_priority_comes_first_and_who_has_no_weight_last_in_order_of_names(drawn: float) -> None:
    trunks = [trunk("e"), trunk("d"), trunk("c", 100), trunk("b", 1, 90), trunk("a", 0, 90), trunk("f", 100, 10)]
    assert turn(*trunks, drawn=drawn) == "bacdef"


def test_without_weights_nothing_is_drawn() -> None:
    assert turn(trunk("c"), trunk("a"), trunk("b"), drawn=0.9) == "abc"


def test_each_priority_has_a_draw_of_its_own() -> None:
    """What is drawn for the first one says nothing about the second."""
    trunks = [trunk("a", 1, 90), trunk("b", 1, 90), trunk("c", 1), trunk("d", 1)]
    assert {turn(*trunks, drawn=drawn) for drawn in (0.1, 0.3, 0.6, 0.8)} == {"abcd", "abdc", "bacd", "badc"}


@pytest.mark.parametrize("drawn", [LARGEST_DRAWN, 1 - 2**-52, 0.5 - 2**-54])
@pytest.mark.parametrize("weight", [1, 3, 7, 99])
def test_what_rounding_leaves_of_a_draw_is_enough(drawn: float, weight: int) -> None:
    trunks = [trunk(name, weight) for name in "abcdefghijklmnop"]
    assert sorted(turn(*trunks, drawn=drawn)) == sorted(each.name for each in trunks)


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_weight_is_a_percentage_at_most(weight: int) -> None:
    with pytest.raises(TrunkInvalid, match="give 1 to 100, or 0"):
        trunk("a", weight)
