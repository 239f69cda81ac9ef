"""Messages of the voicemail."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.messages.message import Mail, Message
from renvoi.domain.numbers.number import E164


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with its mail."""

    message: Message
    mail: Mail


class MessageReader(Protocol):
    """What can be read of messages of the voicemail."""

    def message(self, message_id: str) -> StoredMessage | None:
        """Return a message with its mail."""

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        """Return the latest messages, newest first."""

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Return up to `limit` messages that are older than their account keeps them, by one look at all accounts."""

    def message_audio(self, message_id: str) -> bytes | None:
        """Return the recording of a message (a WAV); None when it is not kept in the store."""


class MessageWriter(Protocol):
    """What a transaction can do with messages of the voicemail."""

    def add_message(self, message: Message, mail: Mail, audio: bytes | None = None) -> None:
        """Add a message and the mail that brings it, and its recording (a WAV) where the store keeps that.

        Raises:
            Conflict: there is a message of that id already.
        """

    def remove_message(self, message_id: str) -> bool:
        """Remove a message and its mail; False when there is no such message."""
