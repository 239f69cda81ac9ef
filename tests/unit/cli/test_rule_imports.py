"""`renvoi rules import`: the rules of many numbers from a file."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

NUMBER, SECOND, THIRD = "+33199001234", "+33261910123", "+33261910124"
TARGET = "+33644630000"


@pytest.fixture
def three(acme: Cli) -> Cli:
    """Run commands on a store whose account has three numbers."""
    for number in (SECOND, THIRD):
        assert acme("number", "add", number, "--account", "acme").code == 0
    return acme


def rules(cli: Cli) -> dict[str, tuple[int, str, int]]:
    return {
        each["number"]: (each["type"], each["param"], each["revision"]) for each in cli("number", "list", "--json").json
    }


def file_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rules.csv"
    path.write_text(text, "utf-8")
    return str(path)


def test_all_rules_of_a_file_are_set_and_the_rest_of_each_stays(three: Cli, tmp_path: Path) -> None:
    three("forward", NUMBER, "--to", "+33612345678", "--no-answer", "voicemail", "--email", "a@example.com")
    file = file_of(
        tmp_path,
        "emails,number,action,to,ring_timeout_s\n"
        f",{NUMBER},forward,06 44 63 00 00,25\n"
        f"b@example.com c@example.com,{SECOND},voicemail,,\n\n"
        f",{THIRD},off,,\n",
    )
    trial = three("rules", "import", file, "--account", "acme", "--dry-run", "--json").json
    assert trial == {"changed": 2, "same": 1, "errors": [], "dry_run": True}
    assert rules(three)[NUMBER] == (1, "+33612345678", 1)
    assert three("rules", "import", file, "--account", "acme").out == "2 rules changed, 1 was so already\n"
    assert rules(three) == {
        NUMBER: (1, TARGET, 2),
        SECOND: (2, "b@example.com", 1),
        THIRD: (0, "", 0),
    }
    shown = three("number", "show", NUMBER, "--json").json
    assert "voicemail" in str(shown)
    assert "a@example.com" in str(shown)
    again = three("rules", "import", file, "--account", "acme", "--each", "--json").json
    assert again == {"changed": 0, "same": 3, "errors": [], "dry_run": False}


def test_every_wrong_line_is_told_and_nothing_changed(three: Cli, tmp_path: Path) -> None:
    text = (
        "number,action,to,emails,ring_timeout_s\n"
        f"{NUMBER},forward,{TARGET},,\n"
        f"{SECOND},dance,,,\n"
        f"12,off,,,\n"
        f"{THIRD},forward,,,\n"
        f"{NUMBER},off,,,\n"
        f"{THIRD},voicemail,,nobody,\n"
        f"{THIRD},off,,,999\n"
        f"{THIRD},off\n"
    )
    ran = three("rules", "import", file_of(tmp_path, text), "--account", "acme")
    assert (ran.code, ran.out) == (1, "")
    assert "7 rows are wrong" in ran.err
    for line in (3, 4, 5, 6, 7, 8, 9):
        assert f"line {line}: " in ran.err
    assert rules(three)[NUMBER] == (0, "", 0)


@pytest.mark.parametrize("text", ["", "number\n", "number,action,number\n", "number,action,plan\n", "a,b\n1,2\n"])
def test_the_first_line_names_the_columns(three: Cli, tmp_path: Path, text: str) -> None:
    ran = three("rules", "import", file_of(tmp_path, text), "--account", "acme")
    assert ran.code == 1
    assert "the first line names the columns: number, action, to, emails, ring_timeout_s" in ran.err


def test_all_or_none_or_each_for_itself(three: Cli, tmp_path: Path) -> None:
    three("number", "disable-forwarding", SECOND)
    file = file_of(
        tmp_path, f"number,action,to\n{NUMBER},forward,{TARGET}\n{SECOND},forward,{TARGET}\n+33199999999,off,\n"
    )
    ran = three("rules", "import", file, "--account", "acme")
    assert ran.code == 1
    assert f"line 3: {SECOND}: Call forwarding is not enabled for this number" in ran.err
    assert "line 4: +33199999999: There is no such number" in ran.err
    assert rules(three)[NUMBER] == (0, "", 0)
    ran = three("rules", "import", file, "--account", "acme", "--each", "--json")
    assert ran.code == 1
    assert (ran.json["changed"], [each["line"] for each in ran.json["errors"]]) == (1, [3, 4])
    assert rules(three)[NUMBER] == (1, TARGET, 1)
    assert rules(three)[SECOND] == (0, "", 0)


def test_what_is_not_there_is_told(three: Cli, tmp_path: Path) -> None:
    assert "cannot be read" in three("rules", "import", str(tmp_path / "no.csv"), "--account", "acme").err
    file = file_of(tmp_path, f"number,action\n{NUMBER},off\n")
    assert "there is no account 'x'" in three("rules", "import", file, "--account", "x").err
    (tmp_path / "rules.csv").write_bytes(b"number,action\n\xff,off\n")
    assert "this is not UTF-8" in three("rules", "import", file, "--account", "acme").err


def test_a_number_whose_rule_cannot_be_read_is_refused_alone(three: Cli, data: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(data / "renvoi.db")) as store, store:
        broken = "UPDATE numbers SET routing = '', no_answer = 'dance' WHERE number = ?"
        assert store.execute(broken, (int(NUMBER[1:]),)).rowcount == 1
    file = file_of(tmp_path, f"number,action,to\n{NUMBER},forward,{TARGET}\n{SECOND},forward,{TARGET}\n")
    ran = three("rules", "import", file, "--account", "acme")
    assert (ran.code, ran.out) == (1, "")
    assert f"line 2: {NUMBER}: The rule of a number cannot be read" in ran.err
    assert rules(three)[SECOND] == (0, "", 0)
    ran = three("rules", "import", file, "--account", "acme", "--each", "--json")
    assert ran.code == 1
    assert (ran.json["changed"], [each["line"] for each in ran.json["errors"]]) == (1, [2])
    assert rules(three)[SECOND] == (1, TARGET, 1)
    ran = three("forward", NUMBER, "--to", TARGET)
    assert ran.code == 1
    assert f"That of {NUMBER}: it is damaged; the operator restores a backup" in ran.err
