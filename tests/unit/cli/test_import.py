"""`renvoi number import`: every form of file, and all rows or none."""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from renvoi.application import csv_checking, csv_import
from renvoi.application.staging import Row
from tests.unit.cli.conftest import Cli

ROWS = [f"+331990100{n:02d}" for n in range(20)]


def _write(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        "+33199010001,Alice,yes\n0199010002,Bob,no\n",
        "number,label,forwarding\n+33199010001,Alice,yes\n0199010002,Bob,no\n",
        "forwarding;number;label\r\ntrue;+33199010001;Alice\r\n\r\n0;0199010002;Bob",
        '\ufeffnumber,label,forwarding\n"+33199010001","Alice",\n0199010002,Bob,off\n',
        "\u202d+33199010001\u202c,Alice,yes\n0199010002,Bob,no\n",
        "\ufeff\u200e+33 1 99 01 00 01\u2069;Alice\n\u202d0199010002\u202c;Bob;no\n",
        "tel:+33-199-010-001,Alice\n\uff0b33199010002,Bob,no\n",
        "\u202dnumber\u202c,label,\u200eforwarding\n+33199010001,Alice,yes\n0199010002,Bob,no\n",
        "number,label,forwarding\n0199010002,Bob,no\n+33199010001,Alice,yes\n",
        "\ufeff+33199010001;Alice\n01 99 01 00 02;Bob;non\n".replace("non", "no"),
    ],
)
def test_the_forms_of_a_file(acme: Cli, tmp_path: Path, text: str) -> None:
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme", "--json")
    assert ran.json == {"imported": 2, "account": "acme"}
    rows = {row["number"]: row for row in acme("number", "list", "--json").json}
    assert (rows["+33199010001"]["label"], rows["+33199010001"]["forwarding"]) == ("Alice", True)
    assert (rows["+33199010002"]["label"], rows["+33199010002"]["forwarding"]) == ("Bob", False)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("nonsense", "not a valid phone number"),
        ("112", "short number"),
        ("+33199010099,a,maybe", "forwarding is 'maybe': give yes or no"),
        ("+33199010099,a,yes,b", "4 columns, at most 3"),
        ('+33199010099,"a"b', "not CSV"),
        ('+33199010099,"a', "a quote is opened on this line and not closed"),
        ('"+33199010099', "a quote is opened on this line and not closed"),
        ("+33199010099,a\x07", "printable"),
        (b"+33199010099,\xff", "not UTF-8"),
        ("+33199010099,a\rb", "there is CR without LF"),
        ("+33199010099," + "x" * 5000, "longer than 4096 bytes"),
        (ROWS[3], f"{ROWS[3]} is on line 4 already"),
        ("+33199001234", "+33199001234 exists already"),
    ],
)
def test_one_wrong_row_keeps_all_out_and_is_named_by_its_line(
    acme: Cli, tmp_path: Path, row: str | bytes, reason: str
) -> None:
    wrong = row if isinstance(row, bytes) else row.encode()
    text = "\n".join(ROWS).encode() + b"\n" + wrong + b"\n+33199010050\n"
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert ran.code == 1
    assert "1 row is wrong; nothing was imported\nline 21: " in ran.err
    assert reason in ran.err
    assert len(acme("number", "list", "--json").json) == 1


@pytest.mark.parametrize("before", ["", "number,label\n", "+33199010001,x\nnonsense\n"])
def test_nothing_is_read_behind_a_quote_that_is_never_closed(acme: Cli, tmp_path: Path, before: str) -> None:
    """Each line behind it would be told as a wrong row; 400,000 of them took seconds."""
    text = before + '+33199010020,"' + "x\n" * 400_000
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert ran.code == 1
    line = before.count("\n") + 1
    assert f"\nline {line}: a quote is opened on this line and not closed: close it, or leave it out" in ran.err
    assert f"\nline {line + 1}: " not in ran.err
    assert ("2 rows are wrong" if "nonsense" in before else "1 row is wrong") in ran.err


def test_the_first_errors_are_told_and_the_others_counted(acme: Cli, tmp_path: Path) -> None:
    text = "number\n" + "x\n" * 50
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert "50 rows are wrong" in ran.err
    assert "line 21: " in ran.err
    assert "line 22: " not in ran.err
    assert "and 30 more" in ran.err


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name,tel\n", "give the header"),
        (b"\xff\xfen\x00", "line 1 is not UTF-8"),
        ("", "give the header"),
        ("number,label\r+33199010001,Alice\r", "line 1: there is CR without LF"),
        ("+33199010001,Alice\r+33199010002,Zoé\r", "line 1: there is CR without LF"),
        ("number,label\r" + "+33199010001,é\r" * 2000, "line 1: there is CR without LF"),
    ],
)
def test_a_file_without_a_usable_first_line(acme: Cli, tmp_path: Path, text: str | bytes, reason: str) -> None:
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert ran.code == 1
    assert reason in ran.err


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("+33199010001,Paris; 2nd floor\n", "Paris; 2nd floor"),
        ('+33199010001,"Paris; 2nd floor"\n', "Paris; 2nd floor"),
        ("+33199010001;Paris, 2nd floor\n", "Paris, 2nd floor"),
    ],
)
def test_a_label_of_the_first_line_may_hold_the_other_separator(
    acme: Cli, tmp_path: Path, text: str, label: str
) -> None:
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert ran.out == "1 number imported\n"
    rows = {row["number"]: row["label"] for row in acme("number", "list", "--json").json}
    assert rows["+33199010001"] == label


