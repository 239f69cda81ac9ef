"""`renvoi number remove` and `move`, `account close` and `show`."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from renvoi.domain.numbers.number import E164
from tests.unit.cli.conftest import Cli, Ran, invoke

NUMBER, TARGET = "+33199001234", "+33644630000"


@contextmanager
def store_of(data: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        yield store


def leave(data: Path, *ids: str) -> list[Path]:
    """Have messages in the store with their recordings; return where those lie."""
    (data / "messages").mkdir(exist_ok=True)
    files = []
    with store_of(data) as store:
        for message_id in ids:
            store.execute(
                "INSERT INTO messages (id, number, account_id, revision, caller, call_id, received_at_ms, duration_ms,"
                " cut_off) VALUES (?, ?, 1, 1, '+331', 'c', ?, 4000, 0)",
                (message_id, E164(NUMBER).digits, 10**13),
            )
            store.execute(
                "INSERT INTO mails (message_id, recipient, queued_at_ms, due_at_ms, state, attempts, note)"
                " VALUES (?, 'a@example.com', 1, 1, 'pending', 0, '')",
                (message_id,),
            )
            files.append(data / "messages" / f"{message_id}.wav")
            files[-1].write_bytes(b"RIFF")
    return files


def on_terminal(monkeypatch: pytest.MonkeyPatch, data: Path, typed: str, *words: str) -> Ran:
    """Run a command as somebody does who can be asked, and types this."""
    screen = SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True), stderr=SimpleNamespace(isatty=lambda: False))
    with monkeypatch.context() as patch:
        patch.setattr("renvoi.cli.removals.sys", screen)
        return invoke(data, *words, typed=typed)


def test_a_number_is_removed_with_its_messages_and_may_come_again(acme: Cli, data: Path) -> None:
    acme("forward", NUMBER, "--to", TARGET)
    files = leave(data, "m1", "m2")
    row = acme("number", "remove", NUMBER, "--yes", "--json").json
    assert row["id"] > 0
    assert row["ended_at"] >= row["at"]
    del row["id"], row["at"], row["ended_at"]
    assert row == {
        "what": "number",
        "number": NUMBER,
        "account": "acme",
        "to_account": None,
        "by": "command line",
        "source": "command line",
        "numbers": 0,
        "messages": 2,
        "messages_kept": False,
        "rule_kept": False,
    }
    assert not any(file.exists() for file in files)
    assert acme("number", "list", "--json").json == []
    assert acme("messages", "--json").json == []
    refused = acme("number", "remove", NUMBER, "--yes")
    assert (refused.code, refused.err) == (
        1,
        f"renvoi: {NUMBER} is not one of our numbers: `renvoi number list` shows them\n",
    )
    acme("account", "add", "beta")
    assert acme("number", "add", NUMBER, "--account", "beta").code == 0
    (number,) = acme("number", "list", "--json").json
    assert (number["revision"], number["type"], number["label"]) == (0, 0, "")
    assert acme("audit", "--number", NUMBER, "--json").json == []
    (change,) = acme("audit", "--former", "--number", NUMBER, "--json").json
    assert (change["account"], change["revision"], change["after"]) == ("acme", 1, {"type": 1, "param": TARGET})


def test_nothing_goes_before_somebody_was_asked(acme: Cli, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = acme("number", "remove", NUMBER)
    assert (refused.code, refused.out, refused.err) == (
        2,
        "",
        "renvoi: nothing of a removed number comes back: give --yes to remove it; see --help\n",
    )
    for given in ("n\n", ""):
        ran = on_terminal(monkeypatch, data, given, "number", "remove", NUMBER)
        assert ran.code == 1
        assert f"Remove {NUMBER}, with its rule, greeting and messages? [y/N]:" in ran.err
        assert [each["number"] for each in acme("number", "list", "--json").json] == [NUMBER]
    kept = on_terminal(monkeypatch, data, "y\n", "number", "remove", NUMBER, "--keep-messages")
    assert "with its rule and greeting?" in kept.err
    assert (kept.code, acme("number", "list", "--json").json) == (0, [])
    asked = on_terminal(monkeypatch, data, "n\n", "account", "close", "acme")
    assert (asked.code, "Close account acme, with its keys, numbers and messages?" in asked.err) == (1, True)
    assert on_terminal(monkeypatch, data, "y\n", "account", "close", "acme").code == 0


def test_messages_may_be_kept(acme: Cli, data: Path) -> None:
    files = leave(data, "m1")
    assert acme("number", "remove", NUMBER, "--keep-messages", "--yes").out == (
        f"{NUMBER} is removed from account acme, with its messages kept\n"
    )
    assert files[0].exists()
    assert [each["id"] for each in acme("messages", "--json").json] == ["m1"]


def test_a_recording_that_does_not_go_is_told_and_tried_again(acme: Cli, data: Path) -> None:
    files = leave(data, "m1", "m2")
    files[0].unlink()
    files[0].mkdir()
    ran = acme("number", "remove", NUMBER, "--yes")
    assert ran.code == 1
    assert ran.out == f"{NUMBER} is removed from account acme, with 1 message\n"
    assert "a file of a message does not go" in ran.err
    assert "what hung on it is not all gone yet: a node that serves removes the rest" in ran.err
    assert "is being removed: try again in some seconds" in acme("number", "add", NUMBER, "--account", "acme").err
    files[0].rmdir()
    # Any other removal carries it on.
    acme("number", "add", TARGET, "--account", "acme")
    assert acme("number", "remove", TARGET, "--yes").code == 0
    assert acme("messages", "--json").json == []
    assert acme("number", "add", NUMBER, "--account", "acme").code == 0


def test_a_number_moves(acme: Cli) -> None:
    acme("forward", NUMBER, "--to", TARGET)
    acme("account", "add", "beta")
    acme("account", "add", "gamma")
    assert acme("number", "move", NUMBER, "beta", "--with-rule").out == (
        f"{NUMBER} belongs to account beta now, with its rule\n"
    )
    row = acme("number", "move", NUMBER, "gamma", "--json").json
    assert (row["account"], row["type"], row["param"]) == ("gamma", 0, "")
    assert acme("audit", "--number", NUMBER, "--json").json == []
    refused = acme("number", "move", NUMBER, "gamma")
    assert (refused.code, refused.err) == (1, f"renvoi: {NUMBER} belongs to account 'gamma' already\n")
    shown = acme("account", "show", "beta", "--json").json
    assert (shown["state"], shown["numbers"]) == ("open", 0)
    (removal,) = shown["removals"]
    assert (removal["what"], removal["number"], removal["to_account"]) == ("move", NUMBER, "acc_3")


def test_an_account_is_closed(acme: Cli, data: Path) -> None:
    leave(data, "m1")
    acme("key", "add", "acme", "--name", "app")
    asked = acme("account", "close", "acme")
    assert (asked.code, asked.err) == (
        2,
        "renvoi: nothing of a closed account comes back: give --yes to close it; see --help\n",
    )
    assert acme("account", "close", "acme", "--yes").out == (
        "account acme (closed 1) is closed, with 1 number and 1 message\n"
    )
    (account,) = acme("account", "list", "--json").json
    assert (account["name"], account["state"]) == ("acme (closed 1)", "closed")
    assert account["closed_at"]
    assert all(key["revoked_at"] for key in acme("key", "list", "--json").json)
    shown = acme("account", "show", "1").out.splitlines()
    assert "state          closed" in shown
    assert any(line.startswith("id\twhat\tnumber") for line in shown)
    for refused in (("account", "close", "1", "--yes"), ("account", "set", "1", "--locale", "en"), ("key", "add", "1")):
        ran = acme(*refused)
        assert ran.code == 1, refused
        assert "is closed" in ran.err, refused
    assert acme("account", "add", "acme").out == "account 2: acme\n"
    assert acme("number", "add", NUMBER, "--account", "acme").code == 0


def test_nobody_is_asked_about_what_is_not_there(acme: Cli) -> None:
    ran = acme("number", "remove", TARGET)
    assert (ran.code, ran.out) == (1, "")
    assert f"{TARGET} is not one of our numbers" in ran.err
    ran = acme("account", "close", "nobody")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no account 'nobody'" in ran.err


@pytest.mark.parametrize("words", [("account", "show", "nobody"), ("account", "close", "nobody", "--yes")])
def test_an_account_that_is_not_there_is_told(acme: Cli, words: tuple[str, ...]) -> None:
    ran = acme(*words)
    assert (ran.code, ran.err) == (1, "renvoi: there is no account 'nobody': `renvoi account list` shows them\n")
