"""Policies of who is named as the caller; what they do with every caller is in tests/support/caller_table.py."""

from datetime import timedelta

import pytest

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.branch_plan import plan_branches
from renvoi.domain.trunks.caller_id import (
    CallerHeaderLines,
    CallerId,
    CallerIdInvalid,
    CallerIdPolicy,
    Shown,
    caller_lines,
)
from renvoi.domain.trunks.choices import DiversionDepth
from renvoi.domain.trunks.faults import TrunkInvalid
from renvoi.domain.trunks.trunk import OutboundTrunk
from tests.support.caller_table import CALLERS, POLICIES, URI, Headers, Policy, shown

NUMBER, CALLER = E164("+33199001234"), E164("+33140000001")


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("passthrough", CallerId()),
        ("served-user", CallerId(Shown.NUMBER, Shown.NUMBER, Shown.NONE, Shown.NONE)),
        ("from=account", CallerId(from_=Shown.ACCOUNT)),
        ("from=none,pai=caller  rpid=keep", CallerId(Shown.NONE, Shown.CALLER)),
        ("anonymous pai=caller", CallerId(Shown.NONE, Shown.CALLER, Shown.NONE, Shown.NONE)),
        ("", CallerId()),
    ],
)
def test_a_policy_in_words(text: str, policy: CallerId) -> None:
    assert CallerId.parse(text) == policy


@pytest.mark.parametrize("text", ["served", "from", "from=", "from=me", "to=number", "=", "from=number=", "FROM=none"])
def test_no_policy(text: str) -> None:
    with pytest.raises(CallerIdInvalid, match="is not understood"):
        CallerId.parse(text)


@pytest.mark.parametrize(
    "text", ["from=none from=none", "from=none from=caller", "from=none anonymous", "anonymous anonymous"]
)
def test_a_policy_that_contradicts_itself(text: str) -> None:
    with pytest.raises(CallerIdInvalid, match="is not clear: give each header once"):
        CallerId.parse(text)


# Who is asked to keep From keeps it as it came.
SETTING = [each for each in POLICIES if each.trunk("main", URI).caller_identity.from_ is not Shown.KEEP]


@pytest.mark.parametrize("policy", SETTING, ids=lambda policy: policy.text)
@pytest.mark.parametrize("caller", [name for name in CALLERS if name.startswith("withheld")])
def test_the_number_of_a_withheld_caller_is_in_the_asserted_identity_at_most(policy: Policy, caller: str) -> None:
    result: Headers = shown(policy.trunk("main", URI), CALLERS[caller])
    told = {name for name, value in result.items() if "140000001" in value}
    assert told <= {"P-Asserted-Identity"}
    if told:
        assert "id" in result["Privacy"] or "user" in result["Privacy"]


@pytest.mark.parametrize("name", ['O"Neill', "back\\slash", 'end\\"', "Zoë", '" <sip:x@y>;tag=z'])
def test_a_display_name_is_quoted(name: str) -> None:
    lines = caller_lines(
        CallerId(from_=Shown.CALLER), CallerNumbers(CALLER, name=name), NUMBER, "", lambda who: f"sip:{who}@e"
    )
    text = lines.from_.removesuffix(f" <sip:{CALLER}@e>")
    assert text[0] == text[-1] == '"'
    assert text[1:-1].replace("\\\\", "\0").replace('\\"', "\1").replace("\0", "\\").replace("\1", '"') == name
    assert lines.from_uri == f"sip:{CALLER}@e"


@pytest.mark.parametrize("options", [{"pai": Shown.ACCOUNT}, {"account": "a b"}, {"account": "x" * 65}])
def test_an_account_is_needed_where_it_is_named(options: dict[str, object]) -> None:
    with pytest.raises(TrunkInvalid, match="account"):
        OutboundTrunk("a", "sip:a.example", **options)  # type: ignore[arg-type]  # options of a trunk


def test_an_account_is_a_number_or_a_user() -> None:
    trunk = OutboundTrunk("a", "sip:a.example", from_=Shown.ACCOUNT, account="1234567e0")
    assert shown(trunk, CALLERS["shown"])["From"] == "<sip:1234567e0@edge.example>"


def test_one_header_goes_before_all() -> None:
    trunk = OutboundTrunk("a", "sip:a.example", caller_id=CallerIdPolicy.SERVED_USER, pai=Shown.CALLER)
    assert trunk.caller_identity == CallerId(Shown.NUMBER, Shown.CALLER, Shown.NONE, Shown.NONE)
    assert not trunk.keeps_caller
    assert OutboundTrunk("a", "sip:a.example").keeps_caller


@pytest.mark.parametrize(
    "options",
    [
        {"fallback": "served"},
        {"fallback": "from=account"},
        {"fallback": "served-user", "fallback_codes": ""},
        {"fallback_codes": "403,"},
        {"fallback_codes": "403, 428"},
        {"fallback_codes": "503"},
        {"fallback_codes": "302"},
        {"fallback_codes": "4030"},
    ],
)
def test_a_fallback_that_cannot_be(options: dict[str, str]) -> None:
    with pytest.raises(TrunkInvalid, match=r"fallback|account"):
        OutboundTrunk("a", "sip:a.example", **options)  # type: ignore[arg-type]  # options of a trunk


def test_a_trunk_with_a_fallback_has_a_plan_more() -> None:
    trunk = OutboundTrunk("a", "sip:a.example", fallback="served-user", diversion_depth=DiversionDepth.TOP)
    caller = CallerNumbers(CALLER)
    forward = Forward((NUMBER,), 1, E164("+33612345678"), timedelta(seconds=60))
    first, second = plan_branches([trunk], forward, (), "id", "edge.example", caller, before=3)
    assert (first.trunk, second.trunk) == ("a", "a")
    assert first.caller == CallerHeaderLines()
    assert second.caller is not None
    assert second.caller.from_ == f"<sip:{NUMBER}@edge.example>"
    assert (first.fallback_on, second.fallback_on) == ("403,428,433,436,437,438", "")
    assert ";counter=4;" in first.diversion == second.diversion
    assert first.privacy == second.privacy == "id"
    assert first.replaces_diversions
