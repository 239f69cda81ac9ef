"""The outbox at work: the mail of each message is tried until a server has taken or refused it (`docs/calls.md §4`).

Every node that takes messages has one; each mail is tried by one of them at a time, by its lease.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TypeVar

import structlog

from renvoi.application.leases import LEASE, Leases
from renvoi.application.mailer import (
    Affected,
    Delivery,
    Kept,
    Mailer,
    PermanentFailure,
    Sent,
    TemporaryFailure,
    VoicemailNotice,
)
from renvoi.application.messages import AudioFiles, open_audio
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.retry_pauses import ClockWatch, Pause
from renvoi.domain.messages.message import Mail, MailState
from renvoi.domain.messages.voicemail_handoff import WITHHELD
from renvoi.domain.moment import zone_of
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import clean_text

SENT, KEPT, FAILED, ATTEMPTS_FAILED = "mails_sent", "mails_kept", "mails_failed", "mail_attempts_failed"
SITE_REFUSED = "mail_site_refused"
"""Counters of the store."""

POLL_S = 0.2
"""Pause after a look that found nothing due."""
MAX_AT_ONCE = 32
MAX_AT_ONCE_FOR_A_DOMAIN = 8
"""Mails being sent at once, in all and to one domain: a domain that is slow to take mail holds up no other one's."""
LOOK_AHEAD = 250
"""Due mails looked at, so that those of other domains are found behind those of a slow one; where it has more than
these, the next look goes on behind them."""
LOADED_AT_ONCE = 4
"""Recordings on their way from the store at once: each takes some megabytes of memory meanwhile."""
MAX_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
STORE_PAUSE_S = 1.0
"""Pause before a mail's outcome is written again to a store that did not take it. When the store is back, twice
as long passes before new mails are begun, so that each node has first noted the outcome of those that it has sent."""
MAX_NOTE = 500
"""Characters kept of what a server said."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """How the outbox works: `files` has the recordings, `rule_url` gives the page of a number's rule.

    `owner` names this node among those on the store, the same after each restart. `first_delay` is the pause before
    the second attempt; it doubles with each further one, up to an hour, and varies by half so that mails which failed
    together come back one by one. `jitter` returns numbers from 0 to 1. `progress` is called with each look for mails,
    also while the store is away. `alarm` is called with what keeps all mails back, and with "" when one has passed;
    `store_alarm` with what waits for the store and why, and with "" when nothing does.
    """

    owner: str
    files: AudioFiles
    rule_url: Callable[[E164], str]
    jitter: Callable[[], float]
    first_delay: timedelta = timedelta(seconds=15)
    lease: timedelta = LEASE
    progress: Callable[[], None] = lambda: None
    alarm: Callable[[str], None] = lambda _reason: None
    store_alarm: Callable[[str], None] = lambda _reason: None


class Outbox:
    """Sends what is due. One object for each store and owner."""

    def __init__(self, store: Store, mailer: Mailer, clock: Clock, config: OutboxConfig) -> None:
        self._store = store
        self._mailer = mailer
        self._clock = clock
        self._config = config
        self._leases = Leases(store, clock, config.owner, config.lease)
        self._has_begun = False
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._trying: set[str] = set()
        """Those whose outcome is still open."""
        self._renewing = asyncio.Lock()
        self._loading = asyncio.Semaphore(LOADED_AT_ONCE)
        self._domains: Counter[str] = Counter()
        self._behind: Mail | None = None
        self._pause = Pause(clock, config.jitter)
        self._clock_watch = ClockWatch(clock)
        self._changed = asyncio.Event()
        self._store_is_away = False
        self._due = 0
        """Mails that were due when the store was asked last."""
        self._insisting: dict[str, str] = {}
        """Mails that were tried, of which the store does not take what came of it, and why."""
        self._store_is_back_at_ms = 0

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Send until `stop` is set; what is being sent then gets `grace_s` seconds. A store that is away is awaited."""
        stopping = asyncio.create_task(stop.wait())
        renewing = asyncio.create_task(self._keep_renewing())
        try:
            while not stop.is_set():
                self._config.progress()
                await self._step()
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait((stopping, changed, renewing), timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                self._changed.clear()
                if renewing.done():
                    # Without it two nodes would send the same mails: better none, until this process starts again.
                    raise RuntimeError("leases are not renewed any more") from renewing.exception()
        finally:
            stopping.cancel()
            # Mails whose leases nobody renews are not waited for.
            await self._end(0 if renewing.done() else grace_s)
            renewing.cancel()
            await asyncio.wait([renewing])

    async def _step(self) -> None:
        if self._clock_watch.look():
            log.warning("the clock was set; mails that seem too old are still tried")
        try:
            if not await self._start_due():
                return
        except StoreUnavailable as error:
            if not self._store_is_away:
                log.warning("mails wait for the store", error=str(error))
            self._store_is_away = True
            self._store_is_back_at_ms = self._clock.monotonic_ms() + int(2 * STORE_PAUSE_S * 1000)
            self._tell_waiting(str(error))
        else:
            self._store_is_away = False
            self._tell_waiting("")

    def _tell_waiting(self, reason: str) -> None:
        """Have shown what waits for the store, which refused the mails that are due for `reason`, "" if it did not."""
        reason = reason or next(iter(self._insisting.values()), "")
        count = len(self._insisting) + (self._due if self._store_is_away else 0)
        self._config.store_alarm(f"{count or 'all'} mails wait for the store: {reason}" if reason else "")

    async def _end(self, grace_s: float) -> None:
        tasks = list(self._sending.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if late:
            await self._leave_to_others()

    async def _leave_to_others(self) -> None:
        try:
            await self._leases.begin()
        except StoreUnavailable as error:
            log.warning("mails that were being sent wait for the end of their lease", error=str(error))

    async def _start_due(self) -> bool:
        """Begin mails that are due; tell whether the store was asked for all that takes."""
        if not self._has_begun:
            await self._leases.begin()
            self._has_begun = True
        now_ms = self._clock.now_ms()
        # After a pause one mail goes ahead and tells whether the server is back.
        room = (1 if self._pause.failures else MAX_AT_ONCE) - len(self._sending)
        if self._pause.left_ms or room <= 0:
            return False
        behind = self._behind
        due = await self._store.read(lambda reader: reader.due_mails(now_ms, LOOK_AHEAD, behind))
        self._due = len(due)
        if self._clock.monotonic_ms() < self._store_is_back_at_ms:
            return False
        chosen = self._choose(due, room)
        self._behind = due[-1] if len(chosen) < room and len(due) == LOOK_AHEAD else None
        if not chosen:
            return True
        taken = await self._leases.take([mail.message_id for mail in chosen])
        for mail in chosen:
            if mail.message_id in taken:
                self._start(mail)
        return True

    def _choose(self, due: Sequence[Mail], room: int) -> list[Mail]:
        domains = Counter(self._domains)
        chosen: list[Mail] = []
        for mail in due:
            if len(chosen) == room:
                break
            # One of ours whose lease went to nobody, though we could not renew it, is due as well.
            if mail.message_id in self._sending or domains[mail.recipient.domain] >= MAX_AT_ONCE_FOR_A_DOMAIN:
                continue
            domains[mail.recipient.domain] += 1
            chosen.append(mail)
        return chosen

    def _start(self, mail: Mail) -> None:
        self._domains[mail.recipient.domain] += 1
        self._trying.add(mail.message_id)
        self._sending[mail.message_id] = task = asyncio.create_task(self._send(mail))
        task.add_done_callback(lambda task: self._done(mail, task))

    async def _keep_renewing(self) -> None:
        while True:
            await asyncio.sleep(self._leases.period_s)
            await self._renew()

    async def _renew(self) -> None:
        """Renew the leases of what is being sent. What is another node's now is left to that."""
        async with self._renewing:
            lost = await self._leases.renew(list(self._trying)) if self._trying else ()
        for message_id in self._trying.intersection(lost):
            log.warning("a mail is left to other nodes, as its lease could not be renewed", message_id=message_id)
            self._sending[message_id].cancel()

    def _done(self, mail: Mail, task: asyncio.Task[None]) -> None:
        del self._sending[mail.message_id]
        self._trying.discard(mail.message_id)
        self._insisting.pop(mail.message_id, None)
        self._leases.drop(mail.message_id)
        self._domains[mail.recipient.domain] -= 1
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row is as it was, so the mail is due again when its lease has ended; the pause is for
            # a fault that hits all of them.
            log.error("a mail could not be handled", message_id=mail.message_id, error=repr(error))
            self._pause.begin()

    async def _send(self, mail: Mail) -> None:
        delivery = await self._try(mail)
        self._trying.discard(mail.message_id)
        async with self._renewing:
            pass  # a renewal that is on its way must not come after what is written now, and lease the mail again
        if delivery is None:
            await self._insist(mail, lambda writer: self._give_back(writer, mail))
            return
        if isinstance(delivery, TemporaryFailure) and delivery.affected is not Affected.MAIL:
            self._config.alarm(f"mails wait: {delivery.reason}")
            self._pause.begin()
        else:
            self._config.alarm("")
            self._pause.reset()
        after = self._after(mail, delivery)
        by_site = isinstance(delivery, TemporaryFailure) and delivery.affected is Affected.SITE
        try:
            fate = await self._insist(mail, lambda writer: self._keep(writer, after, by_site=by_site))
        except StoreRefused:
            log.exception("the store refused the outcome of a mail", message_id=mail.message_id)
            after = replace(after, note="see the log of renvoi")
            fate = await self._insist(mail, lambda writer: self._keep(writer, after, by_site=by_site))
        if fate is not _Fate.WRITTEN and isinstance(delivery, Kept):
            # Nobody else knows of this file, and would ever remove it.
            await asyncio.to_thread(delivery.path.unlink, missing_ok=True)
        _report(after, fate)

    async def _try(self, mail: Mail) -> Delivery | None:
        """Hand the mail over; None when it was not tried: it has changed since it was looked at, or the store left."""
        try:
            async with AsyncExitStack() as stack:
                async with self._loading:
                    audio = await stack.enter_async_context(
                        open_audio(self._store, self._config.files, mail.message_id)
                    )
                notice = await self._store.read(lambda reader: self._notice(reader, mail, audio))
                return await self._mailer.send(notice) if notice is not None else None
        except StoreUnavailable as error:
            log.warning("a mail waits for the store", message_id=mail.message_id, error=str(error))
            return None
        except Exception as error:
            # It is tried again, later and later: a mail that we stumble over must not hold up the others.
            log.exception("a mail could not be handled", message_id=mail.message_id)
            return TemporaryFailure(f"a fault of renvoi, see its log: {error!r}", Affected.MAIL)

    async def _insist(self, mail: Mail, work: Callable[[Writer], T]) -> T:
        """Have the store do `work`, however long that takes.

        Giving up would have a mail that was sent be sent again and again, for as long as the disk is full.
        """
        told = False
        while True:
            try:
                return await self._store.write(work)
            except StoreUnavailable as error:
                if not told:
                    log.warning(
                        "the outcome of a mail waits for the store", message_id=mail.message_id, error=str(error)
                    )
                told = True
                self._insisting[mail.message_id] = str(error)
            await asyncio.sleep(STORE_PAUSE_S)

    def _keep(self, writer: Writer, after: Mail, *, by_site: bool) -> "_Fate":
        """Store a mail's outcome, if it is still ours."""
        kept = writer.put_mail(after, self._config.owner)
        stored = None if kept else writer.message(after.message_id)
        if stored is not None and stored.mail == after:
            return _Fate.WRITTEN  # by the time before, whose answer was lost
        if kept or after.state is MailState.SENT:
            writer.count(_COUNTERS.get(after.state, ATTEMPTS_FAILED))
            if by_site:
                writer.count(SITE_REFUSED)
        if kept:
            return _Fate.WRITTEN
        return _Fate.DELETED if stored is None else _Fate.TAKEN

    def _give_back(self, writer: Writer, mail: Mail) -> None:
        """End the lease of a mail, and leave all else as it is."""
        stored = writer.message(mail.message_id)
        if stored is not None:
            writer.put_mail(stored.mail, self._config.owner)

    def _notice(self, reader: Reader, mail: Mail, audio: Path) -> VoicemailNotice | None:
        """Return what the mail tells; None when it is not as it was any more: handled by others, or deleted."""
        stored = reader.message(mail.message_id)
        if stored is None or stored.mail != mail:
            return None
        message = stored.message
        account = reader.account(str(message.account_id))
        record = reader.number(message.number)
        assert account is not None
        return VoicemailNotice(
            message_id=message.id,
            recipient=mail.recipient,
            number=message.number,
            label=record.label if record is not None else "",
            caller=None if message.caller == WITHHELD else message.caller,
            received_at_ms=message.received_at_ms,
            duration_ms=message.duration_ms,
            locale=account.locale,
            time_zone=account.time_zone or zone_of(account.region),
            audio=audio,
            rule_url=self._config.rule_url(message.number),
            cut_off=message.cut_off,
            queued_at_ms=mail.queued_at_ms,
        )

    def _after(self, mail: Mail, delivery: Delivery) -> Mail:
        after = self._outcome(mail, delivery)
        # A server may say anything, also what no store can hold.
        return replace(after, note=clean_text(after.note, MAX_NOTE))

    def _outcome(self, mail: Mail, delivery: Delivery) -> Mail:
        now_ms = self._clock.now_ms()
        tried = replace(mail, attempts=mail.attempts + 1)
        match delivery:
            case Sent(reply):
                return replace(tried, state=MailState.SENT, note=reply, ended_at_ms=now_ms)
            case Kept(path):
                return replace(tried, state=MailState.KEPT, note=str(path), ended_at_ms=now_ms)
            case PermanentFailure(reason):
                return replace(tried, state=MailState.FAILED, note=reason, ended_at_ms=now_ms)
            case TemporaryFailure(reason, affected):
                was_set = self._clock_watch.was_set_within(_ms(GIVE_UP_AFTER))
                if now_ms - mail.queued_at_ms >= _ms(GIVE_UP_AFTER) and not was_set:
                    note = f"given up after {GIVE_UP_AFTER.days * 24} h: {reason}"
                    return replace(tried, state=MailState.FAILED, note=note, ended_at_ms=now_ms)
                wait_ms = self._delay_ms(tried) if affected is Affected.MAIL else self._pause.left_ms
                return replace(tried, due_at_ms=now_ms + wait_ms, scheduled_at_ms=now_ms, note=reason)

    def _delay_ms(self, mail: Mail) -> int:
        delay = min(self._config.first_delay * 2 ** min(mail.attempts - 1, 16), MAX_DELAY)
        return int(_ms(delay) * (0.5 + self._config.jitter()))


_COUNTERS = {MailState.SENT: SENT, MailState.KEPT: KEPT, MailState.FAILED: FAILED}


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


class _Fate(Enum):
    """Whether a mail's outcome could be stored."""

    WRITTEN = 1
    DELETED = 2
    """The message was deleted meanwhile."""
    TAKEN = 3
    """The mail is another node's now, which sends it itself, or somebody had it sent again."""


def _report(mail: Mail, fate: _Fate) -> None:
    told = log.bind(message_id=mail.message_id, attempts=mail.attempts, note=mail.note)
    if fate is _Fate.DELETED:
        told.info("a message was deleted while its mail was sent", mail_state=mail.state)
    elif fate is _Fate.TAKEN:
        told.warning("a mail that was tried here is sent again, as it is no longer ours", mail_state=mail.state)
    elif mail.state is MailState.FAILED:
        told.error("the mail of a message could not be delivered", recipient=mail.recipient.value)
    elif mail.state is MailState.PENDING:
        told.warning("the mail of a message has to wait", due_at_ms=mail.due_at_ms)
    else:
        told.info("mail " + mail.state)
