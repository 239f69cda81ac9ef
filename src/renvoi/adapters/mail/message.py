"""Makes the mail about a voicemail message: headers, text, HTML and the recording (RFC 5322, RFC 2045)."""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import Enum
from pathlib import Path

import structlog
from email_validator import validate_email
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from renvoi.adapters.mail.limit_content import limit_content
from renvoi.adapters.mail.mail_content import MailContent, message_content, one_line
from renvoi.adapters.mail.missed_call_content import missed_call_content
from renvoi.adapters.mail.person_content import person_content
from renvoi.adapters.mail.webhook_content import webhook_content
from renvoi.application.mailer import OperatorReport, VoicemailNotice
from renvoi.application.missed_calls import MissedCallNotice
from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from renvoi.application.person_mail import PersonNotice
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.webhooks import WebhookNotice
from renvoi.domain.access.limits import LimitNotice
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.text import counted
from renvoi.files import read_regular

DISPLAY_NAME = "renvoi"
_AUDIO = "=_audio_="
"""Stands for the recording until the rest is made, as the library takes ten times as long to lay it out."""

_log = structlog.get_logger("mail")
_templates = Environment(
    loader=PackageLoader("renvoi.adapters.mail"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Form(Enum):
    """How the recording comes with a mail."""

    USUAL = "as set"
    MP3 = "mp3"
    """Where the usual form, WAV, is too big: about a tenth of its size."""
    NONE = "without the recording"


class MailImpossible(Exception):
    """The mail cannot be made; `outcome` says why, and whether it may be later."""

    def __init__(self, outcome: TemporaryFailure | PermanentFailure) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it goes over the wire, and its envelope (RFC 5321 §2.3.1)."""

    sender: str
    recipient: str
    content: bytes
    """Headers and body, CRLF line ends, no line above 998 octets."""
    needs_utf8: bool
    """It can only be sent where SMTPUTF8 is understood (RFC 6531): an address is not ASCII before its `@`."""


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes mails from `mail_from`; the same notice always makes the same mail, but for the time in its signature.

    `to_mp3` turns the WAV file into MP3; None attaches the WAV, and `smaller` is what does it for a mail that is too
    big as it is. `sign` returns the header field to put first, its
    CRLF included (`dkim.DkimSigner`).
    """

    mail_from: EmailAddress
    to_mp3: Callable[[Path], bytes] | None = None
    sign: Callable[[bytes], bytes] | None = None
    smaller: Callable[[Path], bytes] | None = None

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms that a mail may have, each smaller than the one before."""
        has_smaller = self.to_mp3 is None and self.smaller is not None
        return (Form.USUAL, Form.MP3, Form.NONE) if has_smaller else (Form.USUAL, Form.NONE)

    def compose(self, notice: VoicemailNotice, form: Form = Form.USUAL) -> Mail:
        """Make the mail. Reads the recording, so it takes milliseconds, tens of them for a long one.

        Raises:
            MailImpossible: the recording cannot be read, or what is stored as the recipient is not an address.
        """
        content = message_content(notice, with_audio=form is not Form.NONE)
        sender, (recipient, to) = _on_the_wire(self.mail_from), _recipient(notice.recipient)
        needs_utf8 = not (sender + recipient).isascii()
        message = EmailMessage(policy=SMTPUTF8 if needs_utf8 else SMTP)
        message["From"] = _address(sender, DISPLAY_NAME)
        message["To"] = to
        message["Subject"] = content.subject
        message["Date"] = format_datetime(content.sent_at)
        message["Message-ID"] = f"<{notice.name}@{_ascii_domain(self.mail_from)}>"
        # RFC 3834 §5: nobody's out-of-office answers; the second one is what Exchange reads.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        _fill(message, content)
        audio, subtype, ending = self._audio(notice, form)
        if form is not Form.NONE:
            _attach(message, _AUDIO, f"audio/{subtype}", f"{content.file_stem}.{ending}")
        _tidy(message, notice.name)
        # Last, as adding parts moves every Content- header down into the first of them.
        message["Content-Language"] = content.words.language
        # The last one: nothing but a boundary follows, while a caller's name may come before.
        sent = message.as_bytes()
        if form is not Form.NONE:
            before, _, after = sent.rpartition(_AUDIO.encode())
            sent = before + _base64_lines(audio) + after
        return Mail(sender, recipient, self.sign(sent) + sent if self.sign else sent, needs_utf8)

    def compose_report(self, report: OperatorReport) -> Mail:
        """Make the mail that tells the operator of mails that failed for good."""
        what = counted(report.count, "voicemail mail")
        lines = [
            f"{what} could not be delivered; the recipients have not been notified of these messages:",
            "",
            *(f"{mail.message_id} for {mail.recipient.value}: {one_line(mail.note, 300)}" for mail in report.failures),
            *([f"and {report.count - len(report.failures)} more"] if report.count > len(report.failures) else []),
            "",
            "The recordings are kept. `renvoi messages` lists them, `renvoi messages resend ID` sends one again.",
            "",
        ]
        subject = f"renvoi: {what} could not be delivered"
        name = f"report-{report.at_ms}-{secrets.token_hex(4)}"
        return self.compose_text(report.recipient, subject, "\n".join(lines), name, report.at_ms)

    def compose_text(
        self, to: EmailAddress, subject: str, text: str, name: str, at_ms: int, language: str = ""
    ) -> Mail:
        """Make a mail of text alone; `name` is its `Message-ID` before the `@`, `at_ms` its date."""
        sender, recipient = _on_the_wire(self.mail_from), _on_the_wire(to)
        needs_utf8 = not (sender + recipient).isascii()
        message = EmailMessage(policy=SMTPUTF8 if needs_utf8 else SMTP)
        message["From"] = _address(sender, DISPLAY_NAME)
        message["To"] = _address(recipient)
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.fromtimestamp(at_ms / 1000, UTC))
        message["Message-ID"] = f"<{name}@{_ascii_domain(self.mail_from)}>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(text, charset="utf-8", cte="quoted-printable")
        if language:
            message["Content-Language"] = language
        content = message.as_bytes()
        return Mail(sender, recipient, self.sign(content) + content if self.sign else content, needs_utf8)

    def compose_missed_call(self, notice: MissedCallNotice) -> Mail:
        """Make the mail about a missed call.

        Raises:
            MailImpossible: what is stored as the recipient is not an address.
        """
        _recipient(notice.recipient)
        content = missed_call_content(notice)
        text = _templates.get_template("missed_call.txt.j2").render(content=content)
        language = content.common.language
        return self.compose_text(notice.recipient, content.subject, text, notice.name, notice.called_at_ms, language)

    def compose_limit(self, notice: LimitNotice, account: Account) -> Mail:
        """Make the mail that tells an account, which has an address, of a limit."""
        assert account.email is not None
        subject, text, language = limit_content(notice, account)
        name = f"limit-{notice.account_id}-{notice.day}"
        return self.compose_text(account.email, subject, text, name, notice.at_ms, language)

    def compose_webhook(self, notice: WebhookNotice, account: Account) -> Mail:
        """Make the mail that tells an account, which has an address, that an endpoint was disabled."""
        assert account.email is not None
        subject, text, language = webhook_content(notice, account)
        name = f"webhook-{notice.webhook.id}-{notice.at_ms}"
        return self.compose_text(account.email, subject, text, name, notice.at_ms, language)

    def compose_person(self, notice: PersonNotice) -> Mail:
        """Make the mail by which somebody sets a password."""
        subject, text, language = person_content(notice)
        name = f"{notice.kind.word}-{notice.token_id}-{secrets.token_hex(4)}"
        return self.compose_text(notice.person.email, subject, text, name, notice.at_ms, language)

    def _audio(self, notice: VoicemailNotice, form: Form) -> tuple[bytes, str, str]:
        try:
            wav = read_regular(notice.audio)
        except FileNotFoundError as error:
            reason = f"the recording {notice.audio} is gone: nothing is left to send"
            raise MailImpossible(PermanentFailure(reason)) from error
        except OSError as error:
            reason = one_line(f"the recording {notice.audio} cannot be read: {error.strerror}", limit=500)
            raise MailImpossible(TemporaryFailure(reason, Affected.ITEM)) from error
        encode = self.smaller if form is Form.MP3 else self.to_mp3
        if encode is not None:
            try:
                return encode(notice.audio), "mpeg", "mp3"
            except Exception:  # noqa: BLE001 - whatever an encoder stumbles over, the message matters more than its format
                _log.exception("no MP3 could be made of a recording, sending it as WAV", audio=str(notice.audio))
        return wav, "wav", "wav"


def _fill(message: EmailMessage, content: MailContent) -> None:
    # Quoted-printable passes every server, and stays readable to whoever looks at the raw mail.
    text, html = (_templates.get_template(f"message.{ending}.j2").render(content=content) for ending in ("txt", "html"))
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")


def _attach(message: EmailMessage, encoded: str, content_type: str, file_name: str) -> None:
    part = EmailMessage(policy=message.policy)
    part["Content-Type"] = content_type
    part["Content-Transfer-Encoding"] = "base64"
    part.add_header("Content-Disposition", "attachment", filename=file_name)
    part.set_payload(encoded)
    message.make_mixed()
    message.attach(part)


def _base64_lines(data: bytes) -> bytes:
    """Return `data` in lines of 76 characters (RFC 2045 §6.8)."""
    encoded = base64.b64encode(data)
    return b"\r\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))


def _tidy(message: EmailMessage, message_id: str) -> None:
    for depth, part in enumerate(message.walk()):
        if part.is_multipart():
            # A random one would make two different mails of one message; `=_` occurs in no encoded part
            # (RFC 2045 §6.7).
            part.set_boundary(f"=_{depth}_{message_id}")
        if part is not message:
            # The library sets it in each part, where it means nothing (RFC 2045 §4).
            del part["MIME-Version"]


def _on_the_wire(address: EmailAddress) -> str:
    """Return the address in ASCII where it has such a form (its domain by IDNA), else as it is."""
    local, _, _ = address.value.rpartition("@")
    return f"{local}@{_ascii_domain(address)}" if local.isascii() else address.value


def _recipient(address: EmailAddress) -> tuple[str, Address]:
    """Return the recipient on the wire and in the header.

    Raises:
        MailImpossible: it is not an address. One that was stored by a version which did not look, or by hand, stays so.
    """
    try:
        wire = _on_the_wire(EmailAddress.parse(address.value))
        return wire, _address(wire)
    except ValueError as error:
        shown = one_line(address.value, limit=100)
        reason = f"{shown!r} is not an e-mail address: set the number's rule again, and resend the message"
        raise MailImpossible(PermanentFailure(reason)) from error


def _ascii_domain(address: EmailAddress) -> str:
    # An ASCII domain is its own IDNA form; the validator would refuse localhost, which the operator may mail from.
    domain = address.domain
    return domain if domain.isascii() else str(validate_email(address.value, check_deliverability=False).ascii_domain)


def _address(addr_spec: str, display_name: str = "") -> Address:
    local, _, domain = addr_spec.rpartition("@")
    return Address(display_name, local, domain)
