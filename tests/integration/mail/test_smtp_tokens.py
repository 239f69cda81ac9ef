"""Logins at a mail server by an access token of OAuth 2 (XOAUTH2, as Gmail and Exchange Online take it)."""

from pathlib import Path

import pytest

from renvoi.application.mailer import Sent
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from tests.integration.mail.sending import send
from tests.support.smtp import Behaviour, Inbox, Tls
from tests.support.voicemail_mail import notice

USER, TOKEN = "me@example.com", "ya29.a0Af_b-c/d+e=="


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """Return a file that holds the right token."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n", "ascii")
    file.chmod(0o640)
    return file


def url(inbox: Inbox, token: Path) -> str:
    """Return what to set as SMTP server, with the token in place of a password."""
    without = inbox.url().replace(":@", "@")
    return f"{without}{'&' if '?' in without else '?'}token={token}"


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_token_logs_in(audio: Path, token: Path, tls: Tls) -> None:
    with Inbox(tls=tls, user=USER, token=TOKEN) as inbox:
        assert isinstance(send(url(inbox, token), notice(audio)), Sent)
        assert [mail.user for mail in inbox.mails] == [USER]


def test_a_token_that_is_old_is_a_fault_of_the_settings_until_it_is_fresh(
    audio: Path, token: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token.write_text("an.old.one", "ascii")
    with Inbox(user=USER, token=TOKEN) as inbox:
        outcome = send(url(inbox, token), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SITE
        assert outcome.reason.startswith(f"127.0.0.1:{inbox.port} refused our login: 535 ")
        assert outcome.reason.endswith(f"check that the token in {token} is fresh, and lets this user send mails")
        assert "an.old.one" not in "".join(capsys.readouterr()) + outcome.reason
        token.write_text(TOKEN, "ascii")
        assert isinstance(send(url(inbox, token), notice(audio)), Sent)


def test_without_a_token_nobody_is_asked(audio: Path, token: Path) -> None:
    token.unlink()
    with Inbox(user=USER, token=TOKEN) as inbox:
        outcome = send(url(inbox, token), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SITE
        assert outcome.reason.startswith(f"token={token}: No such file or directory: ")
        assert inbox.greeted == []


def test_a_server_that_takes_passwords_alone(audio: Path, token: Path) -> None:
    with Inbox(user=USER, password="x") as inbox:
        outcome = send(url(inbox, token).replace(":x@", "@"), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.reason == (
            f"127.0.0.1:{inbox.port} offers no login by XOAUTH2: "
            "give USER:PASSWORD in its URL in place of token=PATH, or another port"
        )


def test_a_server_that_repeats_the_token_does_not_get_it_logged(audio: Path, token: Path) -> None:
    with Inbox(user=USER, token=TOKEN, behaviour=Behaviour(data_reply=f"450 no {TOKEN} here")) as inbox:
        outcome = send(url(inbox, token), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.reason.endswith("450 no *** here")
