"""A connection to PostgreSQL that never waits beyond a deadline, whatever happens to the server.

libpq's own calls wait for as long as the network makes them, so this drives its asynchronous interface
(https://www.postgresql.org/docs/current/libpq-async.html). Deadlines are times of `time.monotonic`.
"""

import re
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq.abc import PGconn, PGresult

from renvoi.documents.number_row import COLUMNS
from renvoi.domain.hosts import is_ip_address
from renvoi.edge.router.lookup import OF_ACCOUNT, OF_USAGE, SELECT, SELECT_USAGE

_DEFAULTS = {
    "application_name": "renvoi-edge",
    "client_encoding": "utf8",
    # libpq would wait for the ticket server, however long that takes.
    "gssencmode": "disable",
    # A server that is gone is noticed while no call needs it, wherever the URL does not say otherwise.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
}
_SOCKET = re.compile(r"[/@].*")
"""Where a Unix socket is, which has no address."""
_FORMS = {
    "host": re.compile(rf"[A-Za-z0-9._:%-]*|{_SOCKET.pattern}"),
    "hostaddr": re.compile(r"[A-Za-z0-9.:%]*"),
    "port": re.compile(r"[0-9]{0,5}"),
}


class UrlInvalid(ValueError):
    """The URL cannot be understood; the text does not repeat it."""

    def __init__(self) -> None:
        super().__init__(
            "the database's URL cannot be understood: give postgresql://user:password@host:port/database, "
            "with special characters of the password percent-encoded"
        )


class PgServers:
    """The servers of one URL. Belongs to one process, as names are resolved in threads of it."""

    def __init__(self, url: str) -> None:
        """Read a URL, in which there may be several hosts.

        Raises:
            UrlInvalid: it cannot be understood.
        """
        try:
            given = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        except psycopg.ProgrammingError:
            # What libpq says repeats the URL, and that may hold a password.
            raise UrlInvalid from None
        self._resolver = _Resolver()
        self._servers = _servers(given)
        if len(self._servers) > 1:
            # Of several hosts the one that takes changes is meant: it alone is sure to know the newest.
            given.setdefault("target_session_attrs", "read-write")
        self._options = _DEFAULTS | {name: given[name] for name in given.keys() - {"host", "hostaddr", "port"}}

    def connection_infos(self, deadline: float) -> list[bytes]:
        """Return what to connect with, for each address of each server.

        Names that are not resolved long before `deadline` (of `time.monotonic`) have the addresses they had before.
        """
        patience_until = time.monotonic() + (deadline - time.monotonic()) / 2
        for server in self._servers:
            if _is_name(server):
                self._resolver.begin(server["host"])
        return [
            make_conninfo("", **self._options, **place).encode()
            for server in self._servers
            for place in self._places(server, patience_until)
        ]

    def _places(self, server: dict[str, str], until: float) -> list[dict[str, str]]:
        if not _is_name(server):
            return [server]
        return [server | {"hostaddr": address} for address in self._resolver.addresses(server["host"], until)]


def _servers(given: dict[str, str]) -> list[dict[str, str]]:
    """Return what the URL says of where each server is."""
    places = {name: given[name].split(",") for name in ("host", "hostaddr", "port") if name in given}
    count = max(map(len, places.values()), default=1)
    if len(places.get("port", ())) == 1:
        places["port"] *= count
    # Else the rest of a password with an @ or : in it would be taken for a host, and end up in a log.
    fits = all(_FORMS[name].fullmatch(value) for name, values in places.items() for value in values)
    if not fits or any(len(values) != count for values in places.values()):
        raise UrlInvalid
    return [{name: values[index] for name, values in places.items() if values[index]} for index in range(count)]


def _is_name(server: Mapping[str, str]) -> bool:
    """Tell whether the server's host must be resolved: it is neither an address nor a directory of Unix sockets."""
    host = server.get("host", "")
    if not host or "hostaddr" in server or _SOCKET.fullmatch(host):
        return False
    return not is_ip_address(host)


