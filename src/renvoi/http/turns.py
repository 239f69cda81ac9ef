"""Whose request begins next, when more have come than can begin at once."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable

AT_ONCE = 4
"""Requests that begin in one round of the event loop: what they take, some milliseconds, is what everybody waits."""
MAX_HELD = 16
"""Rounds in a row that waiting requests leave to new connections."""


class Turns:
    """Lets requests begin: at once while few come, else a few in each round of the event loop, client by client.

    So a client that sends thousands waits for itself; another one's request waits for a few of them at the most.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._left = at_once
        self._waiting: OrderedDict[str, deque[Callable[[], None]]] = OrderedDict()
        self._round_is_coming = False
        self._connection_came = False
        self._held = 0

    def note_connection(self) -> None:
        """Let further connections come before waiting requests, for at most `MAX_HELD` rounds.

        The event loop accepts one in each round. A probe's may be the last in the queue, behind those of a flood.
        """
        self._connection_came = True

    def ask(self, client: str, begin: Callable[[], None]) -> None:
        """Have `begin` called when it is the client's turn: before `ask` returns, or in a later round."""
        if not self._round_is_coming:
            self._round_is_coming = True
            asyncio.get_running_loop().call_soon(self._next_round)
        if self._left and not self._waiting:
            self._left -= 1
            begin()
        else:
            self._waiting.setdefault(client, deque()).append(begin)

    def _next_round(self) -> None:
        self._round_is_coming = bool(self._waiting)
        if self._round_is_coming:
            asyncio.get_running_loop().call_soon(self._next_round)
        came, self._connection_came = self._connection_came, False
        if came and self._waiting and self._held < MAX_HELD:
            self._held += 1
            return
        self._held = 0
        self._left = self._at_once
        while self._left and self._waiting:
            client, queue = self._waiting.popitem(last=False)
            begin = queue.popleft()
            if queue:
                self._waiting[client] = queue
            self._left -= 1
            begin()
