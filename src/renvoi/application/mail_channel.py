"""The mail of each message, as a channel of the outbox (`docs/calls.md §4`)."""

import asyncio
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import structlog

from renvoi.application.events import emit, mail_failed
from renvoi.application.mailer import Delivery, Kept, Mailer, Sent, VoicemailNotice
from renvoi.application.messages import AudioFiles, open_audio
from renvoi.application.outbox.channel import Affected, Channel, Fate, PermanentFailure, Retry, TemporaryFailure
from renvoi.application.policies import owner_of
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.calls.missed_call import MissedCallMail
from renvoi.domain.messages.message import PLACE, Mail, MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.moment import zone_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text

SENT, KEPT, FAILED, ATTEMPTS_FAILED = "mails_sent", "mails_kept", "mails_failed", "mail_attempts_failed"
SITE_REFUSED = "mail_site_refused"
"""Counters of the store."""

LOADED_AT_ONCE = 4
"""Recordings on their way from the store at once: each takes some megabytes of memory meanwhile."""
MAX_PAUSE = timedelta(hours=1)
"""Longest pause between two attempts, before it is varied; `message.FARTHEST_MS` is more."""
MAX_NOTE = 500
"""Characters kept of what a server said."""
_MOST_ATTEMPTS = (1 << 31) - 1
"""What the column holds: no mail is tried so often, but a row may be damaged."""
NO_NOTE = "see the log of renvoi"
"""In place of what a server said, where the store refuses that."""
AnyMail = TypeVar("AnyMail", Mail, MissedCallMail)
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")

log = structlog.get_logger(__name__)


class MailChannel(Channel[Mail, Sent | Kept]):
    """See `Channel`: due mails of the store, each handed to a mail server, or kept as a file where there is none."""

    noun = "mail"
    give_up_after = timedelta(hours=72)

    def __init__(
        self,
        store: Store,
        mailer: Mailer,
        files: AudioFiles,
        rule_url: Callable[[E164], str],
        first_pause: timedelta = timedelta(seconds=15),
    ) -> None:
        """Make ready: `files` has the recordings, `rule_url` gives the page of a number's rule.

        `first_pause`, before the second attempt, doubles with each further one, up to an hour.
        """
        self._store = store
        self._mailer = mailer
        self._files = files
        self._rule_url = rule_url
        self._first_pause = first_pause
        self._loading = asyncio.Semaphore(LOADED_AT_ONCE)

    def due(self, reader: Reader, now_ms: int, limit: int, full: Collection[str]) -> Sequence[Mail]:
        return reader.due_mails(now_ms, limit, full)

    def lease(
        self, writer: Writer, item_ids: Collection[str], owner: str, now_ms: int, until_ms: int
    ) -> Collection[str]:
        return writer.lease_mails(item_ids, owner, now_ms, until_ms)

    def release(self, writer: Writer, owner: str) -> None:
        writer.release_mails(owner)

    def find(self, reader: Reader, item_id: str) -> Mail | None:
        return _mail_of(reader.message(item_id.partition(PLACE)[0]), item_id)

    def put(self, writer: Writer, item: Mail, owner: str) -> bool:
        return writer.put_mail(item, owner)

    def count(self, writer: Writer, after: Mail, result: Delivery, *, written: bool) -> None:
        # A mail that was sent counts as such, whoever has it now.
        if not written and not isinstance(result, Sent):
            return
        writer.count(_COUNTERS.get(after.state, ATTEMPTS_FAILED))
        if written and after.state is MailState.FAILED:
            stored = writer.message(after.message_id)
            assert stored is not None
            emit(writer, mail_failed(stored.message, after, after.ended_at_ms or after.queued_at_ms))
        if isinstance(result, TemporaryFailure) and result.affected is Affected.SITE:
            writer.count(SITE_REFUSED)

    def pause_after(self, attempts: int) -> timedelta:
        return min(self._first_pause * (1 << min(attempts - 1, 16)), MAX_PAUSE)

    async def deliver(self, item: Mail) -> Delivery | None:
        async with AsyncExitStack() as stack:
            async with self._loading:
                audio = await stack.enter_async_context(open_audio(self._store, self._files, item.message_id))
            notice = await self._store.read(lambda reader: self._notice(reader, item, audio))
            return await self._mailer.send(notice) if notice is not None else None

    def _notice(self, reader: Reader, mail: Mail, audio: Path) -> VoicemailNotice | None:
        """Return what the mail tells; None when it is not as it was any more: handled by others, or deleted."""
        stored = reader.message(mail.message_id)
        if stored is None or _mail_of(stored, mail.id) != mail:
            return None
        message = stored.message
        account = reader.account(str(message.account_id))
        record = reader.listed_number(message.number)
        assert account is not None
        # Another account may have the number by now: its label is nobody's business.
        own = record if record is not None and record.account_id == message.account_id else None
        return VoicemailNotice(
            message_id=message.id,
            recipient=mail.recipient,
            number=message.number,
            label=own.label if own is not None else "",
            caller=None if message.caller == WITHHELD else message.caller,
            received_at_ms=message.received_at_ms,
            duration_ms=message.duration_ms,
            locale=account.locale,
            time_zone=account.time_zone or zone_of(account.region),
            audio=audio,
            rule_url=self._rule_url(message.number) if own is not None else "",
            cut_off=message.cut_off,
            may_call_back=is_destination(reader, account.id, message.caller),
            queued_at_ms=mail.queued_at_ms,
            name=mail.id,
        )

    def after(self, item: Mail, outcome: Sent | Kept | PermanentFailure | Retry, now_ms: int) -> Mail:
        return after_attempt(item, outcome, now_ms)

    def without_note(self, after: Mail) -> Mail:
        return replace(after, note=NO_NOTE)

    async def done(self, after: Mail, result: Delivery, fate: Fate) -> None:
        await drop_unknown_file(result, fate)
        entry = log.bind(message_id=after.message_id, attempts=after.attempts, note=after.note)
        if fate is Fate.DELETED:
            entry.info("a message was deleted while its mail was sent", mail_state=after.state)
        elif fate is Fate.TAKEN:
            entry.warning("a mail that was tried here is sent again, as it is no longer ours", mail_state=after.state)
        elif after.state is MailState.FAILED:
            entry.error("the mail of a message could not be delivered", recipient=after.recipient.value)
        elif after.state is MailState.PENDING:
            entry.warning("the mail of a message has to wait", due_at_ms=after.due_at_ms)
        else:
            entry.info("mail " + after.state)

    def labels(self, item: Mail) -> Mapping[str, str]:
        return {"message_id": item.message_id} | ({"recipient": item.recipient.value} if item.place else {})


