"""Many calls at once, made by one phone and taken by another."""

from tests.support.sip import Call, Incoming, Phone
from tests.support.waiting import wait_for

PATIENCE_S = 60.0
"""For the end of all calls, on a busy machine."""


class Load:
    """Calls that a phone makes faster than they are answered; `trunk` lets those ring that reach it."""

    AT_ONCE = 8
    """More than the edge has processes; with many more it refuses some where the machine is busy (`LoadShedder`)."""

    def __init__(self, carrier: Phone, trunk: Phone, calls: list[Call]) -> None:
        self.carrier, self.trunk = carrier, trunk
        self.waiting = {call.call_id: call for call in calls}
        self._unsent = list(calls)
        self.arrived: dict[str, Incoming] = {}
        self.refused: dict[str, int] = {}
        self._sent: set[str] = set()

    def settled(self) -> bool:
        """Take what has come, and send more; tell whether every call rings or was refused.

        Of an earlier load's calls copies may come, to the trunk and to the carrier: they were slow to answer.
        """
        while (message := self.trunk.receive_now()) is not None:
            is_call = message.status is None and message.method == "INVITE" and message["Call-ID"] in self.waiting
            if is_call and message["Call-ID"] not in self.arrived:
                incoming = self.arrived[message["Call-ID"]] = Incoming(self.trunk, message)
                incoming.reply(180)
        while (message := self.carrier.receive_now()) is not None:
            call = self.waiting.get(message["Call-ID"])
            if call is not None and message.method == "INVITE" and (message.status or 0) >= 200:
                call._acknowledge(message)
                self.refused[call.call_id] = message.status or 0
        over = {*self.arrived, *self.refused}
        while self._unsent and len(self._sent - over) < self.AT_ONCE:
            call = self._unsent.pop().start()
            self._sent.add(call.call_id)
        return not self._unsent and over >= self._sent

    def end(self) -> None:
        """Refuse all calls that ring, and wait until the caller knows."""
        for incoming in self.arrived.values():
            incoming.reply(486)
        wait_for(lambda: self.settled() and len(self.refused) == len(self.waiting), self.state, PATIENCE_S)

    def state(self) -> str:
        return f"{len(self.arrived)} calls ring, {len(self.refused)} are refused, of {len(self.waiting)}"
