"""A node sends webhooks: each event at least once and in order, whatever is killed between commit and delivery."""

import asyncio
import json
import os
import random
import signal
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.node import NUMBER, SECOND, Node
from tests.support.postgres import shared_cluster
from tests.support.receivers import Answer, Receiver, receiving
from tests.support.waiting import wait_for

CHANGES = 40


@contextmanager
def received(answer: Answer | None = None) -> Iterator[Receiver]:
    """Run a receiver in a thread of its own, as the tests wait for processes."""
    loop, found, stop = asyncio.new_event_loop(), list[Receiver](), asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        async with receiving(*([answer] if answer is not None else [])) as receiver:
            found.append(receiver)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Return where the node's store is; None: in its data directory."""
    make: Callable[[], str | None] | None = getattr(request, "param", None)
    return None if make is None else make()


@pytest.fixture
def node(tmp_path: Path, database_url: str | None) -> Iterator[Node]:
    made = Node(tmp_path, database_url=database_url)
    made.configure(webhook_http="yes", webhook_networks="127.0.0.0/8")
    yield made
    made.api.close()
    made.inner.close()
    if made.process is not None:
        made.kill()


def new_database() -> str:
    cluster = shared_cluster()
    return cluster.url(cluster.create_database())


@pytest.mark.parametrize(
    "database_url",
    [pytest.param(lambda: None, id="sqlite"), pytest.param(new_database, id="postgresql")],
    indirect=True,
)
def test_kills_lose_no_event_and_change_no_order(node: Node) -> None:
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201 - to repeat a failure
    node.start("--no-calls")
    with received() as receiver:
        made = node.renvoi("webhook", "add", receiver.url, "--account", "acme", "--type", "forwarding.changed")
        killed_at = set(dice.sample(range(5, CHANGES - 3), 4))
        for turn in range(CHANGES):
            number = dice.choice([NUMBER, SECOND])
            # One that got no answer may have been made or not.
            with suppress(httpx.TransportError, AssertionError):
                node.forward(f"+3364463{turn:04}", number)
            if turn in killed_at:
                for pid in node.pids(dice.choice(["renvoi.node webhooks", "renvoi.node http"])):
                    os.kill(pid, signal.SIGKILL)
        logged = {
            number: [each for each in events(node) if each["data"]["number"] == number] for number in (NUMBER, SECOND)
        }
        total = sum(map(len, logged.values()))
        assert total > CHANGES / 2
        wait_for(lambda: len({each.id for each in receiver.received}) == total, f"{total} events", 60)
        first: dict[str, list[int]] = defaultdict(list)
        ids: set[str] = set()
        for each in receiver.received:
            assert each.is_signed_by(made["secret"])
            if each.id not in ids:
                ids.add(each.id)
                first[each.event["data"]["number"]].append(each.event["data"]["seq"])
        for number, events_of in logged.items():
            # The first one told that the number was added.
            assert first[number] == [each["data"]["seq"] for each in events_of] == list(range(2, len(events_of) + 2))
            assert [each["data"]["revision"] for each in events_of] == list(range(1, len(events_of) + 1))


def events(node: Node) -> list[dict[str, Any]]:
    """Return the account's events of rules."""
    ran = node.run("events", "--account", "acme", "--type", "forwarding.changed", "--json")
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_the_part_is_there_while_there_is_a_webhook(node: Node) -> None:
    node.start("--no-calls")
    assert not node.pids("renvoi.node webhooks")
    redirect = b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with received(redirect) as receiver:
        made = node.renvoi("webhook", "add", receiver.url, "--account", "acme")
        wait_for(lambda: node.pids("renvoi.node webhooks"), "the part", 20)
        tried = node.run("webhook", "test", made["id"])
        assert tried.returncode == 1
        assert "redirects are not followed" in tried.stdout
        assert len(receiver.received) == 1
        assert "renvoi_webhook" in node.inner.get("/metrics").text
        node.renvoi("webhook", "remove", made["id"])
        wait_for(lambda: not node.pids("renvoi.node webhooks"), "its end", 20)


def test_addresses_are_refused_in_one_line(node: Node) -> None:
    for url in ("https://10.0.0.1/", "ftp://example.com", "https://user@example.com/"):
        ran = node.run("webhook", "add", url, "--account", "acme")
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran.stderr
