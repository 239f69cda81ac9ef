"""Mails through a real SMTP server: what arrives there."""

import asyncio
import email
import email.policy
import io
import socket
import wave
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from renvoi.adapters.audio import wav_to_mp3
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.mailer import Delivery, Sent, VoicemailNotice
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.domain.email_address import EmailAddress
from tests.integration.mail.sending import PASSWORD, recovers, send
from tests.support.ports import free_port
from tests.support.smtp import Behaviour, Inbox, Tls
from tests.support.voicemail_mail import MAIL_FROM, notice


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
@pytest.mark.parametrize("user", [None, "me@example.com"])
def test_a_mail_arrives_as_it_was_made(audio: Path, tls: Tls, user: str | None) -> None:
    what = notice(audio)
    with Inbox(tls=tls, user=user, password=PASSWORD) as inbox:
        assert send(inbox.url(), what) == Sent("250 2.0.0 queued as 1")
        (mail,) = inbox.mails
    assert (mail.sender, mail.recipients) == ("voicemail@renvoi.example", ("jeanne@example.com",))
    assert mail.content == Composer(MAIL_FROM).compose(what).content
    assert mail.over_tls == (tls != "none")
    assert mail.user == user
    assert f"SIZE={len(mail.content)}" in mail.options
    (attachment,) = mail.message.iter_attachments()
    with wave.open(io.BytesIO(attachment.get_content())) as file:
        assert file.getnframes() == 8000


@pytest.mark.parametrize(
    "address",
    [
        "jeanne@example.com\r\nBcc: thief@example.net",
        "jeanne@example.com\nBcc: thief@example.net",
        "jeanne\r\nBcc: thief@example.net\r\nX: @example.com",
        "jeanne@example.com>\r\nRCPT TO:<thief@example.net",
        "jeanne@example.com> NOTIFY=SUCCESS",
        "jeanne@example.com>, <thief@example.net",
        "jeanne@example.com, thief@example.net",
        "thief@example.net <jeanne@example.com",
        '"jeanne" <thief@example.net>, x@example.com',
        "=?utf-8?q?=0D=0ABcc=3A_thief=40example.net?= jeanne@example.com",
        "jeanne\u2028Bcc: thief@example.com",
        "jeanne\0@example.com",
        "jeanne\udcff@example.com",
        "jeanne@example.com\x85Bcc: thief@example.net",
    ],
)
def test_an_address_that_was_written_into_the_store_by_hand_adds_no_header_and_no_recipient(
    audio: Path, address: str
) -> None:
    with Inbox() as inbox:
        outcome = send(inbox.url(), notice(audio, recipient=EmailAddress(address)))
        assert isinstance(outcome, PermanentFailure)
        assert "is not an e-mail address" in outcome.reason
        assert not inbox.mails
        recovers(inbox, notice(audio))
        assert inbox.mails[-1].recipients == ("jeanne@example.com",)


def test_many_mails_at_once(audio: Path) -> None:
    with Inbox() as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))

        async def all_of_them() -> list[Delivery]:
            return await asyncio.gather(*(mailer.send(notice(audio, message_id=f"m{n}")) for n in range(20)))

        outcomes = asyncio.run(all_of_them())
        assert all(isinstance(outcome, Sent) for outcome in outcomes)
        assert {mail.message["Message-ID"] for mail in inbox.mails} == {f"<m{n}@renvoi.example>" for n in range(20)}


def send_smaller(inbox: Inbox, what: VoicemailNotice) -> Delivery:
    mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM, smaller=wav_to_mp3), 5.0)
    return asyncio.run(mailer.send(what))


@pytest.mark.parametrize("reply", ["552 5.3.4 too big", "552 5.2.3 over this user's limit", "523 too long", "SIZE"])
@pytest.mark.parametrize(("largest", "types"), [(12_000, ["audio/mpeg"]), (5_000, [])])
def test_a_mail_that_is_too_big_is_made_smaller(audio: Path, reply: str, largest: int, types: list[str]) -> None:
    """As MP3, and where that is too big, without the recording; `SIZE`: the server says so before it is sent."""
    what = notice(audio)
    behaviour = Behaviour() if reply == "SIZE" else Behaviour(largest=largest, too_big_reply=reply)
    with Inbox(behaviour=behaviour, size_limit=largest if reply == "SIZE" else 33_554_432) as inbox:
        assert isinstance(send_smaller(inbox, what), Sent)
        (mail,) = inbox.mails
        assert [part.get_content_type() for part in mail.message.iter_attachments()] == types
        told = f"It is kept as message {what.message_id}:" in plain_text(mail.message).replace("\n", " ")
        assert told == (not types)
        assert inbox.attempts == (1 if reply == "SIZE" else 3 - len(types))


