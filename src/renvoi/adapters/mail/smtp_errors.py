"""What went wrong at a mail server: at which step, for how long, and what the operator can do about it."""

import re
import socket
import ssl
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import aiosmtplib

from renvoi.adapters.mail.mail_content import one_line
from renvoi.adapters.mail.message import Mail
from renvoi.adapters.mail.server import Security, SmtpServer
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure


class Step(Enum):
    """One step, in the order of an SMTP session, in words that follow `refused` and `did not answer`."""

    CONNECT = "the connection"
    GREET = "our greeting (EHLO)"
    STARTTLS = "STARTTLS"
    LOGIN = "our login"
    SENDER = "the sender (MAIL FROM)"
    RECIPIENT = "the recipient (RCPT TO)"
    CONTENT = "the mail (DATA)"

    @property
    def what(self) -> str:
        """The step in words."""
        return self.value

    @property
    def affected(self) -> Affected:
        """Whom a fault in this step is likely to hit: before the mail is named it can have no part in it.

        A connection that is lost or silent in a later step counts for the mail alone, so that one mail that a server
        stumbles over keep back all others.
        """
        return Affected.ITEM if self in (Step.SENDER, Step.RECIPIENT, Step.CONTENT) else Affected.SERVER


_ENHANCED = re.compile(r"(?:^|[(#\s])([245]\.\d{1,3}\.\d{1,3})(?=$|[)\s:;,.])")
_LOGIN_WANTED = frozenset({530, 534, 535, 538})
"""The server wants us to log in first, or in another way (RFC 4954 §6)."""
_TOO_BIG = frozenset({"5.3.4", "5.2.3"})
"""RFC 1870 §6.1; the second one is the recipient's own limit."""
_FULL = "5.2.2"
_UTF8 = frozenset({"5.6.7", "5.6.8", "5.6.9"})
"""RFC 6531 §3.4 and RFC 5248: the server, or the next one, takes no such address."""
_SENDER = frozenset({"5.1.7", "5.1.8", "5.4.5", "5.7.13", "5.7.27"})
"""Of the sender's address or account; Gmail says 5.4.5 for the quota of a day."""
_OF_RECIPIENT = re.compile(
    r"recipient (address )?rejected|(user|mailbox|recipient|address)\b.{0,40}\b"
    r"(unknown|not found|does ?n.t exist|does not exist|unavailable|disabled|inactive)|"
    r"(unknown|no such|invalid) (local )?(user|mailbox|recipient|address)",
    re.IGNORECASE,
)
_OF_SITE = re.compile(
    r"relay|blocked|black ?list|block ?list|\bd?n?s?[rb]bl\b|spamhaus|spamcop|barracuda|reputation|"
    r"helo|ehlo|greeting|authenticat|\bauth\b|log ?in|not owned|sender|from address|"
    r"\bspf\b|dkim|dmarc|reverse dns|\brdns\b|\bptr\b|client host|your (ip|host|server|domain)|"
    r"rate limit|too many|quota of|sending (limit|quota)|not (permitted|allowed|authorized) to send",
    re.IGNORECASE,
)
_OF_SIZE = re.compile(
    r"\b(message|mail|content|data|attachment|it)\b.{0,30}\b(too (big|large|long)|exceeds?\b.{0,30}\bsize)|"
    r"size (limit|exceed)|maximum (message |mail )?size",
    re.IGNORECASE,
)


class Blame(Enum):
    """What has to change before a mail that was refused may pass."""

    SITE = "site"
    """Settings, the account at the server or the name of this site: every mail is refused until somebody acts."""
    LOGIN = "login"
    """The same, and it is user and password."""
    SIZE = "size"
    """The mail: it is too big."""
    FULL = "full"
    """The recipient's mailbox: there is no room now."""
    UTF8 = "utf8"
    """The address: the server takes none with such letters."""
    RECIPIENT = "recipient"
    """The recipient's address, or what this server thinks of this one mail."""


def blame(step: Step, code: int, text: str) -> Blame:
    """Return what a refusal is about; `code` is 500 to 599, `text` what the server said behind it."""
    found = _ENHANCED.search(text)
    enhanced = found[1] if found else ""
    if step is Step.LOGIN or code in _LOGIN_WANTED:
        return Blame.LOGIN
    if step not in (Step.SENDER, Step.RECIPIENT, Step.CONTENT) or code == 504:
        return Blame.SITE
    if enhanced in _TOO_BIG or code == 523 or (code in (552, 554) and not enhanced and _OF_SIZE.search(text)):
        return Blame.SIZE
    if enhanced in _UTF8:
        return Blame.UTF8
    if step is Step.SENDER:
        return Blame.SITE
    return _of_recipient(step, code, enhanced, text)


def _of_recipient(step: Step, code: int, enhanced: str, text: str) -> Blame:
    if enhanced in _SENDER:
        return Blame.SITE
    if enhanced == _FULL or (code == 552 and not enhanced):
        return Blame.FULL
    if _OF_RECIPIENT.search(text) and "sender" not in text.lower():
        return Blame.RECIPIENT
    if enhanced.startswith(("5.1.", "5.2.", "5.4.", "5.6.")):
        return Blame.RECIPIENT
    if enhanced.startswith("5.7.") and step is Step.RECIPIENT:
        return Blame.SITE
    # 5.3: the server itself; 5.5: what we say to it. Of the content: not for what is in it, but for who sends it.
    if enhanced.startswith(("5.3.", "5.5.")) or _OF_SITE.search(text):
        return Blame.SITE
    return Blame.RECIPIENT


_SHUTTING_DOWN = 421
"""The server closes the connection, whatever it was asked (RFC 5321 §3.8)."""
_MAX_REPLY = 400
"""Characters of a server's words that are passed on."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Tells the faults of one server."""

    server: SmtpServer

    @property
    def _token_file(self) -> Path | None:
        return self.server.credentials.token_file if self.server.credentials else None

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
        ways, advice = "PLAIN, LOGIN or CRAM-MD5", "give its URL without user and password, or another port"
        if self._token_file is not None:
            ways, advice = "XOAUTH2", "give USER:PASSWORD in its URL in place of token=PATH, or another port"
        reason = f"{self.server} offers no login by {ways}: {advice}"
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
            said = f"an answer that is not SMTP: {one_line(error.message, _MAX_REPLY)}"
        reason = self._without_password(f"{self.server} refused {step.what}: {said}")
        if error.code == _SHUTTING_DOWN:
            return TemporaryFailure(reason, Affected.SERVER)
        if not 500 <= error.code <= 599:
            return TemporaryFailure(reason, Affected.SITE if step is Step.LOGIN else step.affected)
        match blame(step, error.code, error.message):
            case Blame.LOGIN:
                advice = "check user and password of the SMTP URL"
                if self._token_file is not None:
                    advice = f"check that the token in {self._token_file} is fresh, and lets this user send mails"
                return TemporaryFailure(f"{reason}: {advice}", Affected.SITE)
            case Blame.SITE:
                return TemporaryFailure(f"{reason}: {_advice(step, error)}", Affected.SITE)
            case Blame.FULL:
                return TemporaryFailure(f"{reason}: the recipient's mailbox is full", Affected.ITEM)
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
