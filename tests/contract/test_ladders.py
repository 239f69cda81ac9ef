"""Ladders of calls: kept beside the record of a call, replaced with it, and removed sooner."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from operator import methodcaller

import pytest

from renvoi.application import retention as module
from renvoi.application.calls import trace_calls
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import StoreRefused
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.retention import Retention, remove_old
from renvoi.domain.calls.call_record import CallKey
from renvoi.domain.calls.ladder import ANSWERED, SILENT, Ladder, Leg
from renvoi.domain.rules.rule import Rule, RuleType
from tests.contract.test_retention import DAY_MS, NOW, call, clock
from tests.support.stores import A, C, Scenario, seed

FIRST = Leg("sip:192.0.2.1:5060", "sip:+331@trunk.example", NOW, "main", end=SILENT, end_at_ms=NOW + 4000)
LADDER = Ladder(
    (
        FIRST,
        Leg(
            "sip:192.0.2.2:5060;transport=tcp",
            "sip:00331@spare.example",
            NOW + 4000,
            "spare",
            ("Diversion: <sip:+332@x>;reason=unconditional", 'P-Asserted-Identity: "Zoé" <sip:+333@x>'),
            NOW + 4100,
            ANSWERED,
            NOW + 5000,
            503,
            "No circuit \U0001f600",
        ),
        Leg("sip:127.0.0.1:5080", "sip:+332@127.0.0.1:5080", NOW + 5001),
    )
)


def test_a_ladder_is_kept_beside_its_call(run: Callable[[Scenario], None]) -> None:
    key, other = CallKey("a@b", "t", 1), CallKey("a@b", "t", 2)

    async def scenario(store: Store) -> None:
        for each in (key, other):
            await store.write(methodcaller("put_call", replace(call("a@b", 1), key=each)))
        assert await store.read(methodcaller("ladder", key)) is None
        await store.write(methodcaller("put_ladders", {key: LADDER, CallKey("unknown", "t", 1): LADDER}))
        assert await store.read(methodcaller("ladder", key)) == LADDER
        assert await store.read(methodcaller("ladder", other)) is None
        assert await store.read(methodcaller("ladder", CallKey("unknown", "t", 1))) is None
        await store.write(methodcaller("put_ladders", {key: Ladder((FIRST,)), other: LADDER}))
        await store.write(methodcaller("put_ladders", {}))
        assert await store.read(methodcaller("ladder", key)) == Ladder((FIRST,))
        assert await store.read(methodcaller("ladder", other)) == LADDER

    run(scenario)


def test_what_no_store_can_hold_is_refused(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(methodcaller("put_call", call("a", 1)))
        with pytest.raises(StoreRefused):
            await store.write(
                methodcaller("put_ladders", {CallKey("a", "t", 1): Ladder((replace(FIRST, phrase="\ud800"),))})
            )

    run(scenario)


def test_ladders_go_before_the_records_and_no_later(
    run: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    monkeypatch.setattr(module, "PAUSE_S", 0)

    async def scenario(store: Store) -> None:
        ages = {"new": 0, **{f"old{age}": age for age in range(31, 36)}}
        for name, age in ages.items():
            await store.write(methodcaller("put_call", call(name, age)))
            await store.write(methodcaller("put_ladders", {CallKey(name, "t", 1): LADDER}))

        async def have_one() -> list[str]:
            found = [await store.read(methodcaller("ladder", CallKey(name, "t", 1))) for name in ages]
            return [name for name, ladder in zip(ages, found, strict=True) if ladder]

        await remove_old(Retention(), store, clock(), asyncio.Event())
        assert len(await have_one()) == 6
        await remove_old(Retention(ladders=timedelta(days=33.5)), store, clock(), asyncio.Event())
        assert await have_one() == ["new", "old31", "old32", "old33"]
        assert len(await store.read(methodcaller("calls"))) == 6
        await remove_old(
            Retention(calls=timedelta(days=32.5), ladders=timedelta(days=99)), store, clock(), asyncio.Event()
        )
        assert await have_one() == ["new", "old31", "old32"]
        await remove_old(Retention(calls=timedelta(days=10)), store, clock(), asyncio.Event())
        assert await have_one() == ["new"]
        assert await store.write(methodcaller("remove_old_ladders", NOW + DAY_MS, 99)) == 1

    run(scenario)


def test_calls_of_one_call_id_are_traced_together(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        rule = Rule(RuleType.FORWARD, C, revision=1)
        await store.write(methodcaller("add_audit", AuditEntry(NOW - 7, A, 1, "k1", "192.0.2.7", Rule(), rule)))
        obeyed = replace(call("a b@x", 1), number=A.value, revision=1, setup_at_ms=NOW + 1)
        await store.write(methodcaller("put_call", obeyed))
        await store.write(methodcaller("put_ladders", {obeyed.key: LADDER}))
        await store.write(methodcaller("put_call", call("other", 1)))
        await store.write(methodcaller("put_call", replace(call("a b@x", 3), key=CallKey("a b@x", "t", 2))))
        first, last = await trace_calls(store, "a b@x")
        assert (first.record.key.cseq, first.ladder, first.change) == (2, None, None)
        # Its first leg is that of an attempt before.
        assert last.ladder == Ladder(LADDER.legs[1:])
        assert last.change is not None
        assert (last.change.at_ms, last.change.source) == (NOW - 7, "192.0.2.7")
        assert await trace_calls(store, "") == []

    run(scenario)
