"""A mail server for tests: it keeps what it takes, and fails as a test wants it to."""

import asyncio
import base64
import email
import email.policy
import ssl
import tempfile
import threading
import warnings
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.ports import free_port

_PATIENCE_S = 30.0
Tls = Literal["none", "starttls", "smtps"]


@dataclass
class Behaviour:
    """How the server fails; tests may change it while it runs. A reply of None: all is well."""

    greeting: str | None = None
    """Sent, and the connection closed, in place of everything."""
    ehlo_reply: str | None = None
    """To EHLO and HELO."""
    mail_reply: str | None = None
    rcpt_reply: str | None = None
    data_reply: str | None = None
    largest: int | None = None
    """Mails of more bytes get `too_big_reply`; the server does not say so in its SIZE."""
    too_big_reply: str = "552 5.3.4 too big"
    hang_after_data: bool = False
    """The mail was received whole, its answer never comes."""
    drop_after_data: bool = False
    """The mail was received whole, the connection is cut in place of the answer."""
    data_s: float = 0.0
    """How long it takes from a mail's last byte to the answer; half-way the mail is kept, whoever hears the answer."""
    most: int | None = None
    """How many mails are kept; those behind them were received whole, and their answers never come."""


@dataclass(frozen=True)
class Received:
    """A mail that was answered by 250."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    over_tls: bool
    user: str | None
    options: tuple[str, ...]

    @property
    def message(self) -> EmailMessage:
        parsed = email.message_from_bytes(self.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Inbox:
    """The server, on a free port of 127.0.0.1, from `with` until its end.

    Its certificate is for `localhost` and 127.0.0.1 (`certificate_for` other names), by an authority whose
    certificate is in the file `ca`.
    """

    tls: Tls = "none"
    user: str | None = None
    password: str = ""
    token: str | None = None
    """The access token that `user` logs in with by XOAUTH2, in place of a password."""
    utf8: bool = True
    size_limit: int = 33_554_432
    certificate_for: tuple[str, ...] = ("localhost", "127.0.0.1")
    behaviour: Behaviour = field(default_factory=Behaviour)
    mails: list[Received] = field(default_factory=list)
    attempts: int = 0
    """How many mails were received whole, answered or not."""
    greeted: list[str] = field(default_factory=list)
    """The names given with EHLO and HELO."""
    port: int = field(default_factory=free_port)

    _protocols: list[SMTP] = field(default_factory=list, init=False)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._directory = tempfile.TemporaryDirectory()
        self.ca = Path(self._directory.name) / "ca.pem"
        self._context = self._certify() if self.tls != "none" else None
        implicit = self._context if self.tls == "smtps" else None
        self._server = self._loop.run_until_complete(
            self._loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=implicit)
        )
        self._thread = threading.Thread(target=self._loop.run_forever, name="inbox")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()
        self._directory.cleanup()

    def url(self, *, password: str | None = None, host: str = "127.0.0.1", trusted: bool = True) -> str:
        """Return what to set as SMTP server, with another password or without the authority when told so."""
        scheme = {"none": "smtp", "starttls": "smtp+starttls", "smtps": "smtps"}[self.tls]
        login = f"{quote(self.user, safe='')}:{quote(password or self.password, safe='')}@" if self.user else ""
        ca = f"?ca={self.ca}" if trusted and self.tls != "none" else ""
        return f"{scheme}://{login}{host}:{self.port}{ca}"

    def _certify(self) -> ssl.SSLContext:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(*self.certificate_for).configure_cert(context)
        return context

    def _protocol(self) -> asyncio.Protocol:
        if self.behaviour.greeting is not None:
            return _Unwilling(self.behaviour.greeting)
        with warnings.catch_warnings():
            # aiosmtpd warns of logins without TLS, which are a subject of these tests.
            warnings.simplefilter("ignore", UserWarning)
            protocol = SMTP(
                _Handler(self) if self.token is None else _TokenHandler(self),
                hostname="inbox.test",
                enable_SMTPUTF8=self.utf8,
                data_size_limit=self.size_limit,
                tls_context=self._context if self.tls == "starttls" else None,
                require_starttls=self.tls == "starttls",
                auth_required=self.user is not None,
                auth_require_tls=False,
                authenticator=self._judge,
                auth_exclude_mechanism=None if self.token is None else ["LOGIN", "PLAIN"],
                loop=self._loop,
            )
        self._protocols.append(protocol)
        return protocol

    def _judge(self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False, message=f"535 {mechanism} is not for us")
        known = (self.user or "").encode(), self.password.encode()
        if (data.login, data.password) == known:
            return AuthResult(success=True, auth_data=self.user)
        return AuthResult(success=False, handled=False)

    async def _end(self) -> None:
        self._server.close()
        own = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not own]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for protocol in self._protocols:
            if isinstance(protocol.transport, asyncio.WriteTransport) and not protocol.transport.is_closing():
                protocol.transport.abort()


class _Unwilling(asyncio.Protocol):
    """Says one line and hangs up."""

    def __init__(self, greeting: str) -> None:
        self._greeting = greeting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(f"{self._greeting}\r\n".encode())
        transport.close()


class _Handler:
    """The hooks of aiosmtpd, which names them."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def handle_EHLO(  # noqa: N802
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self._inbox.greeted.append(hostname)
        if self._inbox.behaviour.ehlo_reply:
            return [self._inbox.behaviour.ehlo_reply]
        session.host_name = hostname
        return responses

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str
    ) -> str:
        self._inbox.greeted.append(hostname)
        if self._inbox.behaviour.ehlo_reply:
            return self._inbox.behaviour.ehlo_reply
        session.host_name = hostname
        return f"250 {server.hostname}"

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._inbox.behaviour.mail_reply:
            return self._inbox.behaviour.mail_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._inbox.behaviour.rcpt_reply:
            return self._inbox.behaviour.rcpt_reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        behaviour = self._inbox.behaviour
        self._inbox.attempts += 1
        if behaviour.hang_after_data:
            await asyncio.Event().wait()
        if behaviour.drop_after_data:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "451 not heard any more"
        if behaviour.data_reply:
            return behaviour.data_reply
        assert isinstance(envelope.content, bytes)
        if behaviour.largest is not None and len(envelope.content) > behaviour.largest:
            return behaviour.too_big_reply
        await asyncio.sleep(behaviour.data_s / 2)
        if behaviour.most is not None and len(self._inbox.mails) >= behaviour.most:
            await asyncio.Event().wait()
        self._inbox.mails.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=tuple(recipient or "" for recipient in envelope.rcpt_tos),
                content=envelope.content,
                over_tls=server.transport is not None and server.transport.get_extra_info("sslcontext") is not None,
                user=session.auth_data,
                options=tuple(envelope.mail_options),
            )
        )
        answer = f"250 2.0.0 queued as {len(self._inbox.mails)}"
        await asyncio.sleep(behaviour.data_s / 2)
        return answer


class _TokenHandler(_Handler):
    """Takes a login by XOAUTH2 as well, as Gmail and Exchange Online have it."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[bytes]) -> AuthResult:  # noqa: N802
        said = base64.b64decode(args[1])
        if said == f"user={self._inbox.user}\x01auth=Bearer {self._inbox.token}\x01\x01".encode():
            return AuthResult(success=True, auth_data=self._inbox.user)
        # What is wrong comes as a challenge, and the refusal after the client's empty answer.
        await server.challenge_auth(b'{"status":"400","schemes":"Bearer"}')
        return AuthResult(success=False, handled=False)


def sender(mail: Received) -> str:
    """Return who left the message, as the attachment is named."""
    return next(part.get_filename() or "" for part in mail.message.iter_attachments())


def audio(mail: Received) -> bytes:
    """Return the recording that a mail brings."""
    part = next(mail.message.iter_attachments())
    assert part.get_content_type() == "audio/wav"
    content: bytes = part.get_content()
    return content
