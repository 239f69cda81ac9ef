"""Mails about calls that were missed, as a channel of the outbox (`docs/calls.md §4`)."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Protocol

import structlog

from renvoi.application.mail_channel import (
    MAX_PAUSE,
    NO_NOTE,
    SITE_REFUSED,
    after_attempt,
    drop_unknown_file,
    is_destination,
)
from renvoi.application.mailer import Delivery, Kept, Sent
from renvoi.application.outbox.channel import Affected, Channel, Fate, PermanentFailure, Retry, TemporaryFailure
from renvoi.application.ports.calls import StoredCall
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.rule_history import rule_at
from renvoi.domain.calls.missed_call import MissedCall, MissedCallMail, WhyMissed, why_missed
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import MailState
from renvoi.domain.moment import zone_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text

COUNTERS = {state: f"missed_call_mails_{state.value}" for state in (MailState.SENT, MailState.KEPT, MailState.FAILED)}
"""Counters of the store, by the outcome of a mail."""
_ASKED_AT_ONCE = 100
MAX_CALLER = 128
"""Characters kept of what the network says about a caller."""

log = structlog.get_logger(__name__)


def queue_missed_call(writer: Writer, stored: StoredCall) -> bool:
    """Queue the mails about a call that was missed, if the rule that it met wants them; tell whether it did.

    Who changes the rule while it rings, or before a node can store the call, changes nothing for it: as for messages.
    This runs in the transaction of the call's record: none is lost, and none comes twice.
    """
    record, why = stored.record, why_missed(stored.record)
    if why is None or record.number is None or not stored.account_id:
        return False
    number = E164(record.number)
    try:
        # For a change: two nodes that store calls of one caller at the same time must see each other's.
        found = writer.number_for_change(number)
    except NotUnderstood as error:
        log.warning("a missed call is not mailed, as the rule cannot be read", number=str(number), error=str(error))
        return False
    if found is None or found.account_id != stored.account_id:
        return False
    if writer.removal_after(number, record.setup_at_ms) is not None:
        # It has gone and come again since: its rules, whose revisions begin again, are none that the call met.
        return False
    # A trail that is kept for a shorter time than calls wait leaves the rule of now.
    rule = found.rule if record.revision is None else rule_at(writer, found, record.revision) or found.rule
    if not rule.missed_call_mail:
        return False
    caller = "" if record.withheld else clean_text(record.caller, MAX_CALLER)
    call = MissedCall(f"call-{stored.id}", stored.account_id, number, caller, record.setup_at_ms, why)
    return writer.add_missed_call(call, rule.emails)


async def remove_leftovers(store: Store, mail_ids: Sequence[str], remove_file: Callable[[str], None]) -> int:
    """Remove the files that this node has of mails that the store knows no more; return how many.

    Files come while their mail is pending, and go after it: with its number or account, or by its age.

    Raises:
        StoreUnavailable: the store cannot be asked.
        OSError: a file cannot be removed.
    """
    removed = 0
    for start in range(0, len(mail_ids), _ASKED_AT_ONCE):
        gone = await store.read(partial(_unknown, mail_ids[start : start + _ASKED_AT_ONCE]))
        for mail_id in gone:
            await asyncio.to_thread(remove_file, mail_id)
        removed += len(gone)
    return removed


def _unknown(mail_ids: Sequence[str], reader: Reader) -> Sequence[str]:
    return [mail_id for mail_id in mail_ids if reader.missed_call(mail_id) is None]


@dataclass(frozen=True, slots=True)
class MissedCallNotice:
    """A missed call as the mail about it tells it. `caller` is None for one who does not want to be known."""

    name: str
    """Names the mail for ever."""
    recipient: EmailAddress
    number: E164
    label: str
    caller: str | None
    called_at_ms: int
    why: WhyMissed
    locale: str
    """`en` or `fr`."""
    time_zone: str
    """IANA name."""
    rule_url: str
    """The page of the number's rule; empty: there is none."""
    may_call_back: bool
    """The caller is a destination that the account's policy allows."""


class MissedCallMailer(Protocol):
    """Sends mails about missed calls."""

    async def notify_missed_call(self, notice: MissedCallNotice) -> Delivery:
        """Make the mail and hand it over; see `Mailer.send`."""


