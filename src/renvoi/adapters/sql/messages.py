"""Messages, their mails and audio, and greetings, as the store keeps them."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import message_statements as statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.mail_statements import skipped as skipped_parameters
from renvoi.adapters.sql.pages import MESSAGES, page_of, place_of
from renvoi.application.ports.mails import MailQueue
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.numbers import Greeting
from renvoi.application.ports.pages import Page, Place
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, PLACE, Mail, Message
from renvoi.domain.numbers.number import E164


class MessageReader:
    """The part of `application.ports.Reader` that messages need."""

    _connection: Connection

    def message(self, message_id: str) -> StoredMessage | None:
        row = self._connection.one(statements.message, id=message_id)
        return self._with_others([tables.stored_message(row)])[0] if row else None

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        if number is None:
            found = self._connection.all(statements.latest_messages, limit=limit)
        else:
            found = self._connection.all(statements.number_messages, number=number.digits, limit=limit)
        return self._with_others([tables.stored_message(row) for row in found])

    def _with_others(self, found: Sequence[StoredMessage]) -> Sequence[StoredMessage]:
        """Return messages with their mails to further recipients."""
        others: dict[str, list[Mail]] = {}
        for start in range(0, len(found), statements.MOST_FURTHER_OF):
            ids = [stored.message.id for stored in found[start : start + statements.MOST_FURTHER_OF]]
            # The statement is one for any number of them.
            named = {f"id_{n}": ids[n] if n < len(ids) else "" for n in range(statements.MOST_FURTHER_OF)}
            for row in self._connection.all(statements.further_of, **named):
                others.setdefault(row[0], []).append(tables.further_mail(row))
        if not others:
            return found
        return [replace(stored, others=tuple(others.get(stored.message.id, ()))) for stored in found]

    def message_page(self, only: MessageQuery, after: Place | None, limit: int) -> Page[StoredMessage]:
        def make(row: Row) -> tuple[Place, StoredMessage]:
            return place_of(row, MESSAGES), tables.stored_message(row)

        page = page_of(self._connection, MESSAGES, only, after, limit, make)
        return replace(page, items=self._with_others(page.items))

    def unheard_messages(self, account_id: int, limit: int) -> int:
        found = self._connection.one(statements.unheard_messages, account_id=account_id, limit=limit)
        return int(found[0]) if found else 0

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        found = self._connection.all(statements.expired_messages, now_ms=now_ms, limit=limit)
        return [tables.message(row) for row in found]

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "latest_ms": now_ms + CLOCKS_AGREE_MS}
        wanted = {"limit": limit, **skipped_parameters(skipped), **times}
        found = [tables.mail(row) for row in self._connection.all(statements.due_mails, **wanted)]
        further = [tables.further_mail(row) for row in self._connection.all(statements.due_further, **wanted)]
        return sorted((*found, *further), key=lambda mail: (mail.due_at_ms, mail.id))[:limit] if further else found

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        found = [tables.mail(row) for row in self._connection.all(statements.unreported_mails, limit=limit, **times)]
        others = self._connection.all(statements.unreported_further, limit=limit, **times)
        further = [tables.further_mail(row) for row in others]
        return sorted((*found, *further), key=lambda mail: (-(mail.ended_at_ms or 0), mail.id))[:limit]

    def failed_mails(self, limit: int) -> Sequence[Mail]:
        found = [tables.mail(row) for row in self._connection.all(statements.failed_mails, limit=limit)]
        further = [tables.further_mail(row) for row in self._connection.all(statements.failed_further, limit=limit)]
        return sorted((*found, *further), key=lambda mail: (mail.ended_at_ms or 0, mail.id), reverse=True)[:limit]

    def message_audio(self, message_id: str) -> bytes | None:
        row = self._connection.one(statements.audio, id=message_id)
        # A value that is not audio counts as a recording that is gone.
        return bytes(row[0]) if row and not isinstance(row[0], str | int | float) else None

    def mail_queue(self) -> MailQueue:
        rows = [self._connection.one(each) for each in (statements.mail_queue, statements.further_queue)]
        found = [MailQueue(*row) for row in rows if row is not None]
        oldest = [queue.oldest_at_ms for queue in found if queue.oldest_at_ms is not None]
        return MailQueue(sum(queue.length for queue in found), min(oldest, default=None))

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

    def add_message(
        self, message: Message, mail: Mail, audio: bytes | None = None, others: Sequence[Mail] = ()
    ) -> None:
        values = tables.message_values(message)
        with unique(f"message {message.id}", self._duplicate):
            self._connection.run(statements.add_message, **values)
        self._connection.run(statements.add_mail, message_id=message.id, **tables.mail_values(mail))
        for other in others:
            values = {"message_id": message.id, "place": other.place, **tables.mail_values(other)}
            self._connection.run(statements.add_further, **values)
        if audio is not None:
            self._connection.run(statements.add_audio, message_id=message.id, audio=audio)
        self._announce("mails")

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        values = _key_of(mail) | tables.mail_values(mail)
        if owner is None:
            self._announce("mails")
            return self._connection.run(statements.put_further if mail.place else statements.put_mail, **values) > 0
        put = statements.put_leased_further if mail.place else statements.put_leased_mail
        return self._connection.run(put, of_owner=owner, **values) > 0

    def lease_mails(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        leased = set()
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        for mail_id in sorted(mail_ids):
            message_id, _, place = mail_id.partition(PLACE)
            key: dict[str, object] = {"key": message_id} | ({"of_place": int(place)} if place else {})
            free, lease = (
                (statements.free_further, statements.lease_further)
                if place
                else (statements.free_mail, statements.lease_mail)
            )
            if self._connection.one(free, of_owner=owner, **key, **times):
                self._connection.run(lease, owner=owner, until_ms=until_ms, **key)
                leased.add(mail_id)
        return leased

    def release_mails(self, owner: str) -> int:
        each = (statements.release_mails, statements.release_further)
        return sum(self._connection.run(statement, of_owner=owner) for statement in each)

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "until_ms": until_ms}
        claimed = self._connection.run(statements.claim_reports, limit=limit, **times)
        return claimed + self._connection.run(statements.claim_further, limit=limit - claimed, **times)

    def end_reports(self, until_ms: int, limit: int) -> int:
        ended = self._connection.run(statements.end_reports, limit=limit, until_ms=until_ms)
        return ended + self._connection.run(statements.end_further, limit=limit - ended, until_ms=until_ms)

    def set_heard(self, message_id: str, at_ms: int | None) -> bool:
        return self._connection.run(statements.set_heard, key=message_id, heard_at_ms=at_ms) > 0

    def queue_mail(self, mail: Mail, now_ms: int) -> bool:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        values = _key_of(mail) | tables.mail_values(mail)
        self._announce("mails")
        queue = statements.queue_further if mail.place else statements.queue_mail
        return self._connection.run(queue, **values, **times) > 0

    def remove_message(self, message_id: str) -> bool:
        self._connection.run(statements.remove_mail, message_id=message_id)
        self._connection.run(statements.remove_further, message_id=message_id)
        self._connection.run(statements.remove_audio, id=message_id)
        return self._connection.run(statements.remove_message, id=message_id) > 0

    def put_greeting(self, number: E164, audio: bytes | None, at_ms: int, *, spoken: bool = False) -> None:
        version = max(at_ms, (self.greeting_version(number) or 0) + 1)
        self.remove_greeting(number)
        values = {"number": number.digits, "version": version, "spoken": spoken, "audio": audio}
        self._connection.run(statements.add_greeting, **values)

    def remove_greeting(self, number: E164) -> bool:
        return self._connection.run(statements.remove_greeting, number=number.digits) > 0


def _key_of(mail: Mail) -> dict[str, object]:
    return {"key": mail.message_id} | ({"of_place": mail.place} if mail.place else {})
