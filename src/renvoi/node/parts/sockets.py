"""The node's claims: its data directory and its ports."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from renvoi.application.errors import OperatorError
from renvoi.configuration.settings import Settings
from renvoi.edge.config import primary_address

LOCK_NAME = "serve.lock"
BACKLOG = 2048


@contextmanager
def claim_data(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for one node.

    Raises:
        OperatorError: another node holds it, or it cannot be written.
    """
    with _lock(data_dir / LOCK_NAME, f"another `renvoi serve` runs on {data_dir}: stop it, or give another --data"):
        yield


@contextmanager
def claim_database(database: Path | None) -> Iterator[None]:
    """Hold a SQLite database for one node; one on PostgreSQL, None here, is for any number of them.

    Raises:
        OperatorError: another node holds it: messages are files beside it, which the nodes would not share.
    """
    if database is None:
        yield
        return
    taken = f"another `renvoi serve` uses {database}: several nodes need PostgreSQL, see RENVOI_DATABASE_URL"
    # Not the file itself: closing a descriptor of it would end SQLite's own locks.
    with _lock(database.with_name(f"{database.name}.lock"), taken):
        yield


@contextmanager
def _lock(path: Path, taken: str) -> Iterator[None]:
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise OperatorError(f"{path.parent} cannot be written: {error.strerror}: give another --data") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise OperatorError(taken) from error
    try:
        yield
    finally:
        os.close(handle)


def is_sqlite(path: Path) -> bool:
    """Tell whether the file begins as a SQLite database does (https://sqlite.org/fileformat.html, §1.3)."""
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def listen_public(settings: Settings) -> socket.socket:
    """Return the listening socket of the API; see `_listen`."""
    return _listen(settings.http_host, settings.http_port, "HTTP", "--http-port or RENVOI_HTTP_PORT")


def listen_inner(settings: Settings) -> socket.socket:
    """Return the listening socket of /metrics and the details of /readyz; see `_listen`."""
    return _listen(settings.inner_host, settings.inner_port, "inner", "RENVOI_INNER_PORT")


def _listen(host: str, port: int, what: str, setting: str) -> socket.socket:
    """Return a listening socket, which the HTTP part inherits: it survives that part's restarts.

    Raises:
        OperatorError: the address or port cannot be had.
    """
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise OperatorError(
            f"{host!r} is not an address ({error.strerror}): set RENVOI_{what.upper()}_HOST to one of this machine"
        ) from error
    listener = socket.socket(info[0], info[1])
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(info[4])
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise OperatorError(port_refused(error, what, host, port, setting)) from error
    listener.setblocking(False)
    return listener


def check_sip_port(host: str, port: int) -> None:
    """Check that calls can come to this address, by UDP and TCP.

    Raises:
        OperatorError: somebody else has the port, or the address is not one of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(family, kind) as probe:
            # Kamailio sets it as well; without it, a port whose connections are just closed would count as taken.
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                if kind is socket.SOCK_STREAM:
                    probe.listen(1)
            except OSError as error:
                raise OperatorError(port_refused(error, "SIP", host, port, "--sip-port or RENVOI_SIP_PORT")) from error


def check_rtp_host(host: str) -> None:
    """Check that audio can come to this address.

    Raises:
        OperatorError: the address is not one of this machine's.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise OperatorError(port_refused(error, "RTP", host, 0, "RENVOI_RTP_PORTS")) from error


def port_refused(error: OSError, what: str, host: str, port: int, setting: str) -> str:
    """Return why a port cannot be had, and what to do: `what` is the setting's prefix, such as SIP."""
    if error.errno == errno.EADDRINUSE:
        return f"{what} port {port} on {host} is in use by another program: stop it, or set {setting}"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: set RENVOI_{what.upper()}_HOST"
    if error.errno == errno.EACCES:
        return f"{what} port {port} needs more rights than this user has: set {setting} to 1024 or above"
    return f"{what} port {port} on {host} cannot be had: {error.strerror}"


def advertised_host(host: str) -> str:
    """Return `host`, or the address that this machine sends from when it stands for all of them."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        return host
    return primary_address(host)
