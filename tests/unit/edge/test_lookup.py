"""The look-up that Kamailio's processes are given before they are forked, and open afterwards."""

from typing import cast

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.edge.router.lookup import Lookup, LookupFailed, ProcessLookup, Reading


class Store:
    """A store that has one answer."""

    def find(self, _number: E164) -> Reading:
        """Find nothing."""
        return Reading(None)


def test_a_process_that_has_opened_none_is_told_so() -> None:
    """Those that hear no calls open no store; a call that came to one all the same is refused, not broken off."""
    lookup = ProcessLookup(lambda: cast("Lookup", Store()))
    with pytest.raises(LookupFailed, match="this process has no store"):
        lookup.find(E164("+33199001234"))
    with pytest.raises(LookupFailed, match="this process has no store"):
        lookup.check()
    lookup.open()
    assert lookup.find(E164("+33199001234")) == Reading(None)
