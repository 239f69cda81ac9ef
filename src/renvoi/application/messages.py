"""Messages: filed when their recording ends, read, sent again, and deleted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from renvoi.application.ports import Clock, Conflict, Reader, Store, StoredMessage, Writer
from renvoi.application.refused import Refused
from renvoi.domain.deposit import Deposit
from renvoi.domain.message import Mail, MailState, Message
from renvoi.domain.number import E164

MESSAGES, RECORDED_MS, DELETED = "messages", "recorded_ms", "messages_deleted"
"""Counters of the store."""

RemoveFiles = Callable[[str], None]
"""Removes the files of a message, its audio above all; those that are gone already do not matter."""


class MailboxGone(Exception):
    """The number that a message was left for is none of ours any more; its recording stays where it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that has ended, its audio safe on disk. Times are ms, `began_at_ms` since 1970-01-01 UTC."""

    id: str
    deposit: Deposit
    call_id: str
    began_at_ms: int
    duration_ms: int
    cut_off: bool = False


async def file_message(store: Store, clock: Clock, recorded: Recorded) -> bool:
    """Store a message together with the mail that brings it; False when that has been done before.

    Raises:
        MailboxGone: nobody can have it.
        StoreUnavailable: nothing was stored; the recording is found again later.
    """
    now_ms = clock.now_ms()
    try:
        await store.write(lambda writer: _file(writer, recorded, now_ms))
    except Conflict:
        return False
    return True


def _file(writer: Writer, recorded: Recorded, now_ms: int) -> None:
    deposit = recorded.deposit
    record = writer.number(deposit.number)
    if record is None:
        raise MailboxGone(f"{deposit.number} is none of our numbers any more")
    message = Message(
        recorded.id,
        deposit.number,
        record.account_id,
        deposit.revision,
        deposit.caller,
        recorded.call_id,
        recorded.began_at_ms,
        recorded.duration_ms,
        recorded.cut_off,
    )
    writer.add_message(message, Mail(recorded.id, deposit.email, queued_at_ms=now_ms, due_at_ms=now_ms))
    writer.count(MESSAGES)
    writer.count(RECORDED_MS, recorded.duration_ms)


async def list_messages(store: Store, limit: int, number: E164 | None = None) -> Sequence[StoredMessage]:
    """Return up to `limit` of the latest messages, newest first, of one number or all."""
    return await store.read(lambda reader: reader.messages(limit, number))


async def show_message(store: Store, message_id: str) -> StoredMessage:
    """Return a message with its mail.

    Raises:
        Refused: there is none of that id.
    """
    return await store.read(lambda reader: find_message(reader, message_id))


def find_message(reader: Reader, message_id: str) -> StoredMessage:
    """Return a message with its mail.

    Raises:
        Refused: there is none of that id.
    """
    stored = reader.message(message_id)
    if stored is None:
        raise Refused(f"there is no message {message_id!r}: `renvoi messages` shows them")
    return stored


async def send_again(store: Store, clock: Clock, message_id: str) -> StoredMessage:
    """Queue the mail of a message anew, whatever became of it before.

    Raises:
        Refused: there is no such message.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> StoredMessage:
        mail = find_message(writer, message_id).mail
        writer.put_mail(
            replace(mail, queued_at_ms=now_ms, due_at_ms=now_ms, state=MailState.PENDING, attempts=0, ended_at_ms=None)
        )
        return find_message(writer, message_id)

    return await store.write(work)


async def delete_message(store: Store, message_id: str, remove_files: RemoveFiles) -> Message:
    """Delete a message: its audio, its row and the mail that may wait.

    Raises:
        Refused: there is no such message.
        OSError: a file cannot be removed; the message stays.
    """
    message = (await show_message(store, message_id)).message
    await _delete(store, message, remove_files)
    return message


async def delete_expired(store: Store, clock: Clock, remove_files: RemoveFiles, limit: int) -> Sequence[Message]:
    """Delete up to `limit` messages that are older than their account keeps them; return these.

    Raises:
        OSError: a file cannot be removed; its message stays, and with it those behind.
    """
    now_ms = clock.now_ms()
    expired = await store.read(lambda reader: reader.expired_messages(now_ms, limit))
    for message in expired:
        await _delete(store, message, remove_files)
    return expired


async def _delete(store: Store, message: Message, remove_files: RemoveFiles) -> None:
    # Files first: a crash in between leaves a row, which is deleted the next time, and never audio that nobody knows.
    remove_files(message.id)

    def work(writer: Writer) -> None:
        if writer.remove_message(message.id):
            writer.count(DELETED)

    await store.write(work)
