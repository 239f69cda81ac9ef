"""The fetcher of certificates, the whole work of a child process: what the edge asks for, it fetches.

It is a process of its own as its addresses are chosen by strangers, and as no call waits for it: the edge reads files.
"""

import asyncio
import os
import socket
from pathlib import Path

import structlog

from renvoi.adapters.certificate_fetcher import MAX_URL, Client, Fetcher
from renvoi.configuration.settings import Settings
from renvoi.edge.identity.certificates import MAX_CERTIFICATES, read_certificates
from renvoi.edge.identity.files import FETCHED, REQUESTS, name_of
from renvoi.edge.sandbox import EdgeUser, edge_user
from renvoi.node.parts.watchdog import HeartbeatSender
from renvoi.wakeups import to_next, wait_or_stop

PERIOD_S = 5.0
"""How often it says that it works."""
MOST_IN_A_TURN = 64
"""Questions that are read at once."""


async def fetch_certificates(settings: Settings, stop: asyncio.Event, heartbeat: HeartbeatSender) -> None:
    """Fetch what is asked for until `stop` is set."""
    await serve_requests(
        Client(settings.identity_host_names), settings.edge_dir, edge_user(settings.edge_user), stop, heartbeat
    )


async def serve_requests(
    client: Client, directory: Path, user: EdgeUser | None, stop: asyncio.Event, heartbeat: HeartbeatSender
) -> None:
    """Do so with `client`, for the edge in `directory`, which runs as `user`."""
    fetched = directory / FETCHED
    fetched.mkdir(mode=0o755, parents=True, exist_ok=True)
    fetched.chmod(0o755)
    fetcher = Fetcher(client, fetched, name_of, lambda pem: read_certificates(pem, MAX_CERTIFICATES))
    fetcher.prune()
    requests = listen(directory, user)

    def read() -> None:
        for _ in range(MOST_IN_A_TURN):
            try:
                url = requests.recv(MAX_URL + 1)
            except BlockingIOError:
                return
            fetcher.request(url.decode("ascii", "replace"))

    loop = asyncio.get_running_loop()
    loop.add_reader(requests, read)
    structlog.get_logger("certificates").info("fetching certificates", hosts=sorted(client.hosts))
    try:
        while not stop.is_set():
            heartbeat.progress("requests")
            await wait_or_stop(stop, to_next(PERIOD_S))
    finally:
        loop.remove_reader(requests)
        requests.close()
        (directory / REQUESTS).unlink(missing_ok=True)
        fetcher.close()


def listen(directory: Path, user: EdgeUser | None) -> socket.socket:
    """Return the socket that the edge asks at; nobody else may."""
    path = directory / REQUESTS
    path.unlink(missing_ok=True)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    mask = os.umask(0o177)
    try:
        # A name that fits into a socket's address, however deep the directory lies.
        found.bind(f"/proc/self/fd/{handle}/{REQUESTS}")
    finally:
        os.umask(mask)
        os.close(handle)
    if user is not None:
        os.chown(path, user.uid, -1)
    return found
