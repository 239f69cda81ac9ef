"""`renvoi trunk add|set --user --password-file`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from renvoi.adapters import sealing
from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from tests.unit.cli.conftest import Cli

OUT = ("trunk", "add", "out", "--outbound", "sip:192.0.2.9", "--user", "bob")


@pytest.fixture
def password(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("s3cret\n", "utf-8")
    return path


def test_a_password_is_kept_sealed_and_shown_nowhere(acme: Cli, data: Path, password: Path) -> None:
    added = acme(*OUT, "--password-file", str(password), "--realm", "carrier", "--json")
    assert (added.code, added.json["user"], added.json["realm"]) == (0, "bob", "carrier")
    listed = acme("trunk", "list", "--json")
    assert "s3cret" not in added.out + added.err + listed.out + listed.err
    for file in data.rglob("*"):
        assert not file.is_file() or b"s3cret" not in file.read_bytes(), file
    assert (data / "secrets.key").stat().st_mode & 0o777 == 0o600
    assert acme("trunk", "set", "out", "--user", "").code == 0
    with closing(sqlite3.connect(data / "renvoi.db")) as store:
        assert store.execute("SELECT count(*) FROM secrets").fetchone() == (0,)


def test_a_password_comes_from_standard_input(acme: Cli, data: Path) -> None:
    words = [*OUT, "--password-file", "-", "--data", str(data)]
    assert acme("trunk", "list").code == 0
    assert CliRunner().invoke(app, words, obj=Renvoi({}), input="p\u00e4\r\n").exit_code == 0
    with closing(sqlite3.connect(data / "renvoi.db")) as store:
        ((sealed,),) = store.execute("SELECT sealed FROM secrets").fetchall()
    key = sealing.load(data / "secrets.key")
    assert key is not None
    assert key.open("trunk/out/outbound", sealed) == "p\u00e4"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not have a password in one line"),
        (b"\n", "does not have a password in one line"),
        (b"two\nlines\n", "does not have a password in one line"),
        (b"x" * 129, "up to 128 characters"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"nul\0", "does not have a password in one line"),
    ],
)
def test_what_is_no_password_is_refused(acme: Cli, password: Path, content: bytes, said: str) -> None:
    password.write_bytes(content)
    ran = acme(*OUT, "--password-file", str(password))
    assert ran.code == 1
    assert said in ran.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (OUT, 1, "'bob' of trunk 'out' has no password: give it with --password-file"),
        ((*OUT[:-2], "--password-file", "FILE"), 1, "has no user"),
        (("trunk", "add", "in", "--inbound", "192.0.2.9", "--password-file", "FILE"), 2, "is for --outbound trunks"),
        ((*OUT[:-1], 'b"b', "--password-file", "FILE"), 1, "is not a user"),
        ((*OUT[:-1], "b b", "--password-file", "FILE"), 1, "is not a user"),
        ((*OUT, "--password-file", "FILE", "--realm", "r\u00e9"), 1, "is not a realm"),
        ((*OUT, "--password-file", "nowhere"), 1, "cannot be read: No such file"),
        ((*OUT, "--password-file", "/"), 1, "cannot be read: Is a directory"),
    ],
)
def test_what_does_not_go_together_is_refused(
    acme: Cli, password: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    ran = acme(*(str(password) if word == "FILE" else word for word in words))
    assert ran.code == code
    assert said in ran.err
    assert acme("trunk", "list", "--json").json == []


def test_two_trunks_are_not_registered_with_one_contact(acme: Cli, password: Path) -> None:
    """Calls to it could not be told apart, nor could their registrations."""
    words = ("--outbound", "sip:192.0.2.9", "--user", "bob", "--password-file", str(password), "--register")
    assert acme("trunk", "add", "one", *words).code == 0
    refused = acme("trunk", "add", "two", *words, "--contact-user", "one")
    assert (refused.code, "give 'two' another --contact-user" in refused.err) == (1, True)
    assert acme("trunk", "add", "two", *words).code == 0
    refused = acme("trunk", "set", "two", "--contact-user", "one")
    assert (refused.code, "'one' is registered with the contact 'one' already" in refused.err) == (1, True)
    assert acme("trunk", "set", "two", "--contact-user", "one", "--no-register").code == 0


def test_the_password_of_an_inbound_trunk(acme: Cli, data: Path, password: Path) -> None:
    """It is one of that side alone, and goes with the user."""
    password.write_text("long enough\n", "utf-8")
    words = ("--inbound-user", "pbx", "--inbound-password-file", str(password))
    added = acme("trunk", "add", "pbx", *words, "--json")
    assert (added.code, added.json["inbound_user"], added.json["networks"]) == (0, "pbx", [])
    assert acme("trunk", "add", *OUT[2:], "--password-file", str(password)).code == 0
    assert acme("trunk", "set", "out", *words[:1], "sbc", *words[2:], "--inbound", "192.0.2.9").code == 0
    key = sealing.load(data / "secrets.key")
    assert key is not None
    with closing(sqlite3.connect(data / "renvoi.db")) as store:
        kept = dict(store.execute("SELECT name, sealed FROM secrets").fetchall())
        (networks,) = store.execute("SELECT networks FROM trunks WHERE name = 'pbx'").fetchone()
    assert {name: key.open(name, sealed) for name, sealed in kept.items()} == dict.fromkeys(
        ("trunk/pbx/inbound", "trunk/out/outbound", "trunk/out/inbound"), "long enough"
    )
    assert networks == "0.0.0.0/32", "what programs of schema 0003 can read"
    assert acme("trunk", "set", "out", "--inbound-user", "").code == 0
    assert acme("trunk", "set", "pbx", "--inbound", "192.0.2.9").code == 0
    assert acme("trunk", "set", "pbx", "--inbound", "none").code == 0
    (pbx,) = (row for row in acme("trunk", "list", "--json").json if row["name"] == "pbx")
    assert (pbx["networks"], pbx["inbound_user"]) == ([], "pbx")
    (line,) = (line for line in acme("trunk", "list").out.splitlines() if line.startswith("pbx\t"))
    assert line.split("\t")[4] == "pbx"
    with closing(sqlite3.connect(data / "renvoi.db")) as store:
        assert store.execute("SELECT count(*) FROM secrets").fetchone() == (2,)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--inbound-user", "pbx"), 1, "'pbx' of trunk 'x' has no password: give it with --inbound-password-file"),
        (("--inbound", "192.0.2.9", "--inbound-password-file", "FILE"), 1, "has no user on its inbound side"),
        (("--inbound-user", "pbx", "--inbound-password-file", "SHORT"), 1, "is too short"),
        (("--inbound-user", "taken", "--inbound-password-file", "FILE"), 1, "are those of trunk 'other'"),
        (("--inbound-user", "p b", "--inbound-password-file", "FILE"), 1, "is not a user"),
        (("--outbound", "sip:192.0.2.9", "--inbound-password-file", "FILE"), 2, "is for --inbound trunks"),
        (("--inbound", "none"), 2, "--inbound-user"),
        (
            ("--inbound-user", "a", "--inbound-password-file", "-", "--outbound", "sip:x", "--password-file", "-"),
            2,
            "standard input has one password",
        ),
    ],
)
def test_what_an_inbound_trunk_cannot_be_known_by(
    acme: Cli, tmp_path: Path, password: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    password.write_text("long enough", "utf-8")
    short = tmp_path / "short"
    short.write_text("seven77", "utf-8")
    taken = ("--inbound-user", "taken", "--inbound-password-file", str(password))
    assert acme("trunk", "add", "other", *taken).code == 0
    files = {"FILE": str(password), "SHORT": str(short)}
    ran = acme("trunk", "add", "x", *(files.get(word, word) for word in words))
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert [row["name"] for row in acme("trunk", "list", "--json").json] == ["other"]
