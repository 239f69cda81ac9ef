"""Keeps mails as files, where no SMTP server is configured, and reads them back for the dashboard."""

import asyncio
import heapq
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from renvoi.adapters.mail.message import Composer, MailImpossible
from renvoi.application.mailer import Delivery, Kept, OperatorReport, VoicemailNotice
from renvoi.application.missed_calls import MissedCallNotice
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.person_mail import PersonNotice
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.mails import KeptMail
from renvoi.application.ports.webhooks import WebhookNotice
from renvoi.domain.access.limits import LimitNotice
from renvoi.files import sync_directory


class FolderMailer:
    """See `application.mailer.Mailer`: each mail becomes `{name}.eml` in `folder`, which is made when missing."""

    def __init__(self, folder: Path, composer: Composer) -> None:
        self._folder = folder
        self._composer = composer

    async def send(self, notice: VoicemailNotice) -> Delivery:
        """See `application.mailer.Mailer`. A mail that is kept already is replaced by the same one."""
        path = self._folder / f"{notice.name}.eml"
        try:
            # Composed there too: it reads the recording.
            mail = await asyncio.to_thread(self._composer.compose, notice)
        except MailImpossible as error:
            return error.outcome
        return await self._kept(path, mail.content)

    async def report(self, report: OperatorReport) -> Delivery:
        """See `application.mailer.Reporter`."""
        path = self._folder / f"report.{report.at_ms}.eml"  # a name that no message has
        return await self._kept(path, self._composer.compose_report(report).content, what="report")

    async def notify_missed_call(self, notice: MissedCallNotice) -> Delivery:
        """See `application.missed_calls.MissedCallMailer`."""
        path = self._folder / f"missed.{notice.name}.eml"  # a name that no message has
        try:
            content = self._composer.compose_missed_call(notice).content
        except MailImpossible as error:
            return error.outcome
        return await self._kept(path, content)

    async def notify(self, notice: LimitNotice, account: Account) -> Delivery:
        """See `application.limit_mail.Notifier`."""
        path = self._folder / f"limit.{notice.account_id}.{notice.day}.eml"  # a name that no message has
        return await self._kept(path, self._composer.compose_limit(notice, account).content)

    async def notify_webhook(self, notice: WebhookNotice, account: Account) -> Delivery:
        """See `application.webhooks.notices.WebhookNotifier`."""
        path = self._folder / f"webhook.{notice.webhook.id}.{notice.at_ms}.eml"
        return await self._kept(path, self._composer.compose_webhook(notice, account).content)

    async def notify_person(self, notice: PersonNotice) -> Delivery:
        """See `application.person_mail.PersonNotifier`."""
        path = self._folder / f"{notice.kind.word}.{notice.token_id}.eml"  # a name that no message has
        return await self._kept(path, self._composer.compose_person(notice).content)

    async def _kept(self, path: Path, content: bytes, what: str = "mail") -> Delivery:
        try:
            await asyncio.to_thread(self._keep, path, content)
        except OSError as error:
            reason = f"the {what} cannot be kept in {self._folder}: {error.strerror or error}"
            return TemporaryFailure(reason, Affected.SERVER)
        return Kept(path)

    def _keep(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A name of its own, so that two who write the same mail do not meet.
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            _write_synced(partial, content)
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
        sync_directory(self._folder)


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


_NAME = re.compile(r"[A-Za-z0-9_~.-]{1,200}", re.ASCII)
_END = ".eml"
HEAD_BYTES = 4096
"""Read of each mail of a list: its first headers."""


class KeptMails:
    """See `application.ports.mails.KeptMails`; the files are those of `adapters.mail.folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def latest(self, limit: int) -> Sequence[KeptMail]:
        """See `KeptMails.latest`."""
        try:
            with os.scandir(self._folder) as entries:
                files = [(entry.stat().st_mtime_ns, entry.name) for entry in entries if _is_mail(entry.name)]
        except FileNotFoundError:
            return []
        found = []
        for at_ns, name in heapq.nlargest(limit, files):
            path = self._folder / name
            try:
                with path.open("rb") as file:
                    head, length = file.read(HEAD_BYTES), os.fstat(file.fileno()).st_size
            except FileNotFoundError:
                continue  # its message was deleted meanwhile
            found.append(KeptMail(name.removesuffix(_END), at_ns // 1_000_000, length, head))
        return found

    def read(self, name: str) -> bytes | None:
        """See `KeptMails.read`."""
        if not _is_mail(name + _END):
            return None
        try:
            return (self._folder / (name + _END)).read_bytes()
        except FileNotFoundError:
            return None


def _is_mail(name: str) -> bool:
    # One that begins with a dot is being written.
    return name.endswith(_END) and not name.startswith(".") and _NAME.fullmatch(name) is not None
