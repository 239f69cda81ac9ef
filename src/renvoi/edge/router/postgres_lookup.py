"""Look-ups in the store on PostgreSQL."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from renvoi.domain.calls.usage import Usages
from renvoi.domain.numbers.number import E164
from renvoi.edge.router.lookup import LookupFailed, Reading, reading_of, usages_of
from renvoi.edge.router.postgres_session import PgServers, PgSession, SessionLost, UrlInvalid, connect

_T = TypeVar("_T")

TIMEOUT_S = 0.5
"""The longest that a look-up takes, connecting included."""
LEAST_PAUSE_S = 0.25
PAUSE_SHARE = 4
"""After a connection that could not be made, nothing is tried for so many times as long as that took: a process spends
a fifth of its time at the most on a database that is away, and the rest on other calls."""


class PostgresLookup:
    """Look-ups in the store on PostgreSQL, which needs no more than SELECT on `numbers`, `accounts` and `usage` for it.

    One object for each process, made after the fork. It has one connection, and replaces it when it breaks.
    """

    def __init__(self, url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Take note of where the store is; nothing is asked yet. No look-up takes longer than `timeout_s`.

        Raises:
            LookupFailed: the URL cannot be understood.
        """
        try:
            self._servers = PgServers(url)
        except UrlInvalid as error:
            raise LookupFailed(str(error)) from error
        self._timeout_s = timeout_s
        self._session: PgSession | None = None
        self._pause_until = 0.0
        self._trouble = ""

    def find(self, number: E164) -> Reading:
        """Read the number's record; see `Lookup.find`."""
        try:
            row = self._ask(lambda session, deadline: session.fetch(number.digits, deadline))
        except (SessionLost, ValueError) as error:
            raise LookupFailed(f"the rule of {number} cannot be read: {error}") from error
        return reading_of(number, row)

    def usages(self, names: Sequence[str], since_day: int) -> Usages:
        """Read what was used up; see `Lookup.usages`."""
        try:
            return usages_of(self._ask(lambda session, deadline: session.fetch_usages(names, since_day, deadline)))
        except (SessionLost, ValueError) as error:
            raise LookupFailed(f"what calls have used up cannot be read: {error}") from error

    def check(self) -> None:
        """Connect, and read something; see `Lookup.check`."""
        try:
            self._ask(lambda session, deadline: session.fetch(0, deadline))
        except SessionLost as error:
            raise LookupFailed(f"the store cannot be read: {error}") from error

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _ask(self, fetch: Callable[[PgSession, float], _T]) -> _T:
        """Return what `fetch` reads by a session until the deadline that it is given."""
        begin = time.monotonic()
        session, self._session = self._session, None
        if session is not None:
            try:
                # The server may have moved and left no trace, so there must be time for another connection.
                found = fetch(session, begin + self._timeout_s / 2)
            except SessionLost:
                return self._reconnect_and_ask(fetch, begin + self._timeout_s)
            self._session = session
            return found
        return self._reconnect_and_ask(fetch, begin + self._timeout_s)

    def _reconnect_and_ask(self, fetch: Callable[[PgSession, float], _T], deadline: float) -> _T:
        """Connect and fetch, unless that failed a moment ago."""
        begin = time.monotonic()
        if begin < self._pause_until:
            raise SessionLost(self._trouble)
        try:
            session = connect(self._servers.connection_infos(deadline), deadline)
            found = fetch(session, deadline)
        except SessionLost as error:
            end = time.monotonic()
            self._pause_until = end + max(LEAST_PAUSE_S, PAUSE_SHARE * (end - begin))
            self._trouble = str(error)
            raise
        self._session = session
        return found
