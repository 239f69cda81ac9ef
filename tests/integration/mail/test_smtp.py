"""Mails through a real SMTP server, and everything that one does wrong."""

import asyncio
import email
import email.policy
import io
import socket
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from renvoi.domain.messages.email_address import EmailAddress
from tests.support.ports import free_port
from tests.support.smtp import Behaviour, Inbox, Tls
from tests.support.voicemail_mail import MAIL_FROM, notice

PASSWORD = "s3cret: p@ss/é"


def send(url: str, what: VoicemailNotice, timeout_s: float = 5.0) -> Delivery:
    mailer = SmtpMailer(SmtpServer.parse(url), Composer(MAIL_FROM), timeout_s)
    return asyncio.run(mailer.send(what))


def recovers(inbox: Inbox, what: VoicemailNotice) -> None:
    """After its fault the server takes the same mail."""
    inbox.behaviour = Behaviour()
    assert isinstance(send(inbox.url(), what), Sent)


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


def test_many_mails_at_once(audio: Path) -> None:
    with Inbox() as inbox:
        mailer = SmtpMailer(SmtpServer.parse(inbox.url()), Composer(MAIL_FROM))

        async def all_of_them() -> list[Delivery]:
            return await asyncio.gather(*(mailer.send(notice(audio, message_id=f"m{n}")) for n in range(20)))

        outcomes = asyncio.run(all_of_them())
        assert all(isinstance(outcome, Sent) for outcome in outcomes)
        assert {mail.message["Message-ID"] for mail in inbox.mails} == {f"<m{n}@renvoi.example>" for n in range(20)}


def test_a_server_that_refuses_connections(audio: Path) -> None:
    port = free_port()
    assert send(f"smtp://127.0.0.1:{port}", notice(audio)) == TemporaryFailure(
        f"127.0.0.1:{port} refuses connections: check that the SMTP server runs, and its port", Affected.SERVER
    )


