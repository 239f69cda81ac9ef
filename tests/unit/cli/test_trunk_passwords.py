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
        (OUT, 1, "'bob' of trunk 'out' has no password"),
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
