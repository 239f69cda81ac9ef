"""The tests' own carrier: a SIP trunk that asks who calls, and puts calls through to telephones of its own."""

import threading
from contextlib import suppress
from typing import Self

from tests.support.digest import challenge, proves
from tests.support.sip import Incoming, Phone
from tests.support.sip_message import SipMessage


class Carrier:
    """Answers OPTIONS, challenges each INVITE, rings and answers those of `user`, and hangs up when told to."""

    def __init__(self, user: str, password: str) -> None:
        self.phone = Phone()
        self.uri = self.phone.uri
        self.put_through: list[str] = []
        """The numbers of calls that were let in."""
        self._user, self._password = user, password
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.phone.close()

    def _serve(self) -> None:
        calls: dict[str, Incoming] = {}
        while not self._over.is_set():
            with suppress(TimeoutError):
                message = self.phone.receive(0.1)
                if message.method == "INVITE":
                    self._take(message, calls)
                elif message.method in ("OPTIONS", "BYE"):
                    self.phone.send(message.answer(200, "OK"), message.source)

    def _take(self, invite: SipMessage, calls: dict[str, Incoming]) -> None:
        incoming = Incoming(self.phone, invite)
        if not proves(invite, 401, self._user, self._password, "n1"):
            incoming.reply(401, headers=[challenge(401, "n1")])
            return
        # One that was answered late comes again.
        if invite["Call-ID"] not in calls:
            self.put_through.append(invite.uri.removeprefix("sip:").partition("@")[0])
        incoming = calls.setdefault(invite["Call-ID"], incoming)
        incoming.reply(180)
        incoming.reply(200, headers=[("Content-Type", "application/sdp")], body=invite.body.decode())
