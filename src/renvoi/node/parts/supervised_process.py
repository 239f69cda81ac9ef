"""A part of the node: a child process that is started again whenever it ends, until it is told to stop."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum

import structlog

from renvoi import logs
from renvoi.node.parts import watchdog
from renvoi.node.parts.processes import Command, Process, kill_group, reap_group
from renvoi.node.parts.watchdog import FD_VARIABLE, Heartbeat, Silence
from renvoi.wakeups import to_next, wait_or_stop

FIRST_DELAY_S, MAX_DELAY_S = 0.1, 5.0
"""How long a part that ended waits for its next start: doubled each time."""
HEALTHY_AFTER_S = 10.0
"""A part that lived this long starts over with the first delay."""
KILL_AFTER_S = 2.0
"""How long a part that was told to end may take, beyond the grace that it was given."""
PROBE_PERIOD_S = 0.05
MAX_LINE_BYTES = 64 * 1024


class State(StrEnum):
    """Where a part stands."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(slots=True)
class ProcessSpec:
    """What makes up a part.

    `prepare` returns the command for each start, and may raise when there is nothing to start. `works` tells whether
    it does its work: asked until it first does, and then again and again by the watchdog. A part that `beats` proves
    that its loops turn by `watchdog.HeartbeatSender`; with no `works` that is all the proof. `drain` lets it end its
    work, given seconds. `relay` gets each line that it writes.
    """

    name: str
    prepare: Callable[[], Awaitable[Command]]
    relay: Callable[[str], None]
    works: Callable[[], Awaitable[bool]] | None = None
    beats: bool = False
    drain: Callable[[float], Awaitable[None]] | None = None


