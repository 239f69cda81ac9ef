"""The SMTP server's URL."""

from pathlib import Path

import pytest

from renvoi.adapters.mail.server import Credentials, Security, SmtpServer, SmtpUrlInvalid, TokenUnreadable


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 25, Security.NONE)),
        ("smtp://127.0.0.1:2525/", SmtpServer("127.0.0.1", 2525, Security.NONE)),
        ("smtp://a:b@localhost", SmtpServer("localhost", 25, Security.NONE, Credentials("a", "b"))),
        ("smtp://a:b@[::1]", SmtpServer("::1", 25, Security.NONE, Credentials("a", "b"))),
        ("smtps://mail.example.com", SmtpServer("mail.example.com", 465, Security.TLS)),
        (
            "smtp+starttls://me%40example.com:p%40ss%3A%2F%C3%A9+@mail.example.com",
            SmtpServer("mail.example.com", 587, Security.STARTTLS, Credentials("me@example.com", "p@ss:/é+")),
        ),
        (
            "smtps://mail.example.com:1465?ca=/etc/ssl/our%20ca.pem",
            SmtpServer("mail.example.com", 1465, Security.TLS, ca=Path("/etc/ssl/our ca.pem")),
        ),
        (
            "smtp+starttls://me%40example.com@mail.example.com?token=/run/token",
            SmtpServer(
                "mail.example.com", 587, Security.STARTTLS, Credentials("me@example.com", "", Path("/run/token"))
            ),
        ),
    ],
)
def test_urls_that_name_a_server(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "begins with none of smtp://, smtps://"),
        ("mail.example.com:25", "begins with none of"),
        ("https://mail.example.com", "begins with none of"),
        ("smtp://", "has no host"),
        ("smtps://user:s3cret@", "has no host"),
        ("smtp://[::1", "this is not a URL"),
        ("smtp://mail.example.com:0", "port is not a number from 1 to 65535"),
        ("smtp://mail.example.com:70000", "port is not a number from 1 to 65535"),
        ("smtps://user:s3cret:2@mail.example.com:x", "port is not a number from 1 to 65535"),
        ("smtps://user@mail.example.com", "a user and a password go together"),
        ("smtps://:s3cret@mail.example.com", "a user and a password go together"),
        ("smtps://user:s3cret%FF@mail.example.com", "percent-encoded UTF-8"),
        ("smtps://user:s3cret%00@mail.example.com", "NUL"),
        ("smtps://user:s3c ret@mail.example.com", "no spaces"),
        ("smtps://user:s3c\nret@mail.example.com", "no spaces"),
        ("smtps://user:x/s3cret@mail.example.com", "port is not a number|nothing may follow"),
        ("smtps://mail.example.com/inbox", "nothing may follow the host"),
        ("smtps://mail.example.com#x", "nothing may follow the host"),
        ("smtps://mail.example.com?verify=no", "the only options are"),
        ("smtps://mail.example.com?ca=", "the only options are"),
        ("smtps://mail.example.com?ca=/x.pem&ca=/y.pem", "each once"),
        ("smtps://mail.example.com?token=/s3cret", "takes a user and no password: give USER@HOST"),
        ("smtps://user:s3cret@mail.example.com?token=/x", "takes a user and no password"),
        (
            "smtp://user@mail.example.com?token=/x",
            "the token for mail.example.com would cross the network in the clear",
        ),
        ("smtp://mail.example.com?ca=/x.pem", "of no use without TLS"),
        ("smtp://user:s3cret@mail.example.com", "would cross the network in the clear: give smtps://"),
        ("smtp://user:s3cret@192.0.2.1", "would cross the network in the clear"),
    ],
)
def test_urls_that_are_refused(url: str, reason: str) -> None:
    with pytest.raises(SmtpUrlInvalid, match=reason) as caught:
        SmtpServer.parse(url)
    error: BaseException | None = caught.value
    while error is not None:
        assert "s3cret" not in repr(error)
        error = None if error.__suppress_context__ and error.__cause__ is None else error.__cause__


def test_the_password_is_shown_nowhere() -> None:
    server = SmtpServer.parse("smtps://user:s3cret@mail.example.com")
    assert "s3cret" not in repr(server) + str(server)


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_authorities_that_cannot_be_read_are_told_at_the_start(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content)
    server = SmtpServer.parse(f"smtps://mail.example.com?ca={path}")
    with pytest.raises(SmtpUrlInvalid, match=f"ca={path}: no certificates can be read"):
        server.tls_context()


TOKEN = "ya29.a0Af_b-c/d+e=="


def test_a_token_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "token"
    server = SmtpServer.parse(f"smtps://me@mail.example.com?token={file}")
    for token in (TOKEN, "another"):
        file.write_text(f"{token}\n", "ascii")
        file.chmod(0o640)
        found = server.ready().credentials
        assert found is not None
        assert (found.user, found.password) == ("me", token)
        assert token not in repr(found)


@pytest.mark.parametrize(
    ("content", "mode", "reason"),
    [
        (None, 0, "No such file or directory: have what fetches tokens write one line to it"),
        ("", 0o600, "this is not an access token"),
        ("two words", 0o600, "this is not an access token"),
        ('{"access_token": "s3cret"}', 0o600, "this is not an access token"),
        ("s3cret" * 3000, 0o600, "this is not an access token"),
        (TOKEN, 0o644, "everybody may read or change it: chmod o= "),
    ],
)
def test_files_without_a_token_that_may_be_used(tmp_path: Path, content: str | None, mode: int, reason: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content, "ascii")
        file.chmod(mode)
    with pytest.raises(TokenUnreadable, match=reason) as caught:
        SmtpServer.parse(f"smtps://me@mail.example.com?token={file}").ready()
    assert str(caught.value).startswith(f"token={file}: ")
    assert "s3cret" not in str(caught.value)
    assert TOKEN not in str(caught.value)