class MissedCallChannel(Channel[MissedCallMail, Sent | Kept]):
    """See `Channel`: due mails about missed calls, each handed to a mail server, or kept as a file."""

    noun = "missed-call mail"
    give_up_after = timedelta(hours=24)

    def __init__(
        self,
        store: Store,
        mailer: MissedCallMailer,
        rule_url: Callable[[E164], str],
        first_pause: timedelta = timedelta(seconds=15),
    ) -> None:
        """Make ready: `rule_url` gives the page of a number's rule; `first_pause` doubles up to an hour."""
        self._store = store
        self._mailer = mailer
        self._rule_url = rule_url
        self._first_pause = first_pause

    def due(self, reader: Reader, now_ms: int, limit: int, full: Collection[str]) -> Sequence[MissedCallMail]:
        return reader.due_missed_calls(now_ms, limit, full)

    def lease(
        self, writer: Writer, item_ids: Collection[str], owner: str, now_ms: int, until_ms: int
    ) -> Collection[str]:
        return writer.lease_missed_calls(item_ids, owner, now_ms, until_ms)

    def release(self, writer: Writer, owner: str) -> None:
        writer.release_missed_calls(owner)

    def find(self, reader: Reader, item_id: str) -> MissedCallMail | None:
        return reader.missed_call(item_id)

    def put(self, writer: Writer, item: MissedCallMail, owner: str) -> bool:
        return writer.put_missed_call(item, owner)

    def count(self, writer: Writer, after: MissedCallMail, result: Delivery, *, written: bool) -> None:
        if written and after.state in COUNTERS:
            writer.count(COUNTERS[after.state])
        if isinstance(result, TemporaryFailure) and result.affected is Affected.SITE:
            writer.count(SITE_REFUSED)

    def pause_after(self, attempts: int) -> timedelta:
        return min(self._first_pause * (1 << min(attempts - 1, 16)), MAX_PAUSE)

    async def deliver(self, item: MissedCallMail) -> Delivery | None:
        notice = await self._store.read(lambda reader: self._notice(reader, item))
        if isinstance(notice, MissedCallNotice):
            return await self._mailer.notify_missed_call(notice)
        return notice

    def _notice(self, reader: Reader, mail: MissedCallMail) -> MissedCallNotice | PermanentFailure | None:
        """Return what the mail tells; None when it is not as it was any more."""
        if reader.missed_call(mail.id) != mail:
            return None
        account = reader.account(str(mail.account_id))
        record = reader.listed_number(mail.number)
        if account is None or account.closed_at_ms is not None or record is None or record.account_id != account.id:
            return PermanentFailure("the number has another owner by now, or none")
        return MissedCallNotice(
            name=f"missed-{mail.id}",
            recipient=mail.recipient,
            number=mail.number,
            label=record.label,
            caller=mail.caller or None,
            called_at_ms=mail.called_at_ms,
            why=mail.why,
            locale=account.locale,
            time_zone=account.time_zone or zone_of(account.region),
            rule_url=self._rule_url(mail.number),
            may_call_back=is_destination(reader, account.id, mail.caller),
        )

    def after(
        self, item: MissedCallMail, outcome: Sent | Kept | PermanentFailure | Retry, now_ms: int
    ) -> MissedCallMail:
        return after_attempt(item, outcome, now_ms)

    def without_note(self, after: MissedCallMail) -> MissedCallMail:
        return replace(after, note=NO_NOTE)

    async def done(self, after: MissedCallMail, result: Delivery, fate: Fate) -> None:
        await drop_unknown_file(result, fate)
        entry = log.bind(mail=after.id, number=str(after.number), attempts=after.attempts, note=after.note)
        if fate is not Fate.WRITTEN:
            entry.warning("a mail about a missed call that was tried here is no longer ours", mail_state=after.state)
        elif after.state is MailState.FAILED:
            entry.error("the mail about a missed call could not be delivered", recipient=after.recipient.value)
        elif after.state is MailState.PENDING:
            entry.warning("the mail about a missed call has to wait", due_at_ms=after.due_at_ms)
        else:
            entry.info("missed-call mail " + after.state)

    def labels(self, item: MissedCallMail) -> Mapping[str, str]:
        return {"mail": item.id}
