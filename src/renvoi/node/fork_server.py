"""The fork server: a process that has loaded what the parts of a node need, and forks each part when it is told to.

So parts share the memory of what they all load, and start within milliseconds. It knows no settings and no secrets: a
part gets those from the supervisor itself, over the connection that the request comes with. Each part is the child of
the supervisor, not of this process (`process_rights.adopt_orphans`), and goes on when this one dies.

A request is one byte with a socket; the answer is the process id. The part waits at that socket for what it is to do.
Another byte has it load what takes a store on a server, which most nodes have not.
"""

import ctypes
import fcntl
import gc
import importlib
import json
import os
import socket
import struct
import sys
import traceback
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from renvoi import process_rights
from renvoi.node.parts import processes

PARTS = "renvoi.node.entrypoints.parts"
"""The module of the parts: its `load` makes ready what they share, and `load_more` what they share on nodes whose store
is on a server; its `main` does the work of the part that is named by its arguments."""
READY = FORK = b"!"
LOAD = b"+"
PID = struct.Struct("=q")
"""The answer to a request; 0 when there can be no further process."""
LENGTH = struct.Struct("=I")
"""What goes before a `Birth`, with the descriptors."""
MOST_FDS = 16
TITLE = "renvoi.node"
"""What the command lines of parts begin with, where `ps` shows them."""


