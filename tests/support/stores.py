"""Every adapter of the `Store` port: the contract suites run on each of them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports import NumberRow, Store, Writer
from renvoi.domain.number import E164
from tests.support.memory_store import MemoryStore

A, B, C = E164("+33199001234"), E164("+33261910123"), E164("+33644630000")


async def _sqlite(path: Path) -> Store:
    return await open_sqlite(path / "renvoi.db")


async def _memory(_: Path) -> Store:
    return MemoryStore()


STORES: dict[str, Callable[[Path], Awaitable[Store]]] = {"sqlite": _sqlite, "memory": _memory}

Scenario = Callable[[Store], Awaitable[None]]


async def seed(store: Store) -> int:
    """Make an account with the numbers A and B; return its id."""

    def work(writer: Writer) -> int:
        account = writer.add_account("demo", "fr", "FR", 1)
        writer.add_number(account.id, NumberRow(A, "front desk"), 2)
        writer.add_number(account.id, NumberRow(B, forwarding_enabled=False), 2)
        return account.id

    return await store.write(work)
