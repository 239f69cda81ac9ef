"""The collector on every store, fed with what strangers send, other programs leave, and nobody should write.

Whatever it is: the events around it are stored, nothing that was not read is removed, and what cannot be stored lies
among the dead letters with the reason.
"""

import asyncio
import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, note, seed, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from renvoi.call_records import dead_letters, spool_reader
from renvoi.call_records.collector import PATIENCE_MS
from renvoi.call_records.events import encode
from renvoi.domain.calls.call_record import Answered, CallEvent, CallKey, Decided, HungUp, MessageLeft
from renvoi.files import open_regular
from tests.integration.call_records.conftest import CollectorHarness, Scenario, on
from tests.integration.call_records.test_collector import NOW, append, dead_pid, decided, mine

SEED = random.SystemRandom().randrange(2**32)


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
    @settings(max_examples=EXAMPLES[kind], database=None, suppress_health_check=list(HealthCheck))
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
