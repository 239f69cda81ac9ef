"""`renvoi explain` decides as the edge would, for the time that is asked about."""

import time
from collections.abc import Mapping

import pytest

from renvoi.domain.access.account_policy import Owner
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.routing.routing import Call, Decision, NeedRecord, route_call
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


def test_without_a_time_it_is_now(acme: Cli, times: list[int]) -> None:
    before_ms = time.time_ns() // 1_000_000
    assert acme("explain", "+33199001234", "--from", "anonymous").code == 0
    assert len(times) == 2
    assert times[0] == times[1]
    assert before_ms <= times[0] <= time.time_ns() // 1_000_000
