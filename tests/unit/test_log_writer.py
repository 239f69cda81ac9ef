"""Log lines: batched, in order, whole, and never the fault of who logs."""

import errno
import fcntl
import io
import json
import logging
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest
import structlog

from renvoi import log_writer, logs
from tests.support.waiting import wait_for

Line = dict[str, Any]


@pytest.fixture(autouse=True)
def log_restored() -> Iterator[None]:
    """Undo what `logs.configure` does to this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """Log to a file as JSON."""
    path = tmp_path / "log"
    with path.open("w") as stream:
        logs.configure("json", "info", stream)
        yield path


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines wait for longer than any test takes."""
    monkeypatch.setattr(log_writer, "FLUSH_AFTER_S", 3600.0)


def lines(path: Path) -> Sequence[Line]:
    """Return the events of a file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def events(path: Path) -> Sequence[str]:
    """Return their texts."""
    return [line["event"] for line in lines(path)]


def test_a_line_has_the_form_that_it_always_had(path: Path) -> None:
    """Keys in this order, spaces as `json` sets them, times in UTC."""
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("store").bind(part="é").info("done", count=3, share=0.5, ok=True, what=None, many=[1, "x"])
    text = path.read_text()
    at = json.loads(text)["timestamp"]
    assert text == (
        '{"part": "é", "count": 3, "share": 0.5, "ok": true, "what": null, "many": [1, "x"], "event": "done", '
        f'"request_id": "r1", "level": "info", "timestamp": "{at}"}}\n'
    )
    assert at.endswith("Z")


@pytest.mark.parametrize("value", ["a\ud800b", 1 << 70, -(1 << 80), {1, 2}.pop, b"\xff", Path("/x"), "a\nb\x00"])
def test_whatever_is_logged_is_one_line(path: Path, value: object) -> None:
    """Half a character, a number of more than 64 bits, an object of any kind, a line break."""
    structlog.get_logger().info("odd", value=value)
    assert len(path.read_text().splitlines()) == 1
    assert events(path) == ["odd"]


def test_what_cannot_be_shown_fails_nobody(path: Path) -> None:
    """A value whose `repr` raises, one that holds itself, one with a key that is not text."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    loop: list[object] = []
    loop.append(loop)
    for value in (Broken(), loop, {(1, 2): 3}):
        structlog.get_logger().info("odd", value=value)
    assert events(path) == ["odd"] * 3


def test_what_an_object_hides_stays_hidden(path: Path) -> None:
    """It is logged by its `repr`, not by its fields."""
    from renvoi.domain.access.api_key import ApiKey  # noqa: PLC0415 - of this test alone

    structlog.get_logger().info("a key", key=ApiKey("0123", "the-secret"))
    assert "the-secret" not in path.read_text()


def test_a_library_logs_the_same_way(path: Path) -> None:
    """With its extra fields, its traceback, and the level that it is set to."""
    logging.getLogger("uvicorn.error").info("too much")
    logging.getLogger("sqlalchemy.pool").warning("%s is late", "he", extra={"seconds": 2})
    try:
        raise ValueError("why")
    except ValueError:
        logging.getLogger("aiosmtplib").exception("failed")
    late, failed = lines(path)
    assert list(late) == ["event", "level", "seconds", "timestamp"]
    assert (late["event"], late["level"], late["seconds"]) == ("he is late", "warning", 2)
    assert (failed["level"], list(failed)[-1]) == ("error", "exception")
    assert failed["exception"].endswith("ValueError: why")


def test_what_is_below_the_level_is_left_out(path: Path) -> None:
    """Whoever logs it."""
    structlog.get_logger().debug("no")
    logging.getLogger("x").debug("no")
    logs.log("edge", "debug", "no", {})
    logs.log("edge", "strange", "yes", {"a": 1})
    assert events(path) == ["yes"]


def test_lines_wait_no_longer_than_0_2_s(path: Path) -> None:
    """Though nothing else is logged; and again after a while."""
    assert log_writer.FLUSH_AFTER_S <= 0.1, "a line passes two processes"
    with logs.batched():
        for text in ("first", "second"):
            structlog.get_logger().info(text)
            wait_for(partial(_is_in, path, text), "the line in the file")


def _is_in(path: Path, event: str) -> bool:
    return event in events(path)


@pytest.mark.usefixtures("patient")
def test_lines_wait_for_each_other(path: Path) -> None:
    """They are written together at the end, in their order, libraries' among them."""
    with logs.batched():
        for number in range(100):
            structlog.get_logger().info(f"{number}")
            logging.getLogger("x").warning("%d", number)
        assert path.read_text() == ""
    assert events(path) == [f"{number // 2}" for number in range(200)]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("by", ["structlog", "logging"])
def test_an_error_is_out_at_once(path: Path, by: str) -> None:
    """And all that was logged before it."""
    logger = structlog.get_logger() if by == "structlog" else logging.getLogger("x")
    with logs.batched():
        structlog.get_logger().info("before")
        logger.error("wrong")
        assert events(path) == ["before", "wrong"]


@pytest.mark.usefixtures("patient")
def test_much_is_written_before_its_time(path: Path) -> None:
    """Memory is bounded."""
    with logs.batched():
        structlog.get_logger().info("x" * log_writer.MAX_BATCH_BYTES)
        assert len(events(path)) == 1


@pytest.mark.usefixtures("patient")
def test_an_exception_takes_no_line_with_it(path: Path) -> None:
    """Whatever ends the part."""

    def end() -> None:
        with logs.batched():
            structlog.get_logger().info("last")
            sys.exit(3)

    with pytest.raises(SystemExit):
        end()
    structlog.get_logger().info("later")
    assert events(path) == ["last", "later"]


