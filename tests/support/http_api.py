"""The HTTP application on a store in memory, with a customer to ask for."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from starlette.types import ASGIApp

from renvoi.adapters.holidays import PackagedHolidays
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.numbers.number import E164
from renvoi.http.app import create_app, create_inner
from renvoi.http.deps import Deps
from renvoi.http.metrics import Metrics
from tests.support.memory_store import MemoryStore

NUMBER, SECOND, FOREIGN = E164("+33199001234"), E164("+33261910123"), E164("+33199005555")
TARGET = "+33644630000"
KEY = ApiKey("0a0a0a0a0a0a", "k" * 43)
FOREIGN_KEY = ApiKey("0b0b0b0b0b0b", "f" * 43)
START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z, in ms since 1970."""
PATH = "/v1/vn/callforward"


class FixedClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now = now_ms
        self.set_by = 0
        """By how much somebody has set it; all else is time that has passed."""

    def now_ms(self) -> int:
        """Return the time that the test has set."""
        return self.now

    def monotonic_ms(self) -> int:
        """Return the time that has passed."""
        return self.now - self.set_by


def seed(writer: Writer) -> None:
    """Add two accounts: one with NUMBER, SECOND and KEY, another with FOREIGN and FOREIGN_KEY."""
    account = writer.add_account("demo", "en", "FR", START_MS)
    other = writer.add_account("other", "en", "FR", START_MS)
    writer.add_key(KeyRecord(KEY.id, account.id, KEY.hash(), "FR"))
    writer.add_key(KeyRecord(FOREIGN_KEY.id, other.id, FOREIGN_KEY.hash(), "FR"))
    for number in (NUMBER, SECOND):
        writer.add_number(account.id, NumberRow(number), START_MS)
    writer.add_number(other.id, NumberRow(FOREIGN), START_MS)


class Api:
    """A client of an application of its own; `deps` is passed on to `Deps`."""

    def __init__(self, store: Store | None = None, **deps: Any) -> None:
        self.store = store or MemoryStore()
        self.clock = FixedClock()
        self.monotonic = 0.0
        asyncio.run(self.store.write(seed))
        wired, metrics = Deps(self.store, self.clock, **({"holidays": PackagedHolidays()} | deps)), Metrics()
        self.app: ASGIApp = create_app(wired, metrics, monotonic=lambda: self.monotonic)
        self.inner_app: ASGIApp = create_inner(wired, metrics)

    def request(self, method: str, path: str = PATH, *, client: str = "192.0.2.7", **keywords: Any) -> httpx.Response:
        """Send one request from the address `client`."""
        return self._request(self.app, method, path, client, **keywords)

    def inner(self, path: str) -> httpx.Response:
        """Get a path of the inner listener."""
        return self._request(self.inner_app, "GET", path, "127.0.0.1")

    @staticmethod
    def _request(app: ASGIApp, method: str, path: str, client: str, **keywords: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app, client=(client, 40000))
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as session:
                return await session.request(method, path, **keywords)

        return asyncio.run(send())

    def post(self, fields: Mapping[str, object] | None = None, **keywords: Any) -> httpx.Response:
        """Send a good request to forward NUMBER to TARGET, changed by `fields`; a field that is `...` is left out."""
        return self.request("POST", json=body(fields), **keywords)

    def write(self, work: Any) -> Any:
        """Change the store directly."""
        return asyncio.run(self.store.write(work))

    def read(self, work: Any) -> Any:
        """Look into the store directly."""
        return asyncio.run(self.store.read(work))


def body(fields: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return the fields of a good request, changed by `fields`; one that is `...` is left out."""
    good = {"apiKey": KEY.reveal(), "number": NUMBER.value, "type": 1, "param": TARGET}
    return {name: value for name, value in (good | dict(fields or {})).items() if value is not ...}
