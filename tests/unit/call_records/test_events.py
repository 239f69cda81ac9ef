"""Call events on their way through the spool, and Kamailio's log lines."""

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renvoi.call_records import spool as spool_module
from renvoi.call_records.events import EventInvalid, decode, encode
from renvoi.call_records.spool import Spool, SpoolDirectory
from renvoi.domain.calls.call_record import (
    Answered,
    CallEvent,
    CallKey,
    Decided,
    Failed,
    FellBack,
    HungUp,
    MessageLeft,
    Missed,
)
from renvoi.domain.calls.ladder import Leg
from renvoi.edge.kamailio.log_line import LogLine, parse_log_line

KEY = CallKey("id\n\u2028é@x", "tag", 4711)
EVENTS: list[CallEvent] = [
    Decided(KEY, 1, "+33612345678", "+33199001234", "+33199001234", 3, "forward", None, "+33140000001", ("+331",)),
    Decided(KEY, 1, "anonymous", "x", None, None, "reject", "unknown-number", status=404, cause=1),
    Answered(KEY, 3, 200, "main", 2),
    Failed(KEY, 4, 486, "callee", 17, "main"),
    HungUp("id", "tag", 5, "caller"),
    Answered(KEY, 3, 200, legs=(Leg("sip:a", "sip:b", 1, "main", ("Diversion: x",), 2, "answered", 3, 200, "é"),)),
    Failed(KEY, 4, 486, "callee", legs=(Leg("sip:a", "sip:b", 1, end="silent"), Leg("sip:c", "sip:d", 2))),
]


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_survives_its_line(event: CallEvent) -> None:
    line = encode(event)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode(line) == event


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b"{}",
        b'["born",{}]',
        b'["answered",{}]',
        b'["answered",{"key":[1],"at_ms":1,"status":200}]',
        b'["answered",{"key":{"call_id":"a","from_tag":"b","cseq":1},"at_ms":1,"status":200,"redirected":["+33x"]}]',
        b"[" * 15_000,
        b'["hungup",' + b"[" * 15_000,
        b'["hungup",{"a":' + b"[" * 7_000 + b"]" * 7_000 + b"}]",
    ],
)
def test_a_line_that_is_no_event(line: bytes) -> None:
    with pytest.raises(EventInvalid):
        decode(line)


NO_TIMES = [9_223_372_036_854_775_807, 90_000_000_000_000_000, 253_402_214_400_000, -1, -9_223_372_036_854_775_808]
"""Each fits into the store; none is a date that everybody can show."""


@pytest.mark.parametrize("at_ms", NO_TIMES)
@pytest.mark.parametrize(
    "event",
    [
        Decided(KEY, 1, "a", "b", None, None, "reject"),
        Answered(KEY, 3, 200),
        Failed(KEY, 4, 486, "callee"),
        FellBack(KEY, 4, "busy"),
        HungUp("id", "tag", 5, "caller"),
        MessageLeft("id", "tag", 5),
        Missed("id", "tag", 5),
    ],
)
def test_a_time_that_is_no_date_makes_no_event(event: CallEvent, at_ms: int) -> None:
    with pytest.raises(EventInvalid, match="not a time"):
        decode(encode(replace(event, at_ms=at_ms)))
    if not isinstance(event, Answered | Failed | FellBack):
        return
    with pytest.raises(EventInvalid, match="not a time"):
        decode(encode(replace(event, rang_at_ms=at_ms)))


@pytest.mark.parametrize("at_ms", [0, 946_684_800_000, 253_402_214_399_999])
def test_the_first_and_the_last_time_of_an_event(at_ms: int) -> None:
    """A machine without a battery begins in 1970."""
    event = HungUp("id", "tag", at_ms, "caller")
    assert decode(encode(event)) == event


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[SpoolDirectory]:
    opened = SpoolDirectory(tmp_path)
    yield opened
    opened.close()


def fail(_line: bytes, error: OSError) -> None:
    raise AssertionError(error)


def test_a_full_file_is_left_and_the_next_one_begun(
    tmp_path: Path, directory: SpoolDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MAX_FILE_BYTES", len(encode(EVENTS[2])) * 2)
    spool = Spool(directory, "boot", fail)
    for _ in range(5):
        spool.append(EVENTS[2])
    spool.close()
    sizes = {path.name: path.read_bytes().count(b"\n") for path in tmp_path.iterdir()}
    assert sizes == {f"boot-{os.getpid()}-{number}.jsonl": lines for number, lines in enumerate([2, 2, 1])}


def test_a_line_cut_off_by_a_full_disk_harms_no_other(
    tmp_path: Path, directory: SpoolDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written whole as soon as there is room, to another file, before those that came after it."""
    waits: list[OSError] = []
    spool = Spool(directory, "boot", fail, waits=waits.append)
    spool.append(EVENTS[2])
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda fd, data: write(fd, data[:10]))
        spool.append(EVENTS[3])
    spool.append(EVENTS[4])
    assert (len(waits), spool.waiting) == (1, 2)
    assert spool.retry()
    assert spool.waiting == 0
    spool.close()
    whole = [line for path in tmp_path.iterdir() for line in path.read_bytes().splitlines(True) if line.endswith(b"\n")]
    assert sorted(map(decode, whole), key=lambda event: event.at_ms) == EVENTS[2:5]


def test_an_unwritable_spool_raises_nothing(
    tmp_path: Path, directory: SpoolDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many events wait in memory, and no others; they are written in their order when that can be."""
    lost: list[tuple[bytes, int | None]] = []
    spool = Spool(directory, "boot", lambda line, error: lost.append((line, error.errno)))
    monkeypatch.setattr(spool_module, "MAX_WAITING", 3)

    def full(*_args: object, **_named: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        for event in EVENTS[:3]:
            spool.append(event)
        assert lost == []
        assert not spool.retry()
        spool.append(EVENTS[3])
        assert lost == [(encode(EVENTS[3]), errno.ENOSPC)]
        assert spool.waiting == 3
    assert spool.retry()
    spool.append(EVENTS[4])
    spool.close()
    written = [line for path in sorted(tmp_path.iterdir()) for line in path.read_bytes().splitlines(True)]
    assert [decode(line) for line in written] == [*EVENTS[:3], EVENTS[4]]


def test_tries_on_a_full_disk_leave_one_file(
    tmp_path: Path, directory: SpoolDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(directory, "boot", fail)

    def full(_fd: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        spool.append(EVENTS[2])
        for _ in range(5):
            assert not spool.retry()
    assert spool.retry()
    spool.close()
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == encode(EVENTS[2])


@pytest.mark.parametrize(
    ("line", "parsed"),
    [
        (
            " 1(6582) ERROR: {call=call-1-d097} <core> [core/lvalue.c:346]: lval_pvar_assign(): non existing",
            LogLine("error", "non existing", "core", "call-1-d097", 6582),
        ),
        ("10(77) WARNING: {call=a b} <script>: trunk x", LogLine("warning", "trunk x", "script", "a b", 77)),
        (" 0(1) CRITICAL: tm [t.c:1]: f(): gone", LogLine("error", "gone", "tm", None, 1)),
        ("Listening on ", LogLine("info", "Listening on")),
        ("ERROR: bad config file (1 errors)", LogLine("error", "ERROR: bad config file (1 errors)")),
        ("  ", None),
    ],
)
def test_log_lines_are_taken_apart(line: str, parsed: LogLine | None) -> None:
    assert parse_log_line(line) == parsed
