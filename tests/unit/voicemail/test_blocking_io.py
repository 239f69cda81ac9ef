"""The slow side of a worker: what it does when disk or store fail."""

import asyncio
import errno
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.call_record import MessageLeft
from renvoi.voicemail import blocking_io as backroom_module
from renvoi.voicemail.blocking_io import BlockingIO, Mailbox
from renvoi.voicemail.recording import Recording
from tests.support.http_api import START_MS
from tests.support.stores import A, B
from tests.unit.voicemail.conftest import RATE, STRANGER, Archive


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the greetings that come with renvoi to their own tests."""
    monkeypatch.setattr("renvoi.voicemail.blocking_io.encode_all", lambda: None)


def use(archive: Archive, scenario: Callable[[BlockingIO], Awaitable[None]]) -> None:
    """Run `scenario` with a blocking_io on the archive, and close it."""

    async def open_store() -> Store:
        return archive.store

    async def run() -> None:
        blocking_io = BlockingIO(
            open_store,
            archive.clock,
            archive.events.append,
            recordings=archive.recordings,
            messages=archive.messages,
            locale="en",
        )
        await blocking_io.open()
        try:
            await scenario(blocking_io)
        finally:
            await blocking_io.close()

    before = threading.active_count()
    asyncio.run(run())
    assert threading.active_count() <= before


async def leave(blocking_io: BlockingIO, archive: Archive) -> Recording:
    recording = await blocking_io.begin(archive.facts("a"), RATE)
    archive.held.append(recording)
    recording.write(0, b"\1\2" * (2 * RATE))
    return recording


def test_a_recording_ends_as_a_message(archive: Archive) -> None:
    async def scenario(blocking_io: BlockingIO) -> None:
        assert blocking_io.now_ms() == START_MS
        recording = await leave(blocking_io, archive)
        await blocking_io.end(recording)
        assert archive.files() == [f"{recording.id}.wav"]
        assert await asyncio.to_thread(archive.stored) == [recording.id]
        assert archive.events == [MessageLeft("call-a", "tag", START_MS)]

    use(archive, scenario)


def test_what_has_begun_ends_although_nobody_waits_for_it(archive: Archive) -> None:
    async def scenario(blocking_io: BlockingIO) -> None:
        recording = await leave(blocking_io, archive)
        task = asyncio.create_task(blocking_io.end(recording))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(10):
            while not archive.events:  # noqa: ASYNC110 - the end of what nobody waits for is not an event
                await asyncio.sleep(0.005)
        assert await asyncio.to_thread(archive.stored) == [recording.id]

    use(archive, scenario)


def test_a_disk_that_fails_at_the_end_keeps_the_recording(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Recording) -> Path:
        raise OSError(errno.EIO, "I/O error")

    async def scenario(blocking_io: BlockingIO) -> None:
        recording = await leave(blocking_io, archive)
        monkeypatch.setattr(Recording, "finish", fail)
        await blocking_io.end(recording)
        assert archive.files() == [f"{recording.id}.json", f"{recording.id}.wav"]
        assert archive.events == []
        # It is let go of, for whoever looks for orphans.
        assert recording._lock_fd == -1

    with capture_logs() as logs:
        use(archive, scenario)
    assert [entry["event"] for entry in logs] == ["a recording could not be closed, and waits"]


def test_a_fault_of_ours_is_told_and_keeps_the_recording(archive: Archive) -> None:
    async def scenario(blocking_io: BlockingIO) -> None:
        recording = await leave(blocking_io, archive)
        archive.store.fail_with = RuntimeError("a fault of our own")
        with pytest.raises(RuntimeError, match="a fault of our own"):
            await blocking_io.end(recording)
        assert archive.files() == [f"{recording.id}.json", f"{recording.id}.wav"]
        assert recording._lock_fd == -1

    use(archive, scenario)


def test_recordings_are_written_through_while_there_are_any(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a disk that refuses is asked again."""
    synced: list[Path] = []
    enough = threading.Event()

    def sync(folder: Path) -> None:
        synced.append(folder)
        if len(synced) == 1:
            raise OSError(errno.EIO, "I/O error")
        enough.set()

    async def scenario(blocking_io: BlockingIO) -> None:
        recording = await leave(blocking_io, archive)
        assert await asyncio.to_thread(enough.wait, 10)
        await blocking_io.end(recording)

    monkeypatch.setattr(backroom_module, "SYNC_PERIOD_S", 0.005)
    monkeypatch.setattr(backroom_module, "sync_file_system", sync)
    use(archive, scenario)
    assert set(synced) == {archive.recordings}


def test_how_callers_are_greeted(archive: Archive) -> None:
    async def scenario(blocking_io: BlockingIO) -> None:
        assert await blocking_io.mailbox(A) == Mailbox(A, "fr")
        await archive.store.write(lambda writer: writer.put_greeting(B, None, 5, spoken=True))
        assert await blocking_io.mailbox(B) == Mailbox(B, "fr", spoken=True)
        # A number that was removed since the edge decided.
        assert await blocking_io.mailbox(STRANGER) == Mailbox(STRANGER, "en")
        archive.store.fail_with = StoreUnavailable("away")
        assert await blocking_io.mailbox(A) == Mailbox(A, "en")

    use(archive, scenario)


def test_a_store_that_cannot_be_opened_is_told(archive: Archive) -> None:
    async def open_store() -> Store:
        raise StoreUnavailable("away")

    async def scenario() -> None:
        blocking_io = BlockingIO(
            open_store,
            archive.clock,
            archive.events.append,
            recordings=archive.recordings,
            messages=archive.messages,
            locale="en",
        )
        with pytest.raises(StoreUnavailable):
            await blocking_io.open()
        await blocking_io.close()

    asyncio.run(scenario())
