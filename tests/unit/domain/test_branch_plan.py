"""What a forwarded call looks like at each trunk, and in which order it tries them."""

from collections import Counter
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.identity.outgoing import CallSigner
from renvoi.domain.identity.passport import IdentityHeader
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import HistoryEntry
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.branch_plan import BranchPlan, in_order, in_turn, plan_branches
from renvoi.domain.trunks.caller_id import CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat, Signing
from renvoi.domain.trunks.faults import TrunkInvalid
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.identity import CALLER, Authority, Token

FIRST, SECOND, TARGET = E164("+33199001234"), E164("+33199005678"), E164("+33612345678")
FORWARD = Forward((FIRST, SECOND), 3, TARGET, timedelta(seconds=25))


def plan(trunk: OutboundTrunk, privacy: str = "", *history: HistoryEntry) -> BranchPlan:
    (planned,) = plan_branches([trunk], FORWARD, history, privacy, "edge.example")
    return planned


@pytest.mark.parametrize(
    ("uri", "number_format", "expected"),
    [
        ("sip:192.0.2.1", NumberFormat.E164, "sip:+33612345678@192.0.2.1"),
        ("sip:192.0.2.1:5070", NumberFormat.PLAIN, "sip:33612345678@192.0.2.1:5070"),
        ("sip:[2001:db8::1]:5070", NumberFormat.INTERNATIONAL, "sip:0033612345678@[2001:db8::1]:5070"),
        ("sip:carrier.example;transport=tcp", NumberFormat.NATIONAL, "sip:0612345678@carrier.example;transport=tcp"),
        ("sip:carrier.example;transport=udp", NumberFormat.E164, "sip:+33612345678@carrier.example;transport=udp"),
    ],
)
def test_the_request_uri(uri: str, number_format: NumberFormat, expected: str) -> None:
    assert plan(OutboundTrunk("out", uri, number_format=number_format)).request_uri == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"prefix": "9*"}, "sip:9*+33612345678@carrier.example"),
        ({"strip": "+33", "prefix": "0"}, "sip:0612345678@carrier.example"),
        ({"strip": "+49", "prefix": "1234#"}, "sip:1234%23+33612345678@carrier.example"),
        ({"host": "ours"}, "sip:+33612345678@edge.example"),
        ({"host": "trunk"}, "sip:+33612345678@carrier.example"),
        ({"host": "[2001:db8::1]:5070"}, "sip:+33612345678@[2001:db8::1]:5070"),
    ],
)
def test_the_number_and_host_that_a_trunk_wants(options: dict[str, str], expected: str) -> None:
    assert plan(OutboundTrunk("out", "sip:carrier.example", **options)).request_uri == expected  # type: ignore[arg-type]  # all of these are texts


@pytest.mark.parametrize(
    ("options", "number", "target", "host"),
    [
        ({"header_format": NumberFormat.PLAIN}, "33199001234", "33612345678", "edge.example"),
        (
            {"header_format": NumberFormat.INTERNATIONAL, "host": "ours"},
            "0033199001234",
            "0033612345678",
            "edge.example",
        ),
        ({"header_format": NumberFormat.NATIONAL, "host": "trunk"}, "0199001234", "0612345678", "carrier.example"),
        ({"number_format": NumberFormat.PLAIN, "host": "x.example"}, "+33199001234", "+33612345678", "x.example"),
    ],
)
def test_the_number_and_host_in_the_headers_of_a_diversion(
    options: dict[str, Any], number: str, target: str, host: str
) -> None:
    planned = plan(OutboundTrunk("out", "sip:carrier.example", **options))
    assert f"<sip:{number}@{host}>" in planned.diversion
    assert f"<sip:{number}@{host}>;index=1\r\n" in planned.history_info
    assert f"<sip:{target}@{host};cause=302>" in planned.history_info


@pytest.mark.parametrize(
    ("headers", "diversion", "history_info"),
    [
        (DiversionHeaders.BOTH, True, True),
        (DiversionHeaders.DIVERSION, True, False),
        (DiversionHeaders.HISTORY_INFO, False, True),
        (DiversionHeaders.NONE, False, False),
    ],
)
def test_a_trunk_gets_the_diversion_headers_that_it_wants(
    headers: DiversionHeaders, *, diversion: bool, history_info: bool
) -> None:
    planned = plan(OutboundTrunk("out", "sip:192.0.2.1", diversion_headers=headers))
    assert (bool(planned.diversion), bool(planned.history_info)) == (diversion, history_info)