def test_threads_lose_and_mix_nothing(path: Path) -> None:
    """Each thread's lines in its order."""

    def log(thread: int) -> None:
        for number in range(500):
            structlog.get_logger().info("x" * (number % 50), thread=thread, number=number)

    with logs.batched():
        threads = [threading.Thread(target=log, args=(n,)) for n in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    found = lines(path)
    for n in range(4):
        assert [line["number"] for line in found if line["thread"] == n] == list(range(500))


def test_processes_that_share_a_pipe_mix_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each write is of whole lines, and no longer than what the kernel keeps together."""
    read_fd, write_fd = os.pipe()
    sizes: list[int] = []
    write = os.write

    def measured(fd: int, data: memoryview) -> int:
        sizes.append(len(data))
        return write(fd, data)

    monkeypatch.setattr(os, "write", measured)
    with os.fdopen(write_fd, "w") as stream, os.fdopen(read_fd, "rb") as reader:
        writer = log_writer.LogWriter(stream)
        with writer.batched():
            for number in range(300):
                writer.write(b"%d" % number * (number % 40))
        stream.close()
        pieces = reader.read()
    assert pieces.splitlines() == [b"%d" % number * (number % 40) for number in range(300)]
    assert max(sizes) <= select.PIPE_BUF
    ends = [sum(sizes[: index + 1]) for index in range(len(sizes))]
    assert all(pieces[end - 1 : end] == b"\n" for end in ends)
    assert len(sizes) < 20


def test_a_closed_pipe_fails_nobody() -> None:
    """What is logged is lost."""
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    with os.fdopen(write_fd, "w") as stream:
        logs.configure("json", "info", stream)
        structlog.get_logger().error("lost")
        with logs.batched():
            structlog.get_logger().info("lost")


def test_a_disk_that_was_full_leaves_half_a_line_at_most(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is logged when there is room again begins a line of its own."""
    write = os.write
    room = [20]

    def full(fd: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(fd, data[: room[0]])
        room[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", full)
    structlog.get_logger().info("cut off")
    structlog.get_logger().info("lost")
    monkeypatch.setattr(os, "write", write)
    structlog.get_logger().info("whole")
    structlog.get_logger().info("whole")
    half, *whole = path.read_text().splitlines()
    assert len(half) == 20
    assert [json.loads(line)["event"] for line in whole] == ["whole", "whole"]


def test_a_descriptor_that_does_not_block_loses_nothing() -> None:
    """Who shares it may have made it so; the reader comes later."""
    read_fd, write_fd = os.pipe()
    fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(write_fd, False)
    with os.fdopen(write_fd, "w") as stream, os.fdopen(read_fd, "rb") as reader:
        found: list[bytes] = []
        reading = threading.Thread(target=lambda: found.append(reader.read()))
        writer = log_writer.LogWriter(stream)
        timer = threading.Timer(0.05, reading.start)
        timer.start()
        for number in range(50):
            writer.write(b"%d" % number * 200)
        stream.close()
        timer.join()
        reading.join()
    assert len(found[0].splitlines()) == 50


def test_a_stream_without_descriptor_is_written_to() -> None:
    """Tests give one."""
    stream = io.StringIO()
    logs.configure("json", "info", stream)
    structlog.get_logger().info("é")
    assert json.loads(stream.getvalue())["event"] == "é"


_PART = """
import asyncio, sys
import structlog
from renvoi import log_writer, logs
from renvoi.node.entrypoints.child_main import run
log_writer.FLUSH_AFTER_S = 3600.0
logs.configure("json", "info")
log = structlog.get_logger()

async def work(stop, heartbeat):
    for number in range(100):
        log.info("line", number=number)
    print("logged", flush=True)
    await stop.wait()
    log.info("line", number=100)
    {end}

run(work)
log.info("line", number=101)
"""


def _part(end: str) -> "subprocess.Popen[str]":
    code = _PART.replace("{end}", end)
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def _first(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def test_sigterm_takes_no_line_with_it() -> None:
    """Those that wait are written when a part ends."""
    with _part("") as part:
        assert _first(part.stdout) == "logged"
        part.send_signal(signal.SIGTERM)
        _, written = part.communicate(timeout=30)
    assert part.returncode == 0
    assert [json.loads(line)["number"] for line in written.splitlines()] == list(range(102))


def test_an_exception_that_ends_a_part_comes_after_its_lines() -> None:
    """So that one can read what led to it."""
    with _part("raise RuntimeError('the end')") as part:
        assert _first(part.stdout) == "logged"
        part.send_signal(signal.SIGTERM)
        _, written = part.communicate(timeout=30)
    assert part.returncode == 1
    found = written.splitlines()
    assert [json.loads(line)["number"] for line in found[:101]] == list(range(101))
    assert (found[101], found[-1]) == ("Traceback (most recent call last):", "RuntimeError: the end")


def test_a_relayed_line_keeps_its_time(path: Path) -> None:
    """It waited with others, so when it was relayed is not its own time; one that is not an event has no other."""
    at = "2026-01-02T03:04:05.678901Z"
    line = f'{{"path": "/x", "timestamp": "{at}", "event": "request", "request_id": "r1", "level": "warning"}}'
    logs.relay("http", line)
    logs.relay("http", "Traceback")
    first, second = path.read_text().splitlines()
    assert first == (
        '{"part": "http", "path": "/x", "request_id": "r1", "event": "request", "level": "warning", '
        f'"timestamp": "{at}"}}'
    )
    assert json.loads(second)["timestamp"] > at