def test_a_server_that_cannot_be_found(audio: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    assert send("smtp://mail.example.invalid", notice(audio)) == TemporaryFailure(
        "mail.example.invalid cannot be found (Name or service not known): check the name of the SMTP server",
        Affected.SERVER,
    )


@contextmanager
def silent_server() -> Iterator[int]:
    """Give the port of a server that accepts connections, by its backlog, and says nothing."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+starttls"])
def test_a_server_that_says_nothing(audio: Path, scheme: str) -> None:
    with silent_server() as port:
        assert send(f"{scheme}://127.0.0.1:{port}", notice(audio), timeout_s=0.1) == TemporaryFailure(
            f"127.0.0.1:{port} did not answer the connection in time", Affected.SERVER
        )


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("421 too busy", "refused the connection: 421 too busy"),
        ("554 no service for you", "refused the connection: 554 no service for you"),
        ("HTTP/1.1 400 Bad Request", "refused the connection: an answer that is not SMTP"),
    ],
)
def test_a_server_that_turns_us_away(audio: Path, greeting: str, said: str) -> None:
    with Inbox(behaviour=Behaviour(greeting=greeting)) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is (Affected.SITE if greeting.startswith("554") else Affected.SERVER)
        assert outcome.reason.startswith(f"127.0.0.1:{inbox.port} {said}")
        recovers(inbox, notice(audio))


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(mail_reply="451 4.3.0 try later"), "refused the sender (MAIL FROM): 451 4.3.0 try later"),
        (Behaviour(rcpt_reply="450 4.2.1 greylisted"), "refused the recipient (RCPT TO): 450 4.2.1 greylisted"),
        (Behaviour(data_reply="452 4.3.1 disk full"), "refused the mail (DATA): 452 4.3.1 disk full"),
    ],
)
def test_4xx_for_a_while(audio: Path, behaviour: Behaviour, said: str) -> None:
    with Inbox(behaviour=behaviour) as inbox:
        assert send(inbox.url(), notice(audio)) == TemporaryFailure(f"127.0.0.1:{inbox.port} {said}", Affected.ITEM)
        assert not inbox.mails
        recovers(inbox, notice(audio))
        assert len(inbox.mails) == 1


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (Behaviour(rcpt_reply="550 5.1.1 no such user"), "refused the recipient (RCPT TO): 550 5.1.1 no such user"),
        (Behaviour(data_reply="554 5.6.0 looks like spam"), "refused the mail (DATA): 554 5.6.0 looks like spam"),
    ],
)
def test_5xx_is_for_ever(audio: Path, behaviour: Behaviour, said: str) -> None:
    with Inbox(behaviour=behaviour) as inbox:
        assert send(inbox.url(), notice(audio)) == PermanentFailure(f"127.0.0.1:{inbox.port} {said}")
        assert not inbox.mails


@pytest.mark.parametrize(
    ("behaviour", "advice"),
    [
        (
            Behaviour(ehlo_reply="504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname"),
            "set RENVOI_SMTP_EHLO to a name of this machine that the server accepts",
        ),
        (Behaviour(ehlo_reply="550 Access denied - Invalid HELO name"), "set RENVOI_SMTP_EHLO to a name"),
        (
            # As Postfix does, which refuses a greeting only when it knows the recipient.
            Behaviour(rcpt_reply="504 5.5.2 <pc>: Helo command rejected: need fully-qualified hostname"),
            "set RENVOI_SMTP_EHLO to a name",
        ),
        (Behaviour(mail_reply="553 5.7.1 not yours"), "check RENVOI_MAIL_FROM"),
        (Behaviour(mail_reply="550 5.1.8 Sender address rejected: Domain not found"), "check RENVOI_MAIL_FROM"),
        (
            Behaviour(rcpt_reply="553 5.7.1 <a@b.example>: Sender address rejected: not owned by user renvoi"),
            "check RENVOI_MAIL_FROM",
        ),
        (
            Behaviour(rcpt_reply="554 5.7.1 <jeanne@example.com>: Relay access denied"),
            "give a login in RENVOI_SMTP_URL",
        ),
        (Behaviour(rcpt_reply="550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain"), "give a login"),
        (
            Behaviour(
                rcpt_reply="554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"
            ),
            "ask whoever runs it",
        ),
        (Behaviour(rcpt_reply="550 5.4.5 Daily user sending quota exceeded."), "ask whoever runs it"),
        (Behaviour(mail_reply="552 quota of this account exceeded"), "check RENVOI_MAIL_FROM"),
        (Behaviour(data_reply="550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass"), "ask whoever"),
        (Behaviour(rcpt_reply="530 5.7.0 Must issue a STARTTLS command first"), "check user and password"),
    ],
)
def test_a_refusal_of_this_site_keeps_all_mails_until_somebody_acts(
    audio: Path, behaviour: Behaviour, advice: str
) -> None:
    with Inbox(behaviour=behaviour) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure), outcome
        assert outcome.affected is Affected.SITE
        assert advice in outcome.reason
        assert not inbox.mails
        recovers(inbox, notice(audio))


def test_a_full_mailbox_may_be_emptied(audio: Path) -> None:
    for reply in ("552 5.2.2 mailbox full", "552 Requested mail action aborted: exceeded storage allocation"):
        with Inbox(behaviour=Behaviour(rcpt_reply=reply)) as inbox:
            outcome = send(inbox.url(), notice(audio))
            assert isinstance(outcome, TemporaryFailure)
            assert outcome.affected is Affected.ITEM
            assert outcome.reason.endswith("the recipient's mailbox is full")
            recovers(inbox, notice(audio))


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


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(mail_reply="421 4.3.2 shutting down"),
        Behaviour(rcpt_reply="421 4.3.2 shutting down"),
        Behaviour(data_reply="421 4.3.2 shutting down"),
    ],
)
def test_a_server_that_shuts_down_hits_all_mails(audio: Path, behaviour: Behaviour) -> None:
    with Inbox(behaviour=behaviour) as inbox:
        outcome = send(inbox.url(), notice(audio))
        assert isinstance(outcome, TemporaryFailure)
        assert outcome.affected is Affected.SERVER
        assert outcome.reason.endswith("421 4.3.2 shutting down")


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_server_that_hangs_after_the_data(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, behaviour=Behaviour(hang_after_data=True)) as inbox:
        assert send(inbox.url(), notice(audio), timeout_s=1.0) == TemporaryFailure(
            f"127.0.0.1:{inbox.port} did not answer the mail (DATA) in time", Affected.ITEM
        )
        assert inbox.attempts == 1
        recovers(inbox, notice(audio))


@pytest.mark.parametrize("tls", ["none", "starttls", "smtps"])
def test_a_server_that_drops_the_connection_before_its_250(audio: Path, tls: Tls) -> None:
    with Inbox(tls=tls, behaviour=Behaviour(drop_after_data=True)) as inbox:
        assert send(inbox.url(), notice(audio)) == TemporaryFailure(
            f"127.0.0.1:{inbox.port} dropped the connection before it answered the mail (DATA)", Affected.ITEM
        )
        assert inbox.attempts == 1
        recovers(inbox, notice(audio))


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


def scripted(answers: Callable[[bytes], bytes | None]) -> Callable[[VoicemailNotice], Delivery]:
    """Return a way to send to a server that answers each line as `answers` says; None: it cuts the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 hello\r\n")
            while (line := await reader.readline()) and (answer := answers(line)) is not None:
                writer.write(answer)
        finally:
            writer.transport.abort()

    async def run(what: VoicemailNotice) -> Delivery:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            url = SmtpServer.parse(f"smtp://me:pw@127.0.0.1:{port}")
            return await SmtpMailer(url, Composer(MAIL_FROM), 2.0).send(what)

    return lambda what: asyncio.run(run(what))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "dropped the connection before it answered our greeting (EHLO)"),
        (b"rubbish\r\n", "refused our greeting (EHLO): an answer that is not SMTP"),
        (b"\xff\xfe\r\n", "refused our greeting (EHLO): an answer that is not SMTP"),
        (b"500 what?\r\n", "refused our greeting (EHLO): 500 what?"),
        (b"250 hello\r\n", "offers no login by PLAIN, LOGIN or CRAM-MD5"),
        (b"250-hello\r\n250 AUTH CRAM-MD5\r\n", "refused our login: 334 Invalid CRAM-MD5 challenge"),
        (
            b"250 " + b"x" * 100_000 + b"\r\n",
            "refused our greeting (EHLO): an answer that is not SMTP: Response too",
        ),
    ],
)
def test_servers_that_speak_no_proper_smtp(audio: Path, answer: bytes | None, said: str) -> None:
    def answers(line: bytes) -> bytes | None:
        return b"334 *not base64*\r\n" if line.startswith(b"AUTH") else answer

    outcome = scripted(answers)(notice(audio))
    assert isinstance(outcome, TemporaryFailure)
    assert outcome.affected is not Affected.ITEM
    assert said in outcome.reason
    assert outcome.reason.isprintable()


