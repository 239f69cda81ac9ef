"""Mails through a real SMTP server: what it refuses, for now, for good, or until somebody acts."""

from pathlib import Path

import pytest

from renvoi.application.outbox.channel import Affected, PermanentFailure, TemporaryFailure
from tests.integration.mail.sending import recovers, send
from tests.support.smtp import Behaviour, Inbox
from tests.support.voicemail_mail import notice


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
