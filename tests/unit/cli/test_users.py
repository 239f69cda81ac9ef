"""`renvoi user` and `renvoi sign-in-link`."""

from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

OLIVE = "olive@example.com"


def test_users_are_added_listed_and_removed(acme: Cli) -> None:
    added = acme("user", "add", OLIVE, "--account", "acme", "--json").json
    assert (added["email"], added["account"], added["state"], added["url"]) == (OLIVE, "acc_1", "invited", None)
    assert acme("user", "add", "op@example.com", "--operator").out == "op@example.com is sent an invitation\n"
    assert [row["email"] for row in acme("user", "list", "--json").json] == ["op@example.com", OLIVE]
    assert [row["email"] for row in acme("user", "list", "--account", "acme", "--json").json] == [OLIVE]
    assert [row["account"] for row in acme("user", "list", "--operator", "--json").json] == [None]
    assert acme("user", "remove", OLIVE.upper()).out == f"user {OLIVE} is removed\n"
    assert "no users: `renvoi user add EMAIL` adds one" in acme("user", "list", "--account", "acme").err


def test_a_password_is_set_or_a_link_made(acme: Cli, tmp_path: Path) -> None:
    link = acme("user", "add", OLIVE, "--account", "acme", "--link").out.strip()
    assert link.startswith("http://127.0.0.1:8080/sign-in/password?token=")
    again = acme("user", "invite", OLIVE, "--link", "--json").json["url"]
    assert again.partition("?")[0] == link.partition("?")[0]
    assert again != link
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    assert "is set" in acme("user", "reset-password", OLIVE, "--password-file", str(file)).out
    assert acme("user", "list", "--json").json[0]["state"] == "active"
    assert acme("user", "reset-password", OLIVE).out == f"{OLIVE} is sent a link to set a password\n"
    file.write_text("short\n")
    refused = acme("user", "reset-password", OLIVE, "--password-file", str(file))
    assert (refused.code, "too short" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("user", "add", OLIVE), 2, "give --account, or --operator"),
        (("user", "add", "x", "--operator"), 1, "is not an e-mail address"),
        (("user", "add", OLIVE, "--account", "nobody"), 1, "there is no account 'nobody'"),
        (("user", "invite", OLIVE), 1, f"there is no user '{OLIVE}'"),
        (("user", "list", "--operator", "--account", "acme"), 2, "give --account or --operator"),
        (("user", "reset-password", OLIVE, "--link", "--password-file", "-"), 2, "give --link or --password-file"),
        (("sign-in-link", "--account", "nobody"), 1, "there is no account 'nobody'"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(acme: Cli, words: tuple[str, ...], code: int, said: str) -> None:
    refused = acme(*words)
    assert refused.code == code
    assert said in refused.err


def test_an_address_is_of_one_user(acme: Cli) -> None:
    assert acme("user", "add", OLIVE, "--operator").code == 0
    assert "belongs to somebody else" in acme("user", "add", OLIVE.upper(), "--account", "acme").err


def test_a_link_signs_in(acme: Cli) -> None:
    first = acme("sign-in-link").out
    assert first.startswith("http://127.0.0.1:8080/sign-in/link?token=")
    assert acme("sign-in-link", "--account", "acme", "--json").json["url"] != first.strip()
