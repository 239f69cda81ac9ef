"""Keeps mails as files, where no SMTP server is configured."""

import asyncio
import os
import secrets
from pathlib import Path

from renvoi.adapters.mail.message import Composer, MailImpossible
from renvoi.application.mailer import Delivery, Kept, OperatorReport, VoicemailNotice
from renvoi.application.outbox.channel import Affected, TemporaryFailure
from renvoi.application.ports.accounts import Account
from renvoi.domain.access.limit_notice import LimitNotice
from renvoi.files import sync_directory


class FolderMailer:
    """See `application.mailer.Mailer`: each mail becomes `{message_id}.eml` in `folder`, which is made when missing."""

    def __init__(self, folder: Path, composer: Composer) -> None:
        self._folder = folder
        self._composer = composer

    async def send(self, notice: VoicemailNotice) -> Delivery:
        """See `application.mailer.Mailer`. A mail that is kept already is replaced by the same one."""
        path = self._folder / f"{notice.message_id}.eml"
        try:
            await asyncio.to_thread(self._keep, path, notice)
        except MailImpossible as error:
            return error.outcome
        except OSError as error:
            reason = f"the mail cannot be kept in {self._folder}: {error.strerror or error}"
            return TemporaryFailure(reason, Affected.SERVER)
        return Kept(path)

    async def report(self, report: OperatorReport) -> Delivery:
        """See `application.mailer.Reporter`."""
        path = self._folder / f"report.{report.at_ms}.eml"  # a name that no message has
        try:
            await asyncio.to_thread(self._keep_content, path, self._composer.compose_report(report).content)
        except OSError as error:
            reason = f"the report cannot be kept in {self._folder}: {error.strerror or error}"
            return TemporaryFailure(reason, Affected.SERVER)
        return Kept(path)

    async def notify(self, notice: LimitNotice, account: Account) -> Delivery:
        """See `application.limit_mail.Notifier`."""
        path = self._folder / f"limit.{notice.account_id}.{notice.day}.eml"  # a name that no message has
        try:
            await asyncio.to_thread(self._keep_content, path, self._composer.compose_limit(notice, account).content)
        except OSError as error:
            reason = f"the mail cannot be kept in {self._folder}: {error.strerror or error}"
            return TemporaryFailure(reason, Affected.SERVER)
        return Kept(path)

    def _keep(self, path: Path, notice: VoicemailNotice) -> None:
        self._keep_content(path, self._composer.compose(notice).content)

    def _keep_content(self, path: Path, content: bytes) -> None:
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