@dataclass(frozen=True, slots=True)
class Birth:
    """What a part is to be: its arguments, its environment, and the numbers that its descriptors are to have."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    fds: Sequence[int]

    def encoded(self) -> bytes:
        """Return it as `receive` reads it, after its length."""
        return json.dumps([list(self.arguments), dict(self.environment), list(self.fds)]).encode()


@dataclass(frozen=True, slots=True)
class ForkServer:
    """One that runs: its process, our end of its connection, and what it writes."""

    pid: int
    control: socket.socket
    output: int


def load(parts: str) -> None:
    """Load what parts need, into memory that forks share."""
    importlib.import_module(parts).load()
    _freeze()


def _freeze() -> None:
    gc.collect()
    # The collector notes in each object that it has looked at it: what is there now, it never looks at again.
    gc.freeze()


def begin(parts: str = PARTS) -> ForkServer:
    """Start the first fork server of a node, before its settings are read: this process has one thread, and no loop.

    It is forked from this very process when that has loaded what parts need, so that the two share memory as well.
    Where this process was given secrets, which its parts would have with its memory, it is a program of its own.
    """
    shares = not processes.holds_secrets()
    if shares:
        load(parts)
    supervisor = os.getpid()
    ours, theirs = socket.socketpair()
    reader, writer = os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            place_descriptors((writer, theirs.fileno()), (1, theirs.fileno()))
            if shares:
                serve_forks(theirs, supervisor, parts)
            command = program(theirs.fileno(), parts)
            os.execve(command[0], command, processes.inherited())  # noqa: S606 - a program of our own
        finally:
            os._exit(1)
    theirs.close()
    os.close(writer)
    return ForkServer(pid, ours, reader)


def program(control: int, parts: str) -> tuple[str, ...]:
    """Return the command of a fork server that begins from nothing; `control` is its connection."""
    return (sys.executable, "-m", "renvoi.node", str(control), parts)


def serve_forks(control: socket.socket, supervisor: int, parts: str) -> NoReturn:
    """Fork parts as process `supervisor`, the parent of this one, asks for over `control`, until that is closed.

    This process must have one thread. It gives up what rights a part does not need, and its environment.
    """
    try:
        process_rights.die_with_parent(supervisor)
        process_rights.confine_root()
        forget_environment()
        set_title(f"{TITLE} fork-server")
        control.sendall(READY)
        while True:
            asked, fds, _, _ = socket.recv_fds(control, 1, 1)
            if not asked:
                os._exit(0)
            if asked == LOAD:
                importlib.import_module(parts).load_more()
                _freeze()
                continue
            with socket.socket(fileno=fds[0]) as birth:
                control.sendall(PID.pack(_fork(control, birth, supervisor, parts)))
    except ConnectionError:
        os._exit(0)
    except BaseException:  # noqa: BLE001 - what is below on the stack is another process's
        traceback.print_exc()
        os._exit(1)


def _fork(control: socket.socket, birth: socket.socket, supervisor: int, parts: str) -> int:
    """Fork a part by a process between, whose end makes the supervisor its parent; return its id when it is so."""
    try:
        reader, writer = os.pipe()
        between = os.fork()
    except OSError:
        traceback.print_exc()
        return 0
    if between == 0:
        try:
            pid = os.fork()
            if pid == 0:
                control.close()
                _become_part(birth, supervisor, parts)
            os.write(writer, PID.pack(pid))
        finally:
            os._exit(0)
    os.close(writer)
    # The part has the other end as well, so there may be no end to read to.
    said = os.read(reader, PID.size)
    os.close(reader)
    os.waitpid(between, 0)
    return int(PID.unpack(said)[0]) if said else 0


def _become_part(birth: socket.socket, supervisor: int, parts: str) -> NoReturn:
    code = 1
    try:
        # Until it is born it belongs to the group of the fork server, and ends with that.
        wanted = _be_born(birth, supervisor)
        if wanted is not None:
            importlib.import_module(parts).main(list(wanted.arguments))
            code = 0
    except SystemExit as end:
        code = _exit_code(end)
    except BaseException:  # noqa: BLE001 - as Python does at the end of a program
        traceback.print_exc()
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        # What the fork server was in the midst of is not this process's to end.
        os._exit(code)


def _be_born(birth: socket.socket, supervisor: int) -> Birth | None:
    """Wait for what this process is to be, and make it that; None when whoever asked for it wants it no more."""
    try:
        wanted, received = receive(birth)
        os.setsid()
        process_rights.die_with_parent(supervisor)
    except (EOFError, ConnectionError, ProcessLookupError):
        return None
    place_descriptors(received, (1, *wanted.fds))
    os.environ.update(wanted.environment)
    set_title(" ".join((TITLE, *wanted.arguments)))
    return wanted


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def receive(birth: socket.socket) -> tuple[Birth, list[int]]:
    """Read what a part is to be, and its descriptors.

    Raises:
        EOFError: it ends too soon.
    """
    head, fds, _, _ = socket.recv_fds(birth, LENGTH.size, MOST_FDS)
    if len(head) < LENGTH.size:
        raise EOFError
    with birth.makefile("rb") as rest:
        body = rest.read(LENGTH.unpack(head)[0])
    if len(body) < LENGTH.unpack(head)[0]:
        raise EOFError
    return Birth(*json.loads(body)), list(fds)


def place_descriptors(received: Sequence[int], wanted: Sequence[int]) -> None:
    """Give each of `received` the number at its place in `wanted`, the first of which is 1, and close all others.

    What is written to standard error goes where standard output does; there is nothing to read from standard input.
    """
    above = max((*received, *wanted, 2)) + 1
    moved = [fcntl.fcntl(fd, fcntl.F_DUPFD, above) for fd in received]
    for fd, number in zip(moved, wanted, strict=True):
        os.dup2(fd, number)
    os.dup2(1, 2)
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    _close_all_but({0, 1, 2, *wanted})


def _close_all_but(kept: Collection[int]) -> None:
    for fd in [int(each.name) for each in Path("/proc/self/fd").iterdir()]:
        if fd not in kept:
            with suppress(OSError):  # the one that the list was read from
                os.close(fd)


# Arguments and environment of a program are one area of its memory (proc(5), `/proc/PID/cmdline`, `/proc/PID/environ`):
# what `ps` shows of a process that was forked is read from there.
_ARG_START, _ENV_END = 45, 48
"""Fields of `/proc/PID/stat` that name the area's ends, counted from the one after the name in brackets."""


def forget_environment() -> None:
    """Empty the environment, also what the program was started with: a child is not to have its parent's."""
    os.environ.clear()
    set_title("")


def set_title(title: str) -> None:
    """Have `ps` show `title`, as much of it as there is room for; the environment must have been emptied before."""
    start, end = _area()
    # The last byte stays zero: it ends the text.
    shown = title.encode()[: max(0, end - start - 1)]
    ctypes.memset(start, 0, end - start)
    ctypes.memmove(start, shown, len(shown))


def _area() -> tuple[int, int]:
    fields = Path("/proc/self/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
    return int(fields[_ARG_START]), int(fields[_ENV_END])
