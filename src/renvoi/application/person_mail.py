"""Mails by which people set a password: invitations, and resets that somebody asked for.

What is to be sent is in the store, so no restart loses it; of several nodes one sends it. The token is made here, when
the mail is, and only its hash is stored: of a mail that is sent again, as its sender died, the latest one counts.
"""

from dataclasses import dataclass
from typing import Protocol

import structlog

from renvoi.application.mailer import Delivery, Kept, Sent
from renvoi.application.notice_loop import AT_ONCE, PERIOD_S, RETRY_MS, NoticeLoop
from renvoi.application.outbox.channel import PermanentFailure
from renvoi.application.ports.unit_of_work import Clock, Reader, Store
from renvoi.application.sessions import new_token
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import Token, TokenKind, TokenRecord

PAGE_PATH = "/sign-in/password"
LINK_PATH = "/sign-in/link"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PersonNotice:
    """What such a mail tells: `url` sets the password, until `ends_at_ms`; `account` is None for an operator."""

    token_id: str
    kind: TokenKind
    person: Person
    account: str | None
    url: str
    at_ms: int
    ends_at_ms: int


class PersonNotifier(Protocol):
    """Sends these mails."""

    async def notify_person(self, notice: PersonNotice) -> Delivery:
        """Make the mail and hand it over, once; see `Mailer.send`."""


def password_url(public_url: str, token: Token) -> str:
    """Return the address of the page where a token sets a password."""
    return f"{public_url}{PAGE_PATH}?token={token.reveal()}"


def link_url(public_url: str, token: Token) -> str:
    """Return the address of a link that signs in once, at the machine itself."""
    return f"{public_url}{LINK_PATH}?token={token.reveal()}"


class PersonMail(NoticeLoop):
    """Sends invitations and resets; `public_url` is where people reach the dashboard."""

    def __init__(
        self, store: Store, notifier: PersonNotifier, clock: Clock, public_url: str, period_s: float = PERIOD_S
    ) -> None:
        self._store = store
        self._notifier = notifier
        self._clock = clock
        self._public_url = public_url
        super().__init__("mails about passwords", self._send_due, period_s)

    async def _send_due(self) -> None:
        await self._tell_due(
            lambda: self._store.read(lambda reader: reader.due_tokens(self._clock.now_ms(), AT_ONCE)), self._tell
        )

    async def _tell(self, record: TokenRecord) -> bool:
        """Send the mail of a token; tell whether it was ours to send."""
        token, now_ms = Token(record.id, new_token().secret), self._clock.now_ms()
        until_ms = now_ms + RETRY_MS
        digest = token.hash()
        if not await self._store.write(lambda writer: writer.claim_token(record.id, digest, now_ms, until_ms)):
            return False
        notice = await self._store.read(lambda reader: self._notice(reader, record, token))
        if notice is None:
            log.warning("a mail about a password is for nobody who may sign in", user=record.holder, token=record.id)
        elif now_ms < record.expires_at_ms and not await self._send(notice):
            return True
        await self._store.write(lambda writer: writer.end_token_mail(record.id))
        return True

    def _notice(self, reader: Reader, record: TokenRecord, token: Token) -> PersonNotice | None:
        person = reader.person(record.holder)
        if person is None or person.is_closed:
            return None
        account = None if person.is_operator else reader.account(str(person.account_id))
        name = None if account is None else account.name
        url = password_url(self._public_url, token)
        return PersonNotice(record.id, record.kind, person, name, url, record.created_at_ms, record.expires_at_ms)

    async def _send(self, notice: PersonNotice) -> bool:
        """Send a notice; tell whether that is the end of it."""
        entry = log.bind(user=notice.person.id, mail=notice.kind.word)
        try:
            delivery = await self._notifier.notify_person(notice)
        except Exception as error:
            log.exception("a mail about a password cannot be sent", user=notice.person.id, error=repr(error))
            return True
        if isinstance(delivery, Sent | Kept):
            entry.info("a mail about a password was sent")
            return True
        gives_up = isinstance(delivery, PermanentFailure)
        entry.warning("a mail about a password cannot be sent", reason=delivery.reason, given_up=gives_up)
        return gives_up
