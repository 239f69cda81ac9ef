"""What each client may hold of what all clients share: connections, and requests in progress.

There is no fixed share: one client alone may have nearly everything, and has to give way when others come.
"""

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Protocol

from renvoi.http.exchange import is_in
from renvoi.http.limits import address_group


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
