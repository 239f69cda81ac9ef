"""When calls are refused because they take nearly all of Kamailio's memory."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from renvoi.edge.router.overload_control import COUNT, FEW, LOW, MEASURE, RESERVE, MemoryKeeper, asker

TOTAL = 512 * 1024 * 1024


@pytest.mark.parametrize(
    ("free", "transactions", "short", "low"),
    [
        (TOTAL, FEW + 1, False, False),
        (TOTAL // LOW, FEW + 1, False, False),
        (TOTAL // LOW - 1, FEW + 1, False, True),
        (TOTAL // RESERVE, FEW + 1, False, True),
        (TOTAL // RESERVE - 1, FEW + 1, True, True),
        (TOTAL // RESERVE - 1, FEW, False, True),
        (0, FEW + 1, True, True),
    ],
)
def test_memory_is_short(free: int, transactions: int, short: bool, low: bool) -> None:
    """Few calls are none too many, whatever else has taken the memory."""
    answers = {MEASURE: {"total": TOTAL, "free": free}, COUNT: {"current": transactions}}
    keeper = MemoryKeeper(answers.__getitem__)
    assert not keeper.is_low
    assert keeper.is_short() is short
    assert keeper.is_low is low


def test_kamailio_is_asked_in_its_own_process() -> None:
    asked: list[Any] = []
    answer = json.dumps({"jsonrpc": "2.0", "result": {"free": 7}, "id": 1})
    jsonrpcs = SimpleNamespace(exec=lambda text: asked.append(json.loads(text)))
    ksr = SimpleNamespace(jsonrpcs=jsonrpcs, pv=SimpleNamespace(get={"$jsonrpl(body)": answer}.__getitem__))
    assert asker(ksr)(MEASURE) == {"free": 7}
    assert asked == [{"jsonrpc": "2.0", "method": MEASURE, "id": 1}]
