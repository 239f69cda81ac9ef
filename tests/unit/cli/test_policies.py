"""`renvoi policy`, and what other commands say of policies."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.documents.policy_document import decode, encode
from renvoi.domain.access.account_policy import CountriesUsed
from tests.unit.cli.conftest import Cli

NUMBER, BELGIAN, PREMIUM = "+33199001234", "+32470123456", "+33899123456"
DEFAULTS = {
    "countries": None,
    "eea": False,
    "refused_types": ["pager", "personal", "premium-rate", "shared-cost"],
    "allowed_prefixes": [],
    "refused_prefixes": [],
}


def test_a_policy_is_shown_and_changed_in_parts(acme: Cli) -> None:
    acme("account", "add", "beta", "--region", "GB")
    first, second = acme("policy", "show", "--json").json
    assert first == {"account_id": 1, "account": "acme", "region": "FR", "unreadable": None} | DEFAULTS
    assert second == {"account_id": 2, "account": "beta", "region": "GB", "unreadable": None} | DEFAULTS
    assert acme("policy", "set", "acme", "--countries", "be, FR", "--json").json["countries"] == ["BE", "FR"]
    acme("policy", "set", "1", "--eea", "--refused-types", "Pager,voip")
    acme("policy", "set", "acme", "--allowed-prefixes", "+33800,33805", "--refused-prefixes", "339")
    (changed,) = acme("policy", "show", "acme", "--json").json
    assert changed == first | {
        "countries": ["BE", "FR"],
        "eea": True,
        "refused_types": ["pager", "voip"],
        "allowed_prefixes": ["33800", "33805"],
        "refused_prefixes": ["339"],
    }
    assert acme("policy", "show", "beta", "--json").json == [second]
    nothing = ("--no-eea", "--allowed-prefixes", "none", "--refused-prefixes", "none")
    back = acme("policy", "set", "acme", "--countries", "own", "--refused-types", "default", *nothing)
    assert back.out == "account 1: countries own; refused types pager,personal,premium-rate,shared-cost\n"
    assert acme("policy", "show", "acme", "--json").json == [first]


def test_the_own_country_beside_others_is_the_one_that_the_account_has(acme: Cli) -> None:
    assert acme("policy", "set", "acme", "--countries", "own,DE", "--json").json["countries"] == ["DE", "FR"]
    assert acme("policy", "set", "acme", "--countries", "Own, be", "--json").json["countries"] == ["BE", "FR"]
    for written in ("own", "OWN", " own,own"):
        assert acme("policy", "set", "acme", "--countries", written, "--json").json["countries"] is None
        assert acme("policy", "set", "acme", "--countries", "DE").code == 0


def test_who_looks_sees_words(acme: Cli) -> None:
    assert acme("policy", "set", "acme", "--countries", "none", "--refused-types", "none", "--eea").out == (
        "account 1: countries none; EEA; refused types none\n"
    )
    header, row = acme("policy", "show").out.splitlines()
    assert header.split("\t") == ["account_id", "account", "region", *DEFAULTS]
    assert row.split("\t") == ["1", "acme", "FR", "-", "yes", "-", "-", "-"]


def test_each_change_has_an_entry_and_what_changes_nothing_has_none(acme: Cli) -> None:
    (made,) = acme("policy", "history", "--json").json
    limits = {"limits": made["after"]["limits"], "used": {}}
    acme("policy", "set", "acme", "--eea")
    acme("policy", "set", "acme", "--eea")
    acme("policy", "set", "acme", "--countries", "ALL")
    newest, oldest, first = acme("policy", "history", "acme", "--json").json
    assert first == made
    assert (oldest["account_id"], oldest["by"], oldest["address"]) == (1, "command line", None)
    assert (oldest["before"], oldest["after"]) == (DEFAULTS | limits, DEFAULTS | limits | {"eea": True})
    assert (newest["before"], newest["after"]["countries"]) == (oldest["after"], ["ALL"])
    assert len(acme("policy", "history", "--limit", "1", "--json").json) == 1
    assert "countries ALL; EEA; refused types" in acme("policy", "history").out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--countries", "FR,Atlantis"), "unknown country 'ATLANTIS': use ISO 3166-1 codes such as FR"),
        (("--countries", ""), "unknown country ''"),
        (("--refused-types", "premium"), "unknown type 'premium': the types are fixed-line"),
        (("--allowed-prefixes", "0033"), "'0033' is not a prefix: give 1 to 15 digits"),
        (("--allowed-prefixes", "33", "--refused-prefixes", "33"), "prefix 33 cannot be both allowed and refused"),
        (("--refused-prefixes", ",".join(map(str, range(1, 150)))), "149 prefixes are too many: give at most 100"),
    ],
)
def test_what_is_no_policy_changes_nothing(acme: Cli, words: tuple[str, ...], why: str) -> None:
    refused = acme("policy", "set", "acme", *words)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"renvoi: {why}")
    assert len(acme("policy", "history", "--json").json) == 1, "that of the account's making"


def test_nothing_given_and_nobody_named(acme: Cli) -> None:
    assert acme("policy", "set", "acme").err.startswith("renvoi: give one of --countries, --eea, --refused-types,")
    assert acme("policy", "set", "nobody", "--eea").err.startswith("renvoi: there is no account 'nobody'")
    assert acme("policy", "show", "nobody").err.startswith("renvoi: there is no account 'nobody'")


def test_forward_says_what_the_policy_has_against_a_target(acme: Cli) -> None:
    for target, why in (
        (BELGIAN, "country BE is not allowed; `renvoi policy set 1` changes that"),
        (PREMIUM, "numbers of type premium-rate are refused; `renvoi policy set 1` changes that"),
        ("112", "it is a short or emergency number"),
        ("000", None),
    ):
        refused = acme("forward", NUMBER, "--to", target)
        assert refused.code == 1
        if why is not None:
            assert refused.err == f"renvoi: Destination is not allowed: {why}\n"
    acme("policy", "set", "acme", "--countries", "BE")
    assert acme("forward", NUMBER, "--to", BELGIAN).code == 0


def test_explain_says_what_the_policy_has_against_a_call(acme: Cli) -> None:
    acme("policy", "set", "acme", "--eea")
    acme("forward", NUMBER, "--to", BELGIAN)
    acme("policy", "set", "acme", "--no-eea")
    words = ("explain", NUMBER, "--from", "+33199009876")
    assert f"=> refused: the account's policy does not let calls go to {BELGIAN}: country BE is not" in acme(*words).out
    found = acme(*words, "--json").json
    assert (found["decision"], found["reason"], found["target"]) == ("reject", "destination-refused", BELGIAN)


def test_a_first_forward_to_a_country_waits(acme: Cli, data: Path) -> None:
    """The change is taken, and explain says until when its calls are refused."""
    acme("policy", "set", "acme", "--countries", "ALL")
    acme("forward", NUMBER, "--to", "+33612345678")
    assert acme("forward", NUMBER, "--to", BELGIAN).code == 0
    newest = acme("policy", "history", "--json").json[0]
    assert (newest["before"]["used"], list(newest["after"]["used"])) == ({}, ["BE"])
    assert "; used countries BE" in acme("policy", "history", "--limit", "1").out
    words = ("explain", NUMBER, "--from", "+33199009876")
    assert acme(*words, "--json").json["decision"] == "forward"
    (data / "renvoi.toml").write_text("country_cooling_off_s = 3600\n")
    refused = acme(*words, "--json").json
    assert (refused["decision"], refused["reason"], refused["target"]) == ("reject", "cooling-off", BELGIAN)
    shown = f"refused: calls to {BELGIAN} wait until {refused['until']}, as the account has just begun"
    assert shown in acme(*words).out
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        (document,) = store.execute("SELECT policy FROM accounts").fetchone()
        policy = decode(document)
        before = CountriesUsed(tuple((country, at_ms - 3_600_000) for country, at_ms in policy.used.since_ms))
        store.execute("UPDATE accounts SET policy = ?", (encode(replace(policy, used=before)),))
    assert acme(*words, "--json").json["decision"] == "forward"


def test_explain_says_that_a_damaged_policy_refuses_calls(acme: Cli, data: Path) -> None:
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        store.execute("UPDATE accounts SET policy_version = 1, policy = '{'")
    refused = acme("explain", NUMBER, "--from", "+33199009876")
    assert refused.err.startswith(
        "renvoi: a call gets 503 (reason store-unavailable): the policy of account 1 cannot be"
    )
    assert acme("forward", NUMBER, "--to", "+33644630000").code == 1
    (finding,) = [each for each in acme("check", "--json").json if each["name"] == "destinations"]
    assert not finding["ok"]
    assert "the policy of acme cannot be read" in finding["text"]


def test_a_damaged_policy_is_shown_as_such_and_another_one_is_set(acme: Cli, data: Path) -> None:
    acme("account", "add", "beta")
    damage = "UPDATE accounts SET policy_version = 2, policy = '{' WHERE name = 'acme'"

    def store(words: str) -> None:
        with closing(sqlite3.connect(data / "renvoi.db")) as opened, opened:
            assert opened.execute(words).rowcount == 1

    store(damage)
    shown = acme("policy", "show", "--json")
    assert shown.code == 0
    broken, whole = shown.json
    assert (broken["countries"], broken["refused_types"], broken["unreadable"]) == (None, None, "damaged")
    assert (whole["refused_types"], whole["unreadable"]) == (DEFAULTS["refused_types"], None)
    table = acme("policy", "show")
    assert table.code == 0
    assert [line.split("\t")[-1] for line in table.out.splitlines()] == ["unreadable", "damaged", "-"]
    assert "The policy of an account cannot be read: That of acc_1: it is damaged" in table.err
    assert "`renvoi policy set`" in table.err
    broken, whole = acme("limits", "show", "--json").json
    assert (broken["limits"], broken["unreadable"]) == (None, "damaged")
    assert (whole["limits"]["account"]["calls"], whole["unreadable"]) == (10, None)
    table = acme("limits", "show")
    assert (table.code, "acc_1" in table.err) == (0, True)
    assert "acme" in table.out
    assert "beta" in table.out

    made = acme("policy", "set", "acme", "--countries", "FR,BE", "--json").json
    assert (made["countries"], made["refused_types"]) == (["BE", "FR"], DEFAULTS["refused_types"])
    # It is that of a new account otherwise.
    assert acme("limits", "show", "acme", "--json").json[0]["limits"] == whole["limits"]
    entry = acme("policy", "history", "acme", "--json").json[0]
    assert (entry["before"]["countries"], entry["after"]["countries"]) == ([], ["BE", "FR"])

    store(damage)
    assert acme("limits", "set", "acme", "--calls", "3").code == 0
    (again,) = acme("policy", "show", "acme", "--json").json
    assert again["countries"] is None
    (limited,) = acme("limits", "show", "acme", "--json").json
    assert (limited["limits"]["account"]["calls"], limited["limits"]["account"]["minutes_per_day"]) == (3, 600)


def test_check_names_who_may_reach_what_is_expensive(acme: Cli) -> None:
    def finding() -> dict[str, object]:
        (found,) = [each for each in acme("check", "--json").json if each["name"] == "destinations"]
        return dict(found)

    assert (finding()["ok"], finding()["text"]) == (
        True,
        "accounts reach their own countries, but no premium numbers and the like",
    )
    acme("policy", "set", "acme", "--refused-types", "pager")
    found = finding()
    assert not found["ok"]
    assert str(found["text"]).endswith(
        "; 1 of 1 have another policy; not all of pager, personal, premium-rate, shared-cost are refused to acme"
    )
