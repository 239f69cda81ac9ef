"""The outbox at work: the mail of each message is tried until a server has taken or refused it (`docs/calls.md §4`)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import structlog

from renvoi.application.mail import (
    Affected,
    Delivery,
    Kept,
    Mailer,
    PermanentFailure,
    Sent,
    TemporaryFailure,
    VoicemailNotice,
)
from renvoi.application.ports import Clock, Reader, Store, StoreUnavailable, Writer
from renvoi.domain.deposit import WITHHELD
from renvoi.domain.message import Mail, MailState
from renvoi.domain.number import E164
from renvoi.domain.timezone import zone_of

SENT, KEPT, FAILED, ATTEMPTS_FAILED = "mails_sent", "mails_kept", "mails_failed", "mail_attempts_failed"
"""Counters of the store."""

POLL_S = 0.2
"""Pause after a look that found nothing due."""
MAX_AT_ONCE = 32
MAX_AT_ONCE_FOR_A_DOMAIN = 8
"""Mails being sent at once, in all and to one domain: a domain that is slow to take mail holds up no other one's."""
LOOK_AHEAD = 1000
"""Due mails looked at, so that those of other domains are found behind those of a slow one."""
MAX_DELAY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
MAX_PAUSE_S = 60.0
"""Longest pause between two attempts at a server that cannot be reached."""
STORE_PAUSE_S = 1.0
"""Pause before what became of a mail is written again to a store that did not take it."""
MAX_NOTE = 500
"""Characters kept of what a server said."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """How the outbox works: `audio` finds a message's recording, `rule_url` the page of a number's rule.

    `first_delay` is the pause before the second attempt; it doubles with each further one, up to an hour, and varies
    by half so that mails which failed together come back one by one. `jitter` returns numbers from 0 to 1.
    """

    audio: Callable[[str], Path]
    rule_url: Callable[[E164], str]
    jitter: Callable[[], float]
    first_delay: timedelta = timedelta(seconds=15)


class Outbox:
    """Sends what is due. One object for each store."""

    def __init__(self, store: Store, mailer: Mailer, clock: Clock, config: OutboxConfig) -> None:
        self._store = store
        self._mailer = mailer
        self._clock = clock
        self._config = config
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._domains: Counter[str] = Counter()
        self._pauses = 0
        self._resume_at_ms = 0
        self._changed = asyncio.Event()
        self._store_is_away = False

    async def run(self, stop: asyncio.Event, grace_s: float) -> None:
        """Send until `stop` is set; what is being sent then gets `grace_s` seconds. A store that is away is awaited."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._step()
                changed = asyncio.create_task(self._changed.wait())
                await asyncio.wait((stopping, changed), timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
                self._changed.clear()
        finally:
            stopping.cancel()
            await self._end(grace_s)

    async def _step(self) -> None:
        try:
            await self._start_due()
        except StoreUnavailable as error:
            if not self._store_is_away:
                log.warning("mails wait for the store", error=str(error))
            self._store_is_away = True
        else:
            self._store_is_away = False

    async def _end(self, grace_s: float) -> None:
        tasks = list(self._sending.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _start_due(self) -> None:
        now_ms = self._clock.now_ms()
        # After a pause one mail goes ahead and tells whether the server is back.
        room = (1 if self._pauses else MAX_AT_ONCE) - len(self._sending)
        if now_ms < self._resume_at_ms or room <= 0:
            return
        for mail in await self._store.read(lambda reader: reader.due_mails(now_ms, LOOK_AHEAD, self._sending)):
            domain = mail.recipient.domain
            if self._domains[domain] >= MAX_AT_ONCE_FOR_A_DOMAIN:
                continue
            self._domains[domain] += 1
            self._sending[mail.message_id] = task = asyncio.create_task(self._send(mail))
            task.add_done_callback(lambda task, mail=mail: self._done(mail, task))  # type: ignore[misc]  # mypy cannot infer a lambda's default
            room -= 1
            if not room:
                return

    def _done(self, mail: Mail, task: asyncio.Task[None]) -> None:
        del self._sending[mail.message_id]
        self._domains[mail.recipient.domain] -= 1
        self._changed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row is as it was, so the mail is due again; the pause keeps a lasting fault from spinning.
            log.error("a mail could not be handled", message_id=mail.message_id, error=repr(error))
            self._pause()

    async def _send(self, mail: Mail) -> None:
        delivery = await self._try(mail)
        if delivery is None:
            return
        if isinstance(delivery, TemporaryFailure) and delivery.affected is Affected.SERVER:
            self._pause()
        else:
            self._pauses = 0
        after = self._after(mail, delivery)
        kept = await self._keep(after)
        if not kept and isinstance(delivery, Kept):
            # The message was deleted while its mail was written, so nobody else will ever remove that.
            await asyncio.to_thread(delivery.path.unlink, missing_ok=True)
        _report(after, kept=kept)

    async def _try(self, mail: Mail) -> Delivery | None:
        """Hand the mail over; None when its message was deleted meanwhile."""
        try:
            notice = await self._store.read(lambda reader: self._notice(reader, mail))
            return await self._mailer.send(notice) if notice is not None else None
        except StoreUnavailable:
            raise
        except Exception as error:
            # It is tried again, later and later: a mail that we stumble over must not hold up the others.
            log.exception("a mail could not be handled", message_id=mail.message_id)
            return TemporaryFailure(f"a fault of renvoi, see its log: {error!r}", Affected.MAIL)

    async def _keep(self, after: Mail) -> bool:
        """Store what became of a mail, however long that takes; False when its message was deleted meanwhile.

        Giving up would have a mail that was sent be sent again and again, for as long as the disk is full.
        """

        def keep(writer: Writer) -> bool:
            kept = writer.put_mail(after)
            if kept or after.state is MailState.SENT:
                writer.count(_COUNTERS.get(after.state, ATTEMPTS_FAILED))
            return kept

        while True:
            try:
                return await self._store.write(keep)
            except StoreUnavailable as error:
                log.warning("what became of a mail waits for the store", message_id=after.message_id, error=str(error))
            await asyncio.sleep(STORE_PAUSE_S)

    def _notice(self, reader: Reader, mail: Mail) -> VoicemailNotice | None:
        """Return what the mail tells; None when the message was deleted meanwhile."""
        stored = reader.message(mail.message_id)
        if stored is None or stored.mail.state is not MailState.PENDING:
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
            audio=self._config.audio(message.id),
            rule_url=self._config.rule_url(message.number),
            cut_off=message.cut_off,
        )

    def _after(self, mail: Mail, delivery: Delivery) -> Mail:
        now_ms = self._clock.now_ms()
        tried = replace(mail, attempts=mail.attempts + 1)
        match delivery:
            case Sent(reply):
                return replace(tried, state=MailState.SENT, note=reply[:MAX_NOTE], ended_at_ms=now_ms)
            case Kept(path):
                return replace(tried, state=MailState.KEPT, note=str(path)[:MAX_NOTE], ended_at_ms=now_ms)
            case PermanentFailure(reason):
                return replace(tried, state=MailState.FAILED, note=reason[:MAX_NOTE], ended_at_ms=now_ms)
            case TemporaryFailure(reason, affected):
                if now_ms - mail.queued_at_ms >= _ms(GIVE_UP_AFTER):
                    note = f"given up after {GIVE_UP_AFTER.days * 24} h: {reason}"[:MAX_NOTE]
                    return replace(tried, state=MailState.FAILED, note=note, ended_at_ms=now_ms)
                due_at_ms = self._resume_at_ms if affected is Affected.SERVER else now_ms + self._delay_ms(tried)
                return replace(tried, due_at_ms=due_at_ms, note=reason[:MAX_NOTE])

    def _delay_ms(self, mail: Mail) -> int:
        delay = min(self._config.first_delay * 2 ** min(mail.attempts - 1, 16), MAX_DELAY)
        return int(_ms(delay) * (0.5 + self._config.jitter()))

    def _pause(self) -> None:
        """Leave the server alone for a while: it concerns all mails, so none of them loses its turn by it."""
        if self._clock.now_ms() < self._resume_at_ms:
            return  # mails that were on their way together failed together
        pause_s = min(2.0**self._pauses, MAX_PAUSE_S) * (0.5 + self._config.jitter())
        self._pauses = min(self._pauses + 1, 16)
        self._resume_at_ms = self._clock.now_ms() + int(pause_s * 1000)


_COUNTERS = {MailState.SENT: SENT, MailState.KEPT: KEPT, MailState.FAILED: FAILED}


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


def _report(mail: Mail, *, kept: bool) -> None:
    told = log.bind(message_id=mail.message_id, attempts=mail.attempts, note=mail.note)
    if not kept:
        told.info("a message was deleted while its mail was sent", mail_state=mail.state)
    elif mail.state is MailState.FAILED:
        told.error("the mail of a message could not be delivered", recipient=mail.recipient.value)
    elif mail.state is MailState.PENDING:
        told.warning("the mail of a message has to wait", due_at_ms=mail.due_at_ms)
    else:
        told.info("mail " + mail.state)