def test_what_is_not_there_is_refused(acme: Cli, tmp_path: Path) -> None:
    path = str(tmp_path / "n.csv")
    assert "cannot be read" in acme("number", "import", path, "--account", "acme").err
    _write(tmp_path / "n.csv", "+33199010001\n")
    assert "no account 'nobody'" in acme("number", "import", path, "--account", "nobody").err


def test_many_chunks_side_by_side_keep_lines_and_order(
    acme: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file is checked by several processes; the lines of its errors are still right."""
    monkeypatch.setattr(csv_import, "_SMALL_FILE_BYTES", 0)
    monkeypatch.setattr(csv_import, "_CHUNK_LINES", 7)
    good = "".join(f"+3319902{n:04d}\n" for n in range(60))
    assert (
        acme("number", "import", _write(tmp_path / "n.csv", good), "--account", "acme").out == "60 numbers imported\n"
    )
    bad = "".join(f"+3319903{n:04d}\n" if n % 25 else "x\n" for n in range(1, 60))
    ran = acme("number", "import", _write(tmp_path / "n.csv", bad), "--account", "acme")
    assert [line.split(":")[0] for line in ran.err.splitlines()[1:]] == ["line 25", "line 50"]


def test_a_process_that_is_killed_at_its_work_ends_the_import(
    acme: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it, as for one of a pool that is killed with a lock in its hands."""
    monkeypatch.setattr(csv_import, "_SMALL_FILE_BYTES", 0)
    monkeypatch.setattr(csv_import, "_CHUNK_LINES", 7)
    send = csv_checking.Checker.send

    def killed(checker: csv_checking.Checker, chunk: csv_checking.Chunk) -> None:
        send(checker, chunk)
        if chunk.first_line > 100:
            for process in multiprocessing.active_children():
                process.kill()

    monkeypatch.setattr(csv_checking.Checker, "send", killed)
    text = "".join(f"+3319902{n:04d}\n" for n in range(200))
    ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    assert ran.code == 1
    assert "a process that checked the rows was killed: is there enough memory?" in ran.err
    assert len(acme("number", "list", "--json").json) == 1
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("text", ["+33199010001,Alice\n0199010002\n", "number;label\n+33199010001\n0199010002;Bob\n"])
def test_a_fifo_is_read_to_its_end(acme: Cli, tmp_path: Path, text: str) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(text,))
    writer.start()
    ran = acme("number", "import", str(path), "--account", "acme")
    writer.join()
    assert ran.out == "2 numbers imported\n"


@pytest.mark.parametrize("name", [".", "/dev/null"])
def test_what_has_no_rows_is_refused(acme: Cli, name: str) -> None:
    ran = acme("number", "import", name, "--account", "acme")
    assert ran.code == 1
    assert len(ran.err.splitlines()) == 1


def test_ctrl_c_while_the_rows_are_stored_leaves_none(
    acme: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = csv_import._rows
    on_sigint, heard = asyncio.Runner._on_sigint, threading.Event()  # type: ignore[attr-defined]  # of its own

    def note(*arguments: object, **named: object) -> None:
        on_sigint(*arguments, **named)
        heard.set()

    def interrupted(checked: IO[bytes]) -> Iterator[Row]:
        for index, row in enumerate(rows(checked)):
            if index == 30:
                os.kill(os.getpid(), signal.SIGINT)
                # Else all may be stored before the main thread gets to it.
                assert heard.wait(60)
            yield row

    # Only in its place asyncio puts its own, and another test of this process may have left one, or a mask.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    monkeypatch.setattr(asyncio.Runner, "_on_sigint", note)
    monkeypatch.setattr(csv_import, "_rows", interrupted)
    text = "".join(f"+3319902{n:04d}\n" for n in range(60))
    try:
        ran = acme("number", "import", _write(tmp_path / "n.csv", text), "--account", "acme")
    finally:
        signal.signal(signal.SIGINT, before)
    assert ran.code == 130
    assert ran.err == "renvoi: interrupted: `renvoi number list` shows whether it was stored\n"
    assert len(acme("number", "list", "--json").json) == 1
