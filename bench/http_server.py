"""One HTTP server of the product, for `bench.changes`: with its store, or with one that keeps nothing.

Run as `python -m bench.http_server FD sqlite|none PATH LOG_LEVEL`; serves on the bound socket with that descriptor
until SIGTERM.
"""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import uvloop

from renvoi import logs
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.http.app import create_app
from renvoi.http.deps import Deps
from renvoi.http.server import serve_http

T = TypeVar("T")


class _Nothing:
    """Answers as a store would whose every number is disabled, and keeps nothing."""

    def __init__(self, key: KeyRecord) -> None:
        self._key = key

    def key(self, _: str) -> KeyRecord:
        return self._key

    def policy(self, _: int) -> AccountPolicy:
        return NO_POLICY

    def number(self, _: E164) -> None:
        return None

    def number_for_change(self, number: E164) -> NumberRecord:
        return NumberRecord(number, self._key.account_id)

    def put_rule(self, number: E164, rule: Rule, at_ms: int, event: Event, before: Rule) -> None:
        """Forget it."""

    def add_audit(self, entry: AuditEntry) -> None:
        """Forget it."""


class NoStore:
    """The baseline: the same requests, answered without a store."""

    def __init__(self, key: KeyRecord) -> None:
        self._nothing = _Nothing(key)

    @property
    def keeps_audio(self) -> bool:
        """See `application.ports.Store`."""
        return False

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on nothing."""
        return work(cast("Reader", self._nothing))

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` on nothing."""
        return work(cast("Writer", self._nothing))

    async def close(self) -> None:
        """Do nothing."""


async def _store(kind: str, path: Path) -> Store:
    store: Store = await open_sqlite(path)
    if kind == "sqlite":
        return store
    keys: Sequence[KeyRecord] = await store.read(lambda reader: reader.keys())
    await store.close()
    return NoStore(keys[0])


async def _serve(descriptor: int, kind: str, path: Path) -> None:
    store = await _store(kind, path)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    app: Any = create_app(Deps(store, SystemClock()))
    app.prepare()
    with logs.batched():
        await serve_http(app, socket.socket(fileno=descriptor), stop)
    await store.close()


def main() -> None:
    """Serve; the log goes to stderr as in production."""
    logs.configure("json", sys.argv[4])
    uvloop.run(_serve(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))


if __name__ == "__main__":
    main()
