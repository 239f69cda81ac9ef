"""Messages, their mails and audio, and greetings, as the store keeps them."""

from collections.abc import Callable, Collection, Sequence

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import message_statements as statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, unique
from renvoi.application.ports.mails import MailQueue
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.numbers import Greeting
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, Mail, Message
from renvoi.domain.numbers.number import E164


class MessageReader:
    """The part of `application.ports.Reader` that messages need."""

    _connection: Connection

    def message(self, message_id: str) -> StoredMessage | None:
        row = self._connection.one(statements.message, id=message_id)
        return tables.stored_message(row) if row else None

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        if number is None:
            found = self._connection.all(statements.latest_messages, limit=limit)
        else:
            found = self._connection.all(statements.number_messages, number=number.digits, limit=limit)
        return [tables.stored_message(row) for row in found]

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        found = self._connection.all(statements.expired_messages, now_ms=now_ms, limit=limit)
        return [tables.message(row) for row in found]

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "latest_ms": now_ms + CLOCKS_AGREE_MS}
        found = self._connection.all(statements.due_mails, limit=limit, **statements.skipped(skipped), **times)
        return [tables.mail(row) for row in found]

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        return [tables.mail(row) for row in self._connection.all(statements.unreported_mails, limit=limit, **times)]

    def message_audio(self, message_id: str) -> bytes | None:
        row = self._connection.one(statements.audio, id=message_id)
        return bytes(row[0]) if row else None

    def mail_queue(self) -> MailQueue:
        row = self._connection.one(statements.mail_queue)
        assert row is not None
        return MailQueue(*row)

    def greeting(self, number: E164) -> Greeting | None:
        row = self._connection.one(statements.greeting, number=number.digits)
        return tables.greeting(row) if row else None

    def greeting_version(self, number: E164) -> int | None:
        row = self._connection.one(statements.greeting_version, number=number.digits)
        return row[0] if row else None


class MessageWriter(MessageReader):
    """The part of `application.ports.Writer` that messages need; `SqlWriter` says what the two functions are."""

    _duplicate: Callable[[Exception], str | None]
    _announce: Callable[[Topic], None]

    def add_message(self, message: Message, mail: Mail, audio: bytes | None = None) -> None:
        values = tables.message_values(message)
        with unique(f"message {message.id}", self._duplicate):
            self._connection.run(statements.add_message, **values)
        self._connection.run(statements.add_mail, message_id=message.id, **tables.mail_values(mail))
        if audio is not None:
            self._connection.run(statements.add_audio, message_id=message.id, audio=audio)
        self._announce("mails")

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        values = tables.mail_values(mail)
        if owner is None:
            self._announce("mails")
            return self._connection.run(statements.put_mail, key=mail.message_id, **values) > 0
        return self._connection.run(statements.put_leased_mail, key=mail.message_id, of_owner=owner, **values) > 0

    def lease_mails(self, message_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        leased = set()
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        for message_id in sorted(message_ids):
            if self._connection.one(statements.free_mail, id=message_id, of_owner=owner, **times):
                self._connection.run(statements.lease_mail, key=message_id, owner=owner, until_ms=until_ms)
                leased.add(message_id)
        return leased

    def release_mails(self, owner: str) -> int:
        return self._connection.run(statements.release_mails, of_owner=owner)

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "until_ms": until_ms}
        return self._connection.run(statements.claim_reports, limit=limit, **times)

    def end_reports(self, until_ms: int, limit: int) -> int:
        return self._connection.run(statements.end_reports, limit=limit, until_ms=until_ms)

    def remove_message(self, message_id: str) -> bool:
        self._connection.run(statements.remove_mail, message_id=message_id)
        self._connection.run(statements.remove_audio, id=message_id)
        return self._connection.run(statements.remove_message, id=message_id) > 0

    def put_greeting(self, number: E164, audio: bytes | None, at_ms: int, *, spoken: bool = False) -> None:
        version = max(at_ms, (self.greeting_version(number) or 0) + 1)
        self.remove_greeting(number)
        values = {"number": number.digits, "version": version, "spoken": spoken, "audio": audio}
        self._connection.run(statements.add_greeting, **values)

    def remove_greeting(self, number: E164) -> bool:
        return self._connection.run(statements.remove_greeting, number=number.digits) > 0
