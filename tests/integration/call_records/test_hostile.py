"""The collector on every store, fed with what strangers send, other programs leave, and nobody should write.

Whatever it is: the events around it are stored, nothing that was not read is removed, and what cannot be stored lies
among the dead letters with the reason.
"""

import asyncio
import json
import os
import random
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from renvoi.application.ports.unit_of_work import Store
from renvoi.call_records import dead_letters, spool_reader
from renvoi.call_records.collector import PATIENCE_MS, Collector
from renvoi.call_records.dead_letters import COUNTER, DeadLetters, Held
from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import Answered, CallEvent, CallKey, Decided, Failed, HungUp, MessageLeft
from renvoi.files import open_regular
from tests.integration.call_records.test_collector import NOW, HandClock, append, dead_pid, decided, mine
from tests.support.stores import STORES

SEED = random.SystemRandom().randrange(2**32)


class CollectorHarness:
    """A collector with all that it works on."""

    def __init__(self, store: Store, directory: Path) -> None:
        self.store = store
        self.spool = directory / "spool"
        self.spool.mkdir()
        self.clock = HandClock()
        self.letters = DeadLetters(directory / "dead-letters")
        self.collector = Collector(store, self.clock, self.spool, self.letters)

    async def calls(self) -> set[str]:
        """Return the Call-IDs of all records."""
        return {record.key.call_id for record in await self.store.read(lambda r: r.calls(limit=10_000))}

    def dead(self) -> list[dict[str, Any]]:
        """Return the events among the dead letters."""
        path = self.letters.directory / dead_letters.EVENTS
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    async def counted(self) -> int:
        """Return how many dead letters the store has counted."""
        return (await self.store.read(lambda r: dict(r.counts()))).get(COUNTER, 0)


Scenario = Callable[[CollectorHarness], Awaitable[None]]


def on(kind: str, tmp_path: Path, scenario: Scenario) -> None:
    """Run a scenario on a new store of a kind."""

    async def main() -> None:
        async with STORES[kind](tmp_path) as store:
            await scenario(CollectorHarness(store, tmp_path))

    asyncio.run(main())


@pytest.fixture(params=STORES)
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on a new store of every kind."""
    return lambda scenario: on(request.param, tmp_path, scenario)


@pytest.fixture
def run_once(tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on one store: what it is about happens before any."""
    return lambda scenario: on("sqlite", tmp_path, scenario)


def line(call: str, **fields: object) -> bytes:
    """Return the line of an event with fields that `encode` would not write."""
    _, content = json.loads(encode(decided(call)))
    return json.dumps(["decided", content | fields]).encode() + b"\n"


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


@pytest.mark.parametrize("at_ms", [NOW + 10**9, NOW - 10**9])
def test_an_event_of_another_time_is_not_waited_for(run_once: Callable[[Scenario], None], at_ms: int) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        append(mine(desk.spool, 0, dead_pid()), HungUp("unknown", "t", at_ms, "caller"))
        await desk.collector.collect()
        assert list(desk.spool.iterdir()) == []

    run_once(scenario)


@pytest.mark.parametrize(
    "size", [spool_reader.READ_BYTES, spool_reader.READ_BYTES + 1, 3 * spool_reader.READ_BYTES, 1_000_000]
)
def test_a_line_that_is_too_long_takes_nothing_along(run_once: Callable[[Scenario], None], size: int) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        file = mine(desk.spool, 0, dead_pid())
        file.write_bytes(encode(decided("before")) + b"x" * size + b"\n" + encode(decided("behind")) * 2)
        while await desk.collector.collect():
            pass
        assert await desk.calls() == {"before", "behind"}
        (letter,) = desk.dead()
        assert letter["bytes"] >= size
        assert len(letter["line"]) <= dead_letters.MAX_SHOWN_BYTES
        assert list(desk.spool.iterdir()) == []

    run_once(scenario)


