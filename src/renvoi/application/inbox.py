"""The messages that somebody reaches: listed, read, marked as heard, mailed again and deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from renvoi.application import messages
from renvoi.application.messages import RemoveFiles
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.pages import Page, Place
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.reach import account_of, merged, numbers_of, reaches, share
from renvoi.domain.access.api_key import Principal
from renvoi.domain.messages.message import Mail, MailState, is_message_id

PIECE = 500
"""Messages that `latest_messages` reads at once."""


class Resent(Enum):
    """How a wish to have a message mailed again ended."""

    QUEUED = "queued"
    UNDER_WAY = "under way"
    """Nodes are sending all of its mails at this moment; none is queued a second time."""
    CLOSED = "closed"
    """Its account was closed: its messages are about to go."""


@dataclass(frozen=True, slots=True)
class Resending:
    """A message, and how the wish to have it mailed again ended."""

    stored: StoredMessage
    result: Resent


async def list_messages(
    store: Store, who: Principal, only: MessageQuery, after: Place | None, limit: int
) -> Page[StoredMessage]:
    """Return up to `limit` messages behind `after` that `who` reaches and `only` wants, the latest first."""
    query = replace(only, account_id=account_of(who))

    def work(reader: Reader) -> Page[StoredMessage]:
        parts = numbers_of(who, only.number)
        each = share(limit, len(parts))
        return merged(
            (reader.message_page(replace(query, number=number), after, each) for number in parts),
            lambda stored: Place(stored.message.received_at_ms, stored.message.id),
            limit,
        )

    return await store.read(work)


class UnheardPlace(NamedTuple):
    """A place in the list of `unheard_first`: among the heard messages or the others, None for their beginning."""

    heard: bool
    place: Place | None


async def unheard_first(
    store: Store, who: Principal, only: MessageQuery, after: UnheardPlace | None, limit: int
) -> tuple[Sequence[StoredMessage], UnheardPlace | None]:
    """Return up to `limit` messages behind `after`, those that were not heard before all others, and where to go on.

    It may return fewer although more follow, as `list_messages` does: the second value alone tells.
    """
    found: list[StoredMessage] = []
    for heard in (False, True):
        if only.heard not in (None, heard) or (after is not None and after.heard and not heard):
            continue
        place = after.place if after is not None and after.heard == heard else None
        # One more is asked for where the page is full, to know whether it is the last one.
        missing = max(1, limit - len(found))
        page = await list_messages(store, who, replace(only, heard=heard), place, missing)
        if len(found) == limit:
            return found, UnheardPlace(heard, None) if page.items or page.next else None
        found += page.items
        if page.next is not None:
            return found, UnheardPlace(heard, page.next)
    return found, None


async def latest_messages(store: Store, who: Principal, only: MessageQuery, limit: int) -> Sequence[StoredMessage]:
    """Return the latest messages that `who` reaches and `only` wants, up to `limit`, however many pages that takes."""
    found: list[StoredMessage] = []
    after: Place | None = None
    while len(found) < limit:
        page = await list_messages(store, who, only, after, min(limit - len(found), PIECE))
        found += page.items
        after = page.next
        if after is None:
            break
    return found


async def set_heard(store: Store, clock: Clock, message_id: str, *, heard: bool) -> StoredMessage:
    """Mark a message as heard, or as not heard, for the operator.

    Raises:
        OperatorError: there is no such message.
    """
    now_ms = clock.now_ms()
    return await store.write(
        lambda writer: mark(writer, messages.find_message(writer, message_id), now_ms, heard=heard)
    )


async def show_message(store: Store, who: Principal, message_id: str) -> StoredMessage | None:
    """Return a message that `who` reaches; None when there is none."""
    return await store.read(lambda reader: find_message(reader, who, message_id))


def find_message(reader: Reader, who: Principal, message_id: str) -> StoredMessage | None:
    """Return a message that `who` reaches; None when there is none."""
    stored = reader.message(message_id) if is_message_id(message_id) else None
    if stored is None or not reaches(who, stored.message.account_id, stored.message.number):
        return None
    return stored


def mark(writer: Writer, stored: StoredMessage, now_ms: int, *, heard: bool) -> StoredMessage:
    """Mark a message as heard, since now unless it was already, or as not heard; return it as it is then."""
    message = stored.message
    if (message.heard_at_ms is not None) == heard:
        return stored
    heard_at_ms = now_ms if heard else None
    writer.set_heard(message.id, heard_at_ms)
    return replace(stored, message=replace(message, heard_at_ms=heard_at_ms))


def resend(writer: Writer, stored: StoredMessage, now_ms: int) -> Resending:
    """Queue the mails of a message again, but those that a node is sending now; none if its account is closed."""
    if is_closed(writer, stored):
        return Resending(stored, Resent.CLOSED)
    queued = [mail for mail in stored.mails if writer.queue_mail(_again(mail, now_ms), now_ms)]
    if not queued:
        return Resending(stored, Resent.UNDER_WAY)
    first, *others = (_again(mail, now_ms) if mail in queued else mail for mail in stored.mails)
    return Resending(replace(stored, mail=first, others=tuple(others)), Resent.QUEUED)


def _again(mail: Mail, now_ms: int) -> Mail:
    queued = replace(mail, queued_at_ms=now_ms, due_at_ms=now_ms, scheduled_at_ms=now_ms)
    return replace(queued, state=MailState.PENDING, attempts=0, ended_at_ms=None)


def is_closed(reader: Reader, stored: StoredMessage) -> bool:
    """Tell whether a message is one of an account that was closed."""
    account = reader.account(str(stored.message.account_id))
    return account is not None and account.closed_at_ms is not None


async def delete_message(
    store: Store, clock: Clock, who: Principal, message_id: str, remove_files: RemoveFiles
) -> bool:
    """Delete a message that `who` reaches: its audio, its row and the mail that may wait; False when there is none.

    Raises:
        OSError: a file cannot be removed; the message stays.
        StoreUnavailable: it is not deleted, though its audio may be gone already; the same again deletes the rest.
    """
    stored = await show_message(store, who, message_id)
    return stored is not None and await messages.delete(store, clock, stored.message, remove_files)
