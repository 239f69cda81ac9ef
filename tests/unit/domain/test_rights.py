"""No key makes one that may do more: against a reference that lists everything that rights let somebody do."""

from itertools import product

import pytest

from renvoi.domain.access.rights import (
    EVERYTHING,
    OPERATOR,
    SCOPES,
    Excess,
    Rights,
    ScopeUnknown,
    read_scopes,
    written_scopes,
)
from renvoi.domain.numbers.number import E164

A, B, ELSE = E164("+33199001234"), E164("+33261910123"), E164("+33644630000")
TIMES = (5, 10, 15, 20, 10**15)
LATER_SCOPE = "of a later version"

EVERY = [
    Rights(*parts)
    for parts in product(
        [(), ("keys:write",), ("keys:write", "numbers:read"), ("numbers:read",), (OPERATOR, "keys:write"), SCOPES],
        [None, frozenset({A}), frozenset({A, B})],
        [None, 10, 20],
        [False, True],
    )
]


def deeds(rights: Rights) -> frozenset[tuple[str, str, int]]:
    """Return everything that somebody with these rights can do: with which scope, on what, when."""
    scopes = rights.scopes or (*SCOPES, LATER_SCOPE, *((OPERATOR,) if rights.is_operator else ()))
    if not rights.is_operator:
        scopes = tuple(scope for scope in scopes if scope != OPERATOR)
    numbers = [number.value for number in rights.numbers or ()] or [A.value, B.value, ELSE.value, "what has no number"]
    times = [time for time in TIMES if rights.expires_at_ms is None or time < rights.expires_at_ms]
    # An operator does it in accounts that are not his.
    places = [*numbers, *(f"elsewhere {number}" for number in numbers)] if rights.is_operator else numbers
    return frozenset(product(scopes, places, times))


@pytest.mark.parametrize("own", EVERY, ids=range(len(EVERY)))
def test_rights_within_others_let_nobody_do_more(own: Rights) -> None:
    for wanted in EVERY:
        excess = wanted.beyond(own)
        if not excess:
            assert deeds(wanted) <= deeds(own), wanted
        if deeds(wanted) - deeds(own):
            assert excess, wanted


@pytest.mark.parametrize("rights", EVERY, ids=range(len(EVERY)))
def test_a_key_is_within_itself_and_within_one_that_may_do_everything(rights: Rights) -> None:
    beyond_itself = rights.beyond(rights)
    # Without the scope `operator` nobody makes keys of operators, not even such as the own one.
    assert beyond_itself == ((Excess.OPERATOR,) if rights.is_operator and not rights.has(OPERATOR) else ())
    assert rights.beyond(Rights(is_operator=True)) == ()


def test_each_part_that_goes_beyond_is_told() -> None:
    own = Rights(("keys:write",), frozenset({A}), 10)
    assert Rights((), None, None, is_operator=True).beyond(own) == tuple(Excess)
    assert Rights(("keys:write", "numbers:read"), frozenset({A}), 10).beyond(own) == (Excess.SCOPES,)
    assert Rights(("keys:write",), frozenset({A, B}), 10).beyond(own) == (Excess.NUMBERS,)
    assert Rights(("keys:write",), frozenset(), 11).beyond(own) == (Excess.EXPIRY,)
    assert Rights(("keys:write",), frozenset(), 9).beyond(own) == ()


def test_scopes_are_read_in_one_order_each_once() -> None:
    assert read_scopes(["calls:read", "numbers:read", "calls:read"], is_operator=False) == (
        "numbers:read",
        "calls:read",
    )
    assert read_scopes([EVERYTHING], is_operator=False) == ()
    assert read_scopes([EVERYTHING, "calls:read"], is_operator=True) == ()
    assert read_scopes([OPERATOR], is_operator=True) == (OPERATOR,)
    assert written_scopes(()) == (EVERYTHING,)
    assert written_scopes(("calls:read",)) == ("calls:read",)


@pytest.mark.parametrize("text", ["", " numbers:read", "Numbers:read", OPERATOR, "*:read", "x" * 9999, "\ud800"])
def test_what_is_no_scope_of_an_account_is_refused(text: str) -> None:
    with pytest.raises(ScopeUnknown, match="the scopes are"):
        read_scopes(["numbers:read", text], is_operator=False)


def test_no_scope_at_all_is_never_taken_for_all() -> None:
    with pytest.raises(ScopeUnknown, match="at least one"):
        read_scopes([], is_operator=True)
