"""Messages: filed when their recording ends, read, sent again, and deleted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.calls.call_record import bounded_id
from renvoi.domain.messages.message import Mail, MailState, Message
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text

MESSAGES, RECORDED_MS, DELETED = "messages", "recorded_ms", "messages_deleted"
"""Counters of the store."""
MAX_CALLER = 128
"""Characters kept of what the network says about a caller."""
_ASKED_AT_ONCE = 100
"""Messages asked for in one read of the store, which others wait for."""

RemoveFiles = Callable[[str], None]
"""Removes the files of a message, its audio above all; those that are gone already do not matter."""


class AudioFiles(Protocol):
    """The recordings that are files."""

    def audio(self, message_id: str) -> Path:
        """Return where the recording of a message lies, if it is a file."""

    def lent(self, audio: bytes) -> AbstractContextManager[Path]:
        """Make a file of `audio` that is gone afterwards, however that comes. Blocks on the disk.

        Raises:
            OSError: the disk does not take it.
        """


class MailboxGone(Exception):
    """The number that a message was left for is no longer one of ours; its recording stays where it is."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that has ended, its audio safe on disk. Times are ms, `began_at_ms` since 1970-01-01 UTC."""

    id: str
    deposit: VoicemailHandoff
    call_id: str
    began_at_ms: int
    duration_ms: int
    cut_off: bool = False


async def file_message(store: Store, clock: Clock, recorded: Recorded, audio: bytes | None = None) -> bool:
    """Store a message, with `audio` where the store keeps that, and the mail that brings it; False when done before.

    Raises:
        MailboxGone: nobody can have it.
        StoreRefused: the store cannot hold it, now or later.
        StoreUnavailable: nothing was stored; the recording is found again later.
    """
    now_ms = clock.now_ms()
    try:
        await store.write(lambda writer: _file(writer, recorded, audio, now_ms))
    except Conflict:
        return False
    return True


def _file(writer: Writer, recorded: Recorded, audio: bytes | None, now_ms: int) -> None:
    deposit = recorded.deposit
    record = writer.number(deposit.number)
    if record is None:
        raise MailboxGone(f"{deposit.number} is no longer one of our numbers")
    message = Message(
        recorded.id,
        deposit.number,
        record.account_id,
        deposit.revision,
        clean_text(deposit.caller, MAX_CALLER),
        bounded_id(recorded.call_id),
        recorded.began_at_ms,
        recorded.duration_ms,
        recorded.cut_off,
    )
    mail = Mail(recorded.id, deposit.email, queued_at_ms=now_ms, due_at_ms=now_ms, scheduled_at_ms=now_ms)
    writer.add_message(message, mail, audio)
    writer.count(MESSAGES)
    writer.count(RECORDED_MS, recorded.duration_ms)


async def list_messages(store: Store, limit: int, number: E164 | None = None) -> Sequence[StoredMessage]:
    """Return up to `limit` of the latest messages, newest first, of one number or all."""
    return await store.read(lambda reader: reader.messages(limit, number))


async def show_message(store: Store, message_id: str) -> StoredMessage:
    """Return a message with its mail.

    Raises:
        OperatorError: no message has that id.
    """
    return await store.read(lambda reader: find_message(reader, message_id))


def find_message(reader: Reader, message_id: str) -> StoredMessage:
    """Return a message with its mail.

    Raises:
        OperatorError: no message has that id.
    """
    stored = reader.message(message_id)
    if stored is None:
        raise OperatorError(f"there is no message {message_id!r}: `renvoi messages` shows them")
    return stored


@asynccontextmanager
async def open_audio(store: Store, files: AudioFiles, message_id: str) -> AsyncIterator[Path]:
    """Give the recording of a message as a file, which exists unless the recording is gone.

    Raises:
        StoreUnavailable: the store cannot be asked for it.
        OSError: it cannot be written to the disk.
    """
    audio = await store.read(lambda reader: reader.message_audio(message_id))
    if audio is None:
        yield files.audio(message_id)
        return
    with ExitStack() as stack:
        path = await asyncio.to_thread(stack.enter_context, files.lent(audio))
        # Megabytes, which would else be held for as long as the file is used.
        del audio
        yield path


async def send_again(store: Store, clock: Clock, message_id: str) -> StoredMessage:
    """Queue the mail of a message again, whatever its state.

    Raises:
        OperatorError: there is no such message.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> StoredMessage:
        mail = find_message(writer, message_id).mail
        queued = replace(mail, queued_at_ms=now_ms, due_at_ms=now_ms, scheduled_at_ms=now_ms)
        writer.put_mail(replace(queued, state=MailState.PENDING, attempts=0, ended_at_ms=None))
        return find_message(writer, message_id)

    return await store.write(work)


async def delete_message(store: Store, message_id: str, remove_files: RemoveFiles) -> Message:
    """Delete a message: its audio, its row and the mail that may wait.

    Raises:
        OperatorError: there is no such message.
        OSError: a file cannot be removed; the message stays.
    """
    message = (await show_message(store, message_id)).message
    await _delete(store, message, remove_files)
    return message


async def delete_expired(store: Store, clock: Clock, remove_files: RemoveFiles, limit: int) -> Sequence[Message]:
    """Delete up to `limit` messages that are older than their account keeps them; return those that we deleted.

    Raises:
        OSError: the files of one cannot be removed, so that it stays; the others are deleted.
    """
    now_ms = clock.now_ms()
    expired = await store.read(lambda reader: reader.expired_messages(now_ms, limit))
    if not expired:
        return ()
    failed: OSError | None = None
    without_files = []
    await _check_writable(store)
    for message in expired:
        try:
            remove_files(message.id)
        except OSError as error:
            failed = error
        else:
            without_files.append(message)
    deleted = await store.write(partial(_remove, without_files))
    if failed is not None:
        raise failed
    return deleted


def _remove(messages: Sequence[Message], writer: Writer) -> Sequence[Message]:
    removed = [message for message in messages if writer.remove_message(message.id)]
    if removed:
        writer.count(DELETED, len(removed))
    return removed


async def remove_leftovers(store: Store, message_ids: Sequence[str], remove_files: RemoveFiles) -> int:
    """Remove the files that this node has of messages which another one deleted; return of how many messages.

    Raises:
        StoreUnavailable: the store cannot be asked.
        OSError: a file cannot be removed.
    """
    removed = 0
    for start in range(0, len(message_ids), _ASKED_AT_ONCE):
        gone = await store.read(partial(_unknown, message_ids[start : start + _ASKED_AT_ONCE]))
        for message_id in gone:
            remove_files(message_id)
        removed += len(gone)
    return removed


def _unknown(message_ids: Sequence[str], reader: Reader) -> Sequence[str]:
    return [message_id for message_id in message_ids if reader.message(message_id) is None]


async def _check_writable(store: Store) -> None:
    """See that the store takes changes before files go that belong to its messages."""
    if not store.keeps_audio:
        await store.write(lambda _: None)


async def _delete(store: Store, message: Message, remove_files: RemoveFiles) -> bool:
    await _check_writable(store)
    # Files first: a crash in between leaves a row, which is deleted the next time, and never audio that nobody knows.
    remove_files(message.id)
    return bool(await store.write(partial(_remove, [message])))