@pytest.mark.parametrize("goodbye", [None, b"", b"500 no\r\n"])
def test_a_mail_that_was_taken_stays_sent_whatever_the_goodbye(audio: Path, goodbye: bytes | None) -> None:
    in_data = False

    def answers(line: bytes) -> bytes | None:
        nonlocal in_data
        if in_data:
            in_data = line != b".\r\n"
            return b"" if in_data else b"250 \xe9t\x00\xff taken\r\n"
        in_data = line == b"DATA\r\n"
        known = {b"EHLO": b"250-hello\r\n250 AUTH PLAIN\r\n", b"AUTH": b"235 in\r\n", b"DATA": b"354 go\r\n"}
        return goodbye if line == b"QUIT\r\n" else known.get(line[:4], b"250 OK\r\n")

    assert scripted(answers)(notice(audio)) == Sent("250 t taken")


def taking(codes: dict[bytes, bytes], content: list[bytes]) -> Callable[[bytes], bytes]:
    """Return what a server answers that takes a mail, its codes by command (`.` for the end of the mail)."""
    usual = {b"EHLO": b"250", b"AUTH": b"235", b"MAIL": b"250", b"RCPT": b"250", b"DATA": b"354", b".": b"250"}
    codes = usual | codes
    in_data = False

    def answers(line: bytes) -> bytes:
        nonlocal in_data
        if in_data:
            content.append(line)
            in_data = line != b".\r\n"
            return b"" if in_data else codes[b"."] + b" taken\r\n"
        command = line[:4].strip()
        in_data = line == b"DATA\r\n" and codes[b"DATA"].startswith(b"3")
        code = codes.get(command, b"221")
        return code + b"-hello\r\n" + code + b" AUTH PLAIN\r\n" if command == b"EHLO" else code + b" OK\r\n"

    return answers


@pytest.mark.parametrize("code", [b"200", b"211", b"251", b"252", b"299"])
@pytest.mark.parametrize("command", [b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"."])
def test_any_2xx_takes_what_it_answers(audio: Path, command: bytes, code: bytes) -> None:
    """RFC 5321 §4.2.1: the first digit says so; sent again, the recipient would have the mail twice."""
    content: list[bytes] = []
    outcome = scripted(taking({command: code}, content))(notice(audio))
    assert outcome == Sent(f"{code.decode() if command == b'.' else '250'} taken")
    assert content[-1] == b".\r\n"


def test_any_3xx_asks_for_the_mail(audio: Path) -> None:
    content: list[bytes] = []
    assert scripted(taking({b"DATA": b"350"}, content))(notice(audio)) == Sent("250 taken")
    assert content[-1] == b".\r\n"


@pytest.mark.parametrize(
    "codes", [{b"DATA": b"250"}, {b"DATA": b"200"}, {b".": b"354"}, {b".": b"451"}, {b".": b"150"}]
)
def test_no_2xx_to_the_mail_itself_has_taken_none(audio: Path, codes: dict[bytes, bytes]) -> None:
    """A server that answers DATA by 250 has not seen the mail."""
    content: list[bytes] = []
    outcome = scripted(taking(codes, content))(notice(audio))
    assert isinstance(outcome, TemporaryFailure)
    assert outcome.affected is Affected.ITEM
    assert "refused the mail (DATA): " in outcome.reason
