"""Recordings whose worker died become messages."""

import asyncio
import errno
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.application.ports.errors import StoreUnavailable
from renvoi.domain.calls.call_record import MessageLeft, Missed
from renvoi.voicemail import recovery, wav
from renvoi.voicemail.recording import Recording
from renvoi.voicemail.recovery import Patience, adopt_once, adopt_orphans
from tests.support.http_api import START_MS
from tests.unit.voicemail.conftest import RATE, STRANGER, Archive


def adopt(archive: Archive, patience: Patience | None = None) -> int:
    patience = patience or Patience(lambda: 0)
    return asyncio.run(adopt_once(archive.recordings, archive.messages, archive.filing, patience))


def cut_off(archive: Archive, name: str) -> bool:
    stored = asyncio.run(archive.store.read(lambda reader: reader.message(name)))
    assert stored is not None
    return stored.message.cut_off


def test_each_kind_of_orphan(archive: Archive) -> None:
    archive.abandon("growing", 2)
    archive.record("moved", 3).finish()
    archive.held[-1].release()
    archive.abandon("short", 0.5)
    archive.abandon("silent", 0)
    archive.abandon("stranger", facts=archive.facts("stranger", STRANGER).dump())
    archive.abandon("garbled", facts=b"garbled")
    # The facts reached the disk, the audio's header did not.
    archive.abandon("headless", 0)
    (archive.recordings / "headless.wav").write_bytes(b"")
    (archive.recordings / "empty.json").touch()
    live = archive.record("live")

    assert adopt(archive) == 5
    assert archive.stored() == ["growing", "moved"]
    assert [cut_off(archive, name) for name in archive.stored()] == [True, False]
    assert (archive.messages / "growing.wav").read_bytes()[: wav.HEADER_BYTES] == wav.header(RATE, 2 * 2 * RATE)
    waiting = ["garbled.json", "garbled.wav", "stranger.json", "stranger.wav"]
    assert archive.files() == sorted([*waiting, "growing.wav", "moved.wav", "live.json", "live.wav"])
    assert sorted(archive.events, key=str) == sorted(
        [
            *(MessageLeft(f"call-{name}", "tag", START_MS) for name in ("growing", "moved")),
            *(Missed(f"call-{name}", "tag", START_MS) for name in ("short", "silent", "headless")),
        ],
        key=str,
    )
    assert archive.file(live)


def test_two_who_search_at_once_take_each_recording_once(archive: Archive) -> None:
    for number in range(12):
        archive.abandon(f"r{number:02}")

    async def both() -> list[int]:
        return await asyncio.gather(
            *(adopt_once(archive.recordings, archive.messages, archive.filing, Patience(lambda: 0)) for _ in range(2))
        )

    assert sum(asyncio.run(both())) == 12
    assert len(archive.stored()) == len(archive.events) == 12


