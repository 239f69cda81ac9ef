"""Messages that Kamailio cannot read."""

import sys
from types import FrameType
from typing import Any

import pytest

from renvoi.domain.calls.caller import CallerHeaders, read_caller
from renvoi.domain.routing.diversion import Diversion, HistoryEntry
from renvoi.edge.router.malformed import is_fit, salvage

GOOD = (
    "INVITE sip:+33199001234@x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa\r\nMax-Forwards: 70\r\n"
    "From: <sip:a@x>;tag=t\r\nTo: <sip:b@x>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nX-Any: thing\r\n"
    "Content-Length: 0\r\n\r\n"
)
START = GOOD[: GOOD.index("\r\n")]


@pytest.mark.parametrize(
    ("good", "other"),
    [
        ("INVITE sip", "INVITE sip"),
        ("To: <sip:b@x>", "To: \"B, 'b'\" <sip:b@x;p=1>;tag=y"),
        ("To: <sip:b@x>", "To: sip:b@x;tag=y"),
        ("To: <sip:b@x>", "To: sip:b@x"),
        ("Via: SIP", "Via: sip"),
        ("X-Any: thing", "X-Any:"),
        ("X-Any: thing", "X-Any: a\tb\x01"),
    ],
)
def test_what_kamailio_reads_is_let_through(good: str, other: str) -> None:
    assert is_fit(GOOD.replace(good, other))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("X-Any: thing", "Garbage"),
        ("X-Any: thing", "X Any: thing"),
        ("X-Any: thing", ": thing"),
        ("X-Any: thing", "f: <sip:a@x>;tag=t"),
        ("X-Any: thing", "call-id: c"),
        ("X-Any: thing", "From: <sip:a@x>;tag=t"),
        ("X-Any: thing", "Content-Length: 0"),
        ("X-Any: thing", "X-Any: one\n other"),
        ("X-Any: thing", "X-Any: one\0other"),
        ("X-Any: thing", "X-Any: one\rP-Asserted-Identity: <sip:+33100@x>"),
        ("X-Any: thing", "X-Any: one\nGarbage"),
        ("CSeq: 1 INVITE\r\n", ""),
        ("To: <sip:b@x>", "To: <<sip:b@x>"),
        ("Via: SIP/2.0/UDP", "Via: UDP"),
        ("CSeq: 1 ", "CSeq: x "),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE"),
        ("CSeq: 1 INVITE", "CSeq: 1 INVITEE"),
        ("CSeq: 1 INVITE", "CSeq: 1 XINVITE"),
        ("INVITE sip", "invite sip"),
        ("From: <sip:a@x>", "From: <<sip:a@x>"),
        ("From: <sip:a@x>", 'From: "<sip:a@x>'),
        (START, "SIP/2.0 700 What"),
        (START, "SIP/2.0 099 What"),
        ("Content-Length: 0", "Content-Length: -1"),
        ("SIP/2.0\r\nVia", "SIP/7.0\r\nVia"),
        ("\r\n\r\n", "\r\n"),
    ],
)
def test_anything_else_is_looked_at_closely(good: str, bad: str) -> None:
    assert good in GOOD
    assert not is_fit(GOOD.replace(good, bad))


def test_an_uncommon_spelling_is_no_fault() -> None:
    message = GOOD.replace("From:", "f:").replace("Via:", "VIA :").replace("To: ", "To:\r\n ")
    assert not is_fit(message)
    found = salvage(message.encode())
    assert found is not None
    assert (found.fault, found.dropped, found.early) == (None, 0, False)


@pytest.mark.parametrize("bad", ["CSeq: 1 BYE", "CSeq: 1 INVITEE", "CSeq: 1 invite"])
def test_a_request_and_its_cseq_are_of_one_method(bad: str) -> None:
    found = salvage(GOOD.replace("CSeq: 1 INVITE", bad).encode())
    assert found is not None
    assert found.fault == "cseq is of another method"
    reply = salvage(GOOD.replace(START, "SIP/2.0 200 OK").replace("CSeq: 1 INVITE", bad).encode())
    assert reply is not None
    assert reply.fault is None


