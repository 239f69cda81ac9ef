"""The entry that Kamailio loads, with a Kamailio that is not there."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

SETTINGS = {"database": "sqlite:////nowhere/x.db", "on_store_loss": "reject", "store_loss_max_s": 1}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Import the entry as Kamailio does; `KSR.err` collects in `KSR.said`."""
    ksr = ModuleType("KSR")
    said: list[str] = []
    vars(ksr).update(said=said, err=said.append, warn=said.append)
    monkeypatch.setitem(sys.modules, "KSR", ksr)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield importlib.import_module("renvoi.edge.router.script")
    sys.modules.pop("renvoi.edge.router.script")


def test_whatever_is_raised_becomes_a_number_and_a_log_line(script: ModuleType) -> None:
    """Kamailio answers 500 to a negative number; an exception would leave the caller without an answer."""
    handler = script.Handler(SETTINGS)
    for call in (handler.invite, handler.answered):
        assert call(object()) < 0
    assert handler.failed(object(), "callee") < 0
    said = sys.modules["KSR"].said
    assert len(said) == 3
    assert all(line.count("\n") == 1 and "AssertionError" in line for line in said)


def test_a_process_that_cannot_prepare_itself_ends(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script.sandbox, "die_with_parent", lambda _parent: None)
    monkeypatch.setattr(script.sandbox, "use_capabilities", lambda _use: None)
    assert script.Handler(SETTINGS).child_init(1) == -1
    assert "cannot start" in sys.modules["KSR"].said[0]
