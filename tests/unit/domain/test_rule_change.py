"""Destinations that cost somebody's money (docs/calls.md §3)."""

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule_change import may_forward_to


@pytest.mark.parametrize(
    "number",
    [
        "+33899123456",
        "+33890123456",
        "+870776123456",
        "+881612345678",
        "+882161234567",
        "+979123456789",
        "+447012345678",
    ],
)
def test_expensive_and_satellite_numbers_are_refused(number: str) -> None:
    assert not may_forward_to(E164(number))


@pytest.mark.parametrize("number", ["+33644630000", "+33199001234", "+447911123456", "+33800123456", "+12125551234"])
def test_ordinary_numbers_are_allowed(number: str) -> None:
    assert may_forward_to(E164(number))
