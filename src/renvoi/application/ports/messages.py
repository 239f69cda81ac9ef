"""Messages of the voicemail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.application.ports.pages import Page, Place
from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.numbers.number import E164


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with its mail to the first recipient, and those to further ones in the order of the rule."""

    message: Message
    mail: Mail
    others: tuple[Mail, ...] = ()

    @property
    def mails(self) -> tuple[Mail, ...]:
        """One for each recipient."""
        return (self.mail, *self.others)


@dataclass(frozen=True, slots=True)
class MessageQuery:
    """Which messages a list is of, a page at a time: those to which all of it applies; None is any.

    `caller` is the whole text that the message has, `since_ms` (ms UTC) the earliest time of its recording.
    """

    account_id: int | None = None
    number: E164 | None = None
    caller: str | None = None
    since_ms: int | None = None
    heard: bool | None = None


class MessageReader(Protocol):
    """What can be read of messages of the voicemail."""

    def message(self, message_id: str) -> StoredMessage | None:
        """Return a message with its mail."""

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        """Return the latest messages, newest first."""

    def message_page(self, only: MessageQuery, after: Place | None, limit: int) -> Page[StoredMessage]:
        """Return up to `limit` messages behind `after`, the latest first. It may have fewer of them: see `Page`."""

    def unheard_messages(self, account_id: int, limit: int) -> int:
        """Return how many messages of an account nobody has heard, `limit` at the most."""

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Return up to `limit` messages that are older than their account keeps them, by one look at all accounts."""

    def message_audio(self, message_id: str) -> bytes | None:
        """Return the recording of a message (a WAV); None when it is not kept in the store."""


class MessageWriter(Protocol):
    """What a transaction can do with messages of the voicemail."""

    def add_message(
        self, message: Message, mail: Mail, audio: bytes | None = None, others: Sequence[Mail] = ()
    ) -> None:
        """Add a message and the mails that bring it, and its recording (a WAV) where the store keeps that.

        Raises:
            Conflict: there is a message of that id already.
        """

    def set_heard(self, message_id: str, at_ms: int | None) -> bool:
        """Note since when a message has been heard, None: it has not; False when there is no such message."""

    def queue_mail(self, mail: Mail, now_ms: int) -> bool:
        """Replace a mail; False where there is none, or a node is sending it at `now_ms`."""

    def remove_message(self, message_id: str) -> bool:
        """Remove a message and its mails; False when there is no such message."""
