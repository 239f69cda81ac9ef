"""What stands before a mail server: it talks nonsense while it is told to, and else passes everything on."""

import random
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from tests.hostile.inputs import smtp_reply
from tests.support.ports import listen_unused

PERIOD_S = 0.1
LINES = 20
"""Replies in one conversation at the most."""


class MailFront:
    """Listens on a free port of 127.0.0.1 from `with` until its end."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self.dice: random.Random | None = None
        """What nonsense is chosen by; None to pass everything on."""
        self.conversations = 0
        """How many had nonsense in them."""
        self._listener = listen_unused()
        self._listener.settimeout(PERIOD_S)
        self.port: int = self._listener.getsockname()[1]
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._accept, name="mail-front")]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            if self.dice is not None:
                self._start(self._talk, client, random.Random(self.dice.random()))
            else:
                self._start(self._pass_on, client)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _talk(self, client: socket.socket, dice: random.Random) -> None:
        client.settimeout(PERIOD_S)
        with client, suppress(OSError):
            for _ in range(dice.randint(1, LINES)):
                client.sendall(smtp_reply(dice))
                with suppress(TimeoutError):
                    if not client.recv(65536):
                        break
        self.conversations += 1

    def _pass_on(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._behind)) as server, suppress(OSError):
            other = {client: server, server: client}
            while not self._ended.is_set():
                for source in select.select(list(other), [], [], PERIOD_S)[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    other[source].sendall(data)
