"""Durable changes a second over HTTP, beside the same server without a store: `python -m bench.changes`.

Every request is a change: another number, another target. Both servers run in each round, one after the other, with
the same requests; the one with a store takes changes by `/v2` too, and the one without answers `GET /healthz`. The best
round of each counts, of rates as of the CPU time that a request takes the server. With `--fsync-delay-ms` every fsync
of both takes that much longer (needs a C compiler).
"""

import argparse
import asyncio
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import cast

import uvloop

from bench.report import percentile, progress, table
from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.numbers import NumberRow
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.numbers.number import E164

NUMBERS = 10_000
FIRST = 33_199_000_000


async def seed(path: Path) -> str:
    """Make a store with an account, a key and numbers; return the key."""
    key = ApiKey(secrets.token_hex(6), secrets.token_urlsafe(32))
    store = await open_sqlite(path)
    account = await store.write(lambda writer: writer.add_account("bench", "en", "FR", 0))
    await store.write(lambda writer: writer.add_key(KeyRecord(key.id, account.id, key.hash(), "FR")))
    rows = (NumberRow(E164.from_digits(FIRST + n)) for n in range(NUMBERS))
    await store.write(lambda writer: writer.add_numbers(account.id, rows, 0))
    await store.close()
    return key.reveal()


def probe(_: str) -> bytes:
    """Return the request that costs least."""
    return b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def change(key: str) -> bytes:
    """Return a whole HTTP request: a change of one of the numbers to a target of a million."""
    number = FIRST + random.randrange(NUMBERS)
    target = random.randrange(33_644_000_000, 33_645_000_000)
    body = b'{"apiKey":"%b","number":"+%d","type":1,"param":"+%d"}' % (key.encode(), number, target)
    head = b"POST /v1/vn/callforward HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body)


def put(key: str) -> bytes:
    """Return the same change by `/v2`, as a whole rule."""
    number = FIRST + random.randrange(NUMBERS)
    target = random.randrange(33_644_000_000, 33_645_000_000)
    body = b'{"action":"forward","to":["+%d"]}' % target
    head = b"PUT /v2/numbers/+%d/forwarding HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %b\r\n" % (
        number,
        key.encode(),
    )
    kind = b"Content-Type: application/json\r\n"
    return b"%b%bContent-Length: %d\r\n\r\n%b" % (head, kind, len(body), body)


REQUESTS: Mapping[str, tuple[str, Callable[[str], bytes], bytes]] = {
    "/healthz": ("none", probe, b'"ok"'),
    "none": ("none", change, b'"code":3'),
    "sqlite": ("sqlite", change, b'"code":3'),
    "sqlite, /v2": ("sqlite", put, b'"action":"forward"'),
}
"""By the name of a row: the server, the requests, and what stands in each answer."""


class Client(asyncio.Protocol):
    """One connection that sends a request as soon as the one before is answered."""

    def __init__(self, make: Callable[[], bytes], expected: bytes, times: list[float], until: float) -> None:
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._make, self._expected, self._times, self._until = make, expected, times, until
        self._sent, self._buffer = 0.0, b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        made = self._make()
        self._sent = time.perf_counter()
        self._transport.write(made)

    def data_received(self, data: bytes) -> None:
        """Check the answer and send the next request."""
        now = time.perf_counter()
        data = self._buffer = self._buffer + data
        if not data.endswith(b"}"):
            return
        self._buffer = b""
        if not data.startswith(b"HTTP/1.1 200") or self._expected not in data:
            self.done.set_exception(RuntimeError(f"not the answer: {data[:300]!r}"))
            self._transport.close()
            return
        self._times.append(now - self._sent)
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End, well or badly."""
        if not self.done.done():
            if exc is None and time.perf_counter() >= self._until:
                self.done.set_result(None)
            else:
                self.done.set_exception(exc or RuntimeError("the server closed the connection"))


async def load(
    port: int, make: Callable[[], bytes], expected: bytes, clients: int, seconds: float
) -> tuple[float, list[float]]:
    """Return answers a second, and the sorted answer times in milliseconds."""
    times: list[float] = []
    loop = asyncio.get_running_loop()
    begin = time.perf_counter()
    made = [
        await loop.create_connection(partial(Client, make, expected, times, begin + seconds), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.done for _, client in made))
    return len(times) / (time.perf_counter() - begin), sorted(t * 1000 for t in times)


class Server:
    """One `bench.http_server` process."""

    def __init__(self, kind: str, path: Path, environment: Mapping[str, str], log_level: str) -> None:
        listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = listening.getsockname()[1]
        descriptor = listening.fileno()
        with (path.parent / f"{kind}.log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "bench.http_server", str(descriptor), kind, path, log_level],
                pass_fds=[descriptor],
                stderr=log,
                env=os.environ | environment,
            )
        listening.close()

    def cpu_s(self) -> float:
        """Return the CPU time that it has taken, which says more than rates do on a machine that is not alone."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """End it."""
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(30)


def slow_disk(directory: Path, delay_ms: float) -> dict[str, str]:
    """Return the environment in which every fsync takes `delay_ms` longer."""
    if not delay_ms:
        return {}
    library = directory / "slow_fsync.so"
    source = Path(__file__).with_name("slow_fsync.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "FSYNC_DELAY_US": str(int(delay_ms * 1000))}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fsync-delay-ms", type=float, default=0.0)
    parser.add_argument("--log-level", default="info")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        directory = Path(name)
        path = directory / "renvoi.db"
        key = asyncio.run(seed(path))
        environment = slow_disk(directory, options.fsync_delay_ms)
        servers = {kind: Server(kind, path, environment, options.log_level) for kind in ("none", "sqlite")}
        try:
            for clients in options.clients:
                best: dict[str, tuple[float, list[float]]] = {}
                cpu_us: dict[str, float] = {}
                for round_number in range(options.rounds):
                    for kind, (on, make, expected) in REQUESTS.items():
                        progress(f"{clients} clients, {kind}, round {round_number + 1}")
                        port, before_s = servers[on].port, servers[on].cpu_s()
                        rate, times = uvloop.run(load(port, partial(make, key), expected, clients, options.seconds))
                        each_us = (servers[on].cpu_s() - before_s) * 1e6 / len(times)
                        cpu_us[kind] = min(cpu_us.get(kind, each_us), each_us)
                        best[kind] = max(best.get(kind, (0.0, [])), (rate, times), key=itemgetter(0))
                base, probes, core = best["none"][0], best["/healthz"][0], best["sqlite"][0]
                rows += [
                    (
                        *(clients, kind, rate, percentile(times, 0.5), percentile(times, 0.99), round(cpu_us[kind])),
                        *(f"{rate / base:.0%}", f"{rate / probes:.2f}", f"{rate / core:.0%}"),
                    )
                    for kind, (rate, times) in best.items()
                ]
        finally:
            for server in servers.values():
                server.stop()
    table(
        ["clients", "store", "requests/s", "p50 ms", "p99 ms", "CPU µs", "of the baseline", "of /healthz", "of sqlite"],
        rows,
    )


if __name__ == "__main__":
    main()
