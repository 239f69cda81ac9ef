"""A media relay (rtpengine) for a test, and the audio that goes through it."""

import json
import re
import secrets
import select
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from renvoi.edge.router.media_relay import FEW_PACKETS
from tests.support.ports import bind_unused, free_port, free_ports
from tests.support.sip_message import Address
from tests.support.waiting import wait_for

PROGRAM = Path("/usr/bin/rtpengine")
PORTS = 40
"""Of a relay: a call has four for each of its lines of audio."""
TIMEOUT_S = 10.0


def require_relay() -> None:
    """Skip the test where there is no rtpengine."""
    if not PROGRAM.exists():
        pytest.skip("rtpengine is not installed: apt-get install rtpengine-daemon")


class Relay:
    """An rtpengine that relays in user space, at these addresses of this machine."""

    def __init__(self, log: Path, hosts: Sequence[str] = ("127.0.0.1",)) -> None:
        self._log = log
        self._hosts = hosts
        self.ports = free_ports(PORTS)
        self.address: Address = ("127.0.0.1", free_port())
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        host, port = self.address
        command = [str(PROGRAM), "--config-file=none", "--table=-1", "--foreground", "--log-stderr", "--log-level=5"]
        command += [f"--interface={each}" for each in self._hosts]
        command += [f"--listen-ng={host}:{port}", f"--port-min={self.ports[0]}", f"--port-max={self.ports[-1]}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._answers, lambda: f"the relay's start ({self._log.read_text()})", TIMEOUT_S)

    def stop(self) -> None:
        """End it, and all calls with it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        with suppress(OSError):
            return str(self.ask("ping")["result"]) == "pong"
        return False

    def ask(self, command: str, **values: Any) -> dict[str, Any]:
        """Give it a command; return the answer.

        Raises:
            OSError: it does not answer.
        """
        cookie = secrets.token_hex(4).encode()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            control.settimeout(5.0)
            control.connect(self.address)
            control.send(cookie + b" " + json.dumps({"command": command, **values}).encode())
            _, _, answer = control.recv(65535).partition(b" ")
        found: dict[str, Any] = json.loads(answer)
        return found

    def has(self, call_id: str) -> bool:
        """Tell whether it has a call."""
        return str(self.ask("query", **{"call-id": call_id})["result"]) == "ok"


class Audio:
    """One end of the audio of a call: a UDP socket, and the session description that leads to it.

    `shown` is another address that it writes there, as a phone behind NAT does.
    """

    def __init__(self, host: str = "127.0.0.1", shown: Address | None = None) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        bind_unused(self._socket, host)
        self.address: Address = self._socket.getsockname()[:2]
        self._shown = shown or self.address
        self._sequence = 0
        self.heard: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    @property
    def sdp(self) -> str:
        """The description, which offers A-law and nothing else."""
        host, port = self._shown
        place = f"IN IP{'6' if ':' in host else '4'} {host}"
        return f"v=0\r\no=- 1 1 {place}\r\ns=-\r\nc={place}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n"

    def say(self, sdp: str, payload: bytes, count: int = 1) -> None:
        """Send so many packets to where a description leads."""
        for _ in range(count):
            self._sequence += 1
            head = b"\x80\x08" + self._sequence.to_bytes(2, "big") + (160 * self._sequence).to_bytes(4, "big")
            self._socket.sendto(head + b"\0\0\0\1" + payload.ljust(160, b"\xd5"), media_of(sdp))

    def hears(self, payload: bytes) -> bool:
        """Tell whether a packet with this payload has come, or comes within an instant."""
        while select.select([self._socket], [], [], 0.02)[0]:
            packet, source = self._socket.recvfrom(2048)
            self.heard.append(packet[12:])
            self.source = source[:2]
        return payload.ljust(160, b"\xd5") in self.heard


def talk(one: Audio, towards_one: str, other: Audio, towards_other: str) -> None:
    """Have both ends talk until each hears the other; `towards_…` is the description that each was given."""
    mine, theirs = secrets.token_bytes(8), secrets.token_bytes(8)
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        one.say(towards_one, mine)
        other.say(towards_other, theirs)
        if (one.hears(theirs), other.hears(mine)) == (True, True):
            return
        assert time.monotonic() < deadline, f"heard: {one.hears(theirs)}, {other.hears(mine)}"


def monologue(one: Audio, towards_one: str, other: Audio) -> None:
    """Have one end talk for a while, of which the other one hears all: the relay passes few packets on at once."""
    for number in range(FEW_PACKETS):
        payload = b"packet %d" % number
        one.say(towards_one, payload)
        wait_for(partial(other.hears, payload), "a packet", TIMEOUT_S)


def media_of(sdp: str) -> Address:
    """Return where a description leads."""
    host = re.search(r"^c=IN IP[46] (\S+)", sdp, re.MULTILINE)
    port = re.search(r"^m=audio ([0-9]+) ", sdp, re.MULTILINE)
    assert host is not None, sdp
    assert port is not None, sdp
    return host[1], int(port[1])
