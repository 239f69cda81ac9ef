"""The mailer, the whole work of a child process.

It sends mails, adopts orphaned recordings, deletes old messages, and renews the holidays of rules.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from renvoi.adapters.audio import wav_to_mp3
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.holidays import PackagedHolidays
from renvoi.adapters.mail.folder import FolderMailer
from renvoi.adapters.mail.message import Composer
from renvoi.adapters.mail.server import SmtpServer, SmtpUrlInvalid
from renvoi.adapters.mail.smtp import SmtpMailer
from renvoi.adapters.message_files import MessageFiles
from renvoi.adapters.sql.announcements import listener_of, listening
from renvoi.application import missed_calls
from renvoi.application.holiday_renewal import keep_renewed
from renvoi.application.limit_mail import LimitMail
from renvoi.application.mail_channel import MailChannel
from renvoi.application.messages import delete_expired, remove_leftovers
from renvoi.application.missed_calls import MissedCallChannel
from renvoi.application.operator_report import OperatorMail
from renvoi.application.outbox.engine import Outbox, OutboxConfig
from renvoi.application.outbox.pauses import ClockWatch
from renvoi.application.person_mail import PersonMail
from renvoi.application.ports.accounts import DEFAULT_RETENTION_DAYS
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.removals import keep_removing
from renvoi.application.webhooks.notices import WebhookMail
from renvoi.call_records.dead_letters import DeadLetters
from renvoi.configuration.settings import Settings
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.node.control.control import node_name
from renvoi.node.entrypoints.child_main import PartSpool
from renvoi.node.parts.health import url_of
from renvoi.node.parts.reconnecting_store import open_reconnecting
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.voicemail.finalize import Finalizer
from renvoi.voicemail.recovery import adopt_orphans
from renvoi.wakeups import wait_or_stop

EXPIRY_PERIOD_S = 60.0
EXPIRED_AT_ONCE = 100
CALM_MS = 24 * 60 * 60 * 1000
"""How long nothing is deleted for its age after the clock was set: a wrong date would take every message."""

log = structlog.get_logger("mailer")


class MailSettingsInvalid(Exception):
    """A setting of the mail is wrong; the text says which one and how to fix it."""


def mailer_of(settings: Settings) -> SmtpMailer | FolderMailer:
    """Return what sends the mails of the node that `settings` describe.

    Raises:
        MailSettingsInvalid: the server's address or the DKIM key cannot be used.
    """
    try:
        composer = Composer(
            EmailAddress(settings.mail_from),
            to_mp3=wav_to_mp3 if settings.mail_audio == "mp3" else None,
            sign=_signer(settings),
            smaller=wav_to_mp3,
        )
        if settings.smtp_url is None:
            return FolderMailer(settings.mail_dir, composer)
        return SmtpMailer(SmtpServer.parse(settings.smtp_url), composer, ehlo=settings.smtp_ehlo)
    except SmtpUrlInvalid as error:
        raise MailSettingsInvalid(f"RENVOI_SMTP_URL: {error}") from error


def _signer(settings: Settings) -> Callable[[bytes], bytes] | None:
    if settings.dkim_key_file is None:
        return None
    # Loaded late: few sign, and it brings a resolver of names along.
    from renvoi.adapters.mail.dkim import DkimInvalid, DkimSigner  # noqa: PLC0415

    domain = settings.dkim_domain or EmailAddress(settings.mail_from).domain
    try:
        return DkimSigner.load(settings.dkim_key_file, settings.dkim_selector, domain)
    except DkimInvalid as error:
        raise MailSettingsInvalid(f"RENVOI_DKIM_KEY_FILE: {error}") from error


async def send_mails(settings: Settings, stop: asyncio.Event, heartbeat: HeartbeatSender) -> None:
    """Do the mailer's work until `stop` is set."""
    clock, files = SystemClock(), MessageFiles(settings.messages_dir, settings.mail_dir)
    mailer = mailer_of(settings)
    store = await open_reconnecting(settings)
    listener = listener_of(settings.database, "mails")
    try:
        address = settings.operator_email
        operator = OperatorMail(store, mailer, EmailAddress(address), clock) if address is not None else None
        first_pause = timedelta(seconds=settings.mail_retry_s)
        mails = MailChannel(store, mailer, files, lambda number: rule_url(settings, number), first_pause)
        config = OutboxConfig(
            owner=node_name(settings.data_dir),
            jitter=random.random,
            progress=lambda: heartbeat.progress("mails"),
            alarm=lambda reason: heartbeat.alarm("mails", reason),
            store_alarm=lambda reason: heartbeat.alarm("mails and the store", reason),
            is_told=lambda: listener.hears,
        )
        outbox = Outbox(store, mails, clock, config)
        missed = Outbox(
            store,
            MissedCallChannel(store, mailer, lambda number: rule_url(settings, number), first_pause),
            clock,
            replace(
                config,
                progress=lambda: None,
                alarm=lambda reason: heartbeat.alarm("mails about missed calls", reason),
                store_alarm=lambda reason: heartbeat.alarm("mails about missed calls and the store", reason),
            ),
        )
        letters = DeadLetters(settings.dead_letters_dir)
        events = PartSpool(settings.spool_dir, "mailer")
        filing = Finalizer(store, clock, events.spool.append, letters)
        limits = LimitMail(store, mailer, clock)
        disabled = WebhookMail(store, mailer, clock)
        address_of_pages = settings.public_url or url_of(settings.http_host, settings.http_port)
        people = PersonMail(store, mailer, clock, address_of_pages)

        def look() -> None:
            outbox.look()
            missed.look()
            limits.look()
            disabled.look()
            people.look()

        log.info("sending mails", server=settings.smtp_url is not None)
        with listening(listener, look):
            await asyncio.gather(
                outbox.run(stop, settings.shutdown_grace_s),
                missed.run(stop, settings.shutdown_grace_s),
                limits.run(stop),
                disabled.run(stop),
                people.run(stop),
                *([operator.run(stop)] if operator is not None else []),
                adopt_orphans(
                    settings.recordings_dir,
                    settings.messages_dir,
                    filing,
                    stop,
                    lambda text: heartbeat.alarm("messages", text),
                ),
                _expire(store, clock, files, letters, stop),
                keep_removing(store, clock, files.remove, stop),
                keep_renewed(store, PackagedHolidays(), clock, stop, lambda text: heartbeat.alarm("holidays", text)),
                events.keep_writing(stop, lambda text: heartbeat.alarm("spool", text)),
            )
    finally:
        await store.close()


