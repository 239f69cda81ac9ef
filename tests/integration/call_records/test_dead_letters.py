"""What the store refuses becomes a dead letter, and the events around it are stored."""

import asyncio
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from renvoi.call_records import dead_letters
from renvoi.call_records.collector import PATIENCE_MS, Collector
from renvoi.call_records.dead_letters import DeadLetters, Held
from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import CallKey, Failed, HungUp
from tests.integration.call_records.conftest import CollectorHarness, Scenario, line
from tests.integration.call_records.test_collector import NOW, append, dead_pid, decided, mine

REFUSED = {
    "NUL in the caller": line("x", caller="a\0b"),
    "NUL in the called": line("x", called="\0"),
    "NUL in the Call-ID": line("x", key={"call_id": "a\0", "from_tag": "t", "cseq": 1}),
    "a CSeq of 65 bits": line("x", key={"call_id": "x", "from_tag": "t", "cseq": 2**64}),
    "a time of 64 bits": line("x", at_ms=2**63 - 1, revision=2**63),
    "a status of 16 bits": line("x", status=70_000),
    "a Call-ID of 64 kB": line("x", key={"call_id": "x" * 65_536, "from_tag": "t", "cseq": 1}),
    "a number that is none": line("x", number="sip:x"),
    "a number of thousands of digits": line("x", target="+" + "9" * 5000),
    "half a surrogate pair": b'["decided",' + line("x", caller="?").split(b",", 1)[1].replace(b'"?"', b'"\\ud800"'),
    "no event": b'{"a": 1}\n',
    "no JSON": b"\xff\xfe\0\n",
    "nested a thousand times": b"[" * 1000 + b"]" * 1000 + b"\n",
}


@pytest.mark.parametrize("hostile", REFUSED.values(), ids=REFUSED)
def test_what_the_store_refuses_is_set_aside_and_the_rest_goes_on(
    run: Callable[[Scenario], None], hostile: bytes
) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        mine(desk.spool).write_bytes(encode(decided("before")) + hostile + encode(decided("behind")))
        append(mine(desk.spool, 1), decided("elsewhere"))
        await desk.collector.collect()
        assert await desk.calls() == {"before", "behind", "elsewhere"}
        (letter,) = desk.dead()
        assert letter["source"] == f"{mine(desk.spool).name}:{len(encode(decided('before')))}"
        assert letter["why"]
        assert letter["bytes"] == len(hostile) - 1
        assert await desk.counted() == 1
        assert desk.letters.held() == Held(events=1)
        # Neither this collector nor one that starts here comes back to it.
        append(mine(desk.spool), decided("later"))
        await Collector(desk.store, desk.clock, desk.spool, desk.letters).collect()
        assert "later" in await desk.calls()
        assert len(desk.dead()) == await desk.counted() == 1

    run(scenario)


def test_what_was_wrong_with_one_event_of_a_call_costs_that_event(run: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        key = CallKey("c", "t", 1)
        append(mine(desk.spool), decided("c"), decided("other"))
        with mine(desk.spool).open("ab") as spool:
            spool.write(
                b'["answered",{"key":{"call_id":"c","from_tag":"t","cseq":1},"at_ms":1800000000001,"status":99999}]\n'
            )
        append(mine(desk.spool), Failed(key, NOW + 5, 486, "callee", 17), decided("last"))
        await desk.collector.collect()
        record = await desk.store.read(lambda r: r.call(key))
        assert record is not None
        assert (record.status, record.cause) == (486, 17)
        assert await desk.calls() == {"c", "other", "last"}
        assert len(desk.dead()) == 1
        assert await desk.store.read(lambda r: dict(r.call_counts())) == {("forward", 486): 1}

    run(scenario)


def test_nothing_but_hostile_lines_ends_as_well(run: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        hostile = b"".join(line(f"x{n}", caller=f"{n}\0") for n in range(40))
        mine(desk.spool, 0, dead_pid()).write_bytes(hostile + encode(decided("c")))
        await desk.collector.collect()
        assert await desk.calls() == {"c"}
        assert len(desk.dead()) == 40
        assert list(desk.spool.iterdir()) == []

    run(scenario)


def test_while_something_before_it_waits_a_dead_letter_is_written_once(run_once: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        append(mine(desk.spool), HungUp("unknown", "t", NOW, "caller"))
        with mine(desk.spool).open("ab") as spool:
            spool.write(line("x", caller="\0"))
        for _ in range(5):
            await desk.collector.collect()
        assert len(desk.dead()) == await desk.counted() == 1
        desk.clock.ms += PATIENCE_MS
        await desk.collector.collect()
        assert await desk.store.read(lambda r: r.spool_offsets()) == {
            mine(desk.spool).name: mine(desk.spool).stat().st_size
        }

    run_once(scenario)


def test_without_room_for_a_dead_letter_everything_waits(
    run_once: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        tried = asyncio.Event()

        def full(*_: object, **__: object) -> None:
            tried.set()
            raise OSError(28, "No space left on device")

        file = mine(desk.spool, 0, dead_pid())
        file.write_bytes(line("x", caller="\0") + encode(decided("c")))
        stop = asyncio.Event()
        with monkeypatch.context() as patch:
            patch.setattr(desk.letters, "keep_event", full)
            running = asyncio.create_task(desk.collector.run(stop))
            for _ in range(2):
                await asyncio.wait_for(tried.wait(), 10)
                tried.clear()
            assert not running.done()
            assert file.exists()
        stop.set()
        await asyncio.wait_for(running, 10)
        assert len(desk.dead()) == 1
        assert await desk.calls() == {"c"}
        assert not file.exists()

    run_once(scenario)


def test_dead_letters_are_private_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "MAX_EVENTS_BYTES", 40_000)
    letters = DeadLetters(tmp_path / "data" / "dead-letters")
    for n in range(100):
        letters.keep_event(b"\0\xff" * 2000, f"file:{n}", "reason " * 1000, n)
    files = list(letters.directory.iterdir())
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert stat.S_IMODE(letters.directory.stat().st_mode) == 0o700
    assert sum(file.stat().st_size for file in files) < 2 * 40_000
    newest = [json.loads(line) for file in sorted(files) for line in file.read_text().splitlines()]
    assert newest[-1]["at_ms"] == 99
    assert letters.held().events == len(newest)


@pytest.mark.parametrize("planted", ["fifo", "symlink", "folder"])
def test_dead_letters_go_nowhere_else(tmp_path: Path, planted: str) -> None:
    letters, elsewhere = DeadLetters(tmp_path), tmp_path / "elsewhere"
    path = tmp_path / dead_letters.EVENTS
    if planted == "fifo":
        os.mkfifo(path)
    elif planted == "symlink":
        path.symlink_to(elsewhere)
    else:
        path.mkdir()
    with pytest.raises(OSError, match=r"."):
        letters.keep_event(b"x", "file:0", "why", 1)
    assert not elsewhere.exists()
