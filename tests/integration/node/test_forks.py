"""The fork server, with real processes: what a part gets, how its end is told, and deaths at any moment."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from renvoi import process_rights
from renvoi.node import fork_server
from renvoi.node.fork_server import FORK, LENGTH, PID, READY
from renvoi.node.parts.processes import Command, Process
from renvoi.node.parts.supervised_process import ProcessSpec, State, SupervisedProcess
from renvoi.node.supervisor import forks as forks_module
from renvoi.node.supervisor.forks import Forks
from tests.support.node import is_alive
from tests.support.waiting import BESIDE_S, wait_for

PARTS = "tests.support.forked_parts"
DEADLINE_S, BACK_WITHIN_S = 30.0, 15.0 + BESIDE_S


@pytest.fixture(autouse=True)
def _own_orphans() -> Iterator[None]:
    """Let this process adopt no orphans when the test is over."""
    yield
    process_rights.adopt_orphans(adopts=False)


@asynccontextmanager
async def running() -> AsyncIterator[Forks]:
    """Keep a fork server running, whose parts are those of the tests."""
    forks = Forks(parts=PARTS)
    forks.start()
    try:
        yield forks
    finally:
        forks.end_waiting()
        await forks.stop()


def run(scenario: Callable[[Forks], Coroutine[Any, Any, None]]) -> None:
    """Run `scenario` beside a fork server."""

    async def both() -> None:
        async with running() as forks:
            await scenario(forks)

    asyncio.run(both())


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - processes send no event
            await asyncio.sleep(0.01)


async def start(
    forks: Forks, *arguments: str, environment: Mapping[str, str] = os.environ, fds: tuple[int, ...] = ()
) -> Process:
    return await forks.run(Command(arguments, environment, fds, run=forks.run))


async def ended(process: Process) -> tuple[str, int]:
    """Return what a process wrote, and its end."""
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        text = (await process.stdout.read()).decode()
        return text, await process.wait()


async def told(forks: Forks, *arguments: str, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return what a part sees of itself."""
    text, code = await ended(await start(forks, "tell", *arguments, environment=environment))
    assert code == 0, text
    seen: dict[str, Any] = json.loads(text)
    return seen


def part(forks: Forks, *arguments: str, lines: list[str] | None = None) -> SupervisedProcess:
    async def prepare() -> Command:
        return Command(arguments, os.environ, run=forks.run)

    async def works() -> bool:
        return True

    return SupervisedProcess(ProcessSpec(arguments[0], prepare, (lines if lines is not None else []).append, works))


def server_of(forks: Forks) -> int:
    assert forks.part.pid is not None
    return forks.part.pid


def test_a_part_has_what_it_was_given_and_nothing_else() -> None:
    async def scenario(forks: Forks) -> None:
        process = await start(forks, "tell", "me", environment={"ONLY": "this é"})
        text, code = await ended(process)
        seen = json.loads(text)
        assert code == 0
        assert seen["environment"] == {"ONLY": "this é"}
        assert (seen["parent"], seen["session"]) == (os.getpid(), process.pid)
        assert (seen["title"], seen["shown"]) == ("renvoi.node tell me", "")
        # 3 is what the list of descriptors is read from.
        assert (seen["input"], seen["fds"], seen["threads"]) == ("", [0, 1, 2], 1)

    run(scenario)


def test_parts_throw_dice_of_their_own() -> None:
    async def scenario(forks: Forks) -> None:
        one, other = [(await told(forks))["random"] for _ in range(2)]
        assert not set(one) & set(other)

    run(scenario)


@pytest.mark.skipif(os.geteuid() != 0, reason="who is not root has no rights to give up")
def test_parts_of_root_keep_few_of_its_rights() -> None:
    """The same ones that setpriv left to a program (capabilities(7))."""
    files_of_others = f"{process_rights.FILES_OF_OTHERS:016x}"

    async def scenario(forks: Forks) -> None:
        inherited, permitted, effective, bounding, no_new = (await told(forks))["capabilities"]
        assert (inherited, no_new) == ("0" * 16, "1")
        assert {permitted, effective, bounding} == {files_of_others}

    run(scenario)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("exit", "0"), 0, ""),
        (("exit", "3"), 3, ""),
        (("say", "what is wrong"), 1, "what is wrong\n"),
        (("fail",), 1, "EOFError: as a part may fail\n"),
        (("die", str(int(signal.SIGSEGV))), -signal.SIGSEGV, ""),
        (("die", str(int(signal.SIGKILL))), -signal.SIGKILL, ""),
        (("die", str(int(signal.SIGTERM))), -signal.SIGTERM, ""),
    ],
)
def test_the_end_of_a_part_is_told(arguments: tuple[str, ...], code: int, said: str) -> None:
    async def scenario(forks: Forks) -> None:
        text, found = await ended(await start(forks, *arguments))
        assert (found, text[-len(said) :] if said else text) == (code, said)

    run(scenario)


def test_a_descriptor_keeps_its_number() -> None:
    async def scenario(forks: Forks) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for number in (3, 4, 5, 6, 900):
                # Low numbers are those that a fork server uses itself.
                high = os.dup2(theirs.fileno(), number) if number == 900 else theirs.fileno()
                process = await start(forks, "talk", str(high), fds=(high,))
                assert (await ended(process))[1] == 0
                assert ours.recv(5) == b"hello"
            os.close(900)

    run(scenario)


