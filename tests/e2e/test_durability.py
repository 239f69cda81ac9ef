"""Promise 1 of the API: kill the process at any instant, and no acknowledged change is lost, none is half-done."""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path

from renvoi.adapters.sql.sqlite import open_sqlite
from renvoi.application.ports.unit_of_work import Reader
from renvoi.domain.numbers.number import E164
from tests.support.killed_servers import kill_amid, start_server
from tests.support.node import Node
from tests.support.ports import listen_unused

CLIENTS = 32
ROUNDS = 50
LEAST = 10
"""How many changes are acknowledged in a round at least."""
NUMBERS = [f"+3319900{n:04}" for n in range(12)]

Acknowledged = dict[str, dict[int, str]]
"""For each number, the target that was acknowledged with each revision."""


async def change(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str, number: str, target: str
) -> int | None:
    """Ask for a change on an open connection; return the revision that the answer names, None when it was refused."""
    body = json.dumps({"apiKey": key, "number": number, "type": 1, "param": target}).encode()
    head = f"POST /v1/vn/callforward HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    writer.write(head.encode() + body)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(answer.partition("content-length: ")[2].partition("\r\n")[0])
    # 104: the store is slow, so it was not made.
    assert json.loads(await reader.readexactly(length))["code"] in (3, 16, 104)
    return int(answer.partition("x-rule-revision: ")[2].partition("\r\n")[0]) if " 200 " in answer[:20] else None


async def hammer(port: int, key: str, acknowledged: Acknowledged) -> None:
    """Be one client that changes one number after the other, until the server dies."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        while True:
            number, target = random.choice(NUMBERS), f"+3364463{random.randrange(10_000):04}"
            revision = await change(reader, writer, key, number, target)
            if revision is not None:
                assert revision not in acknowledged[number], "a revision was given twice"
                acknowledged[number][revision] = target
    except (OSError, asyncio.IncompleteReadError):
        return
    finally:
        writer.close()


async def load_until_killed(
    server: BaseProcess, client: Callable[[], Coroutine[None, None, None]], acknowledged: Acknowledged
) -> None:
    """Run all clients, and kill the server in their midst."""
    clients = [asyncio.create_task(client()) for _ in range(CLIENTS)]
    await kill_amid(server, clients, lambda: sum(map(len, acknowledged.values())), LEAST)


def check(reader: Reader, acknowledged: Acknowledged) -> None:
    """Compare what the clients were told with what the store holds."""
    for text, told in acknowledged.items():
        record = reader.number(E164(text))
        assert record is not None
        history = {entry.after.revision: entry for entry in reader.history(record.number, limit=1_000_000)}
        assert record.rule.revision >= max(told)
        assert sorted(history) == list(range(1, record.rule.revision + 1)), "revisions have gaps"
        assert history[record.rule.revision].after.param == record.rule.param, "the rule and its audit disagree"
        for revision, target in told.items():
            assert history[revision].after.param == target, f"{text} revision {revision} was acknowledged and lost"


async def check_store(path: Path, acknowledged: Acknowledged) -> None:
    store = await open_sqlite(path)
    await store.read(lambda reader: check(reader, acknowledged))
    await store.close()


def test_no_acknowledged_change_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    """50 rounds: 32 clients, SIGKILL at a random instant, restart."""
    node = Node(tmp_path)
    rows = tmp_path / "numbers.csv"
    rows.write_text("\n".join(["number", *NUMBERS]) + "\n")
    node.renvoi("number", "import", str(rows), "--account", "acme")
    acknowledged: Acknowledged = defaultdict(dict)
    for _ in range(ROUNDS):
        with listen_unused() as listener, listen_unused() as inner:
            server = start_server(node, listener, inner)
            port = listener.getsockname()[1]
        try:
            asyncio.run(load_until_killed(server, partial(hammer, port, node.key, acknowledged), acknowledged))
        finally:
            server.kill()
            server.join()
        asyncio.run(check_store(node.data / "renvoi.db", acknowledged))
