"""Every adapter of the `Store` port: the contract suites run on each of them."""

import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from renvoi.adapters.sql import open_store
from renvoi.adapters.sql.schema import metadata
from renvoi.adapters.sql.sqlite import prepare_file
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.numbers.number import E164
from tests.support.memory_store import MemoryStore
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.postgres import PostgresServer, shared_cluster

A, B, C = E164("+33199001234"), E164("+33261910123"), E164("+33644630000")

BACK_S = 5.0
"""How long it may take to work again once the server is back."""

_CONNECTIONS = 8
_spare: WeakKeyDictionary[PostgresServer, list[str]] = WeakKeyDictionary()
# Tables are small: TRUNCATE would give each of them new files, and take twice as long.
_EMPTY = "; ".join(
    [
        # Those first whose rows name rows of others.
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables) if table.name != "store_info"),
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


@asynccontextmanager
async def opened(url: str, connections: int = _CONNECTIONS, node: str = "") -> AsyncIterator[Store]:
    """Open a store, and close it at the end."""
    store = await open_store(url, connections=connections, node=node)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def new_database(server: PostgresServer) -> AsyncIterator[str]:
    """Lend a database with the schema of this program and no rows; give its name.

    Emptied and lent again later: to make one takes many times longer.
    """
    spare = _spare.setdefault(server, [])
    if not spare:
        name = server.create_database()
        async with opened(server.url(name)):
            spare.append(name)
    name = spare.pop()
    yield name
    server.terminate_backends()
    with server.admin(name) as connection:
        connection.execute(_EMPTY)
    spare.append(name)


@cache
def _new_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "renvoi.db"
        prepare_file(path)
        return path.read_bytes()


def make_sqlite(path: Path) -> None:
    """Write a database with the schema of this program and no rows: by migrations it would take 70 ms each time."""
    path.write_bytes(_new_sqlite())


@asynccontextmanager
async def _sqlite(path: Path) -> AsyncIterator[Store]:
    make_sqlite(path / "renvoi.db")
    async with opened(f"sqlite:///{path}/renvoi.db") as store:
        yield store


@asynccontextmanager
async def _memory(_: Path) -> AsyncIterator[Store]:
    store = MemoryStore()
    yield store
    await store.close()


@asynccontextmanager
async def _postgres(_: Path) -> AsyncIterator[Store]:
    cluster = shared_cluster()
    async with new_database(cluster) as name, opened(cluster.url(name)) as store:
        yield store


@asynccontextmanager
async def _pgbouncer(_: Path) -> AsyncIterator[Store]:
    pooler = shared_pgbouncer()
    async with new_database(shared_cluster()) as name:
        # Behind each test the server ends those of all databases.
        pooler.forget_connections()
        async with opened(pooler.url(name)) as store:
            yield store


STORES: dict[str, Callable[[Path], AbstractAsyncContextManager[Store]]] = {
    "sqlite": _sqlite,
    "memory": _memory,
    "postgres": _postgres,
    "pgbouncer": _pgbouncer,
}

Scenario = Callable[[Store], Awaitable[None]]


async def seed(store: Store) -> int:
    """Make an account with the numbers A and B; return its id."""

    def work(writer: Writer) -> int:
        account = writer.add_account("demo", "fr", "FR", 1)
        writer.add_number(account.id, NumberRow(A, "front desk"), 2)
        writer.add_number(account.id, NumberRow(B, forwarding_enabled=False), 2)
        return account.id

    return await store.write(work)


def add_account(name: str) -> Callable[[Writer], object]:
    """Return the work of adding an account."""
    return lambda writer: writer.add_account(name, "en", "FR", 1)


async def account_names(store: Store) -> set[str]:
    """Return the names of all accounts."""
    return {account.name for account in await store.read(lambda reader: reader.accounts())}


@asynccontextmanager
async def new_store(cluster: PostgresServer, connections: int = 4) -> AsyncIterator[Store]:
    """Open a store on a database of its own."""
    async with new_database(cluster) as name, opened(cluster.url(name), connections) as store:
        yield store


async def until_stored(store: Store, name: str) -> float:
    """Try to add an account until that works; return how long it took."""
    began = time.monotonic()
    while time.monotonic() - began < 4 * BACK_S:
        with suppress(StoreUnavailable):
            await store.write(add_account(name))
            break
    return time.monotonic() - began
