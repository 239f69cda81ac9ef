"""`renvoi account`: accounts, added, listed, found and changed."""

import pytest

from tests.unit.cli.conftest import Cli


def test_account_add_and_list(cli: Cli) -> None:
    added = cli("account", "add", "acme", "--locale", "fr", "--region", "DE", "--json").json
    assert (added["id"], added["name"], added["locale"], added["region"]) == (1, "acme", "fr", "DE")
    assert cli("account", "list", "--json").json == [added]


def test_account_list_finds_accounts(acme: Cli) -> None:
    for name in ("ACME fr", "zoo"):
        acme("account", "add", name)
    acme("number", "add", "+33261910123", "--account", "zoo")

    def found(name: str) -> list[str]:
        return [each["name"] for each in acme("account", "list", "--name", name, "--json").json]

    assert found("acm") == ["acme", "ACME fr"]
    assert found("acc_2") == found("2") == ["ACME fr"]
    assert found("+33 2 61 91 01 23") == ["zoo"]
    nobody = acme("account", "list", "--name", "x")
    assert (nobody.code, nobody.out) == (0, "")
    assert "begins with 'x'" in nobody.err
    for name in ("", "x" * 101):
        refused = acme("account", "list", "--name", name)
        assert (refused.code, refused.out) == (2, "")
        assert "1 to 100 characters" in refused.err


def test_account_list_of_a_state(acme: Cli) -> None:
    acme("account", "add", "acme two")
    acme("account", "close", "acme", "--yes")

    def found(*words: str) -> list[str]:
        return [each["name"] for each in acme("account", "list", *words, "--json").json]

    for words in ((), ("--name", "acm")):
        assert found(*words, "--state", "open") == ["acme two"]
        assert found(*words, "--state", "closed") == ["acme (closed 1)"]
    nobody = acme("account", "list", "--name", "acme two", "--state", "closed")
    assert (nobody.code, nobody.out) == (0, "")
    assert "no such account is closed" in nobody.err
    assert acme("account", "list", "--state", "closing").code == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("acme",), "there is an account 'acme' already"),
        (("12",), "would read as an account's id"),
        (("acc_2",), "would read as an account's id"),
        (("ACC_02",), "would read as an account's id"),
        (("  ",), "1 to 100 printable characters"),
        (("other", "--locale", "de"), "use en or fr"),
        (("other", "--region", "France"), "use an ISO 3166-1 code"),
    ],
)
def test_account_add_refuses(acme: Cli, words: tuple[str, ...], reason: str) -> None:
    ran = acme("account", "add", *words)
    assert (ran.code, ran.out) == (1, "")
    assert reason in ran.err
    assert len(acme("account", "list", "--json").json) == 1


@pytest.mark.parametrize("ref", ["acme", "1", "acc_1"])
def test_an_account_is_named_by_name_or_id_as_v2_shows_it_too(acme: Cli, ref: str) -> None:
    assert acme("account", "show", ref, "--json").json["name"] == "acme"
    assert acme("number", "add", "+33199001299", "--account", ref).code == 0
    assert len(acme("number", "list", "--account", ref, "--json").json) == 2
    assert acme("account", "close", ref, "--yes").code == 0


@pytest.mark.parametrize("ref", ["acc_2", "acc_01", "ACC_1", "acc_", "key_1", "acc_１"])
def test_what_is_no_id_of_an_account_names_none(acme: Cli, ref: str) -> None:
    ran = acme("account", "show", ref)
    assert (ran.code, ran.out) == (1, "")
    assert "there is no account" in ran.err


def test_account_set_changes_what_is_named(acme: Cli) -> None:
    before = acme("account", "list", "--json").json[0]
    assert (before["time_zone"], before["retention_days"]) == (None, 30)
    first = acme("account", "set", "acme", "--time-zone", "Europe/Brussels", "--retention-days", "7", "--json").json
    assert first == before | {"time_zone": "Europe/Brussels", "retention_days": 7}
    second = acme("account", "set", "1", "--locale", "fr", "--region", "BE")
    assert second.out == (
        "account 1: acme, locale fr, region BE, time_zone Europe/Brussels, retention_days 7, email -\n"
    )
    assert acme("account", "list", "--json").json == [first | {"locale": "fr", "region": "BE"}]


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("acme",), 2, "give one of"),
        (("nobody", "--locale", "fr"), 1, "no account 'nobody'"),
        (("acme", "--locale", "de"), 1, "use en or fr"),
        (("acme", "--region", "France"), 1, "use an ISO 3166-1 code"),
        (("acme", "--time-zone", "Paris"), 1, "such as Europe/Paris"),
        (("acme", "--time-zone", "localtime"), 1, "such as Europe/Paris"),
        (("acme", "--time-zone", ""), 1, "such as Europe/Paris"),
        (("acme", "--retention-days", "0"), 1, "1 to 3650"),
        (("acme", "--retention-days", "3651"), 1, "1 to 3650"),
        (("acme", "--locale", "fr", "--retention-days", "0"), 1, "1 to 3650"),
    ],
)
def test_account_set_refuses(acme: Cli, words: tuple[str, ...], code: int, reason: str) -> None:
    before = acme("account", "list", "--json").json
    ran = acme("account", "set", *words)
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err
    assert acme("account", "list", "--json").json == before
