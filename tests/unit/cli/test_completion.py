"""The shell completes commands and options (docs/operating/commands.md)."""

import os
import subprocess

import pytest

from tests.support.commands import RENVOI


def completed(shell: str, line: str) -> list[str]:
    """Return what the program tells a shell that asks how a line may go on."""
    words = line.split(" ")
    asked = {
        "_RENVOI_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = subprocess.run([RENVOI], capture_output=True, text=True, timeout=60, check=False, env=os.environ | asked)
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("renvoi num", {"number"}),
        ("renvoi number re", {"remove"}),
        ("renvoi account cl", {"close"}),
        ("renvoi number remove --keep", {"--keep-messages"}),
    ],
)
def test_bash_is_told_how_a_line_may_go_on(line: str, words: set[str]) -> None:
    assert set(completed("bash", line)) == words


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script(shell: str) -> None:
    asked = os.environ | {"_RENVOI_COMPLETE": f"source_{shell}"}
    done = subprocess.run([RENVOI], capture_output=True, text=True, timeout=60, check=False, env=asked)
    assert "_RENVOI_COMPLETE" in done.stdout
    assert "renvoi" in done.stdout