def rule_url(settings: Settings, number: E164) -> str:
    """Return the page that says how a number's rule is changed; empty when there is no way to it."""
    return f"{settings.public_url}/numbers/{number}" if settings.public_url else ""


async def _expire(store: Store, clock: Clock, files: MessageFiles, letters: DeadLetters, stop: asyncio.Event) -> None:
    watch = ClockWatch(clock)
    while not stop.is_set():
        if watch.look():
            log.error("the clock was set, nothing is deleted by age for a day", now_ms=clock.now_ms())
        try:
            if not watch.was_set_within(CALM_MS):
                await _delete_old(store, clock, files, letters)
        except (OSError, StoreUnavailable) as error:
            log.warning("old messages cannot be deleted now", error=str(error))
        await wait_or_stop(stop, EXPIRY_PERIOD_S)


async def _delete_old(store: Store, clock: Clock, files: MessageFiles, letters: DeadLetters) -> None:
    before_s = clock.now_ms() / 1000 - DEFAULT_RETENTION_DAYS * 86_400
    await asyncio.to_thread(letters.remove_older, before_s)
    while deleted := await delete_expired(store, clock, files.remove, EXPIRED_AT_ONCE):
        for message in deleted:
            log.info(
                "a message was deleted after its retention time", message_id=message.id, number=str(message.number)
            )
    if store.keeps_audio:
        # Other nodes delete messages too, and cannot reach the mails that are kept here.
        await remove_leftovers(store, await asyncio.to_thread(files.kept_mails), files.remove)
    kept = await asyncio.to_thread(files.kept_missed_calls)
    await missed_calls.remove_leftovers(store, kept, files.remove_missed_call)