class _Resolver:
    """Resolves names without ever waiting longer than it is told to, which getaddrinfo(3) cannot."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, ...]] = {}
        self._threads: dict[str, threading.Thread] = {}

    def begin(self, host: str) -> None:
        """Ask for the addresses of a name, unless that is under way."""
        thread = self._threads.get(host)
        if thread is None or not thread.is_alive():
            thread = self._threads[host] = threading.Thread(target=self._ask, args=(host,), daemon=True)
            thread.start()

    def addresses(self, host: str, until: float) -> tuple[str, ...]:
        """Return the addresses of a name, as known at `until` or earlier."""
        self._threads[host].join(max(0.0, until - time.monotonic()))
        return self._found.get(host, ())

    def _ask(self, host: str) -> None:
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            # What was found before may still be right; if there is nothing, connecting fails and says so.
            return
        self._found[host] = tuple(dict.fromkeys(str(address[0]) for *_, address in found))


_BY_NUMBER = SELECT.encode() + b"$1"
_NAME, _USAGE_NAME = b"renvoi_number", b"renvoi_usage"
_USAGES = SELECT_USAGE.encode() + b"name = ANY($1) AND day >= $2"
_PREPARE = b"PREPARE %s (bigint) AS %s; PREPARE %s (text[], int) AS %s" % (_NAME, _BY_NUMBER, _USAGE_NAME, _USAGES)
_STATEMENT_TIMEOUT_MS = 1000
"""After that the server gives up on what nobody waits for any more, such as a table that is being altered."""
_INDULGENCE_S = 0.5
_READ, _WRITE = select.POLLIN, select.POLLOUT


class SessionLost(Exception):
    """There is no connection, or none that can be used any more; the text says why, and holds no password."""


class PgSession:
    """A connection that is ready for look-ups."""

    def __init__(self, connection: PGconn, deadline: float) -> None:
        """Take over a connection that has just been made.

        Raises:
            SessionLost: it is of no use.
        """
        self._connection = connection
        connection.nonblocking = 1
        self._answer = select.poll()
        self._answer.register(connection.socket, _READ)
        try:
            self._is_prepared = self._prepare(deadline)
        except (SessionLost, psycopg.Error):
            self.close()
            raise

    def _prepare(self, deadline: float) -> bool:
        """Prepare the look-up, unless the server's process is not our own: then a pooler stands in between.

        A pooler that lends a process for one transaction (PgBouncer) would lend us another one later.
        """
        connection = self._connection
        connection.send_query(b"SELECT pg_backend_pid()")
        if _integer(self._results(deadline)[0].get_value(0, 0)) != connection.backend_pid:
            return False
        connection.send_query(b"SET statement_timeout = %d; " % _STATEMENT_TIMEOUT_MS + _PREPARE)
        self._results(deadline)
        return True

    def fetch(self, digits: int, deadline: float) -> list[Any] | None:
        """Return the row of the number with these digits, None when there is none.

        Raises:
            SessionLost: it did not come in time, or not at all. The session is closed then.
        """
        return _row(self._ask(_NAME, _BY_NUMBER, [b"%d" % digits], deadline))

    def fetch_usages(self, names: Sequence[str], since_day: int, deadline: float) -> list[list[Any]]:
        """Return the rows of `usage` with one of these names, of that day and after; no name needs quotes.

        Raises:
            SessionLost: as `fetch`.
        """
        parameters = [b"{%s}" % ",".join(names).encode(), b"%d" % since_day]
        result = self._ask(_USAGE_NAME, _USAGES, parameters, deadline)
        return [
            [_text(result.get_value(row, 0)), *(_integer(result.get_value(row, each)) for each in _OF_SUMS)]
            for row in range(result.ntuples)
        ]

    def _ask(self, name: bytes, statement: bytes, parameters: Sequence[bytes], deadline: float) -> PGresult:
        try:
            if self._is_prepared:
                self._connection.send_query_prepared(name, parameters)
            else:
                self._connection.send_query_params(statement, parameters)
            return self._results(deadline)[0]
        except psycopg.Error as error:
            self.close()
            raise SessionLost(_first_line(str(error))) from error
        except SessionLost:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, without waiting."""
        self._connection.finish()

    def _results(self, deadline: float) -> list[PGresult]:
        """Return the results of what was sent."""
        connection = self._connection
        found: list[PGresult] = []
        try:
            while connection.flush():
                self._make_room(deadline)
            while True:
                while connection.is_busy():
                    _ready(self._answer, deadline, "no answer")
                    connection.consume_input()
                result = connection.get_result()
                if result is None:
                    return found
                if result.status not in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
                    raise SessionLost(_first_line(result.get_error_message()))
                found.append(result)
        except psycopg.Error as error:
            raise SessionLost(_first_line(str(error))) from error

    def _make_room(self, deadline: float) -> None:
        """Wait until more can be sent, and take what comes meanwhile, as the server may be waiting for that."""
        poll = select.poll()
        poll.register(self._connection.socket, _READ | _WRITE)
        if _ready(poll, deadline, "no answer")[0][1] & _READ:
            self._connection.consume_input()


