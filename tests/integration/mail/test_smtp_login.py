"""Mails through a real SMTP server: TLS, certificates, logins."""

from pathlib import Path

import pytest

from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from tests.integration.mail.sending import PASSWORD, recovers, send
from tests.support.smtp import Behaviour, Inbox, Tls
from tests.support.voicemail_mail import notice


def test_without_starttls_nothing_is_sent(audio: Path) -> None:
    with Inbox(user="me", password=PASSWORD) as inbox:
        url = inbox.url().replace("smtp://", "smtp+starttls://")
        assert send(url, notice(audio)) == TemporaryFailure(
            f"127.0.0.1:{inbox.port} does not offer STARTTLS, and no mail is sent in the clear: "
            "give smtps:// if it speaks TLS from the start",
            Affected.SERVER,
        )
        assert inbox.attempts == 0


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_of_an_unknown_authority(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, user="me", password=PASSWORD) as inbox:
        outcome = send(inbox.url(trusted=False), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SERVER
        assert outcome.reason.startswith(f"the certificate of 127.0.0.1:{inbox.port} is not trusted (")
        assert outcome.reason.endswith("give the host by the name in its certificate, or its authority as ?ca=PATH")
        assert inbox.attempts == 0


@pytest.mark.parametrize("tls", ["starttls", "smtps"])
def test_a_certificate_of_another_host(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, certificate_for=("mail.example.com",)) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SERVER
        assert "is not trusted (IP address mismatch" in outcome.reason


def test_tls_from_the_start_where_there_is_none(audio: Path) -> None:
    with Inbox() as inbox:
        outcome = send(inbox.url().replace("smtp://", "smtps://"), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SERVER
        assert "speaks no TLS that we do (is this a port of STARTTLS or without TLS?)" in outcome.reason


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_wrong_password_is_a_fault_of_the_settings(audio: Path, tls: Tls, capsys: pytest.CaptureFixture[str]) -> None:
    with Inbox(tls=tls, user="me", password=PASSWORD) as inbox:
        outcome = send(inbox.url(password="wr0ng"), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SITE
        assert outcome.reason.startswith(f"127.0.0.1:{inbox.port} refused our login: 535 ")
        assert outcome.reason.endswith("check user and password of the SMTP URL")
        assert inbox.attempts == 0
        logged = "".join(capsys.readouterr())
        assert "refused our login" in logged
        assert "wr0ng" not in logged + outcome.reason
        recovers(inbox, notice(audio))


def test_a_server_that_wants_a_login_that_we_do_not_have(audio: Path) -> None:
    with Inbox(user="me", password=PASSWORD) as inbox:
        outcome = send(f"smtp://127.0.0.1:{inbox.port}", notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SITE
        assert "refused the sender (MAIL FROM): 530" in outcome.reason
        assert outcome.reason.endswith("check user and password of the SMTP URL")


def test_a_server_that_repeats_the_password_does_not_get_it_logged(audio: Path) -> None:
    with Inbox(user="me", password="pass word", behaviour=Behaviour(data_reply="550 no pass word here")) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, PermanentFailure)
        assert outcome.reason.endswith("550 no *** here")
