"""An HTTP server that is killed in the midst of what it is asked, on either store, and what its store holds then."""

import asyncio
import os
import random
import socket
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from renvoi.adapters.sql import open_store
from renvoi.application.ports.accounts import EVERY_CHANGE
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.numbers.number import E164
from tests.support.commands import LOADED
from tests.support.node import Node
from tests.support.ports import listen_unused
from tests.support.postgres import shared_cluster
from tests.support.waiting import wait_for

STORES = ("sqlite", "postgresql")
_MOST = 10_000_000


def start_server(node: Node, listener: socket.socket, inner: socket.socket) -> BaseProcess:
    """Start the node's HTTP server as its supervisor does: forked, on sockets that are bound already."""
    environment = node.environment | {"RENVOI_DATA_DIR": str(node.data), "RENVOI_LOG_LEVEL": "warning"}
    process = LOADED.Process(target=_serve, args=(environment, listener, inner))
    process.start()
    return process


def _serve(environment: dict[str, str], listener: socket.socket, inner: socket.socket) -> None:
    """Be the server, in a process of its own."""
    from renvoi.node.entrypoints.parts import main  # noqa: PLC0415 - the tests themselves do without

    os.environ.clear()
    os.environ.update(environment)
    main(["http", str(listener.detach()), str(inner.detach())])


@dataclass
class Server:
    """A running server, and where it listens."""

    process: BaseProcess
    port: int

    def kill(self) -> None:
        """Kill it, as `kill -9` does."""
        self.process.kill()
        self.process.join()

    @asynccontextmanager
    async def client(self, key: str) -> AsyncIterator[httpx.AsyncClient]:
        """Yield what asks it with this key."""
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}", timeout=60, headers=headers) as client:
            yield client


async def kill_amid(
    process: BaseProcess, clients: Sequence[asyncio.Task[None]], count: Callable[[], int], least: int
) -> None:
    """Kill a server amid its clients' changes: at a random instant after `least` more of what is counted were made."""
    before = count()
    while count() < before + least:
        ended, _ = await asyncio.wait(clients, timeout=0.005, return_when=asyncio.FIRST_COMPLETED)
        for client in ended:
            client.result()
        assert not ended, "a client gave up: the server ended by itself, or does not answer"
    await asyncio.wait(clients, timeout=random.uniform(0, 0.4))
    process.kill()
    process.join()
    await asyncio.gather(*clients)


@contextmanager
def serving(node: Node) -> Iterator[Server]:
    """Run a server of this node's data."""
    with listen_unused() as listener, listen_unused() as inner:
        server = Server(start_server(node, listener, inner), listener.getsockname()[1])
    try:
        yield server
    finally:
        server.kill()


@dataclass
class Trail:
    """What a store holds of changes: the numbers that were set to each target, and the revisions of each number."""

    numbers_of: dict[str, Counter[str]] = field(default_factory=dict)
    revisions: dict[str, list[int]] = field(default_factory=dict)
    rules: dict[str, tuple[int, str]] = field(default_factory=dict)
    """Revision and target of each number now."""

    def times(self, target: str, number: str) -> int:
        """Tell how often a number was set to a target."""
        return self.numbers_of.get(target, Counter())[number]

    def check(self) -> None:
        """See that no revision is missing, and that each rule is what its trail ends with."""
        for number, found in self.revisions.items():
            revision, target = self.rules[number]
            assert sorted(found) == list(range(1, revision + 1)), f"{number} has gaps in its revisions"
            assert self.times(target, number), f"{number}: rule and trail disagree"


class Home:
    """A node's data on a store of either kind."""

    def __init__(self, directory: Path, kind: str) -> None:
        self._database = shared_cluster().create_database() if kind == "postgresql" else None
        self._url = None if self._database is None else shared_cluster().url(self._database)
        self.node = Node(directory, database_url=self._url)

    def add_numbers(self, numbers: list[str]) -> None:
        """Give the account these numbers."""
        rows = self.node.data.parent / "numbers.csv"
        rows.write_text("\n".join(["number", *numbers]) + "\n")
        self.node.renvoi("number", "import", str(rows), "--account", "acme")

    def trail(self) -> Trail:
        """Return what the store holds, once nothing that was killed works in it any more."""
        if self._database is not None:
            sessions = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            wait_for(lambda: shared_cluster().query(sessions, self._database) == [(0,)], "the end of all sessions", 60)
        return asyncio.run(self._read())

    async def _read(self) -> Trail:
        store = await open_store(self._url or f"sqlite:///{self.node.data / 'renvoi.db'}")
        try:
            return await store.read(_trail)
        finally:
            await store.close()


def _trail(reader: Reader) -> Trail:
    found = Trail()
    for entry in reader.changes(_MOST, EVERY_CHANGE):
        found.numbers_of.setdefault(entry.after.param, Counter())[entry.number.value] += 1
        found.revisions.setdefault(entry.number.value, []).append(entry.after.revision)
    after: E164 | None = None
    while page := reader.numbers(after=after, limit=1000):
        found.rules |= {each.number.value: (each.rule.revision, each.rule.param) for each in page}
        after = page[-1].number
    return found
