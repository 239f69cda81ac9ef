"""Sends mails through an SMTP server (RFC 5321), one connection each.

The client goes by the first digit of an answer (§4.2.1), where the library wants one code of each: a server that takes
a mail by another 2xx than 250 has taken it, and to send it again would be to send it twice.
"""

import asyncio
import contextlib
import re
import socket
from typing import Any

import aiosmtplib
import structlog

from renvoi.adapters.mail.mail_content import one_line
from renvoi.adapters.mail.message import Composer, Mail, MailImpossible
from renvoi.adapters.mail.server import Security, SmtpServer, TokenUnreadable
from renvoi.adapters.mail.smtp_errors import Faults, Step
from renvoi.application.mailer import Delivery, OperatorReport, Sent, VoicemailNotice
from renvoi.application.missed_calls import MissedCallNotice
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.person_mail import PersonNotice
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.webhooks import WebhookNotice
from renvoi.domain.access.limits import LimitNotice

_USUAL = {
    **{command: {2: 250} for command in (b"EHLO", b"HELO", b"MAIL", b"RCPT")},
    **{command: {} for command in (b"DATA", b"QUIT")},
}
"""The code that the library wants, by command and first digit."""
_LOGIN = {2: 235, 3: 334}
"""The same for AUTH and the bare base64 that follows it (RFC 4954 §4)."""
_LINE_START_DOT = re.compile(rb"(?m)^\.")
_GOODBYE_S = 1.0
"""Seconds that QUIT may take: the mail is the server's by then."""
_SLOWEST_LINK = 32_000
"""Octets per second that a link to a server must carry at least."""

_log = structlog.get_logger("mail")


