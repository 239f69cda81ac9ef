"""What a media relay (rtpengine) is told by its own protocol, "ng": a datagram of a cookie and JSON, and one back."""

import json
import os
import socket
import time
from collections.abc import Mapping
from typing import Any

from renvoi.domain.text import read_json

ANSWER_TIMEOUT_S = 0.2
"""The relay answers in less than a millisecond, and a process of Kamailio does nothing else meanwhile."""
MOST_BYTES = 65_535


class RelaySilent(Exception):
    """The relay gave no answer in time, or one that cannot be read."""


class RelayClient:
    """Asks the relay whose control port is at `address`, an IP address and a port."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._socket: socket.socket | None = None

    def ask(self, command: str, values: Mapping[str, object], timeout_s: float = ANSWER_TIMEOUT_S) -> Any:
        """Return the answer to a command.

        Raises:
            RelaySilent: there is none.
        """
        cookie = os.urandom(8).hex().encode()
        deadline = time.monotonic() + timeout_s
        try:
            control = self._socket = self._socket or self._open()
            control.send(cookie + b" " + json.dumps({"command": command, **values}, ensure_ascii=False).encode())
            while True:
                control.settimeout(max(0.001, deadline - time.monotonic()))
                found, _, answer = control.recv(MOST_BYTES).partition(b" ")
                # Another one is late.
                if found == cookie:
                    return read_json(answer)
        except (OSError, ValueError) as error:
            raise RelaySilent(str(error)) from error

    def _open(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        control = socket.socket(family, socket.SOCK_DGRAM)
        try:
            control.connect(self._address)
        except OSError:
            control.close()
            raise
        return control

    def close(self) -> None:
        """Release the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def answers(address: tuple[str, int], timeout_s: float) -> bool:
    """Tell whether a relay is at this address."""
    client = RelayClient(address)
    try:
        answer = client.ask("ping", {}, timeout_s)
    except RelaySilent:
        return False
    finally:
        client.close()
    return isinstance(answer, dict) and answer.get("result") == "pong"
