"""The lines that docs/operating/watching.md gives for an export run as they stand."""

import re
import shlex
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Cli

OPERATING = Path(__file__).parents[3] / "docs" / "operating" / "watching.md"
SECTION = OPERATING.read_text("utf-8").partition("\n### Before records are deleted\n")[2].partition("\n### ")[0]
LINES = re.findall(r"^renvoi (.*?) >\S+$", SECTION, re.MULTILINE)


def test_there_are_lines() -> None:
    assert [line.split()[0] for line in LINES] == ["calls", "audit", "events"]


@pytest.mark.parametrize("line", LINES)
def test_an_export_runs(acme: Cli, line: str) -> None:
    ran = acme(*shlex.split(line))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out
