"""Settings that are read again while a node serves: which of them can change, and what that takes.

Parts that hold no call may be started again with new settings: connections wait in the listening socket meanwhile,
mails, events and records on the disk or in the store. What the edge and the workers of the voicemail have, and what the
supervisor has bound or opened, counts from the next start of the node.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from renvoi import logs
from renvoi.application.errors import OperatorError
from renvoi.configuration.setting_sources import SettingsInvalid
from renvoi.configuration.settings import SETTINGS, Settings, variable_of
from renvoi.node.parts.roles import COLLECTOR, MAILER, WEBHOOKS
from renvoi.node.parts.service_manager import ServiceManager
from renvoi.node.parts.supervised_process import State, SupervisedProcess
from renvoi.node.supervisor.preparations import check_mail_server

log = structlog.get_logger("node")

HTTP = "http"
LOG_LEVEL = "log_level"
_COMMANDS: frozenset[str] = frozenset()
_API = frozenset({HTTP})
_MAIL = frozenset({MAILER})
_RETENTION = frozenset({COLLECTOR})
RELOADED: Mapping[str, frozenset[str]] = {
    # Every part takes this one as it runs.
    LOG_LEVEL: frozenset(),
    # Commands alone read it.
    "region": _COMMANDS,
    "database_connections": _API,
    "error_status": _API,
    "rate_limit_per_key": _API,
    "bad_key_limit": _API,
    "trusted_proxies": _API,
    "new_account_calls": _API,
    "new_account_minutes": _API,
    "public_url": _API | _MAIL,
    "webhook_http": _API | {WEBHOOKS},
    "webhook_networks": _API | {WEBHOOKS},
    "smtp_url": _MAIL,
    "smtp_ehlo": _MAIL,
    "mail_from": _MAIL,
    "operator_email": _MAIL,
    "mail_audio": _MAIL,
    "mail_retry_s": _MAIL,
    "dkim_key_file": _MAIL,
    "dkim_selector": _MAIL,
    "dkim_domain": _MAIL,
    "call_retention_days": _RETENTION,
    "ladder_retention_days": _RETENTION,
    "audit_retention_days": _RETENTION,
    "event_retention_days": _RETENTION,
    "delivery_retention_days": _RETENTION,
}
"""Settings that count at once, and the parts that are started again with them."""


@dataclass(frozen=True, slots=True)
class Reload:
    """What comes of settings that were read again.

    `settings` are those in force from now on, `changed` names what is new in them, `parts` what is started again;
    `waiting` names settings that count from the next start of the node on.
    """

    settings: Settings
    changed: tuple[str, ...]
    waiting: tuple[str, ...]
    parts: frozenset[str]


def compare(now: Settings, read: Settings) -> Reload:
    """Tell what comes of it when a node with the settings `now` has `read` others."""
    differ = [name for name in SETTINGS if getattr(now, name) != getattr(read, name)]
    taken = {name: getattr(read, name) for name in differ if name in RELOADED}
    return Reload(
        replace(now, **taken),
        tuple(map(variable_of, taken)),
        tuple(variable_of(name) for name in differ if name not in RELOADED),
        frozenset().union(*(RELOADED[name] for name in taken)),
    )


class Reloads:
    """Reads the settings of a node again whenever it is told to; `settings` are those in force."""

    def __init__(
        self,
        settings: Settings,
        read: Callable[[], Settings],
        parts: Mapping[str, SupervisedProcess],
        manager: ServiceManager,
    ) -> None:
        """`read` reads them from where they came from, and raises what a start would end with."""
        self.settings = settings
        self.waiting: tuple[str, ...] = ()
        self.refused = ""
        self._read = read
        self._parts = parts
        self._manager = manager
        self._wanted = asyncio.Event()
        self._files = _signatures(settings)

    def want(self) -> None:
        """Have them read again."""
        self._wanted.set()

    def status(self) -> dict[str, object]:
        """Return what `renvoi check` is told: settings that wait for the next start, and why none were taken."""
        return {"waiting": self.waiting, "refused": self.refused}

    async def keep(self, until_ready: Callable[[], Awaitable[None]]) -> None:
        """Read them whenever that is wanted, until cancelled; `until_ready` waits for parts that start again."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            self._manager.reloading()
            try:
                await self._reload(until_ready)
                self.refused = ""
            except (SettingsInvalid, OperatorError) as error:
                self.refused = str(error)
                log.warning("settings could not be read again: those before stay in force", reason=self.refused)
            finally:
                self._manager.ready()

    async def _reload(self, until_ready: Callable[[], Awaitable[None]]) -> None:
        read = await asyncio.to_thread(self._read)
        if self._parts[MAILER].state is not State.ABSENT:
            check_mail_server(read)
        found, files = compare(self.settings, read), _signatures(read)
        parts, changed = set(found.parts), list(found.changed)
        waiting = [name for name in _READ_AT_START if files[name] != self._files[name]]
        self.waiting = tuple(dict.fromkeys((*found.waiting, *map(variable_of, waiting))))
        if files[_DKIM] != self._files[_DKIM] and variable_of(_DKIM) not in changed:
            changed.append(variable_of(_DKIM))
            parts.add(MAILER)
        self._files[_DKIM] = files[_DKIM]
        self.settings = found.settings
        logs.set_level(found.settings.log_level)
        grace_s = found.settings.shutdown_grace_s
        again = [part for name, part in self._parts.items() if name in parts]
        await asyncio.gather(*(part.restart(grace_s) for part in again))
        await until_ready()
        if variable_of(LOG_LEVEL) in changed:
            for part in self._parts.values():
                part.set_log_level(found.settings.log_level)
        log.info("settings were read again", changed=changed, restarted=sorted(part.spec.name for part in again))
        if self.waiting:
            log.warning("these settings have changed, and count from the next start on", settings=list(self.waiting))


_DKIM = "dkim_key_file"
_READ_AT_START = ("identity_key_file", "identity_certificate_file", "identity_trusted_file")
"""Files that are read when the node starts. Those of TLS are read again by themselves."""


def _signatures(settings: Settings) -> dict[str, object]:
    """Return what tells whether a file that a setting names is another one now."""
    return {name: _signature(getattr(settings, name)) for name in (_DKIM, *_READ_AT_START)}


def _signature(path: Path | None) -> object:
    try:
        found = None if path is None else path.stat()
    except OSError as error:
        return error.errno
    return found and (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def on_hangup(
    loop: asyncio.AbstractEventLoop, terminal_gone: Callable[[], object], asked: Callable[[], object]
) -> None:
    """Have `asked` called at each SIGHUP: settings are to be read again.

    `terminal_gone` is called in its place when it says that the terminal went, with all who could stop the node.
    Whoever started this process with the signal ignored, as nohup does, wants it to stay so.
    """
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        return
    had_terminal = _has_terminal()

    def tell() -> None:
        if had_terminal and not _has_terminal():
            terminal_gone()
        else:
            asked()

    loop.add_signal_handler(signal.SIGHUP, tell)


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY))
    except OSError:
        return False
    return True
