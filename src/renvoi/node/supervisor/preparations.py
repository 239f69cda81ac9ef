"""What `renvoi serve` makes and checks before anything is started, and makes again when somebody removed it."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

import structlog

from renvoi.application.errors import OperatorError
from renvoi.application.ports.unit_of_work import Clock
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import Settings
from renvoi.files import make_directory
from renvoi.node.parts.roles import MAILER
from renvoi.node.parts.service_manager import ServiceManager
from renvoi.wakeups import to_next

UPGRADE_S = 3600.0
"""How long the service manager is asked to wait while a store is copied and brought up to date."""


def make_directories(settings: Settings) -> None:
    """Make the directories of a node, as far as they are missing; what others must not read is closed to them."""
    private = (
        settings.run_dir,
        settings.recordings_dir,
        settings.messages_dir,
        settings.mail_dir,
        settings.dead_letters_dir,
    )
    database = (settings.database_path.parent,) if settings.database_path is not None else ()
    for path in (settings.data_dir, *database, settings.spool_dir, *private):
        make_directory(path)
    for path in private:
        path.chmod(0o700)


def check_files(settings: Settings, absent: Collection[str]) -> None:
    """Refuse to start with files of mail or signed identity that cannot work; `absent` is what the node does without.

    Raises:
        OperatorError: some cannot.
    """
    if MAILER not in absent:
        check_mail_server(settings)
    if EDGE not in absent and settings.has_identity_files:
        # Loaded late: most nodes sign and verify nothing.
        from renvoi.node.checks.identity import load_identity  # noqa: PLC0415

        load_identity(settings)


def check_mail_server(settings: Settings) -> None:
    """Refuse to start with mail settings that cannot work, rather than to keep messages back.

    Raises:
        OperatorError: they cannot.
    """
    if settings.smtp_url is None and settings.dkim_key_file is None:
        return
    # Loaded late: it takes as long as all the rest, and the mailer loads it in its own process.
    from renvoi.node.entrypoints.mailer import MailSettingsInvalid, mailer_of  # noqa: PLC0415

    try:
        mailer_of(settings)
    except MailSettingsInvalid as error:
        raise OperatorError(str(error)) from error


def upgrade_store(settings: Settings, clock: Clock, manager: ServiceManager) -> None:
    """Bring a store on SQLite up to date, behind a copy of it, before any part opens it; see `sql.upgrade`.

    One on a server is brought up to date by the first that opens it (`sql.postgres`).

    Raises:
        OperatorError: no copy could be made.
        StoreMismatch: it is not a store that this program can use.
        StoreUnavailable: it cannot be opened.
    """
    path = settings.database_path
    if path is None or not path.exists():
        return
    # Loaded late: it brings SQLAlchemy along, which the API loads in its own process meanwhile.
    from renvoi.adapters.sql.upgrade import upgrade_file  # noqa: PLC0415

    log = structlog.get_logger("node")

    def tell(text: str) -> None:
        log.warning(text)
        manager.starting("the store is brought up to date", UPGRADE_S)

    done = upgrade_file(path, clock.now_ms(), tell=tell)
    if done.copy is not None:
        log.warning("the store was brought up to date", schema_before=done.found, copy=str(done.copy))


PERIOD_S = 5.0
"""How often it is looked whether the spool is there."""


async def keep_spool(spool: Path, give: Callable[[], None]) -> None:
    """Make the spool again whenever it is missing, for ever; `give` lets those write there who have to.

    What they could not write meanwhile waits in their memory, and comes then.
    """
    trouble = ""
    while True:
        await asyncio.sleep(to_next(PERIOD_S))
        try:
            if await asyncio.to_thread(_restore, spool, give):
                structlog.get_logger("node").error(
                    "the spool was removed, and is made again; call records that waited there are lost",
                    spool=str(spool),
                )
            trouble = ""
        except (OSError, OperatorError) as error:
            if str(error) != trouble:
                structlog.get_logger("node").error("the spool was removed, and cannot be made", error=str(error))
            trouble = str(error)


def _restore(spool: Path, give: Callable[[], None]) -> bool:
    if spool.is_dir():
        return False
    make_directory(spool)
    give()
    return True
