"""Webhook events a second: `python -m bench.webhooks [--store postgresql]`.

Events of as many numbers as `--numbers` lie in the logs of accounts with an endpoint each, and the sender, with its
HTTP client and signatures, delivers all of them to receivers in two other processes on the loopback. Beside it stands
the floor: bodies of the same size posted by the same client, a connection each, without a store and signatures. CPU is
that of the sender's process, which says more than rates do on a machine that is not alone.
"""

import argparse
import asyncio
import multiprocessing
import random
import resource
import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import cast

import structlog
import uvloop

from bench.report import progress, table
from renvoi import logs
from renvoi.adapters.clock import SystemClock
from renvoi.adapters.endpoint_client import HttpEndpointClient
from renvoi.adapters.sealing import AesSealer
from renvoi.adapters.sql import open_store
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.webhooks.sender import SenderConfig, WebhookSender
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.webhook import Webhook, secret_of
from renvoi.domain.numbers.number import E164
from tests.support.postgres import PostgresCluster

FIRST = 33_199_000_000
AT_ONCE = 64
RECEIVERS = 2
SEALER = AesSealer(b"k" * 32)
SECRET = "whsec_" + "c2VjcmV0" * 4
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class _Receiver(asyncio.Protocol):
    """Answers each connection's request, and ends it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._seen = b""

    def data_received(self, data: bytes) -> None:
        """Answer when the whole body is there."""
        self._seen += data
        head, separator, body = self._seen.partition(b"\r\n\r\n")
        if separator and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            self._transport.write(ANSWER)
            self._transport.close()


def _receive(sock: socket.socket) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Receiver, sock=sock, backlog=2048)
        await server.serve_forever()

    uvloop.run(serve())


@contextmanager
def receivers() -> Iterator[Sequence[int]]:
    """Run the receivers; give their ports."""
    sockets = [socket.create_server(("127.0.0.1", 0), backlog=2048) for _ in range(RECEIVERS)]
    processes = [multiprocessing.Process(target=_receive, args=(sock,), daemon=True) for sock in sockets]
    for process in processes:
        process.start()
    try:
        yield [sock.getsockname()[1] for sock in sockets]
    finally:
        for process in processes:
            process.terminate()
            process.join()


async def fill(store: Store, ports: Sequence[int], endpoints: int, numbers: int, events: int) -> None:
    """Make accounts with an endpoint each, then events."""

    def begin(writer: Writer) -> list[tuple[int, E164]]:
        owned = []
        for place in range(endpoints):
            account = writer.add_account(f"bench{place}", "en", "FR", 0)
            own = [E164.from_digits(FIRST + n) for n in range(place, numbers, endpoints)]
            writer.add_numbers(account.id, map(NumberRow, own), 0)
            owned += [(account.id, number) for number in own]
            url = f"http://127.0.0.1:{ports[place % len(ports)]}/{place}"
            webhook = Webhook(f"{place:024x}", account.id, url, ("*",), (), "", 0, 0)
            writer.put_secret(secret_of(webhook.id), SEALER.seal(secret_of(webhook.id), SECRET))
            writer.add_webhook(webhook)
        return owned

    owned = await store.write(begin)
    told = [Event(EventType.CALL_MISSED, *owned[n % len(owned)], _DATA, n) for n in range(events)]
    for start in range(0, events, 500):
        await store.write(partial(_tell, told[start : start + 500]))


_DATA = {"id": "call_1", "from": "+33140000001", "decision": "forward", "status": 486, "reason": "busy", "x": "y" * 200}


def _tell(told: Sequence[Event], writer: Writer) -> None:
    for event in told:
        writer.add_event(event)


def client() -> HttpEndpointClient:
    return HttpEndpointClient(SystemClock(), allow_http=True, networks=(ip_network("127.0.0.0/8"),))


async def drain(url: str, ports: Sequence[int], endpoints: int, numbers: int, events: int) -> tuple[float, float]:
    """Return events a second, and the CPU time of the sender for each, µs."""
    store = await open_store(url)
    try:
        await fill(store, ports, endpoints, numbers, events)
        config = SenderConfig(owner="bench", jitter=random.random, sealer=lambda: SEALER)
        stop = asyncio.Event()
        sender = WebhookSender(store, client(), SystemClock(), config)
        begin, cpu = time.perf_counter(), _cpu_s()
        sending = asyncio.create_task(sender.run(stop, 5))
        while (await store.read(lambda reader: reader.counts().get("webhook_delivered", 0))) < events:  # noqa: ASYNC110 - the store tells
            await asyncio.sleep(0.05)
        took, used = time.perf_counter() - begin, _cpu_s() - cpu
        stop.set()
        await sending
        return events / took, used / events * 1e6
    finally:
        await store.close()


async def floor(ports: Sequence[int], events: int) -> tuple[float, float]:
    """Return requests a second of the client alone, and its CPU time for each, µs."""
    sender, left = client(), iter(range(events))

    async def lane() -> None:
        for number in left:
            answer = await sender.post(f"http://127.0.0.1:{ports[number % len(ports)]}/", {}, b"x" * 500)
            assert answer.is_success, answer

    begin, cpu = time.perf_counter(), _cpu_s()
    await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
    took = time.perf_counter() - begin
    return events / took, (_cpu_s() - cpu) / events * 1e6


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--endpoints", type=int, default=100)
    parser.add_argument("--numbers", type=int, default=2000)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    logs.configure("json", "warning")
    structlog.get_logger("bench").info("measuring")
    best: dict[str, tuple[float, float]] = {}
    sizes = options.endpoints, options.numbers, options.events
    with receivers() as ports, tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        for number in range(options.rounds):
            progress(f"round {number + 1} of {options.rounds}")
            found = {"the client alone": uvloop.run(floor(ports, options.events))}
            if options.store == "sqlite":
                url = f"sqlite:///{name}/{number}.db"
                found["events, SQLite"] = uvloop.run(drain(url, ports, *sizes))
            else:
                with PostgresCluster(settings={"shared_buffers": "128MB"}) as cluster:
                    url = cluster.url(cluster.create_database())
                    found["events, PostgreSQL"] = uvloop.run(drain(url, ports, *sizes))
            for what, (rate, used) in found.items():
                before = best.get(what, (rate, used))
                best[what] = max(rate, before[0]), min(used, before[1])
    base = best["the client alone"][0]
    rows = [(what, rate, round(used), f"{rate / base:.0%}") for what, (rate, used) in best.items()]
    table(["what", "a second", "CPU µs", "of the client"], rows)


if __name__ == "__main__":
    main()
