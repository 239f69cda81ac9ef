"""Lines for systemd's journal: each begins with its priority, where the journal reads them and nowhere else."""

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from renvoi import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the logs of this process as they were."""
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**config)


def lines(path: Path, monkeypatch: pytest.MonkeyPatch, *, is_journal: bool) -> list[str]:
    with path.open("w") as stream:
        found = os.fstat(stream.fileno())
        inode = found.st_ino if is_journal else found.st_ino + 1
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{inode}")
        logs.configure("json", "debug", stream)
        log = structlog.get_logger("node")
        for level in ("debug", "info", "warning", "error", "critical"):
            getattr(log, level)("something happened", at=1)
        logging.getLogger("library").error("something failed")
    return path.read_text().splitlines()


def test_each_line_begins_with_its_priority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = lines(tmp_path / "journal", monkeypatch, is_journal=True)
    assert [line[:3] for line in found] == ["<7>", "<6>", "<4>", "<3>", "<2>", "<3>"]
    levels = [json.loads(line[3:])["level"] for line in found]
    assert levels == ["debug", "info", "warning", "error", "critical", "error"]


def test_elsewhere_a_line_is_json_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = lines(tmp_path / "file", monkeypatch, is_journal=False)
    assert [json.loads(line)["level"] for line in found][:2] == ["debug", "info"]
