"""Messages: filed when their recording ends, read, sent again, and deleted."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from renvoi.application.errors import OperatorError
from renvoi.application.events import emit, message_created, message_deleted
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.unreadable_rows import listed
from renvoi.domain.calls.call_record import bounded_id
from renvoi.domain.ids import IdKind, parsed
from renvoi.domain.messages.message import Mail, MailState, Message, is_message_id
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
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


class MessageStorage(AudioFiles, Protocol):
    """The files of messages on this node."""

    def remove(self, message_id: str) -> None:
        """Remove the files of a message; those that are gone already do not matter.

        Raises:
            OSError: one of them cannot be removed.
        """


class MailboxGone(Exception):
    """The number that a message was left for is no longer one of ours; its recording stays where it is."""


class MailboxRemoved(Exception):
    """The number was taken away after the caller had begun: nobody is to have the recording."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording that has ended, its audio safe on disk. Times are ms, `began_at_ms` since 1970-01-01 UTC.

    `peaks` is its waveform (`domain/messages/message.py`).
    """

    id: str
    handoff: VoicemailHandoff
    call_id: str
    began_at_ms: int
    duration_ms: int
    cut_off: bool = False
    peaks: bytes | None = None


async def file_message(store: Store, clock: Clock, recorded: Recorded, audio: bytes | None = None) -> bool:
    """Store a message, with `audio` where the store keeps that, and the mail that brings it; False when done before.

    Raises:
        MailboxGone: nobody can have it.
        MailboxRemoved: nobody is to have it.
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
    handoff = recorded.handoff
    account_id = _owner(writer, recorded)
    message = Message(
        recorded.id,
        handoff.number,
        account_id,
        handoff.revision,
        clean_text(handoff.caller, MAX_CALLER),
        bounded_id(recorded.call_id),
        recorded.began_at_ms,
        recorded.duration_ms,
        recorded.cut_off,
        peaks=recorded.peaks,
    )
    first = Mail(recorded.id, handoff.email, queued_at_ms=now_ms, due_at_ms=now_ms, scheduled_at_ms=now_ms)
    emails = dict.fromkeys((handoff.email, *handoff.others))
    mails = [replace(first, recipient=email, place=place) for place, email in enumerate(emails)]
    writer.add_message(message, first, audio, mails[1:])
    emit(writer, message_created(message))
    writer.count(MESSAGES)
    writer.count(RECORDED_MS, recorded.duration_ms)


def _owner(writer: Writer, recorded: Recorded) -> int:
    """Return the account that had the number when the caller began: nobody else hears what was left for it."""
    number = recorded.handoff.number
    # For a change, as its events are counted there.
    record = listed(writer.number_for_change, number)
    removal = writer.removal_after(number, recorded.began_at_ms)
    if removal is None and record is None:
        raise MailboxGone(f"{number} is no longer one of our numbers")
    account_id = removal.account_id if removal is not None else record.account_id if record is not None else 0
    account = writer.account(str(account_id))
    is_closed = account is not None and account.closed_at_ms is not None
    if is_closed or (removal is not None and not removal.keeps_messages):
        raise MailboxRemoved(f"{number} was removed while a message was left")
    return account_id


async def show_message(store: Store, message_id: str) -> StoredMessage:
    """Return a message with its mail.

    Raises:
        OperatorError: no message has that id.
    """
    return await store.read(lambda reader: find_message(reader, message_id))


def find_message(reader: Reader, message_id: str) -> StoredMessage:
    """Return a message with its mail; its id may be written as the API does, `msg_…`.

    Raises:
        OperatorError: no message has that id.
    """
    stored = reader.message(message_id)
    if stored is None and (bare := parsed(IdKind.MESSAGE, message_id)) is not None:
        stored = reader.message(bare)
    if stored is None:
        raise OperatorError(f"there is no message {message_id!r}: `renvoi messages` shows them")
    return stored


