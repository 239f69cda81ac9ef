"""A spool that was removed from under a node is made again."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from renvoi.files import make_directory
from renvoi.node.supervisor import preparations
from renvoi.node.supervisor.preparations import keep_spool


def kept(spool: Path, monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], bool]) -> list[str]:
    """Keep a spool until each step has come true; return what was logged."""
    monkeypatch.setattr(preparations, "PERIOD_S", 0)

    async def scenario() -> None:
        keeping = asyncio.create_task(keep_spool(spool, lambda: spool.chmod(0o700)))
        for step in steps:
            async with asyncio.timeout(10):
                while not step():  # noqa: ASYNC110 - files send no event
                    await asyncio.sleep(0)
        keeping.cancel()

    with capture_logs() as logs:
        asyncio.run(scenario())
    return [entry["event"] for entry in logs]


def test_it_is_made_again_and_given_to_those_who_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"

    def is_back() -> bool:
        return spool.is_dir() and spool.stat().st_mode & 0o777 == 0o700

    def is_removed() -> bool:
        shutil.rmtree(spool)
        return True

    said = kept(spool, monkeypatch, is_back, is_removed, is_back)
    assert said
    assert set(said) == {"the spool was removed, and is made again; call records that waited there are lost"}


def test_what_cannot_be_made_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = tmp_path / "spool"
    spool.write_text("x")
    tried: list[Path] = []

    def make(path: Path) -> None:
        tried.append(path)
        make_directory(path)

    monkeypatch.setattr(preparations, "make_directory", make)
    said = kept(spool, monkeypatch, lambda: len(tried) > 2)
    assert said == ["the spool was removed, and cannot be made"]
