"""Where the servers of a PostgreSQL URL are, and what to connect to each of them with."""

import re
import socket
import threading
import time
from collections.abc import Mapping
from ipaddress import ip_address

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

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
    """Tell whether the server's host must be resolved: it is no address, and no directory of Unix sockets."""
    host = server.get("host", "")
    if not host or "hostaddr" in server or _SOCKET.fullmatch(host):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


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