_COUNTERS = {MailState.SENT: SENT, MailState.KEPT: KEPT, MailState.FAILED: FAILED}


def _mail_of(stored: StoredMessage | None, mail_id: str) -> Mail | None:
    mails = stored.mails if stored is not None else ()
    return next((mail for mail in mails if mail.id == mail_id), None)


def is_destination(reader: Reader, account_id: int, caller: str) -> bool:
    """Tell whether the account may call the caller; else a link to the number is what call-back fraud waits for."""
    if not _E164.fullmatch(caller):
        return False
    try:
        return owner_of(reader, account_id).refusal(E164(caller)) is None
    except NotUnderstood:
        return False


def after_attempt(item: AnyMail, outcome: Sent | Kept | PermanentFailure | Retry, now_ms: int) -> AnyMail:
    """Return a mail as it is after an attempt; see `Channel.after`."""
    tried = replace(item, attempts=min(item.attempts + 1, _MOST_ATTEMPTS))
    match outcome:
        case Retry(reason, due_at_ms):
            return replace(tried, due_at_ms=due_at_ms, scheduled_at_ms=now_ms, note=_note_of(reason))
        case Sent(reply):
            state, note = MailState.SENT, reply
        case Kept(path):
            state, note = MailState.KEPT, str(path)
        case PermanentFailure(reason):
            state, note = MailState.FAILED, reason
    return replace(tried, state=state, note=_note_of(note), ended_at_ms=now_ms)


async def drop_unknown_file(result: Delivery, fate: Fate) -> None:
    """Remove the file of a mail whose outcome could not be stored: nobody else knows of it, or would ever remove it."""
    if fate is not Fate.WRITTEN and isinstance(result, Kept):
        await asyncio.to_thread(result.path.unlink, missing_ok=True)


def _note_of(said: str) -> str:
    # A server may say anything, also what no store can hold.
    return clean_text(said, MAX_NOTE)
