"""Changes that other processes wait for: whoever makes one announces it, and who waits need not ask all the time.

PostgreSQL has LISTEN and NOTIFY, the latter in the transaction of the change itself. On SQLite a file beside the
database is touched after the commit, which inotify(7) notices. An announcement is a hint: it may come for nothing, and
one may be missed (a connection is lost, a program of an older version makes the change), so whoever listens looks now
and then without one as well.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Protocol

import structlog

from renvoi.adapters.sql import SQLITE
from renvoi.inotify import ATTRIB, MOVE_SELF, InotifyUnavailable, InotifyWatch

Topic = Literal["mails", "trunks", "counts", "webhooks"]
CHANNEL = "renvoi_"
"""What the names of PostgreSQL's channels begin with."""
RETRY_S = 1.0
"""Pause before listening is tried again."""

log = structlog.get_logger("store")


class Listener(Protocol):
    """Hears the announcements of one topic."""

    @property
    def hears(self) -> bool:
        """Whether changes are heard now; else whoever waits for one has to ask."""

    async def run(self, on_change: Callable[[], None]) -> None:
        """Call `on_change` at each announcement, and whenever one may have been missed, until cancelled."""


def listener_of(url: str, topic: Topic) -> Listener:
    """Return what hears of changes of `topic` in the store at `url`."""
    return (
        SqliteListener(Path(url.removeprefix(SQLITE)), topic)
        if url.startswith(SQLITE)
        else PostgresListener(url, topic)
    )


@contextmanager
def listening(listener: Listener, on_change: Callable[[], None]) -> Iterator[None]:
    """Listen until the end of the block."""
    task = asyncio.create_task(listener.run(on_change))
    try:
        yield
    finally:
        task.cancel()


class SqliteListener:
    """Listens to the processes that use the database at `path`."""

    def __init__(self, path: Path, topic: Topic) -> None:
        self._file = announcement_file(path, topic)
        self.hears = False

    async def run(self, on_change: Callable[[], None]) -> None:
        """See `Listener`."""
        never = asyncio.Event()
        try:
            # A file that was removed counts as changed, too: it has one link less.
            with closing(InotifyWatch(self._file, ATTRIB | MOVE_SELF)) as watch:
                while True:
                    self.hears = self._exists() and watch.arm()
                    on_change()
                    await watch.wait(never, RETRY_S if not self.hears else 3600)
        except InotifyUnavailable as error:
            log.warning("changes of others are not heard, the store is asked all the time", reason=str(error))

    def _exists(self) -> bool:
        with suppress(OSError):
            self._file.touch(0o640)
            return True
        return False


def announcement_file(path: Path, topic: Topic) -> Path:
    """Return the file that is touched when `topic` was changed in the database at `path`."""
    return path.with_name(f"{path.name}-{topic}")


def touch(path: Path, topic: Topic) -> None:
    """Announce a change of the database at `path`, where somebody has ever listened."""
    with suppress(OSError):
        os.utime(announcement_file(path, topic))


class PostgresListener:
    """Listens at the server at `url`, on a connection of its own."""

    def __init__(self, url: str, topic: Topic) -> None:
        self._url = url
        self._topic = topic
        self.hears = False

    async def run(self, on_change: Callable[[], None]) -> None:
        """See `Listener`. Behind PgBouncer in transaction mode no session is ours, and nothing can be heard."""
        # Loaded late: SQLite does without.
        import psycopg  # noqa: PLC0415

        while True:
            with suppress(psycopg.Error):
                connection = await asyncio.to_thread(self._connect)
                if connection is None:
                    log.info("the pooler in front of PostgreSQL passes on no notifications, changes are polled for")
                    return
                with closing(connection):
                    self.hears = True
                    on_change()
                    try:
                        await _hear(connection, on_change)
                    finally:
                        self.hears = False
                        on_change()
            await asyncio.sleep(RETRY_S)

    def _connect(self) -> Any:
        """Return a connection that listens; None behind a pooler."""
        import psycopg  # noqa: PLC0415 - see above

        from renvoi.adapters.sql import postgres_pool  # noqa: PLC0415 - see above

        connection = psycopg.connect(postgres_pool.connection_info(self._url), autocommit=True, prepare_threshold=None)
        try:
            with postgres_pool.limited(connection):
                if postgres_pool.is_pooled(connection):
                    connection.close()
                    return None
                connection.execute(f"LISTEN {CHANNEL}{self._topic}")
        except BaseException:
            connection.close()
            raise
        return connection


async def _hear(connection: Any, on_change: Callable[[], None]) -> None:
    """Call `on_change` for what is heard, until the connection is lost, which raises the driver's error."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    fd = connection.fileno()
    loop.add_reader(fd, ready.set)
    try:
        while True:
            await ready.wait()
            ready.clear()
            connection.pgconn.consume_input()
            heard = False
            while connection.pgconn.notifies() is not None:
                heard = True
            if heard:
                on_change()
    finally:
        loop.remove_reader(fd)
