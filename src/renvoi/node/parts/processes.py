"""Processes that the supervisor starts: what to run, with which environment, and what is left of one that has ended."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from renvoi.configuration.setting_sources import CREDENTIALS_VARIABLE
from renvoi.configuration.setting_types import SECRETS
from renvoi.configuration.settings import ENV_PREFIX, Settings, variable_of
from renvoi.node.parts.service_manager import NOTIFY_VARIABLE, WATCHDOG_PID_VARIABLE, WATCHDOG_VARIABLE

DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", '[ "$PPID" = "$0" ] && exec "$@"')
"""The kernel kills the process when its parent dies, by whatever death (PR_SET_PDEATHSIG); it does not begin when the
parent, whose process id follows, died before the kernel knew. The command comes last."""
REAP_PERIOD_S = 0.01
REAP_LIMIT_S = 2.0
"""How long the end of the processes of a group that was killed is waited for."""


class Process(Protocol):
    """A child process; what it writes is read from `stdout`."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None:
        """Its exit code, or the number of the signal that ended it as a negative one; None while it runs."""

    @property
    def stdout(self) -> asyncio.StreamReader | None: ...

    async def wait(self) -> int:
        """Wait for its end; return `returncode`."""

    def send_signal(self, signal: int, /) -> None: ...


async def execute(command: "Command") -> Process:
    """Run a command as a program.

    Raises:
        OSError: it cannot be started.
    """
    return await asyncio.create_subprocess_exec(
        *DIES_WITH_PARENT,
        str(os.getpid()),
        *command.argv,
        env=dict(command.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        pass_fds=command.fds,
        cwd=command.directory,
        start_new_session=True,
    )


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: arguments, environment, file descriptors that it inherits, and its working directory.

    `run` starts it, in a session of its own; it ends with this process.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    fds: tuple[int, ...] = ()
    directory: Path | None = None
    run: Callable[["Command"], Awaitable[Process]] = execute


class AdoptedProcess:
    """A child that something else made, see `Process`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdout: asyncio.StreamReader | None = None
        self._ended = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._end)

    async def read_from(self, output: int) -> None:
        """Have what comes out of this pipe be its `stdout`; closes it at its end."""
        self.stdout = reader = asyncio.StreamReader()
        pipe = os.fdopen(output, "rb", buffering=0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)

    async def wait(self) -> int:
        """See `Process`."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int, /) -> None:
        """See `Process`."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        try:
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:  # it belonged to a group that `reap_group` has waited for
            self.returncode = -signal.SIGKILL
        self._ended.set()


def kill_group(pid: int) -> None:
    """Kill each process of the group that `pid` leads or led."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


async def reap_group(pid: int) -> None:
    """Wait for the end of what is left of the killed group of a process that has ended, but not for ever.

    Those whose parent was that process are children of this one by then (`process_rights.adopt_orphans`).
    """
    with suppress(ChildProcessError, TimeoutError):
        async with asyncio.timeout(REAP_LIMIT_S):
            # Until there is none left.
            while True:
                if not os.waitpid(-pid, os.WNOHANG)[0]:  # noqa: ASYNC222 - it does not wait
                    await asyncio.sleep(REAP_PERIOD_S)


_OF_THE_SUPERVISOR = frozenset({CREDENTIALS_VARIABLE, NOTIFY_VARIABLE, WATCHDOG_VARIABLE, WATCHDOG_PID_VARIABLE})
"""Variables of the service manager that speak to the supervisor alone."""
STORE_SECRETS = frozenset({"database_url"})
"""What a part needs that works with the store."""
SEALER_SECRETS = STORE_SECRETS | {"secrets_key_file"}
"""What a part needs that seals or opens secrets in the store."""
WORKER_SECRETS = STORE_SECRETS | {"hep_key"}
"""What a worker of the voicemail needs."""
MAIL_SECRETS = STORE_SECRETS | {"smtp_url", "dkim_key_file"}
"""What the mailer needs."""


def inherited() -> dict[str, str]:
    """Return what is not renvoi's of the environment, and not the supervisor's."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(ENV_PREFIX) and name not in _OF_THE_SUPERVISOR
    }


def of_part(settings: Settings, secrets: Collection[str]) -> Mapping[str, str]:
    """Return the environment of a part, with these very settings whatever their sources were.

    Of settings that are secrets it gets those in `secrets` only.
    """
    return inherited() | settings.environment(secrets)


def holds_secrets() -> bool:
    """Tell whether this process was given a secret of renvoi in its environment."""
    return any(os.environ.get(variable_of(name)) for name in SECRETS)
