"""Ladders on their way from the edge's events into every store."""

import json
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

from renvoi.call_records.events import MAX_LINE_BYTES, encode
from renvoi.domain.calls.call_record import Answered, CallKey, Failed, FellBack, HungUp
from renvoi.domain.calls.ladder import FEW_LEGS, MAX_LEGS, SHORT, Ladder, Leg
from tests.integration.call_records.conftest import CollectorHarness, Scenario
from tests.integration.call_records.test_collector import NOW, append, decided, mine

KEY = CallKey("c", "t", 1)
TRUNK = Leg("sip:192.0.2.1", "sip:+331@trunk.example", NOW + 1, "main", ("Diversion: <sip:+332@x>",))
BUSY = replace(TRUNK, end="answered", end_at_ms=NOW + 5, status=486, phrase="Busy Here")
WORKER = Leg("sip:127.0.0.1:5080", "sip:+332@127.0.0.1:5080", NOW + 6, end="answered", end_at_ms=NOW + 8, status=200)


def test_a_call_has_the_legs_of_its_final_answer(run: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        append(mine(desk.spool), decided("c"), FellBack(KEY, NOW + 6, "busy", "main"))
        await desk.collector.collect()
        assert await desk.store.read(methodcaller("ladder", KEY)) is None
        append(mine(desk.spool), Answered(KEY, NOW + 8, 200, legs=(BUSY, WORKER)))
        await desk.collector.collect()
        assert await desk.store.read(methodcaller("ladder", KEY)) == Ladder((BUSY, WORKER))
        # Nothing of these is new, and the end of the call has nothing to say of it.
        append(mine(desk.spool), Failed(KEY, NOW + 9, 487, "caller", legs=(BUSY,)), HungUp("c", "t", NOW + 9, "caller"))
        await desk.collector.collect()
        assert await desk.store.read(methodcaller("ladder", KEY)) == Ladder((BUSY, WORKER))

    run(scenario)


def test_a_call_that_comes_again_has_its_own_legs(run: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        append(mine(desk.spool), decided("c"), Failed(KEY, NOW + 5, 486, "callee", legs=(BUSY,)))
        await desk.collector.collect()
        append(mine(desk.spool), decided("c", NOW + 10))
        await desk.collector.collect()
        (record,) = await desk.store.read(methodcaller("calls"))
        left = await desk.store.read(methodcaller("ladder", KEY))
        assert isinstance(left, Ladder)
        assert left.since(record.setup_at_ms) == Ladder()
        later = replace(TRUNK, sent_at_ms=NOW + 11)
        append(mine(desk.spool), Failed(KEY, NOW + 12, 487, "caller", legs=(later,)))
        await desk.collector.collect()
        assert await desk.store.read(methodcaller("ladder", KEY)) == Ladder((later,))

    run(scenario)


def test_what_a_newer_edge_says_besides_is_left_out(run_once: Callable[[Scenario], None]) -> None:
    async def scenario(desk: CollectorHarness) -> None:
        append(mine(desk.spool), decided("c"))
        kind, fields = json.loads(encode(Answered(KEY, NOW + 8, 200, legs=(BUSY,))))
        fields |= {"flavour": 1}
        fields["legs"][0] |= {"codec": "opus", "headers": ["A: b"]}
        with mine(desk.spool).open("ab") as spool:
            spool.write(json.dumps([kind, fields]).encode() + b"\n")
        await desk.collector.collect()
        assert desk.dead() == []
        assert await desk.store.read(methodcaller("ladder", KEY)) == Ladder((replace(BUSY, headers=("A: b",)),))

    run_once(scenario)


def test_legs_that_are_too_much_for_a_line_say_less(run_once: Callable[[Scenario], None]) -> None:
    """The record has all that it would have without them."""
    text = "\N{PILE OF POO}" * 500
    fat = Leg(text, text, NOW, "main", (text,) * 32, NOW, "answered", NOW, 503, text)

    async def scenario(desk: CollectorHarness) -> None:
        event = Failed(KEY, NOW + 8, 503, "callee", 34, "main", legs=(TRUNK,) + (fat,) * MAX_LEGS)
        assert len(encode(event)) <= MAX_LINE_BYTES
        append(mine(desk.spool), decided("c"), event)
        await desk.collector.collect()
        (record,) = await desk.store.read(methodcaller("calls"))
        assert (record.status, record.cause, record.trunk) == (503, 34, "main")
        ladder = await desk.store.read(methodcaller("ladder", KEY))
        assert isinstance(ladder, Ladder)
        assert len(ladder.legs) == FEW_LEGS
        assert ladder.legs[0] == replace(
            fat, destination=text[:SHORT], request_uri=text[:SHORT], headers=(), phrase=text[:SHORT]
        )

    run_once(scenario)
