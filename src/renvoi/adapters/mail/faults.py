"""What went wrong between us and an SMTP server, told as the outcome of a mail."""

import socket
import ssl
from dataclasses import dataclass

import aiosmtplib

from renvoi.adapters.mail.message import Mail
from renvoi.adapters.mail.replies import Blame, blame
from renvoi.adapters.mail.server import Security, SmtpServer
from renvoi.adapters.mail.step import Step
from renvoi.adapters.mail.telling import one_line
from renvoi.application.mail import Affected, PermanentFailure, TemporaryFailure

_SHUTTING_DOWN = 421
"""The server closes the connection, whatever it was asked (RFC 5321 §3.8)."""
_MAX_REPLY = 400
"""Characters of a server's words that are passed on."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Tells the faults of one server."""

    server: SmtpServer

    def outcome(self, step: Step, error: Exception) -> TemporaryFailure | PermanentFailure:
        """Return the outcome of a mail whose sending raised `error` in `step`.

        Only a 5xx answer that is about the mail or its recipient is permanent: all other faults may be gone when the
        server, the network or the settings have been put right.
        """
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return self._refused(step, error)
        return TemporaryFailure(self._without_password(self._unanswered(step, error)), step.affected)

    def no_starttls(self) -> TemporaryFailure:
        """Return the outcome of a mail to a server that offers no STARTTLS."""
        reason = (
            f"{self.server} does not offer STARTTLS, and no mail is sent in the clear: "
            "give smtps:// if it speaks TLS from the start"
        )
        return TemporaryFailure(reason, Affected.SERVER)

    def no_login(self) -> TemporaryFailure:
        """Return the outcome of a mail to a server that has no way to log in that we know."""
        reason = (
            f"{self.server} offers no login by PLAIN, LOGIN or CRAM-MD5: "
            "give its URL without user and password, or another port"
        )
        return TemporaryFailure(reason, Affected.SERVER)

    def too_big(self, step: Step, error: Exception) -> bool:
        """Tell whether the server refused a mail for its size."""
        return (
            isinstance(error, aiosmtplib.SMTPResponseException)
            and 500 <= error.code <= 599
            and blame(step, error.code, error.message) is Blame.SIZE
        )

    def no_utf8(self, mail: Mail) -> TemporaryFailure | PermanentFailure:
        """Return the outcome of a mail to or from an address that the server cannot take."""
        why = (
            f"{self.server} takes no addresses with other letters than English ones before the @ "
            "(it does not offer SMTPUTF8): "
        )
        if not mail.sender.isascii():
            return TemporaryFailure(f"{why}change RENVOI_MAIL_FROM, {mail.sender}", Affected.SITE)
        return PermanentFailure(f"{why}give another address than {one_line(mail.recipient, _MAX_REPLY)}")

    def _refused(self, step: Step, error: aiosmtplib.SMTPResponseException) -> TemporaryFailure | PermanentFailure:
        said = one_line(f"{error.code} {error.message}", _MAX_REPLY)
        if error.code < 0:
            said = f"what is no SMTP answer: {one_line(error.message, _MAX_REPLY)}"
        reason = self._without_password(f"{self.server} refused {step.what}: {said}")
        if error.code == _SHUTTING_DOWN:
            return TemporaryFailure(reason, Affected.SERVER)
        if not 500 <= error.code <= 599:
            return TemporaryFailure(reason, Affected.SITE if step is Step.LOGIN else step.affected)
        match blame(step, error.code, error.message):
            case Blame.LOGIN:
                return TemporaryFailure(f"{reason}: check user and password of the SMTP URL", Affected.SITE)
            case Blame.SITE:
                return TemporaryFailure(f"{reason}: {_advice(step, error)}", Affected.SITE)
            case Blame.FULL:
                return TemporaryFailure(f"{reason}: the recipient's mailbox is full", Affected.MAIL)
            case Blame.UTF8:
                return PermanentFailure(f"{reason}: give an address that has English letters only before the @")
            case Blame.SIZE | Blame.RECIPIENT:
                return PermanentFailure(reason)

    def _unanswered(self, step: Step, error: Exception) -> str:
        # The library wraps what the system said, at most twice.
        causes = [error, error.__cause__, getattr(error.__cause__, "__cause__", None)]
        for cause in causes:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return (
                    f"the certificate of {self.server} is not trusted ({cause.verify_message}): "
                    "give the host by the name in its certificate, or its authority as ?ca=PATH"
                )
            if isinstance(cause, ssl.SSLError):
                wrong = " (is this a port of STARTTLS or without TLS?)" if self.server.security is Security.TLS else ""
                return f"{self.server} speaks no TLS that we do{wrong}: {cause.reason or cause}"
            if isinstance(cause, socket.gaierror):
                return f"{self.server.host} cannot be found ({cause.strerror}): check the name of the SMTP server"
            if isinstance(cause, ConnectionRefusedError):
                return f"{self.server} refuses connections: check that the SMTP server runs, and its port"
        if any(isinstance(cause, TimeoutError) for cause in causes):
            return f"{self.server} did not answer {step.what} in time"
        if isinstance(error, aiosmtplib.SMTPServerDisconnected | ConnectionError):
            return f"{self.server} dropped the connection before it answered {step.what}"
        return f"{step.what} failed at {self.server}: {one_line(str(error), _MAX_REPLY)}"

    def _without_password(self, text: str) -> str:
        credentials = self.server.credentials
        return text.replace(credentials.password, "***") if credentials else text


def _advice(step: Step, error: aiosmtplib.SMTPResponseException) -> str:
    """Return what the operator may do about a refusal of this site."""
    said = error.message.lower()
    if step is Step.GREET or error.code == 504 or "helo" in said or "ehlo" in said:
        return "set RENVOI_SMTP_EHLO to a name of this machine that the server accepts"
    if step is Step.SENDER or "sender" in said or "owned" in said:
        return "check RENVOI_MAIL_FROM: this server or this login may not send as it"
    if "relay" in said:
        return "the server does not send mails for us: give a login in RENVOI_SMTP_URL, or have it let us relay"
    return "the server does not take mails from this site: ask whoever runs it"
