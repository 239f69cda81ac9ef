"""The entry that Kamailio loads, with a Kamailio that is not there."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
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


def test_an_edge_without_its_files_does_not_start(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What all processes share is made once, before the fork: what is wrong with it ends the start there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spool").mkdir()
    settings = SETTINGS | {"spool": str(tmp_path / "spool"), "boot": "b", "relay": None, "cooling_off_s": 0}
    settings |= {"domain": "edge.example", "address": "edge.example:5060", "voicemail": False}
    script.SETTINGS.write_text(json.dumps(settings), "utf-8")
    with pytest.raises(script.KeysInvalid):
        script.mod_init()
    assert "cannot start: keys.json" in sys.modules["KSR"].said[0]


def test_a_process_that_cannot_prepare_itself_ends(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script.process_rights, "die_with_parent", lambda _parent: None)
    monkeypatch.setattr(script.process_rights, "use_capabilities", lambda _use: None)
    assert script.Handler(SETTINGS).child_init(1) == -1
    assert "cannot start" in sys.modules["KSR"].said[0]
