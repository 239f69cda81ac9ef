"""Changes that others wait for are heard at once, on every store where that is possible."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from renvoi.adapters.sql import SQLITE, announcements
from renvoi.adapters.sql.announcements import (
    Listener,
    PostgresListener,
    Topic,
    announcement_file,
    listener_of,
    listening,
    touch,
)
from renvoi.application.ports.unit_of_work import Writer
from renvoi.domain.trunks.trunk import InboundTrunk, parse_network
from renvoi.inotify import InotifyUnavailable
from tests.support.pgbouncer import shared_pgbouncer
from tests.support.postgres import PostgresCluster, shared_cluster
from tests.support.stores import new_database, opened

PATIENCE_S = 20.0


class Ears:
    """Counts what a listener hears."""

    def __init__(self, url: str, topic: Topic) -> None:
        self.listener: Listener = listener_of(url, topic)
        self.heard = 0

    def hear(self) -> None:
        """Note an announcement."""
        self.heard += 1

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 - whatever is heard
                await asyncio.sleep(0.001)

    async def one_more(self, before: int) -> None:
        """Wait until more than `before` announcements were heard."""
        await self.until(lambda: self.heard > before)


@asynccontextmanager
async def ears(url: str, topic: Topic) -> AsyncIterator[Ears]:
    """Listen, from the moment on when changes are heard."""
    made = Ears(url, topic)
    with listening(made.listener, made.hear):
        await made.until(lambda: made.listener.hears and made.heard > 0)
        yield made


def add_trunk(name: str) -> Callable[[Writer], int]:
    """Return the work that adds a trunk."""
    return lambda writer: writer.add_trunk(InboundTrunk(name, (parse_network("192.0.2.0/24"),)))


async def check(url: str) -> None:
    """See that a trunk is heard of where trunks are listened to, once it is committed, and nowhere else."""
    async with opened(url) as store, ears(url, "trunks") as trunks, ears(url, "mails") as mails:
        before, others = trunks.heard, mails.heard
        with pytest.raises(ZeroDivisionError):
            await store.write(lambda writer: add_trunk("none")(writer) // 0)
        await store.write(add_trunk("one"))
        await trunks.one_more(before)
        assert [trunk.name for trunk in (await store.read(lambda reader: reader.trunks())).inbound] == ["one"]
        before = trunks.heard
        await store.write(lambda writer: writer.remove_trunk("one"))
        await trunks.one_more(before)
        assert mails.heard == others


def test_a_change_is_heard_on_sqlite(tmp_path: Path) -> None:
    asyncio.run(check(f"{SQLITE}{tmp_path / 'renvoi.db'}"))


@pytest.mark.parametrize("change", [Path.unlink, lambda file: file.rename(file.with_name("old"))])
def test_a_file_that_goes_is_made_again(tmp_path: Path, change: Callable[[Path], object]) -> None:
    """Else who makes changes would have nothing to touch."""

    async def main() -> None:
        path = tmp_path / "renvoi.db"
        async with ears(f"{SQLITE}{path}", "mails") as mails:
            for _ in range(2):
                before = mails.heard
                change(announcement_file(path, "mails"))
                await mails.one_more(before)
                before = mails.heard
                touch(path, "mails")
                await mails.one_more(before)

    asyncio.run(main())


def on_postgres(scenario: Callable[[str], Awaitable[None]]) -> None:
    """Run a scenario with a new database."""

    async def main() -> None:
        async with new_database(shared_cluster()) as name:
            await scenario(name)

    asyncio.run(main())


def test_a_change_is_heard_on_postgresql() -> None:
    on_postgres(lambda name: check(shared_cluster().url(name)))


def test_a_change_of_another_connection_is_heard_when_it_is_committed() -> None:
    async def scenario(name: str) -> None:
        url = shared_cluster().url(name)
        async with ears(url, "mails") as mails:
            before = mails.heard
            with shared_cluster().admin(name) as other:
                other.execute("BEGIN; SELECT pg_notify('renvoi_mails', ''); ROLLBACK")
                other.execute("SELECT pg_notify('renvoi_mails', '')")
            await mails.one_more(before)
            assert mails.heard == before + 1

    on_postgres(scenario)


def test_a_server_that_was_started_again_is_listened_to_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcements, "RETRY_S", 0.01)

    async def scenario(cluster: PostgresCluster) -> None:
        url = cluster.url(cluster.create_database())
        async with ears(url, "trunks") as trunks:
            before = trunks.heard
            await asyncio.to_thread(cluster.stop)
            # What waits asks by itself from now on, and is told so.
            await trunks.until(lambda: not trunks.listener.hears and trunks.heard > before)
            before = trunks.heard
            await asyncio.to_thread(cluster.start)
            await trunks.until(lambda: trunks.listener.hears and trunks.heard > before)
            async with opened(url) as store:
                before = trunks.heard
                await store.write(add_trunk("one"))
                await trunks.one_more(before)

    with PostgresCluster(durable=False) as cluster:
        asyncio.run(scenario(cluster))


def test_behind_a_pooler_nothing_is_heard_and_nobody_is_told_otherwise() -> None:
    async def scenario(name: str) -> None:
        made = Ears(shared_pgbouncer().url(name), "trunks")
        async with asyncio.timeout(PATIENCE_S):
            await PostgresListener(shared_pgbouncer().url(name), "trunks").run(made.hear)
        assert (made.listener.hears, made.heard) == (False, 0)
        async with opened(shared_pgbouncer().url(name)) as store, ears(shared_cluster().url(name), "trunks") as trunks:
            before = trunks.heard
            await store.write(add_trunk("one"))
            await trunks.one_more(before)

    on_postgres(scenario)


def test_without_inotify_nothing_is_heard_on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise InotifyUnavailable("Too many open files")

    monkeypatch.setattr(announcements, "InotifyWatch", unavailable)

    async def scenario() -> None:
        made = Ears(f"{SQLITE}{tmp_path / 'renvoi.db'}", "mails")
        await made.listener.run(made.hear)
        assert not made.listener.hears

    asyncio.run(scenario())