@dataclass(slots=True)
class SupervisedProcess:
    """A part at work."""

    spec: ProcessSpec
    state: State = State.STOPPED
    pid: int | None = None
    starts: int = 0
    last_end: str | None = None
    _away_since: float | None = None
    _process: Process | None = None
    _heartbeat: Heartbeat | None = None
    _silence_s: float = 0.0
    _hung: str | None = None
    _restarts_by_plan: bool = False
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _task: asyncio.Task[None] | None = None

    @property
    def restarts(self) -> int:
        return max(0, self.starts - 1)

    @property
    def alarm(self) -> str:
        """What needs attention though it runs: its silence, or what it says itself; empty for nothing."""
        if self._silence_s >= watchdog.SHOW_AFTER_S:
            return f"has not answered for {self._silence_s:.0f} s"
        return self._heartbeat.alarm if self._heartbeat is not None else ""

    def status(self) -> dict[str, object]:
        """Return what `/readyz` and `renvoi check` show of it.

        `away_s` is for how many seconds it has not worked any more; None while it works, and until it first does.
        """
        away_s = None if self._away_since is None else round(time.monotonic() - self._away_since, 1)
        return {
            "state": self.state.value,
            "pid": self.pid,
            "starts": self.starts,
            "restarts": self.restarts,
            "detail": self.last_end,
            "away_s": away_s,
            "alarm": self.alarm,
        }

    def start(self) -> None:
        """Keep it running from now on."""
        self.state = State.STARTING
        self._task = asyncio.create_task(self._keep_running())

    async def stop(self, grace_s: float) -> None:
        """End it: drained within `grace_s` seconds, then told to, then killed."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            await self._drain(grace_s)
            self._signal(signal.SIGTERM)
        if self._task is None:
            return
        done, _ = await asyncio.wait([self._task], timeout=grace_s + KILL_AFTER_S)
        if not done:
            _log().warning("part does not end, killed", part=self.spec.name)
            self._signal(signal.SIGKILL)
        await self._task
        self.state = State.STOPPED

    def set_log_level(self, level: str) -> None:
        """Have it log from this level on, if it is one of ours and runs."""
        if self.spec.beats and self.state is State.RUNNING:
            self._signal(logs.LEVEL_SIGNALS[level])

    async def restart(self, grace_s: float) -> None:
        """Have it start again, drained within `grace_s` seconds; returns when the process that ran has ended."""
        process = self._process
        if process is None or process.returncode is not None or self._stopping.is_set():
            return
        await self._drain(grace_s)
        self.state, self._restarts_by_plan = State.STARTING, True
        self._signal(signal.SIGTERM)
        # One that cannot be drained from outside ends its work when it is told to.
        patience_s = KILL_AFTER_S if self.spec.drain is not None else grace_s + KILL_AFTER_S
        try:
            async with asyncio.timeout(patience_s):
                await process.wait()
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await process.wait()

    def kill(self, reason: str) -> None:
        """Have it start again as it does not do its work, for that reason."""
        if self._stopping.is_set():
            return
        self._hung = reason
        self._signal(signal.SIGKILL)

    async def _drain(self, grace_s: float) -> None:
        if self.spec.drain is None:
            return
        try:
            await asyncio.wait_for(self.spec.drain(grace_s), grace_s)
        except TimeoutError:
            _log().warning("work was left when the time was up", part=self.spec.name, grace_s=grace_s)
        except Exception:  # noqa: BLE001 - the part may be the very thing that fails; it is ended all the same
            _log().exception("could not be drained", part=self.spec.name)

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY_S
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                self.last_end = await self._run_once()
            except Exception as error:  # noqa: BLE001 - whatever keeps one part from starting must not take the others down
                self.last_end = f"could not start: {error}"
            self.pid = None
            if self.state is State.RUNNING:
                self._away_since = time.monotonic()
            if self._stopping.is_set():
                break
            if time.monotonic() - started >= HEALTHY_AFTER_S:
                delay = FIRST_DELAY_S
            self.state = State.WAITING
            if self._restarts_by_plan:
                self._restarts_by_plan = False
            else:
                _log().error("part ended", part=self.spec.name, reason=self.last_end, restart_in_s=delay)
            await wait_or_stop(self._stopping, delay)
            delay = min(2 * delay, MAX_DELAY_S)
        self.state = State.STOPPED

    async def _run_once(self) -> str:
        """Run the process to its end; return how it ended."""
        self.state = State.STARTING
        self.starts += 1
        self._silence_s, self._hung = 0.0, None
        command = await self.spec.prepare()
        if self._stopping.is_set():
            return "not started: stopping"
        if not self.spec.beats:
            return await self._run(command)
        self._heartbeat = heartbeat = Heartbeat()
        try:
            variable = {FD_VARIABLE: str(heartbeat.child_fd)}
            environment, fds = {**command.environment, **variable}, (*command.fds, heartbeat.child_fd)
            return await self._run(replace(command, environment=environment, fds=fds))
        finally:
            self._heartbeat = None
            heartbeat.close()

    async def _run(self, command: Command) -> str:
        process = await command.run(command)
        self._process, self.pid = process, process.pid
        if self._heartbeat is not None:
            self._heartbeat.took_off()
        if self._stopping.is_set():  # told to stop while the process was made
            self._signal(signal.SIGTERM)
        watching = asyncio.create_task(self._watch(process.pid))
        relaying = asyncio.create_task(self._relay(process))
        try:
            code = await process.wait()
        finally:
            watching.cancel()
            # A part may have children of its own, which must not outlive it: they would hold its ports.
            kill_group(process.pid)
            if process.returncode is not None:
                await reap_group(process.pid)
            await asyncio.gather(watching, relaying, return_exceptions=True)
        if self._hung is not None:
            return self._hung
        return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"

    async def _watch(self, pid: int) -> None:
        """Wait until the process works, and watch it from then on; kill one that does not."""
        try:
            async with asyncio.timeout(watchdog.START_LIMIT_S):
                while not await self._is_ready():  # noqa: ASYNC110 - another process gets ready, and sends no event
                    await asyncio.sleep(PROBE_PERIOD_S)
        except TimeoutError:
            self.kill(f"did not begin to work within {watchdog.START_LIMIT_S:g} s")
            return
        self.state, self._away_since = State.RUNNING, None
        _log().info("part is ready", part=self.spec.name, pid=pid)
        silence = Silence(time.monotonic())
        while silence.seconds < watchdog.KILL_AFTER_S:
            await asyncio.sleep(to_next(watchdog.SILENT_PERIOD_S if silence.seconds else watchdog.PERIOD_S))
            heard = await self._is_heard(pid)
            if self._stopping.is_set():
                return  # it ends its work now, and may answer nobody meanwhile
            silence.note(time.monotonic(), heard=heard)
            self._silence_s = silence.seconds
        self.kill(f"hung: it did not answer for {silence.seconds:.0f} s, and was killed")

    async def _is_ready(self) -> bool:
        if self.spec.works is not None:
            return await self.spec.works()
        return self._heartbeat is None or self._heartbeat.works

    async def _is_heard(self, pid: int) -> bool:
        if watchdog.is_stopped(pid) or (self._heartbeat is not None and not self._heartbeat.heard()):
            return False
        if self.spec.works is None:
            return True
        try:
            return await asyncio.wait_for(self.spec.works(), watchdog.ASK_TIMEOUT_S)
        except TimeoutError:
            return False
        except Exception:  # noqa: BLE001 - a watchdog that died would watch over nothing
            _log().exception("could not be asked", part=self.spec.name)
            return True

    async def _relay(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in _lines(process.stdout):
            self.spec.relay(line)

    def _signal(self, number: int) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            if number is signal.SIGKILL:
                kill_group(process.pid)
            else:
                process.send_signal(number)


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield the lines of `stream`, one that is too long in pieces."""
    rest = b""
    while chunk := await stream.read(MAX_LINE_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            lines, rest = [*lines, rest], b""
        for line in lines:
            if line.strip():
                yield line.decode("utf-8", "replace").rstrip()
    if rest.strip():
        yield rest.decode("utf-8", "replace").rstrip()


def _log() -> structlog.typing.FilteringBoundLogger:
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger("node")
    return logger