@pytest.mark.parametrize("fault", [OSError(errno.EIO, "I/O error"), RuntimeError("a fault of our own")])
def test_one_that_cannot_be_mended_does_not_stop_the_others(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    for name in ("a", "b", "c"):
        archive.abandon(name)
    finish = Recording.finish

    def refuse(recording: Recording) -> Path:
        if recording.id == "b":
            raise fault
        return finish(recording)

    with monkeypatch.context() as patch:
        patch.setattr(Recording, "finish", refuse)
        assert adopt(archive) == 2
    assert archive.stored() == ["a", "c"]
    assert adopt(archive) == 1
    assert archive.stored() == ["a", "b", "c"]


def test_one_that_cannot_be_read_does_not_stop_the_others(archive: Archive) -> None:
    for name in ("a", "b"):
        archive.abandon(name)
    (archive.recordings / "a.wav").unlink()
    (archive.recordings / "a.wav").mkdir()
    assert adopt(archive) == 1
    assert archive.stored() == ["b"]


def test_what_waited_for_the_store_is_adopted_when_it_is_back(archive: Archive) -> None:
    archive.abandon("a")
    archive.store.fail_with = StoreUnavailable("away")
    assert adopt(archive) == 0
    archive.store.fail_with = None
    assert adopt(archive) == 1
    assert cut_off(archive, "a")


def test_what_stays_impossible_is_tried_less_and_less_often(archive: Archive) -> None:
    """And told no more often than tried; others are adopted meanwhile."""
    archive.abandon("stranger", facts=archive.facts("stranger", STRANGER).dump())
    archive.abandon("unreadable")
    (archive.recordings / "unreadable.wav").unlink()
    (archive.recordings / "unreadable.wav").mkdir()
    now = 0.0
    patience = Patience(lambda: now)
    told: dict[str, list[float]] = {"a message waits to be stored": [], "a recording cannot be read, and waits": []}
    for second in range(300):
        now = float(second)
        with capture_logs() as logs:
            adopt(archive, patience)
        for entry in logs:
            told[entry["event"]].append(now)
    for times in told.values():
        assert times[:8] == [0, 1, 2, 4, 8, 16, 32, 64]
        assert times[8:] == [124, 184, 244]
    archive.abandon("fresh")
    assert adopt(archive, patience) == 1


def test_what_waits_is_told_with_the_reason_until_it_is_adopted(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "PERIOD_S", 0.001)
    for name in ("a", "b"):
        archive.abandon(name)
    archive.store.refuse_with = StoreUnavailable("permission denied for table messages")
    said: list[str] = []

    async def scenario() -> None:
        stop = asyncio.Event()
        searching = asyncio.create_task(
            adopt_orphans(archive.recordings, archive.messages, archive.filing, stop, said.append)
        )
        async with asyncio.timeout(10):
            # Also while they are left alone, after the first try.
            await until(lambda: said[2:3] == ["2 messages wait: permission denied for table messages"])
            archive.store.refuse_with = None
            await until(lambda: said[-1:] == [""])
            stop.set()
            await searching

    asyncio.run(scenario())
    assert archive.stored() == ["a", "b"]


def test_who_was_adopted_is_not_put_off_any_more() -> None:
    patience = Patience(lambda: 0)
    patience.failed("a", "the disk is full")
    assert not patience.has_come_for("a")
    assert patience.has_come_for("b")
    patience.forget("a")
    assert patience.has_come_for("a")


def test_an_empty_folder_is_looked_at_less_often(archive: Archive) -> None:
    """Where nothing is recorded nobody can die over it."""
    patience = Patience(lambda: 0)
    adopt(archive, patience)
    assert patience.period_s == recovery.IDLE_PERIOD_S
    (archive.recordings / "of somebody who records").touch()
    adopt(archive, patience)
    assert patience.period_s == recovery.PERIOD_S


def test_the_search_goes_on_until_it_is_stopped(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the folder is away for a while."""
    monkeypatch.setattr(recovery, "PERIOD_S", 0.001)
    monkeypatch.setattr(recovery, "IDLE_PERIOD_S", 0.001)
    archive.abandon("a")
    hidden = archive.recordings.with_name("hidden")

    def searched_in_vain() -> bool:
        return any(entry["event"] == "recordings cannot be searched" for entry in logs)

    async def scenario() -> None:
        stop = asyncio.Event()
        searching = asyncio.create_task(adopt_orphans(archive.recordings, archive.messages, archive.filing, stop))
        async with asyncio.timeout(10):
            await until(lambda: archive.files() == ["a.wav"])
            archive.recordings.rename(hidden)
            await until(searched_in_vain)
            hidden.rename(archive.recordings)
            archive.abandon("b")
            await until(lambda: archive.files() == ["a.wav", "b.wav"])
            stop.set()
            await searching

    with capture_logs() as logs:
        asyncio.run(scenario())
    assert archive.stored() == ["a", "b"]


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - files send no event
        await asyncio.sleep(0.005)
