"""Sends a mail as the tests here do."""

import asyncio

from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.application.mailer import Delivery, Sent, VoicemailNotice
from tests.support.smtp import Behaviour, Inbox
from tests.support.voicemail_mail import MAIL_FROM

PASSWORD = "s3cret: p@ss/é"


def send(url: str, what: VoicemailNotice, timeout_s: float = 5.0) -> Delivery:
    """Send a mail through the server at `url`."""
    mailer = SmtpMailer(SmtpServer.parse(url), Composer(MAIL_FROM), timeout_s)
    return asyncio.run(mailer.send(what))


def recovers(inbox: Inbox, what: VoicemailNotice) -> None:
    """See that a server takes a mail after its fault."""
    inbox.behaviour = Behaviour()
    assert isinstance(send(inbox.url(), what), Sent)
