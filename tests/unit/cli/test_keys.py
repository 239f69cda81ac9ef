"""`renvoi key`: keys with limits, of accounts and of operators; refusals are the use case's, in one line."""

from pathlib import Path
from typing import Any

import pytest

from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.access.rights import SCOPES
from tests.unit.cli.conftest import Cli

NUMBER, OTHER = "+33199001234", "+33261910123"


@pytest.fixture
def numbered(acme: Cli) -> Cli:
    """Return a command line on a store whose account acme has two numbers."""
    assert acme("number", "add", OTHER, "--account", "acme").code == 0
    return acme


def listed(cli: Cli, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("key", "list", *words, "--json").json
    return found


def test_a_key_with_every_limit(numbered: Cli) -> None:
    words = ("--scope", "numbers:read", "--scope", "keys:write", "--number", "01 99 00 12 34", "--expires", "2d")
    added = numbered("key", "add", "acme", "--name", "web", *words, "--json").json
    key = ApiKey.parse(added["key"])
    assert key is not None
    assert key.id == added["id"]
    (row,) = listed(numbered)
    assert {name: value for name, value in added.items() if name != "key"} == row
    assert (row["scopes"], row["numbers"]) == (["numbers:read", "keys:write"], [NUMBER])
    assert row["account"] == "acc_1"
    assert row["created_at"] < row["expires_at"] < "9999"
    assert row["last_used_at"] is None
    assert key.secret not in numbered("key", "list").out
    assert numbered("key", "show", key.reveal(), "--json").json == row
    assert numbered("key", "show", f"key_{key.id}", "--json").json == row


def test_a_key_is_changed_rotated_and_revoked_and_all_of_it_told(numbered: Cli) -> None:
    key_id = numbered("key", "add", "acme", "--json").json["id"]
    changed = numbered(
        "key", "set", key_id, "--name", "web", "--scope", "calls:read", "--number", OTHER, "--expires", "2099-01-31",
        "--json",
    ).json  # fmt: skip
    assert (changed["label"], changed["scopes"], changed["numbers"]) == ("web", ["calls:read"], [OTHER])
    assert changed["expires_at"] == "2099-01-31T00:00:00.000Z"
    words = ("--scope", "*", "--number", "all", "--expires", "never")
    changed = numbered("key", "set", key_id, *words, "--json").json
    assert (changed["scopes"], changed["numbers"], changed["expires_at"]) == (["*"], None, None)
    assert changed["label"] == "web"
    rotated = numbered("key", "rotate", key_id, "--json").json
    assert rotated["id"] == key_id
    assert rotated["previous_secret_until"] is not None
    secret = numbered("key", "rotate", key_id, "--keep", "0").out.strip()
    assert ApiKey.parse(secret) != ApiKey.parse(rotated["key"])
    assert numbered("key", "show", key_id, "--json").json["previous_secret_until"] is None
    assert numbered("key", "revoke", secret, "--json").json == {"id": key_id, "revoked": True}
    assert numbered("key", "revoke", key_id).code == 0
    history = numbered("key", "history", key_id, "--json").json
    assert [row["what"] for row in history] == ["revoked", "rotated", "rotated", "changed", "changed", "made"]
    assert {row["by"] for row in history} == {"command line"}
    assert numbered("key", "history", key_id, "--limit", "1", "--json").json == history[:1]
    ran = numbered("key", "set", key_id, "--name", "x")
    assert ran.code == 1
    assert "revoked" in ran.err


def test_keys_of_operators_belong_to_no_account(numbered: Cli) -> None:
    added = numbered("key", "add", "--operator", "--scope", "operator", "--scope", "calls:read", "--json").json
    assert added["key"].startswith("rv_op_")
    assert (added["account"], added["scopes"]) == (None, ["calls:read", "operator"])
    of_account = numbered("key", "add", "acme", "--json").json["id"]
    assert [row["id"] for row in listed(numbered)] == [of_account, added["id"]]
    assert [row["id"] for row in listed(numbered, "--operator")] == [added["id"]]
    assert [row["id"] for row in listed(numbered, "--account", "acme")] == [of_account]
    assert numbered("key", "set", added["id"], "--scope", "operator", "--json").json["scopes"] == ["operator"]
    assert numbered("key", "rotate", added["id"], "--json").json["key"].startswith(f"rv_{added['id']}_")
    assert numbered("key", "revoke", added["id"]).code == 0


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("add",), 2, "give an account, or --operator"),
        (("add", "acme", "--operator"), 2, "give an account, or --operator"),
        (("add", "acme", "--scope", "operator"), 2, "unknown scope 'operator'"),
        (("add", "acme", "--scope", ""), 2, "unknown scope ''"),
        (("add", "acme", "--number", "12"), 2, "'12' is not a phone number"),
        (("add", "acme", "--number", "+33644630000"), 1, "numbers names numbers that are not of this account"),
        (("add", "acme", "--expires", "tomorrow"), 2, "--expires: 'tomorrow' is not a time"),
        (("add", "acme", "--expires", "2020-01-31"), 1, "expires_at has to be a time to come"),
        (("add", "acme", "--expires", "0s"), 1, "expires_at has to be a time to come"),
        (("add", "acme", "--name", "a\nb"), 1, "label may hold printable characters only"),
        (("add", "--operator", "--number", NUMBER), 1, "numbers has to be one of null"),
        (("list", "--account", "acme", "--operator"), 2, "give --account or --operator"),
        (("set", "ID"), 2, "give one of --name"),
        (("set", "ID", "--scope", "operator"), 2, "unknown scope"),
        (("rotate", "ID", "--keep", "-1"), 2, "'-1'"),
        (("rotate", "ID", "--keep", "2592001"), 2, "'2592001'"),
        (("rotate", "ffffffffffff"), 1, "There is no such key"),
        (("show", "op_ffffffffffff"), 1, "There is no such key"),
        (("history", "'; DROP TABLE"), 1, "There is no such key"),
        (("revoke", "x" * 5000), 1, "renvoi: "),
    ],
)
def test_what_is_refused_changes_nothing(numbered: Cli, words: tuple[str, ...], code: int, reason: str) -> None:
    key_id = numbered("key", "add", "acme", "--json").json["id"]
    before = listed(numbered)
    ran = numbered("key", *(key_id if word == "ID" else word for word in words))
    assert (ran.code, ran.out) == (code, "")
    assert reason in ran.err
    assert ran.err.count("\n") == 1 or ran.err.startswith("Usage: ")
    assert listed(numbered) == before


def test_the_help_names_every_scope_there_is(numbered: Cli) -> None:
    assert all(scope in numbered("key", "add", "acme", "--scope", "?").err for scope in SCOPES)


def test_without_a_store_nothing_is_made(cli: Cli, data: Path) -> None:
    assert cli("key", "add", "--operator").code == 1
    assert not data.exists()
