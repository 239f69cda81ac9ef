"""The trunk behind the attacked edge: it takes the calls of the check and refuses all others."""

import threading
from typing import Self

from tests.support.sip import Incoming, Phone

PERIOD_S = 0.1


class Gateway:
    """Answers what comes, in a thread of its own, from `with` until its end. `welcome` is the one target it takes."""

    def __init__(self, welcome: str) -> None:
        self.phone = Phone()
        self._welcome = welcome
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="gateway")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.phone.close()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                message = self.phone.receive(PERIOD_S)
            except TimeoutError:
                continue
            self.phone.seen.clear()
            if message.status is not None or message.method == "ACK":
                continue
            incoming = Incoming(self.phone, message)
            if message.method != "INVITE":
                incoming.answer(message)
            elif self._welcome in message.uri:
                incoming.reply(200, body=message.body.decode("utf-8", "replace"))
            else:
                incoming.reply(486)