class _Attempt:
    """A connection that is being made."""

    def __init__(self, connection_info: bytes) -> None:
        self.connection: PGconn = pq.PGconn.connect_start(connection_info)
        self.awaited = _WRITE
        """What must happen at the connection's socket for it to go on; 0 when nothing is awaited any more."""
        if self.connection.status == pq.ConnStatus.BAD:
            self.awaited = 0

    @property
    def is_made(self) -> bool:
        return self.connection.status == pq.ConnStatus.OK

    @property
    def error(self) -> str:
        return _first_line(self.connection.get_error_message())

    def proceed(self) -> None:
        """Do what can be done without waiting."""
        match self.connection.connect_poll():
            case pq.PollingStatus.READING:
                self.awaited = _READ
            case pq.PollingStatus.WRITING:
                self.awaited = _WRITE
            case _:
                self.awaited = 0


def connect(connection_infos: Sequence[bytes], deadline: float) -> PgSession:
    """Connect to all servers at once, and return a session at the first that is what its information asks for.

    So a server that is dead keeps nobody from one that is not, however short the time.

    Raises:
        SessionLost: there is none in time.
    """
    attempts: list[_Attempt] = []
    made: _Attempt | None = None
    try:
        attempts += map(_Attempt, connection_infos)
        made = _first_made(attempts, deadline)
        return PgSession(made.connection, deadline)
    except psycopg.Error as error:
        raise SessionLost(_first_line(str(error))) from error
    finally:
        for attempt in attempts:
            if attempt is not made:
                attempt.connection.finish()


def _first_made(attempts: Sequence[_Attempt], deadline: float) -> _Attempt:
    while True:
        for attempt in attempts:
            if attempt.is_made:
                return attempt
        if not any(attempt.awaited for attempt in attempts):
            why = "; ".join(dict.fromkeys(attempt.error for attempt in attempts))
            raise SessionLost(why or "the database's host has no known address")
        # Made again each time, as libpq may go on with another socket.
        sockets = {attempt.connection.socket: attempt for attempt in attempts if attempt.awaited}
        poll = select.poll()
        for number, attempt in sockets.items():
            poll.register(number, attempt.awaited)
        for number, _ in _ready(poll, deadline, "no connection"):
            sockets[number].proceed()


def _ready(poll: select.poll, deadline: float, lack: str) -> list[tuple[int, int]]:
    """Wait until something is ready; `lack` names what did not arrive in time.

    What has come by then is taken all the same, as it was this process that was held up; but not without end.
    """
    left_s = deadline - time.monotonic()
    found = poll.poll(max(0.0, left_s) * 1000) if left_s > -_INDULGENCE_S else []
    if not found:
        raise SessionLost(f"{lack} in time from the database")
    return found


def _row(result: PGresult) -> list[Any] | None:
    if result.ntuples == 0:
        return None
    return [convert(result.get_value(0, column)) for column, convert in enumerate(_COLUMNS)]


def _integer(value: bytes | None) -> int | None:
    return None if value is None else int(value)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _boolean(value: bytes | None) -> bool:
    return value == b"t"


_CONVERTERS: Mapping[str, Callable[[bytes | None], object]] = {
    **dict.fromkeys(("active", "forwarding_enabled"), _boolean),
    **dict.fromkeys(("label", "routing", "email", "no_answer", "busy", "fallback_email", "region", "policy"), _text),
}
_COLUMNS = tuple(_CONVERTERS.get(name, _integer) for name in (*COLUMNS, *OF_ACCOUNT))
"""How each column of `SELECT` is read from libpq's text."""


_OF_SUMS = range(1, len(OF_USAGE))
"""The columns of `SELECT_USAGE` behind the name."""


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["the connection is lost"])[0]
