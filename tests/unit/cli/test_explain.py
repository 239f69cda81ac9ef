"""`renvoi explain` decides as the edge would, for the time that is asked about."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from operator import methodcaller
from pathlib import Path

import pytest

from renvoi.adapters.sql import open_store
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, route_call
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.rules.schedule import Day, Period, Schedule
from tests.unit.cli.conftest import Cli

Records = Mapping[E164, NumberRecord | None]


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the times for which the command asks for a decision."""
    asked: list[int] = []

    def route(call: Call, records: Records, owners: Mapping[int, Owner], now_ms: int) -> Decision | NeedRecord:
        asked.append(now_ms)
        return route_call(call, records, owners, now_ms)

    monkeypatch.setattr("renvoi.application.calls.route_call", route)
    return asked


def test_a_time_is_read_as_utc_and_holds_for_the_whole_chain(acme: Cli, times: list[int]) -> None:
    acme("number", "add", "+33199001299", "--account", "acme")
    acme("forward", "+33199001234", "--to", "+33199001299")
    words = ("explain", "+33199001234", "--from", "anonymous", "--at", "2026-01-01T12:30:00", "--json")
    assert acme(*words).json["at"] == "2026-01-01T12:30:00"
    assert times == [1_767_270_600_000] * 3


@pytest.mark.parametrize(
    "at", ["2026-01-01T12:30:00Z", "2026-01-01T13:30:00+01:00", "2026-01-01 12:30:00", "2026-01-01T07:30:00-0500"]
)
def test_a_time_may_say_its_zone(acme: Cli, times: list[int], at: str) -> None:
    row = acme("explain", "+33199001234", "--from", "anonymous", "--at", at, "--json").json
    assert row["at"] == "2026-01-01T12:30:00"
    assert set(times) == {1_767_270_600_000}


@pytest.mark.parametrize(
    "at",
    ["1969-12-31", "0001-01-01", "9999-12-31T23:59:59-1200", "tomorrow", "2026-02-30", "2026-12-25T10:00", "999999w"],
)
def test_what_is_no_time_of_a_call(acme: Cli, at: str) -> None:
    ran = acme("explain", "+33199001234", "--from", "anonymous", "--at", at)
    assert ran.code == 2
    assert ran.err.startswith("renvoi: --at: ")
    assert "%" not in ran.err


def test_a_time_may_be_said_from_now(acme: Cli, times: list[int]) -> None:
    before_ms = time.time_ns() // 1_000_000
    acme("explain", "+33199001234", "--from", "anonymous", "--at", "2h")
    after_ms = time.time_ns() // 1_000_000
    assert before_ms + 7_200_000 <= times[0] <= after_ms + 7_200_000


def test_a_schedule_is_explained_for_the_time_that_is_asked_about(acme: Cli, data: Path) -> None:
    schedule = Schedule("Europe/Paris", (Period(tuple(Day)[:5], 540, 1080),))
    rule = replace(Rule.forward(E164("+33644630000")), revision=1, schedule=schedule)

    async def put() -> None:
        store = await open_store(f"sqlite:///{data / 'renvoi.db'}")
        await store.write(methodcaller("put_rule", E164("+33199001234"), rule, 1))
        await store.close()

    asyncio.run(put())
    words = ("explain", "+33199001234", "--from", "+33199009876", "--json", "--at")
    opened, closed = (acme(*words, f"2026-11-{day}T12:00:00Z").json for day in (27, 28))
    assert (opened["decision"], closed["decision"], closed["reason"]) == ("forward", "reject", "closed")
    assert opened["summary"] == "Rings +33 6 44 63 00 00 for 60 s. Open until 18:00."
    assert closed["summary"] == "Rings +33 6 44 63 00 00 for 60 s. Closed until Monday 09:00: refuses calls."
    shown = acme(*words[:-2], "--at", "2026-11-28T12:00:00Z").out
    assert "Closed until Monday 09:00: refuses calls." in shown


def test_without_a_time_it_is_now(acme: Cli, times: list[int]) -> None:
    before_ms = time.time_ns() // 1_000_000
    assert acme("explain", "+33199001234", "--from", "anonymous").code == 0
    assert len(times) == 2
    assert times[0] == times[1]
    assert before_ms <= times[0] <= time.time_ns() // 1_000_000
