"""What a forwarded call looks like at each trunk."""

from datetime import timedelta
from typing import Any

import pytest

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.identity.diverting import CallSigner
from renvoi.domain.identity.passport import IdentityHeader
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import HistoryEntry
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.branch_plan import BranchPlan, plan_branches
from renvoi.domain.trunks.caller_id import CallerIdPolicy, Shown
from renvoi.domain.trunks.choices import DiversionHeaders, NumberFormat, Signing
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