def test_a_mail_that_is_too_big_without_its_recording_fails(audio: Path) -> None:
    with Inbox(size_limit=100) as inbox:
        outcome = send_smaller(inbox, notice(audio))
        assert isinstance(outcome, PermanentFailure)
        assert "refused the sender (MAIL FROM): 552 5.3.4" in outcome.reason
        assert inbox.attempts == 0


@pytest.mark.parametrize("name", ["node1.example.com", "[192.0.2.1]", "[IPv6:2001:db8::1]"])
def test_the_name_of_the_greeting_is_a_setting(audio: Path, name: str) -> None:
    with Inbox() as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM), ehlo=name)
        assert isinstance(asyncio.run(mailer.send(notice(audio))), Sent)
        assert set(inbox.greeted) == {name}


def test_a_machine_without_a_full_name_greets_with_its_address(audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pc", "localhost", "localhost.localdomain", "büro.example"):
        monkeypatch.setattr(socket, "getfqdn", lambda name=name: name)
        with Inbox() as inbox:
            assert isinstance(send(inbox.url(), notice(audio)), Sent)
            assert inbox.greeted == ["[127.0.0.1]"]


def plain_text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_a_mail_that_is_sent_again_has_its_own_date_and_says_when_the_call_was(audio: Path) -> None:
    what = notice(audio)
    later_ms = what.received_at_ms + 3 * 86_400_000
    first, again = (
        email.message_from_bytes(Composer(MAIL_FROM).compose(each).content, policy=email.policy.default)
        for each in (what, replace(what, queued_at_ms=later_ms))
    )
    assert first["Date"].datetime.timestamp() * 1000 // 1000 == what.received_at_ms // 1000
    assert again["Date"].datetime.timestamp() == later_ms // 1000
    bodies = [plain_text(each) for each in (first, again)]
    assert bodies[0] == bodies[1]
    assert "Received: " in bodies[0]


def test_an_address_of_other_letters(audio: Path) -> None:
    what = notice(audio, recipient=EmailAddress.parse("jörg@exämple.com"))
    with Inbox() as inbox:
        assert isinstance(send(inbox.url(), what), Sent)
        (mail,) = inbox.mails
        assert mail.recipients == ("jörg@exämple.com",)
        assert "SMTPUTF8" in mail.options
        parsed = email.message_from_bytes(mail.content, policy=email.policy.SMTPUTF8)
        assert parsed["To"] == "jörg@exämple.com"


def test_an_address_of_other_letters_at_a_server_that_takes_none(audio: Path) -> None:
    what = notice(audio, recipient=EmailAddress.parse("jörg@exämple.com"))
    with Inbox(utf8=False) as inbox:
        assert send(inbox.url(), what) == PermanentFailure(
            f"127.0.0.1:{inbox.port} takes no addresses with other letters than English ones before the @ "
            "(it does not offer SMTPUTF8): give another address than jörg@exämple.com"
        )
        assert inbox.attempts == 0


def test_a_sender_of_other_letters_at_a_server_that_takes_none_is_a_fault_of_the_settings(audio: Path) -> None:
    with Inbox(utf8=False) as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(EmailAddress.parse("bücher@example.com")))
        outcome = asyncio.run(mailer.send(notice(audio)))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SITE
        assert outcome.reason.endswith("change RENVOI_MAIL_FROM, bücher@example.com")


@pytest.mark.parametrize("reply", ["553 5.6.7 no SMTPUTF8 there", "550 5.6.7 <jörg@exämple.com>: not by the next hop"])
def test_an_address_of_other_letters_that_a_later_server_takes_not_fails_at_once(audio: Path, reply: str) -> None:
    what = notice(audio, recipient=EmailAddress.parse("jörg@exämple.com"))
    with Inbox(behaviour=Behaviour(rcpt_reply=reply)) as inbox:
        outcome = send(inbox.url(), what)
        assert isinstance(outcome, PermanentFailure)
        assert outcome.reason.endswith("give an address that has English letters only before the @")


def test_a_recording_that_is_gone_is_told_without_a_connection(audio: Path) -> None:
    audio.unlink()
    outcome = send(f"smtp://127.0.0.1:{free_port()}", notice(audio))
    assert outcome == PermanentFailure(f"the recording {audio} is gone: nothing is left to send")
