"""Reading the audio of many calls together."""

import socket
from collections.abc import Iterator

import pytest

from renvoi.voicemail.rtp_reader import ROUNDS, RtpReader


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
