"""Ports and phones of tests that run side by side: nobody gets what another one has."""

import fcntl
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support import ports
from tests.support.ports import fixed_port, free_port, free_ports
from tests.support.sip import Phone
from tests.support.waiting import wait_for

ROOT = Path(__file__).parents[3]
PHONES = 400
"""Of 28,232 ports, two of so many phones shared one in 94 of 100 runs when that was possible."""


@contextmanager
def neighbour(statement: str) -> Iterator[subprocess.Popen[str]]:
    """Run another process of tests that executes a statement, says so, and waits."""
    code = f"from tests.support.ports import *\n{statement}\nprint(flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        try:
            yield other
        finally:
            other.kill()


def said(other: subprocess.Popen[str]) -> str:
    assert other.stdout is not None
    return other.stdout.readline().strip()


def waits(pid: int) -> bool:
    """Tell whether a process waits for a lock (proc(5), /proc/locks)."""
    lines = (line.split() for line in Path("/proc/locks").read_text("ascii").splitlines())
    return any(fields[1] == "->" and fields[5] == str(pid) for fields in lines)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> range:
    """Leave this process eight ports to choose from."""
    eight = free_ports(8)
    monkeypatch.setattr(ports, "_RANGES", (eight,))
    monkeypatch.setattr(ports, "_given", set())
    return eight


def test_a_port_is_given_once_though_nobody_binds_it(narrow: range) -> None:
    assert {free_port() for _ in narrow} == set(narrow)
    with pytest.raises(AssertionError, match="no 1 ports in a row are free"):
        free_port()


def test_ports_in_a_row_begin_with_an_even_one(narrow: range) -> None:
    rows = [free_ports(2) for _ in range(4)]
    assert {port for row in rows for port in row} == set(narrow)
    assert not any(row[0] % 2 for row in rows)


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.9"), (socket.AF_INET6, "::1")])
def test_a_port_that_anybody_has_is_passed_over(
    narrow: range, kind: socket.SocketKind, family: socket.AddressFamily, host: str
) -> None:
    with socket.socket(family, kind) as other:
        other.bind((host, narrow[3]))
        assert {free_port() for _ in narrow[1:]} == set(narrow) - {narrow[3]}


def test_a_port_is_its_processs_own_until_that_dies(narrow: range) -> None:
    # This process's locks would keep the other one away.
    fcntl.lockf(ports._registry(), fcntl.LOCK_UN)
    ours = {free_port() for _ in range(4)}
    same = f"from tests.support import ports\nports._RANGES = ({narrow},)\n"
    with neighbour(f"{same}print(*(free_port() for _ in range(4)))") as other:
        theirs = set(map(int, said(other).split()))
        assert ours | theirs == set(narrow)
        with pytest.raises(AssertionError, match="end the test processes"):
            free_port()
    assert {free_port() for _ in range(4)} == theirs


def test_a_port_that_is_written_down_somewhere_is_waited_for() -> None:
    port = free_port()
    waiting = f"print('asks', flush=True)\nwith fixed_port({port}):\n    print('has', flush=True)"
    with ExitStack() as stack:
        held = stack.enter_context(ExitStack())
        assert held.enter_context(fixed_port(port)) == port
        other = stack.enter_context(neighbour(waiting))
        assert said(other) == "asks"
        wait_for(lambda: waits(other.pid), "the other one's waiting")
        held.close()
        assert said(other) == "has"


def test_no_two_phones_share_a_port() -> None:
    with ExitStack() as stack:
        phones = [stack.enter_context(Phone()) for _ in range(PHONES)]
        assert len({phone.port for phone in phones}) == PHONES


def port_of_a_phone() -> int:
    """Return the port of a phone that is closed by now."""
    with Phone() as phone:
        return phone.port


def test_a_phone_does_not_get_the_port_of_one_that_was_closed() -> None:
    """What is sent to that one again would reach it."""
    assert len({port_of_a_phone() for _ in range(PHONES)}) == PHONES


def test_a_socket_does_not_get_the_port_of_another_processs_socket() -> None:
    ours = [port_of_a_phone() for _ in range(4)]
    taking = (
        f"import socket\nfrom collections import deque\nfrom tests.support import ports\nports._turns = deque({ours})"
    )
    trying = "try:\n    bind_unused(socket.socket())\nexcept AssertionError as error:\n    print(error)"
    with neighbour(f"{taking}\n{trying}") as other:
        assert said(other).startswith("all ports are used")


def test_the_port_that_was_used_the_longest_time_ago_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    had = [port_of_a_phone() for _ in range(4)]
    monkeypatch.setattr(ports, "_turns", deque(had))
    assert [port_of_a_phone() for _ in range(6)] == [*had, *had[:2]]


@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM])
def test_a_socket_passes_over_a_port_that_is_bound(monkeypatch: pytest.MonkeyPatch, kind: socket.SocketKind) -> None:
    had = [port_of_a_phone() for _ in range(2)]
    monkeypatch.setattr(ports, "_turns", deque(had))
    with socket.socket(socket.AF_INET, kind) as other, socket.socket(socket.AF_INET, kind) as ours:
        other.bind(("127.0.0.1", had[0]))
        assert ports.bind_unused(ours) == had[1]
