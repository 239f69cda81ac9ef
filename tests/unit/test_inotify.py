"""Changes in a directory are noticed once each time that is asked for."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from renvoi.inotify import InotifyWatch

LONG_S = 3600.0
SHORT_S = 0.01


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[InotifyWatch]:
    """Watch the directory."""
    with closing(InotifyWatch(tmp_path)) as made:
        yield made


def wait(watch: InotifyWatch, timeout_s: float) -> bool:
    """Wait for a change; tell whether there was one."""

    async def noticed() -> bool:
        begun = asyncio.get_running_loop().time()
        await watch.wait(asyncio.Event(), timeout_s)
        return asyncio.get_running_loop().time() - begun < timeout_s

    return asyncio.run(noticed())


def test_a_file_that_is_written_or_renamed_is_noticed(watch: InotifyWatch, tmp_path: Path) -> None:
    file = tmp_path / "file"
    for change in (file.touch, lambda: file.write_text("x"), lambda: file.rename(tmp_path / "other")):
        assert watch.arm()
        assert not wait(watch, SHORT_S)
        change()
        assert wait(watch, LONG_S)


def test_what_happens_before_the_wait_is_noticed_and_forgotten_when_armed_again(
    watch: InotifyWatch, tmp_path: Path
) -> None:
    assert watch.arm()
    for number in range(1000):
        (tmp_path / f"{number}").touch()
    assert wait(watch, LONG_S)
    assert watch.arm()
    assert not wait(watch, SHORT_S)


def test_the_wait_ends_when_it_is_told_to(watch: InotifyWatch) -> None:
    async def scenario() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_soon(stop.set)
        await watch.wait(stop, LONG_S)

    assert watch.arm()
    asyncio.run(scenario())


def test_a_directory_that_is_replaced_is_followed(tmp_path: Path) -> None:
    directory = tmp_path / "spool"
    with closing(InotifyWatch(directory)) as watch:
        assert not watch.arm()
        for _ in range(2):
            directory.mkdir()
            assert watch.arm()
            assert not wait(watch, SHORT_S)
            (directory / "file").touch()
            assert wait(watch, LONG_S)
            (directory / "file").unlink()
            directory.rmdir()