def test_a_line_that_is_too_long_and_still_grows_is_waited_for(run_once: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        mine(desk.spool).write_bytes(b"x" * 2 * spool_reader.READ_BYTES)
        assert not await desk.collector.collect()
        assert desk.dead() == []
        with mine(desk.spool).open("ab") as spool:
            spool.write(b"\n" + encode(decided("behind")))
        while await desk.collector.collect():
            pass
        assert await desk.calls() == {"behind"}
        assert len(desk.dead()) == 1

    run_once(scenario)


def test_a_dead_writers_line_without_an_end_is_set_aside_when_it_is_long(run_once: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        mine(desk.spool, 0, dead_pid()).write_bytes(encode(decided("c")) + b"x" * 2 * spool_reader.READ_BYTES)
        while await desk.collector.collect():
            pass
        assert await desk.calls() == {"c"}
        assert len(desk.dead()) == 1
        assert list(desk.spool.iterdir()) == []

    run_once(scenario)


def test_what_else_lies_in_the_spool_harms_nobody(run_once: Callable[[Scenario], None], tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(encode(decided("secret")))

    async def scenario(desk: CollectorHarness) -> None:
        dead = dead_pid()
        os.mkfifo(desk.spool / f"fifo-{dead}-0.jsonl")
        (desk.spool / f"link-{dead}-0.jsonl").symlink_to(secret)
        (desk.spool / f"dangling-{dead}-0.jsonl").symlink_to(tmp_path / "nothing")
        (desk.spool / f"folder-{dead}-0.jsonl").mkdir()
        for name in ("x.jsonl", ".jsonl", "a-b-c.jsonl", "boot-0-1.jsonl", "boot-99999999-1.jsonl"):
            (desk.spool / name).write_bytes(encode(decided(name)))
        (desk.spool / f"boot-{dead}-٣.jsonl").write_bytes(encode(decided("arabic")))
        (desk.spool / os.fsdecode(b"\xff\xfe-1-1.jsonl")).write_bytes(encode(decided("bytes")))
        before = sorted(desk.spool.iterdir())
        append(mine(desk.spool, 0, dead), decided("c"))
        with capture_logs() as told:
            for _ in range(3):
                await asyncio.wait_for(desk.collector.collect(), 5)
        assert await desk.calls() == {"c"}
        assert sorted(desk.spool.iterdir()) == before
        # Each once.
        assert len([entry for entry in told if entry["event"] == "a file in the spool"]) == len(before)
        assert secret.exists()

    run_once(scenario)


def test_a_file_that_cannot_be_read_leaves_the_others_alone(
    run_once: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_regular

    def failing(path: Path) -> int:
        if path.name.startswith("bad"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(spool_reader, "open_regular", failing)

    async def scenario(desk: CollectorHarness) -> None:
        append(desk.spool / f"bad-{dead_pid()}-0.jsonl", decided("bad"))
        append(mine(desk.spool), decided("good"))
        await desk.collector.collect()
        assert await desk.calls() == {"good"}
        assert len(list(desk.spool.glob("bad-*"))) == 1

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


TEXTS = st.text(max_size=40) | st.sampled_from(["\0", "a\0b", "\u202e", "x" * 2000, "+331", "é" * 300])
NUMBERS = st.none() | st.sampled_from(["+331", "+33199001234", "", "+", "x", "+" + "9" * 99]) | st.text(max_size=10)
INTEGERS = st.integers(-(2**65), 2**65) | st.integers(NOW - 10, NOW + 10) | st.integers(0, 700)
KEYS = st.fixed_dictionaries({"call_id": st.sampled_from(["a", "b", "c"]) | TEXTS, "from_tag": TEXTS, "cseq": INTEGERS})
EVENT = st.one_of(
    st.tuples(
        st.just("decided"),
        st.fixed_dictionaries(
            {"key": KEYS, "at_ms": INTEGERS, "caller": TEXTS, "called": TEXTS, "number": NUMBERS}
            | {"revision": st.none() | INTEGERS, "decision": TEXTS},
            optional={"target": NUMBERS, "diversions": st.lists(TEXTS, max_size=4), "status": st.none() | INTEGERS},
        ),
    ),
    st.tuples(st.just("answered"), st.fixed_dictionaries({"key": KEYS, "at_ms": INTEGERS, "status": INTEGERS})),
    st.tuples(
        st.just("hungup"),
        st.fixed_dictionaries({"call_id": TEXTS, "from_tag": TEXTS, "at_ms": INTEGERS, "by": TEXTS}),
    ),
)
LINES = st.lists(EVENT.map(lambda event: json.dumps(event).encode()) | st.binary(max_size=60), max_size=12)


EXAMPLES = {"sqlite": 30, "postgres": 15}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_no_line_stops_the_collector(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Hypothesis; the seed is printed when it fails."""

    async def scenario(desk: CollectorHarness, lines: list[bytes]) -> None:
        file = desk.spool / f"fuzz-{dead_pid_once()}-0.jsonl"
        file.write_bytes(b"\n".join([*lines, encode(decided("the last one"))[:-1]]) + b"\n")
        await desk.collector.collect()
        desk.clock.ms += 2 * PATIENCE_MS
        while await desk.collector.collect():
            pass
        assert "the last one" in await desk.calls()
        assert list(desk.spool.iterdir()) == []

    @seed(SEED)
    @settings(max_examples=EXAMPLES[kind], deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(LINES)
    def fuzz(lines: list[bytes]) -> None:
        note(f"seed {SEED}")
        on(kind, tmp_path_factory.mktemp("fuzz"), lambda desk: scenario(desk, lines))

    fuzz()


_dead: list[int] = []


def dead_pid_once() -> int:
    """Return the id of one process that has ended; to make another one takes its time."""
    if not _dead:
        _dead.append(dead_pid())
    return _dead[0]


@pytest.mark.parametrize("text", ["\x01" * 65_536, "\ud800" * 9, "\u202e" * 9000, "\\" * 60_000, "📞" * 20_000])
def test_an_event_is_bounded_when_it_is_written(run: Callable[[Scenario], None], text: str) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        key = CallKey(text, text, 1)
        events: list[CallEvent] = [
            Decided(key, NOW, text, text, "+331", 1, "forward", text, "+332", (text,) * 500),
            Answered(key, NOW + 1, 200, text),
            MessageLeft(text, text, NOW + 2),
            HungUp(text, text, NOW + 3, text),
        ]
        assert all(len(encode(event)) <= 16 * 1024 for event in events)
        append(mine(desk.spool), *events, decided("c"))
        await desk.collector.collect()
        assert desk.dead() == []
        assert len(await desk.calls()) == 2
        record = next(each for each in await desk.store.read(lambda r: r.calls()) if each.key.call_id != "c")
        # All of them found their call, by keys that were made of the same text.
        assert (record.answer_at_ms, record.end_at_ms, record.missed) == (NOW + 1, NOW + 3, False)

    run(scenario)
