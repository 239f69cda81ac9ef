"""Limits on clients: requests and failed keys by rate, connections and unanswered requests by share, turns."""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Protocol

from starlette.types import Scope

from renvoi.domain.hosts import plain_address
from renvoi.domain.outcome import Outcome
from renvoi.http.deps import Deps
from renvoi.http.request_context import RequestContext, context_of, is_in
from renvoi.http.responses import Header, Replies, Reply

AT_ONCE = 4
"""Requests that begin in one round of the event loop: what they take, some milliseconds, is what everybody waits."""
MAX_HELD = 16
"""Rounds in a row that waiting requests leave to new connections."""


class RefusalLimit:
    """Refuses requests, and those of one client beyond the rate (`docs/api.md §1`, "Limits") with code 103.

    The connection is closed then, so that what is left on it costs nothing. Only refused requests are counted: proxies
    and NAT put many clients behind one address, and one that guesses must not lock out those whose key is good.
    """

    def __init__(self, deps: Deps, replies: Replies, monotonic: Callable[[], float] = time.monotonic) -> None:
        limits = deps.limits
        self._language = deps.language
        self._replies = replies
        self._buckets = TokenBuckets(
            limits.refusals_per_address_per_s, limits.refusals_burst, limits.buckets, monotonic
        )

    def judge(self, context: RequestContext, outcome: Outcome) -> tuple[Outcome, list[Header]]:
        """Return what a request is answered that is refused with `outcome`, and the headers that this adds."""
        wait_s = self._buckets.take(address_group(context.client))
        if not wait_s:
            return outcome, []
        return Outcome.TOO_MANY_REQUESTS, [(b"retry-after", b"%d" % wait_s), (b"connection", b"close")]

    def refuse(
        self, scope: Scope, outcome: Outcome, *, language: str | None = None, headers: Sequence[Header] = ()
    ) -> Reply:
        """Return the answer to a request that is refused with `outcome`, and note it."""
        context = context_of(scope)
        context.outcome, added = self.judge(context, outcome)
        return self._replies.of(context.outcome, language or self._language, "json", headers=[*headers, *added])


class Connection(Protocol):
    """A connection as its share sees it."""

    def is_idle(self) -> bool:
        """Tell whether it has no request that came in full and is not answered."""
        ...

    def is_waiting(self) -> bool:
        """Tell whether it has one that came in full, and none that has begun."""
        ...

    def drop(self) -> None:
        """Close it at once."""
        ...


class ConnectionShares:
    """Holds at most `limit` connections: one more takes the place of an idle one of the client that has most.

    So whoever opens thousands loses its own, and a probe or a client with few always gets in. Trusted proxies stand for
    many clients: they give way only when nobody else has an idle connection.
    """

    def __init__(self, limit: int, trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._limit = limit
        self._proxies = trusted_proxies
        self._held: dict[str, OrderedDict[Connection, None]] = {}
        self._client_of: dict[Connection, str] = {}

    def __len__(self) -> int:
        return len(self._client_of)

    def enter(self, connection: Connection, address: str) -> None:
        """Take a connection in, and drop another for it where there are too many; the newest of all is never idle."""
        client = address_group(address)
        self._client_of[connection] = client
        self._held.setdefault(client, OrderedDict())[connection] = None
        if len(self._client_of) > self._limit:
            self._drop_one(connection)

    def leave(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        client = self._client_of.pop(connection, None)
        if client is None:
            return
        del self._held[client][connection]
        if not self._held[client]:
            del self._held[client]

    def _drop_one(self, newest: Connection) -> None:
        by_size = sorted(self._held, key=lambda client: (is_in(client, self._proxies), -len(self._held[client])))
        for client in by_size:
            for connection in self._held[client]:
                if connection is not newest and connection.is_idle():
                    self._drop(connection)
                    return
        # Each has a request in progress, which is answered within seconds. Some more may wait for that, for the probes.
        if len(self) <= self._limit + max(1, self._limit // 10):
            return
        # Then a request that has not begun is lost, before the newest connection is: that one may be a probe's.
        most = self._held[by_size[0]]
        self._drop(next((each for each in most if each is not newest and each.is_waiting()), newest))

    def _drop(self, connection: Connection) -> None:
        self.leave(connection)
        connection.drop()


class RequestShares:
    """Places for requests in progress: a client may take one while it holds fewer than are free.

    One client alone gets half of them, two get a third each, and some are always free for the next one (dynamic
    thresholds, Choudhury and Hahne, 1998).
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._held: dict[str, int] = {}

    @property
    def free(self) -> int:
        """How many places nobody has."""
        return self._free

    def take(self, client: str) -> bool:
        """Take a place, if the client's share has one."""
        held = self._held.get(client, 0)
        if held >= self._free:
            return False
        self._held[client] = held + 1
        self._free -= 1
        return True

    def give_back(self, client: str) -> None:
        """Give a place back that was taken."""
        self._free += 1
        held = self._held[client] - 1
        if held:
            self._held[client] = held
        else:
            del self._held[client]


class TokenBuckets:
    """One bucket for each name: `burst` tokens at first, refilled with `rate` a second; a rate of 0 never refuses.

    At most `size` names are remembered, those used last; a forgotten one starts with a full bucket again.
    """

    def __init__(self, rate: float, burst: float, size: int, monotonic: Callable[[], float]) -> None:
        self._rate = rate
        self._burst = max(burst, 1.0)
        self._size = size
        self._monotonic = monotonic
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, name: str) -> int:
        """Take a token and return 0, or when there is none, the whole seconds (1 or more) until there is one."""
        if self._rate <= 0:
            return 0
        now = self._monotonic()
        tokens, since = self._buckets.get(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        allowed = tokens >= 1.0
        self._buckets[name] = (tokens - 1.0 if allowed else tokens, now)
        self._buckets.move_to_end(name)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - tokens) / self._rate))

    def quota(self, name: str) -> tuple[int, int, int, int] | None:
        """Return how many tokens `name` may have, in how many seconds they come, how many are left, and when all are.

        None where there is no limit.
        """
        if self._rate <= 0:
            return None
        now = self._monotonic()
        tokens, since = self._buckets.get(name, (self._burst, now))
        left = min(self._burst, tokens + (now - since) * self._rate)
        window_s = max(1, math.ceil(self._burst / self._rate))
        return int(self._burst), window_s, int(left), math.ceil((self._burst - left) / self._rate)


@lru_cache(maxsize=4096)
def address_group(address: str) -> str:
    """Return what stands for one client: the IPv4 address, or the /64 that a client of IPv6 has all of."""
    try:
        parsed = plain_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else str(parsed)


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
