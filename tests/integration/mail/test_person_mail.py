"""Invitations and resets as their readers get them."""

import asyncio
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.mailer import Sent
from renvoi.application.person_mail import PersonNotice
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import TokenKind
from renvoi.domain.email_address import EmailAddress
from tests.support.http_api import START_MS
from tests.support.smtp import Inbox

URL = "https://renvoi.example/sign-in/password?token=0a0a0a0a0a0a_" + "k" * 43
INVITATION, RESET = TokenKind.INVITATION, TokenKind.RESET


def notice(kind: TokenKind, account: str | None, locale: str = "en", language: str | None = None) -> PersonNotice:
    """Return what Zoé is told."""
    account_id = 0 if account is None else 1
    address = EmailAddress("zoe@example.com")
    person = Person("usr_0a0a0a0a0a0a", account_id, address, 1, language=language, region="FR", locale=locale)
    return PersonNotice("0a0a0a0a0a0a", kind, person, account, URL, START_MS, START_MS + kind.lasts_ms)


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        (notice(INVITATION, "acme\nBcc: x"), "en", "access to the account acme Bcc: x: see"),
        (notice(INVITATION, None), "en", "as an operator of this service"),
        (notice(RESET, "acme"), "en", "to set a new password for zoe@example.com"),
        (notice(INVITATION, "acme", "fr"), "fr", "un accès au compte acme"),
        (notice(INVITATION, None, language="fr"), "fr", "un accès d’exploitant"),
        (notice(RESET, "acme", "en", "fr"), "fr", "un nouveau mot de passe pour zoe@example.com"),
    ],
)
def test_a_mail_says_what_it_is_about_and_until_when(
    tmp_path: Path, told: PersonNotice, language: str, said: str
) -> None:
    asyncio.run(FolderMailer(tmp_path, Composer(EmailAddress("renvoi@example.org"))).notify_person(told))
    (path,) = tmp_path.glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["To"], mail["Content-Language"], mail["Bcc"]) == ("zoe@example.com", language, None)
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    assert URL in text.splitlines()
    assert said in " ".join(text.split())
    assert "2026" in text
    assert path.stat().st_mode & 0o077 == 0, "whoever reads it may sign in"


def test_a_mail_goes_to_the_server() -> None:
    with Inbox() as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(EmailAddress("renvoi@example.org")))
        assert isinstance(asyncio.run(mailer.notify_person(notice(RESET, "acme"))), Sent)
        (received,) = inbox.mails
        assert received.message["Subject"] == "Your password for renvoi"
