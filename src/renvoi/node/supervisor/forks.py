"""The fork server as the supervisor has it: parts are started by it, and it is kept running as a part is."""

import asyncio
import os
import socket
from collections.abc import Collection, Sequence
from contextlib import suppress

import structlog

from renvoi import logs, process_rights
from renvoi.configuration.settings import Settings
from renvoi.node.fork_server import FORK, LENGTH, LOAD, PARTS, PID, READY, Birth, ForkServer, program
from renvoi.node.parts import processes
from renvoi.node.parts.processes import STORE_SECRETS, AdoptedProcess, Command, Process, execute
from renvoi.node.parts.roles import FORK_SERVER
from renvoi.node.parts.supervised_process import ProcessSpec, SupervisedProcess

READY_LIMIT_S = 30.0
"""How long the start of a part waits for a fork server that is being started."""
FORK_LIMIT_S = 4.0
"""How long it may take to answer. With its own next start, and that of the part, a part is back within 15 s."""


class Forks:
    """Starts parts of a node.

    `first` is a fork server that runs already; the next ones are programs of their own, for the module `parts`.
    `on_server` says that the node's store is on a server.
    """

    def __init__(self, first: ForkServer | None = None, parts: str = PARTS, *, on_server: bool = False) -> None:
        self._on_server = on_server
        self._first = first
        self._parts = parts
        self._control: socket.socket | None = None
        self._theirs: socket.socket | None = None
        self._is_ready = False
        self._ends = False
        self._settled = asyncio.Event()
        """Set while it is ready, or will never be."""
        self._asking = asyncio.Lock()
        relay = logs.relay
        spec = ProcessSpec(FORK_SERVER, self._prepare, lambda line: relay(FORK_SERVER, line), self._works)
        self.part = SupervisedProcess(spec)

    def start(self) -> None:
        """Keep a fork server running from now on; this process is the parent of all that it forks."""
        process_rights.adopt_orphans()
        self.part.start()

    def end_waiting(self) -> None:
        """Have starts of parts fail from now on, rather than wait, while there is no fork server that is ready."""
        self._ends = True
        self._settled.set()

    async def stop(self) -> None:
        """End it; parts that run go on."""
        await self.part.stop(0)
        self._close()

    def command(
        self,
        settings: Settings,
        arguments: Sequence[str],
        fds: tuple[int, ...] = (),
        secrets: Collection[str] = STORE_SECRETS,
    ) -> Command:
        """Return the command of the part that `arguments` name; of settings that are secrets it gets those alone."""
        return Command(arguments, processes.of_part(settings, secrets), fds, run=self.run)

    async def run(self, command: Command) -> Process:
        """Fork a part.

        Raises:
            OSError: there is no fork server that does it.
        """
        try:
            async with asyncio.timeout(READY_LIMIT_S), self._asking:
                pid, birth = await self._ask()
        except TimeoutError:
            raise OSError(f"no fork server was ready within {READY_LIMIT_S:g} s") from None
        with birth:
            return await _bear(pid, birth, command)

    async def _ask(self) -> tuple[int, socket.socket]:
        """Have a process forked; return its id, and the connection at which it waits for what it is to be."""
        while True:
            await self._settled.wait()
            if self._control is None or not self._is_ready:
                raise OSError("the node stops")
            ours, theirs = socket.socketpair()
            ours.setblocking(False)
            try:
                with theirs:
                    answer = await self._answer(self._control, theirs)
            except BaseException:
                ours.close()
                raise
            if not answer:
                ours.close()
                continue
            pid: int = PID.unpack(answer)[0]
            if not pid:
                ours.close()
                raise OSError("there can be no further process")
            return pid, ours

    async def _answer(self, control: socket.socket, birth: socket.socket) -> bytes:
        """Return what the fork server answers to a request, nothing when it cannot be used any more."""
        answer, is_gone = b"", False
        try:
            async with asyncio.timeout(FORK_LIMIT_S):
                socket.send_fds(control, [FORK], [birth.fileno()])
                answer = await asyncio.get_running_loop().sock_recv(control, PID.size)
            is_gone = not answer
        except TimeoutError:
            structlog.get_logger("node").warning("the fork server does not answer, it is started again")
        except ConnectionError:
            is_gone = True
        finally:
            if not answer:
                self._is_ready = False
                if not self._ends:
                    self._settled.clear()
                if not is_gone:
                    # An answer that came later would be taken for one to the next question.
                    self.part.kill(f"hung: it forked no part within {FORK_LIMIT_S:g} s, and was killed")
        return answer

    async def _prepare(self) -> Command:
        """Return the command of a fork server that begins from nothing."""
        self._is_ready = False
        if not self._ends:
            self._settled.clear()
        self._close()
        if self._first is not None:
            return Command((), {}, run=self._take_first)
        self._control, self._theirs = socket.socketpair()
        self._control.setblocking(False)
        fd = self._theirs.fileno()
        return Command(program(fd, self._parts), processes.inherited(), (fd,), run=self._execute)

    async def _execute(self, command: Command) -> Process:
        assert self._theirs is not None
        with self._theirs:
            return await execute(command)

    async def _take_first(self, _command: Command) -> Process:
        assert self._first is not None
        first, self._first = self._first, None
        self._control = first.control
        self._control.setblocking(False)
        process = AdoptedProcess(first.pid)
        await process.read_from(first.output)
        return process

    async def _works(self) -> bool:
        if not self._is_ready and self._control is not None:
            # Nothing has come yet, or it has ended.
            with suppress(OSError):
                self._is_ready = self._control.recv(len(READY)) == READY
            if self._is_ready:
                if self._on_server:
                    self._control.send(LOAD)
                self._settled.set()
        return self._is_ready

    def _close(self) -> None:
        for each in (self._control, self._theirs):
            if each is not None:
                each.close()
        self._control = self._theirs = None


async def _bear(pid: int, birth: socket.socket, command: Command) -> Process:
    """Tell the process that waits at `birth` what it is to be."""
    process = AdoptedProcess(pid)
    reader, writer = os.pipe()
    try:
        await process.read_from(reader)
        body = Birth(command.argv, command.environment, command.fds).encoded()
        async with asyncio.timeout(FORK_LIMIT_S):
            socket.send_fds(birth, [LENGTH.pack(len(body))], [writer, *command.fds])
            await asyncio.get_running_loop().sock_sendall(birth, body)
    finally:
        os.close(writer)
    return process