@pytest.mark.parametrize(
    ("start", "read"),
    [
        ("SIP/2.0 700 What", "SIP/2.0 500 Invalid Status"),
        ("SIP/2.0 999 ", "SIP/2.0 500 Invalid Status"),
        ("sip/2.0 099 OK", "SIP/2.0 500 Invalid Status"),
        ("SIP/2.0 699 Odd", "SIP/2.0 699 Odd"),
        ("SIP/2.0 100 Trying", "SIP/2.0 100 Trying"),
    ],
)
def test_a_status_that_there_is_not_is_a_failure(start: str, read: str) -> None:
    found = salvage(GOOD.replace(START, start).encode())
    assert found is not None
    assert found.fault is None
    assert found.cleaned == GOOD.replace(START, read).encode()
    assert bool(found.dropped) == (start != read)


def test_a_line_that_is_no_header_is_dropped() -> None:
    found = salvage(GOOD.replace("X-Any: thing", "X Any: thing").encode())
    assert found is not None
    assert (found.fault, found.dropped, found.early) == (None, 1, False)
    assert found.cleaned == GOOD.replace("X-Any: thing\r\n", "").encode()


def steps(work: Any) -> int:
    """Count the lines of Python that `work` runs."""
    count = 0

    def trace(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece", ["reason=", ",", ";", '"', "<", '\\"', "<sip:a@b>,", ";a=b", " ", "\r\n ", "%00", "x:\r\n"]
)
@pytest.mark.parametrize("around", ["<sip:+33100@x?{}>;index=1", "{}", '"{}" <sip:a@x>', "<sip:a@x>{}"])
def test_the_steps_of_reading_grow_no_faster_than_the_text(piece: str, around: str) -> None:
    def read(times: int) -> None:
        text = around.format(piece * times)
        Diversion.parse_all([text], "FR")
        HistoryEntry.parse_all([text], "FR")
        read_caller(CallerHeaders(text, text, text, text, text), "FR")
        salvage(GOOD.replace("thing", text).encode())

    read(10)
    few, many = steps(lambda: read(250)), steps(lambda: read(1000))
    assert many < 5 * few + 500


@pytest.mark.parametrize("name", ["To", "From", "Via", "CSeq", "Retry-After", "Content-Length"])
@pytest.mark.parametrize("around", ["<sip:a@b>{}", "{}", '"{}"', "{}<sip:a@b>", "SIP/2.0/UDP h{}", "1 {}", "{} 1"])
def test_each_value_is_read_in_one_way(name: str, around: str) -> None:
    """With two ways to read a part, a value of 60 kB that does not end well would take minutes."""
    replaced = "X-Any:" if name == "Retry-After" else f"{name}:"
    for piece in (
        " ",
        "\t",
        ";",
        ";a",
        ";a=",
        ' ;a="',
        ";a = b",
        "a ",
        "\\a",
        '"',
        '\\"',
        ",",
        ", SIP/2.0/UDP h;a",
        "9",
    ):
        value = around.format(piece * (60_000 // len(piece)))
        message = "".join(
            f"{name}: {value}\r\n" if line.startswith(replaced) else line for line in GOOD.splitlines(keepends=True)
        )
        is_fit(message)
        salvage(message.replace("; ", ";\r\n ").encode())


@pytest.mark.parametrize("line", ["X: y\nTo: <sip:q@z>", "X: y\nCall-ID: z", "X:\ny", "\nX: y"])
def test_a_line_feed_alone_hides_no_header_from_a_quick_look(line: str) -> None:
    names = ("Via: SIP/2.0/UDP h", "From: <sip:a@b>;tag=1", "To: <sip:c@d>", "Call-ID: i", "CSeq: 1 INVITE")
    head = "\r\n".join(("INVITE sip:x SIP/2.0", *names))
    assert is_fit(f"{head}\r\nX: y\r\n\r\nbody\nbody")
    assert not is_fit(f"{head}\r\n{line}\r\n\r\nbody")