def test_an_environment_may_be_large() -> None:
    large = {f"NAME_{n}": "x" * 100_000 for n in range(50)}

    async def scenario(forks: Forks) -> None:
        assert (await told(forks, environment=large))["environment"] == large

    run(scenario)


def test_more_is_loaded_for_a_store_on_a_server() -> None:
    async def scenario() -> None:
        masks = []
        for on_server in (False, True):
            forks = Forks(parts=PARTS, on_server=on_server)
            forks.start()
            masks.append((await told(forks))["mask"])
            await forks.stop()
        assert masks[0] != masks[1] == 0o123

    asyncio.run(scenario())


def test_parts_are_unharmed_by_the_death_of_the_fork_server_and_it_comes_back() -> None:
    async def scenario(forks: Forks) -> None:
        waiting = part(forks, "wait")
        waiting.start()
        await until(lambda: waiting.state is State.RUNNING)
        server, pid = server_of(forks), waiting.pid
        os.kill(server, signal.SIGKILL)
        # At once: nothing is there that could fork it.
        assert (await told(forks))["parent"] == os.getpid()
        assert server_of(forks) != server
        assert (waiting.pid, waiting.restarts, forks.part.restarts) == (pid, 0, 1)
        assert forks.part.last_end == "killed by SIGKILL"
        await waiting.stop(1)

    run(scenario)


def test_a_part_that_dies_while_the_fork_server_hangs_is_back_in_time() -> None:
    async def scenario(forks: Forks) -> None:
        waiting = part(forks, "wait")
        waiting.start()
        await until(lambda: waiting.state is State.RUNNING)
        pid = waiting.pid
        assert pid is not None
        os.kill(server_of(forks), signal.SIGSTOP)
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: waiting.state is State.RUNNING and waiting.pid not in (None, pid))
        assert time.monotonic() - began < BACK_WITHIN_S
        assert waiting.restarts == 1
        assert forks.part.last_end is not None
        assert forks.part.last_end.startswith("hung: it forked no part within 4 s")
        await waiting.stop(1)

    run(scenario)


def test_what_a_part_leaves_behind_goes_with_it() -> None:
    """Its children would hold its ports; none stays as a zombie either."""

    async def scenario(forks: Forks) -> None:
        lines: list[str] = []
        breeder = part(forks, "breed", lines=lines)
        breeder.start()
        await until(lambda: len(lines) == 3)
        child = next(int(line.split()[1]) for line in lines if line.startswith("child"))
        assert breeder.pid is not None
        os.kill(breeder.pid, signal.SIGKILL)
        await until(lambda: breeder.restarts == 1)
        assert not Path(f"/proc/{child}").exists()
        await breeder.stop(1)

    run(scenario)


def begun(parts: str = PARTS) -> tuple[socket.socket, int, Callable[[], None]]:
    """Start a fork server without a supervisor around it; return its connection, its id, and what ends it."""
    ours, theirs = socket.socketpair()
    with theirs:
        fd = theirs.fileno()
        process = subprocess.Popen(fork_server.program(fd, parts), pass_fds=[fd])
    process_rights.adopt_orphans()

    def end() -> None:
        ours.close()
        process.kill()
        process.wait()

    assert ours.recv(1) == READY
    return ours, process.pid, end


def request(control: socket.socket) -> tuple[int, socket.socket]:
    """Have a part forked; return its id, and the connection over which it is to be told what it is."""
    ours, theirs = socket.socketpair()
    with theirs:
        socket.send_fds(control, [FORK], [theirs.fileno()])
    return PID.unpack(control.recv(PID.size))[0], ours


@pytest.mark.parametrize("sent", [b"", LENGTH.pack(10)[:2], LENGTH.pack(10), LENGTH.pack(10) + b"[["])
def test_a_request_that_is_cut_short_makes_no_part(sent: bytes) -> None:
    control, _, end = begun()
    try:
        pid, birth = request(control)
        with birth:
            birth.sendall(sent)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
        # And the next one is served.
        pid, birth = request(control)
        birth.close()
        os.waitpid(pid, 0)
    finally:
        end()


def test_a_part_is_not_born_when_the_fork_server_dies_meanwhile() -> None:
    """Whoever asked learns of no process, so there must be none."""
    control, server, end = begun()
    try:
        pid, birth = request(control)
        os.kill(server, signal.SIGKILL)
        with birth:
            assert is_alive(pid)
        os.waitpid(pid, 0)
    finally:
        end()


def test_nobody_asks_a_fork_server_whose_supervisor_is_gone() -> None:
    control, server, end = begun()
    control.close()
    wait_for(lambda: not is_alive(server), "the end of the fork server")
    end()


def test_starts_do_not_hold_up_a_node_that_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        forks = Forks(parts="tests.there_is_no_such_module")
        forks.start()
        waiting = part(forks, "wait")
        waiting.start()
        await until(forks._asking.locked)
        forks.end_waiting()
        began = time.monotonic()
        await waiting.stop(1)
        await forks.stop()
        assert time.monotonic() - began < forks_module.READY_LIMIT_S / 2

    monkeypatch.setattr("renvoi.logs.relay", lambda *_: None)
    asyncio.run(scenario())
