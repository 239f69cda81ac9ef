"""The ports of calls' audio."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from renvoi.voicemail.rtp_sockets import ROUNDS, NoPortFree, RtpPorts, RtpReader
from tests.support.ports import free_ports

HOST = "127.0.0.1"


@pytest.fixture
def ports() -> list[int]:
    """Return three even ports that are free."""
    return list(free_ports(6)[::2])


@contextmanager
def occupied(port: int) -> Iterator[None]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, port))
        yield


def number(rtp: socket.socket) -> int:
    port: int = rtp.getsockname()[1]
    return port


def test_each_call_gets_a_port_until_there_is_none(ports: list[int]) -> None:
    pool = RtpPorts(HOST, ports)
    taken = [pool.take() for _ in ports]
    order = [number(rtp) for rtp in taken]
    assert sorted(order) == ports
    assert not any(rtp.getblocking() for rtp in taken)
    with pytest.raises(NoPortFree, match="widen RENVOI_RTP_PORTS"):
        pool.take()
    for rtp in taken:
        pool.give_back(rtp)
        assert rtp.fileno() == -1
    taken = [pool.take() for _ in ports]
    assert [number(rtp) for rtp in taken] == order
    for rtp in taken:
        rtp.close()


def test_a_port_rests_as_long_as_there_are_others(ports: list[int]) -> None:
    """Its last call's peer may not know yet that it is over."""
    pool = RtpPorts(HOST, ports)
    seen = []
    for _ in range(4):
        rtp = pool.take()
        seen.append(number(rtp))
        pool.give_back(rtp)
    assert sorted(seen[:3]) == ports
    assert seen[3] == seen[0]


def test_after_a_restart_another_port_is_the_first() -> None:
    """Peers of the calls before may still send to theirs."""
    # Late in a run few ports in a row are left: each test keeps its own until the tests end.
    many = free_ports(40)[::2]
    firsts = set()
    for _ in range(20):
        with RtpPorts(HOST, many).take() as rtp:
            firsts.add(number(rtp))
    assert len(firsts) > 4


def test_ports_of_other_programs_are_passed_over_and_not_forgotten(ports: list[int]) -> None:
    pool = RtpPorts(HOST, ports)
    with occupied(ports[0]):
        taken = [pool.take(), pool.take()]
        assert sorted(number(rtp) for rtp in taken) == ports[1:]
        with pytest.raises(NoPortFree):
            pool.take()
    with pool.take() as rtp:
        assert number(rtp) == ports[0]
    for rtp in taken:
        rtp.close()


def test_a_range_without_ports_has_none_free() -> None:
    with pytest.raises(NoPortFree):
        RtpPorts(HOST, ()).take()


def test_another_fault_is_told_and_costs_no_port(ports: list[int]) -> None:
    pool = RtpPorts("192.0.2.1", ports)
    for _ in range(4):
        with pytest.raises(OSError, match="assign requested address") as caught:
            pool.take()
        assert caught.value.errno == errno.EADDRNOTAVAIL


def test_an_address_of_ip_6(ports: list[int]) -> None:
    with RtpPorts("::1", ports).take() as rtp:
        assert rtp.getsockname()[0] == "::1"
        assert number(rtp) in ports


@pytest.fixture
def reader() -> Iterator[RtpReader]:
    made = RtpReader()
    yield made
    made.close()


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    made = []
    for _ in range(3):
        made.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        made[-1].bind(("127.0.0.1", 0))
        made[-1].setblocking(False)
    yield made
    for each in made:
        each.close()


def send(to: socket.socket, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets:
            sender.sendto(packet, to.getsockname())


def test_every_packet_that_has_arrived_is_read_with_the_time(reader: RtpReader, sockets: list[socket.socket]) -> None:
    heard: list[tuple[int, float, bytes]] = []
    for index, rtp in enumerate(sockets):
        reader.add(rtp, lambda now, index=index, rtp=rtp: heard.append((index, now, rtp.recv(100))))  # type: ignore[misc]  # mypy cannot infer a lambda's default
    send(sockets[0], b"a", b"b")
    send(sockets[2], b"c")
    reader.read(7.5)
    assert sorted(heard) == [(0, 7.5, b"a"), (0, 7.5, b"b"), (2, 7.5, b"c")]


def test_calls_take_turns_and_a_flood_waits(reader: RtpReader, sockets: list[socket.socket]) -> None:
    flooded, quiet = sockets[:2]
    heard: list[str] = []
    reader.add(flooded, lambda _: heard.append(flooded.recv(100).decode()))
    reader.add(quiet, lambda _: heard.append(quiet.recv(100).decode()))
    send(flooded, *[b"flood"] * (ROUNDS + 5))
    send(quiet, b"quiet")
    reader.read(0.0)
    assert heard.count("flood") == ROUNDS
    assert "quiet" in heard[:2]
    reader.read(0.0)
    assert heard.count("flood") == ROUNDS + 5


def test_a_socket_that_was_removed_is_left_alone_even_by_the_round_that_removes_it(
    reader: RtpReader, sockets: list[socket.socket]
) -> None:
    heard: list[int] = []

    def read(index: int) -> None:
        heard.append(index)
        reader.remove(sockets[1 - index])
        reader.remove(sockets[1 - index])
        sockets[index].recv(100)

    for index in range(2):
        reader.add(sockets[index], lambda _, index=index: read(index))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        send(sockets[index], b"x")
    reader.read(0.0)
    assert len(heard) == 1
    reader.remove(sockets[heard[0]])
    reader.read(0.0)
    assert len(heard) == 1
