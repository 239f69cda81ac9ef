"""What settings mean for the mailer, which of them keep a node from starting, and what ends the process."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.errors import OperatorError
from renvoi.application.outbox.engine import Outbox
from renvoi.configuration.settings import Settings, read_settings
from renvoi.domain.numbers.number import E164
from renvoi.node.entrypoints.mailer import MailSettingsInvalid, mailer_of, rule_url, send_mails
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.node.supervisor.preparations import check_mail_server


def test_without_a_server_mails_are_kept(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert isinstance(mailer_of(settings), FolderMailer)
    check_mail_server(settings)


def test_mails_are_sent_and_signed_as_set(key: Path) -> None:
    settings = Settings(smtp_url="smtps://u:p@mail.example:4650", mail_from="a@b.example", dkim_key_file=key)
    mailer = mailer_of(settings)
    assert isinstance(mailer, SmtpMailer)
    assert (mailer._server.host, mailer._server.port) == ("mail.example", 4650)
    composer = mailer._composer
    assert composer.mail_from.value == "a@b.example"
    assert composer.to_mp3 is None
    assert composer.sign is not None
    header = composer.sign(b"From: a@b.example\r\n\r\nx\r\n")
    assert b"d=b.example;" in header
    assert b"s=renvoi;" in header
    check_mail_server(settings)


def test_the_dkim_domain_and_the_form_of_recordings_can_be_set(key: Path) -> None:
    values = {"dkim_key_file": key, "dkim_domain": "c.example", "dkim_selector": "mail", "mail_audio": "mp3"}
    mailer = mailer_of(read_settings(values))
    assert isinstance(mailer, FolderMailer)
    composer = mailer._composer
    assert composer.to_mp3 is not None
    assert composer.sign is not None
    header = composer.sign(b"From: a@b.example\r\n\r\nx\r\n")
    assert b"d=c.example;" in header
    assert b"s=mail;" in header


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"smtp_url": "smtp://"}, "RENVOI_SMTP_URL: the URL has no host"),
        ({"smtp_url": "smtp://u:secret@mail.example"}, "RENVOI_SMTP_URL: the password for mail.example would cross"),
        ({"smtp_url": "smtps://mail.example?ca=/gone.pem"}, "RENVOI_SMTP_URL: ca=/gone.pem: no certificates"),
        ({"dkim_key_file": "/gone.pem"}, "RENVOI_DKIM_KEY_FILE: the DKIM key /gone.pem cannot be read"),
        ({"dkim_key_file": __file__}, "RENVOI_DKIM_KEY_FILE: the DKIM key .* cannot sign|needs the Python package"),
    ],
)
def test_settings_that_cannot_work_are_told_with_the_mend(settings: Mapping[str, str], reason: str) -> None:
    wrong = read_settings(settings)
    with pytest.raises(MailSettingsInvalid, match=reason) as caught:
        mailer_of(wrong)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    # A node does not start with them, rather than to keep messages back.
    with pytest.raises(OperatorError, match=reason):
        check_mail_server(wrong)


def test_the_link_in_a_mail() -> None:
    number = E164("+33199001234")
    assert (
        rule_url(Settings(public_url="https://calls.example"), number) == "https://calls.example/numbers/+33199001234"
    )
    assert rule_url(Settings(), number) == ""


def test_a_renewal_of_leases_that_dies_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when no mail is being sent: whatever it leases later would be sent by other nodes as well."""

    async def dies(_: object) -> None:
        raise LookupError("a fault of our own")

    settings = Settings(data_dir=tmp_path)
    for path in (settings.recordings_dir, settings.messages_dir, settings.spool_dir):
        path.mkdir()

    async def scenario() -> None:
        async with asyncio.timeout(30):
            await send_mails(settings, asyncio.Event(), HeartbeatSender(None))

    monkeypatch.setattr(Outbox, "_renew", dies)
    with pytest.raises(RuntimeError, match="leases are not renewed"):
        asyncio.run(scenario())
