"""docs/operating.md has a row for each command with each of its options, those of trunks are rows of docs/trunks.md."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from renvoi.cli.app import app

DOCS = Path(__file__).parents[3] / "docs"


def rows(page: str, title: str) -> list[str]:
    section = (DOCS / page).read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


ROWS = rows("operating.md", "Commands")
TRUNK_ROWS = rows("trunks.md", "Options")
TRUNK_COMMANDS = {"trunk add", "trunk set"}
EVERYWHERE = {"--data", "--json", "--help", "-h"}
IN_SETTINGS = {"serve"}


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts) if option[0] == "-"}
    children = getattr(command, "commands", {})
    if words and (not children or getattr(command, "invoke_without_command", False)):
        yield " ".join(words), options - EVERYWHERE
    for name, child in children.items():
        yield from leaves(child, (*words, name))


COMMANDS = dict(leaves(get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_documented_once_with_its_options(command: str) -> None:
    (row,) = (line for line in ROWS if re.search(rf"`{command}( [A-Z]|`)", line.split(" | ")[0]))
    if command in TRUNK_COMMANDS:
        assert COMMANDS[command] == {line.split("`")[1] for line in TRUNK_ROWS}
        assert "(trunks.md#options)" in row
    else:
        assert not {option for option in COMMANDS[command] if f"`{option}" not in row}


def test_no_option_is_documented_that_there_is_not() -> None:
    known = set().union(*COMMANDS.values()) | EVERYWHERE | {"--version", "--install-completion", "--show-completion"}
    assert not set(re.findall(r"`(--[a-z-]+)", "\n".join(ROWS))) - known