@asynccontextmanager
async def open_audio(store: Store, files: AudioFiles, message_id: str) -> AsyncIterator[Path]:
    """Give the recording of a message as a file, which exists unless the recording is gone.

    Raises:
        StoreUnavailable: the store cannot be asked for it.
        OperatorError: the id is damaged, so it cannot be found.
        OSError: it cannot be written to the disk.
    """
    audio = await store.read(lambda reader: reader.message_audio(message_id))
    if audio is None:
        if not is_message_id(message_id):
            raise OperatorError(f"the recording of message {message_id!r} cannot be found, as its id is damaged")
        yield files.audio(message_id)
        return
    with ExitStack() as stack:
        path = await asyncio.to_thread(stack.enter_context, files.lent(audio))
        # Megabytes, which would else be held for as long as the file is used.
        del audio
        yield path


async def send_again(store: Store, clock: Clock, message_id: str) -> StoredMessage:
    """Queue the mails of a message again, whatever their state.

    Raises:
        OperatorError: there is no such message.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> StoredMessage:
        for mail in find_message(writer, message_id).mails:
            queued = replace(mail, queued_at_ms=now_ms, due_at_ms=now_ms, scheduled_at_ms=now_ms)
            writer.put_mail(replace(queued, state=MailState.PENDING, attempts=0, ended_at_ms=None))
        return find_message(writer, message_id)

    return await store.write(work)


async def delete_message(store: Store, clock: Clock, message_id: str, remove_files: RemoveFiles) -> Message:
    """Delete a message: its audio, its row and the mail that may wait.

    Raises:
        OperatorError: there is no such message.
        OSError: a file cannot be removed; the message stays.
    """
    message = (await show_message(store, message_id)).message
    await delete(store, clock, message, remove_files)
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
    without_files, failed = await remove_files_of(store, expired, remove_files)
    deleted = await store.write(partial(remove_messages, without_files, now_ms=now_ms))
    if failed is not None:
        raise failed
    return deleted


async def remove_files_of(
    store: Store, messages: Sequence[Message], remove_files: RemoveFiles
) -> tuple[Sequence[Message], OSError | None]:
    """Remove the files of messages that go; return those whose files have gone, and what kept the last of the others.

    Raises:
        StoreUnavailable: the store takes no changes, so the files stay.
    """
    failed: OSError | None = None
    without_files = []
    await _check_writable(store)
    for message in messages:
        try:
            await asyncio.to_thread(remove_files, message.id)
        except OSError as error:
            failed = error
        else:
            without_files.append(message)
    return without_files, failed


def remove_messages(messages: Sequence[Message], writer: Writer, now_ms: int) -> Sequence[Message]:
    """Remove messages whose files are gone, with their mails; return those that were there, with an event each."""
    removed = [message for message in messages if writer.remove_message(message.id)]
    if removed:
        writer.count(DELETED, len(removed))
    for message in removed:
        emit(writer, message_deleted(message, now_ms))
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


async def delete(store: Store, clock: Clock, message: Message, remove_files: RemoveFiles) -> bool:
    """Delete a message: its audio, its row and the mail that may wait; False when somebody else did.

    Raises:
        OSError: a file cannot be removed; the message stays.
        StoreUnavailable: it is not deleted, though its audio may be gone already.
    """
    await delete_files(store, message.id, remove_files)
    return bool(await store.write(partial(remove_messages, [message], now_ms=clock.now_ms())))


async def delete_files(store: Store, message_id: str, remove_files: RemoveFiles) -> None:
    """Remove the files of a message whose row is to go next.

    Files first: a crash in between leaves a row, which is deleted the next time, and never audio that nobody knows.

    Raises:
        OSError: a file cannot be removed.
        StoreUnavailable: the store takes no changes, so the files stay.
    """
    await _check_writable(store)
    await asyncio.to_thread(remove_files, message_id)
