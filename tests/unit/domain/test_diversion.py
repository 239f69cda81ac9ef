"""The headers that say how a call came here (RFC 5806, RFC 7044)."""

import pytest

from renvoi.domain.numbers.number import E164
from renvoi.domain.routing import diversion
from renvoi.domain.routing.diversion import MAX_COUNTER, Diversion, HistoryEntry, diverted_before, extend

OURS, OTHER, TARGET = E164("+33199001234"), E164("+33261910123"), E164("+33644630000")


def test_our_diversion_is_written_as_the_contract_says() -> None:
    assert str(Diversion.of(OURS, "edge.example")) == (
        "<sip:+33199001234@edge.example>;reason=unconditional;counter=1;privacy=off"
    )


def test_several_headers_and_elements_are_read_in_order() -> None:
    found = Diversion.parse_all(
        [
            '"Dupont, Jean" <sip:+33199001234@a;user=phone>;reason=user-busy;counter=2, <tel:0261910123>',
            "sip:0033644630000@b;reason=no-answer",
        ],
        "FR",
    )
    assert [entry.number for entry in found] == [OURS, OTHER, TARGET]
    assert [entry.reason for entry in found] == ["user-busy", "unknown", "no-answer"]
    assert [entry.counter for entry in found] == [2, 1, 1]


@pytest.mark.parametrize(
    ("counter", "expected"), [("", 1), ("0", 1), ("x", 1), ("-3", 1), ("7", 7), ("9" * 40, MAX_COUNTER)]
)
def test_a_strange_counter_never_counts_less_than_one(counter: str, expected: int) -> None:
    (found,) = Diversion.parse_all([f"<sip:+33199001234@a>;counter={counter}"], "FR")
    assert found.counter == expected


@pytest.mark.parametrize("value", ["", ",,,", "<>", '"', "<sip:", ";counter=3"])
def test_rubbish_is_read_without_a_fault(value: str) -> None:
    assert all(entry.number is None for entry in Diversion.parse_all([value], "FR"))


def test_history_begins_with_the_called_number_and_ends_with_the_target() -> None:
    assert [str(entry) for entry in extend((), (OURS,), TARGET, "edge")] == [
        "<sip:+33199001234@edge>;index=1",
        "<sip:+33644630000@edge;cause=302>;index=1.1;mp=1",
    ]


def test_history_that_came_is_continued_from_its_last_entry() -> None:
    came = HistoryEntry.parse_all(["<sip:+33261910123@a>;index=1, <sip:+33199001234@a;cause=486>;index=1.1;mp=1"], "FR")
    assert diversion.diversions(came) == 1
    assert [str(entry) for entry in extend(came, (OURS,), TARGET, "edge")] == [
        "<sip:+33644630000@edge;cause=302>;index=1.1.1;mp=1.1"
    ]


def test_a_chain_of_own_numbers_has_an_entry_each() -> None:
    assert [entry.index for entry in extend((), (OURS, OTHER), TARGET, "edge")] == ["1", "1.1", "1.1.1"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<sip:+33199001234@a>;index=1", False),
        ("<sip:+33199001234@a>;index=1, <sip:+33199001234@b>;index=1.1", False),
        ("<sip:+33261910123@a>;index=1, <sip:+33199001234@a;cause=302>;index=1.1;mp=1", False),
        ("<sip:+33199001234@a>;index=1, <sip:+33261910123@a;cause=302>;index=1.1;mp=1", True),
        ("<sip:+33199001234@a>;index=1, <sip:+33261910123@a>;index=1.1, <sip:+33199001234@a>;index=1.1.1", True),
    ],
)
def test_the_present_target_is_no_loop_but_a_former_one_is(value: str, expected: bool) -> None:
    assert diverted_before(HistoryEntry.parse_all([value], "FR"), OURS) is expected


def test_the_cause_is_found_in_both_places_where_networks_write_it() -> None:
    found = HistoryEntry.parse_all(
        ["<sip:+33199001234@a;cause=302>;index=1, <sip:+33199001234@a?Reason=SIP%3Bcause%3D486>;index=1.1"], "FR"
    )
    assert [entry.cause for entry in found] == [302, 486]
