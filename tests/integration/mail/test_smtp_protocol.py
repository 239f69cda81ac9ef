"""Servers that answer each line as a test says, and not always by the protocol."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.mailer import Delivery, Sent, VoicemailNotice
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from tests.support.ports import listen_unused
from tests.support.voicemail_mail import MAIL_FROM, notice


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
        async with await asyncio.start_server(serve, sock=listen_unused()) as server:
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
