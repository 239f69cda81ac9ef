"""The two clients are one: the synchronous modules are what the script makes of the asynchronous ones."""

import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "sdk" / "python" / "scripts" / "make_sync.py"


def test_the_synchronous_client_is_up_to_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--check"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(SCRIPT), run_name="__main__")
    assert ended.value.code == 0, f"run {SCRIPT.name}: {capsys.readouterr().out}"
