"""What every store does with records of calls, with what is counted of them, and with how far the spool was read."""

from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

from renvoi.application.ports.calls import HOURS_KEPT, CallFilter
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.calls.call_record import CallKey, CallRecord, IdentityResult
from tests.support.stores import A, C, Scenario


def test_call_records_are_put_and_found(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        way = CallRecord(
            CallKey("c1", "t", 1),
            "+331",
            "sip:x",
            A.value,
            3,
            "forward",
            None,
            C.value,
            None,
            1000,
            diversions=("+1", "+2"),
        )
        refused = CallRecord(
            CallKey("c2", "t", 1), "", "sip:y", None, None, "reject", "unknown-number", None, None, 2000
        )
        refused = replace(refused, status=404, cause=1, end_at_ms=2000, hung_up_by="edge")
        for record in (way, refused):
            await store.write(methodcaller("put_call", record))
        assert list(await store.read(lambda reader: reader.calls())) == [refused, way]
        assert list(await store.read(lambda reader: reader.calls(limit=1))) == [refused]
        assert list(await store.read(lambda reader: reader.calls(only=CallFilter(number=A)))) == [way]
        assert list(await store.read(lambda reader: reader.calls(only=CallFilter(call_id="c2")))) == [refused]
        assert list(await store.write(lambda writer: writer.unfinished_calls(1001, 9))) == [way]
        assert list(await store.write(lambda writer: writer.unfinished_calls(1000, 9))) == []
        assert await store.read(lambda reader: reader.answered_call("c1", "t")) is None
        answered = replace(way, status=200, answer_at_ms=1500, ring_at_ms=1200, trunk="out", last_known=True)
        proven = IdentityResult("TN-Validation-Failed", (438,), ("signature",), "A", ("33199001234",))
        answered = replace(answered, identity=proven, fallback=True, unheard="caller")
        assert list(await store.write(lambda writer: writer.unended_calls(1001, 9))) == []
        await store.write(lambda writer: writer.put_call(answered))
        assert list(await store.write(lambda writer: writer.unended_calls(1001, 9))) == [answered]
        assert list(await store.write(lambda writer: writer.unended_calls(1001, 0))) == []
        assert list(await store.write(lambda writer: writer.unended_calls(1000, 9))) == []
        ended = replace(answered, end_at_ms=1600)
        await store.write(lambda writer: writer.put_call(ended))
        assert list(await store.write(lambda writer: writer.unended_calls(1001, 9))) == []
        await store.write(lambda writer: writer.put_call(answered))
        assert await store.read(lambda reader: reader.call(way.key)) == answered
        assert await store.read(lambda reader: reader.call(CallKey("c1", "t", 2))) is None
        assert await store.read(lambda reader: reader.answered_call("c1", "t")) == answered
        assert len(await store.read(lambda reader: reader.calls())) == 2

    run(scenario)


def test_call_counts_add_up(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(lambda writer: writer.count_calls({("forward", 200): 2, ("reject", 404): 1}))
        await store.write(lambda writer: writer.count_calls({("forward", 200): 3}))
        assert await store.read(lambda reader: dict(reader.call_counts())) == {("forward", 200): 5, ("reject", 404): 1}

    run(scenario)


def test_hours_are_counted_added_up_and_forgotten(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(lambda writer: writer.count_hours({(1000, "calls"): 2, (1001, "calls"): 1}))
        await store.write(lambda writer: writer.count_hours({(1001, "calls"): 3, (1001, "failed"): 1}))
        await store.write(lambda writer: writer.count_hours({}))
        found = await store.read(lambda reader: dict(reader.hour_counts(1000)))
        assert found == {(1000, "calls"): 2, (1001, "calls"): 4, (1001, "failed"): 1}
        assert await store.read(lambda reader: dict(reader.hour_counts(1002))) == {}
        await store.write(lambda writer: writer.count_hours({(1001 + HOURS_KEPT, "calls"): 1}))
        assert sorted(await store.read(lambda reader: reader.hour_counts(0))) == [
            (1001, "calls"),
            (1001, "failed"),
            (1001 + HOURS_KEPT, "calls"),
        ]

    run(scenario)


def test_spool_offsets_are_kept_and_forgotten(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(lambda writer: writer.put_spool_offset("f", 10))
        await store.write(lambda writer: writer.put_spool_offset("f", 20))
        assert await store.read(lambda reader: dict(reader.spool_offsets())) == {"f": 20}
        await store.write(lambda writer: writer.put_spool_offset("f", None))
        assert await store.read(lambda reader: dict(reader.spool_offsets())) == {}

    run(scenario)