def test_each_number_that_diverts_has_a_line_the_last_one_on_top() -> None:
    assert plan(OutboundTrunk("out", "sip:192.0.2.1")).diversion == (
        "Diversion: <sip:+33199005678@edge.example>;reason=unconditional;counter=1;privacy=off\r\n"
        "Diversion: <sip:+33199001234@edge.example>;reason=unconditional;counter=1;privacy=off\r\n"
    )


def test_the_history_goes_on_from_what_came_with_the_call() -> None:
    before = HistoryEntry("sip:+33199001234@carrier.example", FIRST, "1")
    assert plan(OutboundTrunk("out", "sip:192.0.2.1"), "", before).history_info == (
        "History-Info: <sip:+33199005678@edge.example;cause=302>;index=1.1;mp=1\r\n"
        "History-Info: <sip:+33612345678@edge.example;cause=302>;index=1.1.1;mp=1.1\r\n"
    )


def test_privacy_and_time_are_those_of_the_call() -> None:
    trunks = [OutboundTrunk("b", "sip:192.0.2.2"), OutboundTrunk("a", "sip:192.0.2.1")]
    planned = plan_branches(trunks, FORWARD, (), "id", "edge.example")
    assert [(each.trunk, each.privacy, each.ring_ms) for each in planned] == [("b", "id", 25_000), ("a", "id", 25_000)]


IDENTITY = Authority().signer()
NOW_S = 1_443_208_345


@pytest.mark.parametrize(
    ("options", "values", "kinds", "origin"),
    [
        ({}, (), [], ""),
        ({"sign": Signing.DIV}, (), [], ""),
        ({"sign": Signing.SHAKEN}, (), ["shaken"], CALLER),
        ({"sign": Signing.DIV}, (IDENTITY.header(Token(NOW_S)),), ["div", "div"], CALLER),
        ({"sign": Signing.SHAKEN}, (IDENTITY.header(Token(NOW_S)),), ["div", "div"], CALLER),
        ({"sign": Signing.SHAKEN, "from_": Shown.NUMBER}, (), ["shaken"], SECOND.value[1:]),
        ({"sign": Signing.SHAKEN, "from_": Shown.ACCOUNT, "account": "+33199000000"}, (), ["shaken"], "33199000000"),
        ({"sign": Signing.SHAKEN, "from_": Shown.ACCOUNT, "account": "acme"}, (), [], ""),
        ({"sign": Signing.SHAKEN, "from_": Shown.NONE, "pai": Shown.NUMBER}, (), ["shaken"], SECOND.value[1:]),
        ({"sign": Signing.SHAKEN, "from_": Shown.NONE, "pai": Shown.NONE}, (), [], ""),
        ({"sign": Signing.SHAKEN, "caller_id": CallerIdPolicy.SERVED_USER}, (), ["shaken"], SECOND.value[1:]),
    ],
)
def test_a_trunk_gets_the_identity_tokens_that_it_wants(
    options: dict[str, Any], values: tuple[str, ...], kinds: list[str], origin: str
) -> None:
    """A token for an unsigned call is about whom the trunk is shown, as its verifier compares the two."""
    signer = CallSigner(IDENTITY, values, CALLER, "o", NOW_S)
    trunk = OutboundTrunk("out", "sip:192.0.2.1", **options)
    (planned,) = plan_branches([trunk], FORWARD, (), "", "edge.example", CallerNumbers(), signer)
    lines = planned.identity.splitlines()
    tokens = [IdentityHeader.parse(line.removeprefix("Identity: ")) for line in lines]
    assert [token.kind for token in tokens] == kinds
    assert {token.origin for token in tokens} <= {origin}
    (plain,) = plan_branches([trunk], FORWARD, (), "", "edge.example")
    assert plain.identity == ""


def test_audio_is_relayed_where_the_trunk_or_the_call_wants_it() -> None:
    trunks = [OutboundTrunk("one", "sip:192.0.2.1"), OutboundTrunk("two", "sip:192.0.2.2", relay=True)]
    plans = plan_branches(trunks, FORWARD, (), "", "edge.example")
    assert [each.relayed for each in plans] == [False, True]
    assert all(each.relayed for each in plan_branches(trunks, FORWARD, (), "", "edge.example", relayed=True))


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
