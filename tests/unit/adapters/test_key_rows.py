"""Rows of keys as programs of schema 0005 read them, which know no limits to numbers (docs/operating/upgrades.md)."""

from itertools import product

import pytest

from renvoi.adapters.sql.keys import key_values
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.access.rights import SCOPES
from renvoi.domain.numbers.number import E164

NUMBER = E164("+33199001234")


def may(row_scopes: object, scope: str) -> bool:
    """Tell whether schema 0005's program lets a key with this row do what `scope` is for."""
    scopes = tuple(str(row_scopes).split())
    return not scopes or scope in scopes


@pytest.mark.parametrize(
    ("scopes", "numbers"), list(product([(), *((scope,) for scope in SCOPES), SCOPES], [frozenset[E164](), {NUMBER}]))
)
def test_an_older_program_refuses_a_key_that_is_limited_to_numbers(
    scopes: tuple[str, ...], numbers: frozenset[E164]
) -> None:
    record = KeyRecord("0a0a0a0a0a0a", 1, bytes(32), "FR", scopes=scopes, numbers=frozenset(numbers))
    assert not any(may(key_values(record)["scopes"], scope) for scope in SCOPES)


@pytest.mark.parametrize("scopes", [(), ("numbers:read",), SCOPES])
def test_it_reads_other_keys_as_they_are(scopes: tuple[str, ...]) -> None:
    record = KeyRecord("0a0a0a0a0a0a", 1, bytes(32), "FR", scopes=scopes)
    assert [scope for scope in SCOPES if may(key_values(record)["scopes"], scope)] == list(scopes or SCOPES)