class Client(aiosmtplib.SMTP):
    """See `aiosmtplib.SMTP`. Its greeting and STARTTLS have one code to go on with, 220 (RFC 5321 §4.3.2)."""

    async def execute_command(self, *args: bytes, **options: Any) -> aiosmtplib.SMTPResponse:
        """See `aiosmtplib.SMTP`. An answer of the right kind has the usual code of its command."""
        reply = await super().execute_command(*args, **options)
        usual = _USUAL.get(args[0], _LOGIN)
        return reply._replace(code=usual.get(reply.code // 100, reply.code))

    async def send_content(self, content: bytes, timeout_s: float) -> aiosmtplib.SMTPResponse:
        """Send a mail by DATA, its lines ended by CRLF, and return the answer to its final dot, which is a 2xx.

        Raises:
            aiosmtplib.SMTPException: the server does not want it, does not take it, or does not answer within
                `timeout_s` each time.
        """
        begun = await self.execute_command(b"DATA", timeout=timeout_s)
        # A 2xx here cannot be about a mail that the server has not seen.
        if begun.code // 100 != 3:
            raise aiosmtplib.SMTPDataError(begun.code, begun.message)
        protocol = self.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        # RFC 5321 §4.5.2.
        protocol.write(_LINE_START_DOT.sub(b"..", content) + b".\r\n")
        reply = await protocol.read_response(timeout=timeout_s)
        if reply.code // 100 != 2:
            raise aiosmtplib.SMTPDataError(reply.code, reply.message)
        return reply


class SmtpMailer:
    """See `application.mailer.Mailer`; `timeout_s` is the time that the server may take to answer each command."""

    def __init__(
        self, server: SmtpServer, composer: Composer, timeout_s: float = 60.0, ehlo: str | None = None
    ) -> None:
        """Make ready; nothing is sent. `ehlo` is the name that we greet with, by default this machine's.

        Raises:
            SmtpUrlInvalid: the server's `ca` cannot be read.
        """
        self._server = server
        self._composer = composer
        self._timeout_s = timeout_s
        self._tls = server.tls_context() if server.security is not Security.NONE else None
        self._host_name = ehlo

    async def send(self, notice: VoicemailNotice) -> Delivery:
        """See `application.mailer.Mailer`. A mail that is too big goes as MP3, then without the recording."""
        outcome: Delivery | None = None
        for form in self._composer.forms:
            try:
                mail = await asyncio.to_thread(self._composer.compose, notice, form)
            except MailImpossible as error:
                return error.outcome
            outcome, too_big = await self._hand_over(mail, notice.message_id)
            if not too_big:
                break
            _log.warning("a mail is too big for the server", message=notice.message_id, form=form.value)
        assert outcome is not None
        return outcome

    async def report(self, report: OperatorReport) -> Delivery:
        """See `application.mailer.Reporter`."""
        delivery, _ = await self._hand_over(self._composer.compose_report(report), "report")
        return delivery

    async def notify_missed_call(self, notice: MissedCallNotice) -> Delivery:
        """See `application.missed_calls.MissedCallMailer`."""
        try:
            mail = self._composer.compose_missed_call(notice)
        except MailImpossible as error:
            return error.outcome
        delivery, _ = await self._hand_over(mail, notice.name)
        return delivery

    async def notify(self, notice: LimitNotice, account: Account) -> Delivery:
        """See `application.limit_mail.Notifier`."""
        delivery, _ = await self._hand_over(self._composer.compose_limit(notice, account), "limit")
        return delivery

    async def notify_webhook(self, notice: WebhookNotice, account: Account) -> Delivery:
        """See `application.webhooks.notices.WebhookNotifier`."""
        delivery, _ = await self._hand_over(self._composer.compose_webhook(notice, account), "webhook")
        return delivery

    async def notify_person(self, notice: PersonNotice) -> Delivery:
        """See `application.person_mail.PersonNotifier`."""
        delivery, _ = await self._hand_over(self._composer.compose_person(notice), notice.kind.word)
        return delivery

    async def _hand_over(self, mail: Mail, message_id: str) -> tuple[Delivery, bool]:
        """Hand over one mail; tell as well whether it was refused for its size."""
        too_big = False
        try:
            # A token holds for an hour or so, and is another one by then.
            server = await asyncio.to_thread(self._server.ready)
        except TokenUnreadable as error:
            _log.error(str(error), message=message_id)
            return TemporaryFailure(str(error), Affected.SITE), False
        faults = Faults(server)
        session = _Session(self._client(), server, faults)
        try:
            outcome = await session.send(mail, await self._our_name())
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            # ValueError: the library's reading of an answer that is not base64 or ASCII where it must be.
            outcome = faults.outcome(session.step, error)
            too_big = faults.too_big(session.step, error)
        finally:
            session.close()
        if isinstance(outcome, TemporaryFailure) and outcome.affected is not Affected.ITEM:
            _log.error(outcome.reason, message=message_id)
        return outcome, too_big

    def _client(self) -> Client:
        return Client(
            hostname=self._server.host,
            port=self._server.port,
            timeout=self._timeout_s,
            use_tls=self._server.security is Security.TLS,
            start_tls=False,
            tls_context=self._tls,
        )

    async def _our_name(self) -> str:
        # Asking for it may ask name servers, so it is asked for once, and not by the event loop.
        if self._host_name is None:
            self._host_name = await asyncio.to_thread(socket.getfqdn)
        return self._host_name


class _Session:
    """One connection, for one mail; `step` is where it has come to."""

    def __init__(self, client: Client, server: SmtpServer, faults: Faults) -> None:
        self._client = client
        self._server = server
        self._faults = faults
        self._transport: asyncio.BaseTransport | None = None
        self.step = Step.CONNECT

    async def send(self, mail: Mail, our_name: str) -> Delivery:
        """Go through all steps; raises what the library raises, with the step that failed left in `step`."""
        refused = await self._open(our_name) or await self._log_in()
        if refused is not None:
            return refused
        if mail.needs_utf8 and not self._client.supports_extension("smtputf8"):
            return self._faults.no_utf8(mail)
        reply = await self._hand_over(mail)
        # Whether QUIT is answered or not, the server has taken the mail.
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await self._client.execute_command(b"QUIT", timeout=_GOODBYE_S)
        return Sent(one_line(f"{reply.code} {reply.message}", limit=400))

    def close(self) -> None:
        """Let go of the connection at once: a polite end would wait for a server that may be silent for ever."""
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()
        self._client.close()

    async def _open(self, our_name: str) -> TemporaryFailure | None:
        await self._client.connect()
        self._transport = self._client.transport
        self._client.local_hostname = self._helo(our_name)
        await self._greet()
        if self._server.security is Security.STARTTLS:
            if not self._client.supports_extension("starttls"):
                return self._faults.no_starttls()
            self.step = Step.STARTTLS
            await self._client.starttls()
            self._transport = self._client.transport
            # What was said before TLS is forgotten (RFC 3207 §4.2).
            await self._greet()
        return None

    def _helo(self, our_name: str) -> str:
        if our_name.isascii() and ("." in our_name or our_name.startswith("[")) and our_name != "localhost.localdomain":
            return our_name
        # A host without a name of the DNS gives its address (RFC 5321 §4.1.4).
        address: str = self._client.get_transport_info("sockname")[0]
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    async def _greet(self) -> None:
        self.step = Step.GREET
        try:
            await self._client.ehlo()
        except aiosmtplib.SMTPHeloError as error:
            if error.code < 500:
                raise
            # A server without extensions (RFC 5321 §3.2).
            await self._client.helo()

    async def _log_in(self) -> TemporaryFailure | None:
        credentials = self._server.credentials
        if credentials is None:
            return None
        self.step = Step.LOGIN
        if credentials.token_file is not None:
            if "xoauth2" not in self._client.server_auth_methods:
                return self._faults.no_login()
            await self._client.auth_xoauth2(credentials.user.encode(), credentials.password)
            return None
        if not self._client.supported_auth_methods:
            return self._faults.no_login()
        await self._client.login(credentials.user, credentials.password)
        return None

    async def _hand_over(self, mail: Mail) -> aiosmtplib.SMTPResponse:
        encoding = "utf-8" if mail.needs_utf8 else "ascii"
        self.step = Step.SENDER
        limit = _size(self._client.esmtp_extensions.get("size") or "")
        if 0 < limit < len(mail.content):
            # Servers need not check what MAIL says of the size, and would have us send all of it first.
            raise aiosmtplib.SMTPResponseException(552, f"5.3.4 {len(mail.content)} bytes, and SIZE is {limit}")
        await self._client.mail(mail.sender, options=self._options(mail), encoding=encoding)
        self.step = Step.RECIPIENT
        await self._client.rcpt(mail.recipient, encoding=encoding)
        self.step = Step.CONTENT
        allowed_s = (self._client.timeout or 0) + len(mail.content) / _SLOWEST_LINK
        return await self._client.send_content(mail.content, allowed_s)

    def _options(self, mail: Mail) -> list[str]:
        options = []
        if self._client.supports_extension("size"):
            # A mail that is too big is refused before it is sent (RFC 1870).
            options.append(f"SIZE={len(mail.content)}")
        if mail.needs_utf8:
            options += ["SMTPUTF8", "BODY=8BITMIME"]
        return options


def _size(said: str) -> int:
    """Return the largest mail that a server takes, in bytes (RFC 1870 §3); 0 where it does not say so."""
    return int(said) if re.fullmatch("[0-9]{1,20}", said) else 0
