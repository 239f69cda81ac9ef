"""`renvoi trunk`: what it changes, shows and refuses."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli


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
"""What is neither the name of a host nor an address that a peer can have."""


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


WRONG_SIDES = (
    ("--inbound", "192.0.2.1/24", "x", "198.51.100.0/24", "--region", "XX"),
    ("--outbound", "sip:a b", "--strip", "x", "--priority", "101"),
)
SAID = ("'192.0.2.1/24' is not", "'x' is not a network", "region", "trunk address", "give up to 16 of", "out of range")


@pytest.mark.parametrize("command", ["add", "set"])
def test_all_that_is_wrong_with_a_trunk_is_told_a_line_each(acme: Cli, command: str) -> None:
    """Both sides, all networks, and what both have in common once."""
    for sides in (WRONG_SIDES, WRONG_SIDES[:1], WRONG_SIDES[1:]):
        name = "x"
        if command == "set":
            name = "in" if sides[0] is WRONG_SIDES[1] else "out"
            side = ("--inbound", "192.0.2.0/24") if name == "in" else ("--outbound", "sip:192.0.2.9")
            acme("trunk", "add", name, *side)
        before = acme("trunk", "list", "--json").json
        ran = acme("trunk", command, name, *(word for words in sides for word in words))
        assert (ran.code, ran.out) == (1, ""), ran.err
        lines = ran.err.splitlines()
        assert all(line.startswith("renvoi: ") for line in lines)
        said = [part for line in lines for part in SAID if part in line]
        assert sorted(said) == sorted(part for part in SAID if part in said)
        assert len(lines) == len(said) == {2: 6, 1: 3}[len(sides)], ran.err
        assert acme("trunk", "list", "--json").json == before


def test_trunk_test_of_what_is_not_there(acme: Cli) -> None:
    acme("trunk", "add", "in", "--inbound", "192.0.2.0/24")
    assert "is an inbound trunk" in acme("trunk", "test", "in").err
    assert "no trunk 'out'" in acme("trunk", "test", "out").err


def test_a_trunk_whose_row_is_damaged_is_named_and_can_be_removed(acme: Cli, data: Path) -> None:
    acme("trunk", "add", "broken", "--outbound", "sip:192.0.2.9", "--prefix", "9")
    acme("trunk", "add", "whole", "--outbound", "sip:192.0.2.8")
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        assert store.execute("UPDATE trunks SET options = '[' WHERE name = 'broken'").rowcount == 1
    listed = acme("trunk", "list", "--json")
    assert listed.code == 0
    whole, broken = listed.json
    assert (whole["name"], whole["unreadable"]) == ("whole", None)
    assert broken == {"name": "broken", "kind": None, "unreadable": "damaged"}
    table = acme("trunk", "list")
    assert table.code == 0
    assert [line.split("\t")[0] for line in table.out.splitlines()[:3]] == ["name", "whole", "broken"]
    assert "Trunk broken: it is damaged; remove it (`renvoi trunk remove`) and add it again" in table.err
    # It is not left out of what depends on all of them.
    for refused in (("trunk", "set", "whole", "--priority", "7"), ("trunk", "test", "broken")):
        assert (acme(*refused).code, "Trunk broken" in acme(*refused).err) == (1, True)
    (finding,) = [each for each in acme("check", "--json").json if each["name"] == "trunk broken"]
    assert not finding["ok"]
    assert acme("trunk", "remove", "broken").code == 0
    assert [row["name"] for row in acme("trunk", "list", "--json").json] == ["whole"]


def test_a_trunk_that_is_open_to_strangers_is_warned_about(acme: Cli) -> None:
    warning = "warning: trunk x: it takes calls from 0.0.0.0/0 without a password"
    added = acme("trunk", "add", "x", "--inbound", "0.0.0.0/0", "--json")
    assert added.code == 0
    assert warning in added.err
    assert added.json["networks"] == ["0.0.0.0/0"]
    assert warning in acme("trunk", "set", "x", "--region", "BE").err
    found = {row["name"]: row for row in acme("check", "--json").json}
    told = found["calls of trunk x"]
    assert (told["ok"], told["needed"]) == (False, False)
    assert "renvoi trunk set x --inbound" in told["advice"]
    assert acme("trunk", "set", "x", "--inbound", "192.0.2.0/24").err == ""
    assert "calls of trunk x" not in [row["name"] for row in acme("check", "--json").json]
