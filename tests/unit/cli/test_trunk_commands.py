"""`renvoi trunk`: what it changes, shows and refuses."""

import pytest

from tests.unit.cli.conftest import Cli

CALL_KEYS = {
    "call_id", "from", "number", "decision", "target", "revision", "status", "started_at", "answered_at", "ended_at",
}  # fmt: skip


def test_trunks_are_added_listed_and_removed(acme: Cli) -> None:
    one = acme("trunk", "add", "in", "--inbound", "192.0.2.0/24", "2001:db8::/32", "--called-number", "to", "--json")
    assert one.json["name"] == "in"
    assert one.json["networks"] == ["192.0.2.0/24", "2001:db8::/32"]
    two = acme("trunk", "add", "out", "--outbound", "sip:192.0.2.9", "--number-format", "plain", "--json")
    assert two.json["priority"] == 50
    assert [row["name"] for row in acme("trunk", "list", "--json").json] == ["in", "out"]
    assert acme("trunk", "remove", "in").code == 0
    assert acme("trunk", "remove", "in").code == 1
    assert [row["name"] for row in acme("trunk", "list", "--json").json] == ["out"]


def test_a_trunk_is_changed_and_keeps_the_rest(acme: Cli) -> None:
    acme("trunk", "add", "x", "--inbound", "192.0.2.0/24", "--outbound", "sip:192.0.2.9", "--prefix", "9#")
    assert acme("trunk", "set", "x", "--priority", "7", "--header-format", "plain").out == "trunk x is changed\n"
    inbound, outbound = acme("trunk", "list", "--json").json
    assert (inbound["kind"], inbound["networks"]) == ("inbound", ["192.0.2.0/24"])
    kept = {"uri": "sip:192.0.2.9", "prefix": "9#", "priority": 7, "header_format": "plain", "number_format": "e164"}
    assert outbound.items() >= kept.items()
    acme("trunk", "set", "x", "--region", "BE", "--prefix", "", "--inbound", "2001:db8::/32")
    inbound, outbound = acme("trunk", "list", "--json").json
    assert [inbound["region"], inbound["networks"]] == ["BE", ["2001:db8::/32"]]
    assert [outbound["region"], outbound["prefix"], outbound["priority"]] == ["BE", "", 7]


def test_a_trunk_gets_its_other_side(acme: Cli) -> None:
    acme("trunk", "add", "x", "--outbound", "sip:192.0.2.9", "--region", "DE")
    added = acme("trunk", "set", "x", "--inbound", "192.0.2.9", "--called-number", "to", "--json").json
    assert [(row["kind"], row["region"]) for row in added] == [("outbound", "DE"), ("inbound", "DE")]


NO_HOSTS = (
    *("a..b", ".a", "-a", "a-", "1", "192.0.2.300", "0.0.0.0", "255.255.255.255", "224.0.0.1", "192.0.2.1.", "::1"),
    *("[192.0.2.1]", "[dead]", "[::]", "[ff02::1]", "[::1", "a" * 64, "a." * 126 + "aa"),
)
"""What is no name of a host and no address that a peer can have."""


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("nobody", "--priority", "1"), 1, "no trunk 'nobody'"),
        (("out",), 2, "give what to change"),
        (("out", "--called-number", "to"), 2, "--called-number is for --inbound trunks"),
        (("out", "--priority", "101"), 1, "out of range"),
        (("out", "--strip", "x"), 1, "give up to 16 of"),
        (("out", "--max-calls", "-1"), 1, "give 1 to 1000000, or 0 for no limit"),
        (("out", "--max-rate", "1000001"), 1, "give 1 to 1000000, or 0 for no limit"),
        *((("out", "--host", host), 1, "not a host") for host in ("a b", "a:0", "a:65536", *NO_HOSTS)),
        (("out", "--account", "+33"), 1, "neither a number"),
        (("out", "--fallback-codes", "403,488,403"), 1, "'403' is there twice"),
        (("out", "--fallback", "passthrough"), 1, "names the caller as before"),
        (("out", "--fallback", "from=none from=caller"), 1, "give each header once"),
        (("out", "--inbound", "192.0.2.1/24"), 1, "not a network"),
        (("out", "192.0.2.1"), 2, "addresses follow --inbound"),
    ],
)
def test_trunk_set_refuses_and_changes_nothing(acme: Cli, words: tuple[str, ...], code: int, reason: str) -> None:
    acme("trunk", "add", "out", "--outbound", "sip:192.0.2.9")
    before = acme("trunk", "list", "--json").json
    ran = acme("trunk", "set", *words)
    assert (ran.code, acme("trunk", "list", "--json").json) == (code, before)
    assert reason in ran.err


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("x",), 2, "give --inbound"),
        (("x", "--inbound", "192.0.2.0/24", "--priority", "1"), 2, "--priority is for --outbound trunks"),
        (("x", "--outbound", "sip:192.0.2.1", "--called-number", "to"), 2, "--called-number is for --inbound trunks"),
        (("x", "--outbound", "sip:192.0.2.1", "--number-format", "roman"), 2, "roman"),
        (("x", "--inbound", "192.0.2.1/24"), 1, "not a network"),
        (("X!", "--inbound", "192.0.2.0/24"), 1, "not a trunk name"),
        (("x", "--outbound", "sips:192.0.2.1;transport=udp"), 1, "not a trunk address"),
        (("x", "--outbound", "sip:192.0.2.1:99999"), 1, "not a trunk address"),
        (("x", "--outbound", "sip:192.0.2.1", "--priority", "101"), 1, "out of range"),
        *((("x", "--outbound", f"sip:{host}"), 1, "the name of a host or the IP address of one") for host in NO_HOSTS),
    ],
)
def test_trunk_add_refuses(acme: Cli, words: tuple[str, ...], code: int, reason: str) -> None:
    ran = acme("trunk", "add", *words)
    assert ran.code == code
    assert reason in ran.err
    assert acme("trunk", "list", "--json").json == []


def test_trunk_test_of_what_is_not_there(acme: Cli) -> None:
    acme("trunk", "add", "in", "--inbound", "192.0.2.0/24")
    assert "is an inbound trunk" in acme("trunk", "test", "in").err
    assert "no trunk 'out'" in acme("trunk", "test", "out").err
