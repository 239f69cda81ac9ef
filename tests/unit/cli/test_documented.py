"""docs/operating/commands.md has a row for each command with each of its options; those of trunks are in trunks.md."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app
from renvoi.cli.base import problem_lines
from renvoi.domain.problem import Problem, ProblemCode
from tests.support.tls import Authority

DOCS = Path(__file__).parents[3] / "docs"


def rows(page: str, title: str) -> list[str]:
    section = (DOCS / page).read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


ROWS = rows("operating/commands.md", "Commands")
TRUNK_ROWS = rows("trunks.md", "Options")
TRUNK_COMMANDS = {"trunk add", "trunk set"}
EVERYWHERE = {"--data", "--json", "--help", "-h"}


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    options = {option for each in command.params for option in (*each.opts, *each.secondary_opts) if option[0] == "-"}
    children = getattr(command, "commands", {})
    if words and (not children or getattr(command, "invoke_without_command", False)):
        yield " ".join(words), options
    for name, child in children.items():
        yield from leaves(child, (*words, name))


LEAVES = dict(leaves(get_command(app)))
COMMANDS = {command: options - EVERYWHERE for command, options in LEAVES.items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_documented_once_with_its_options(command: str) -> None:
    (row,) = (line for line in ROWS if re.search(rf"`{command}( [A-Z]|`)", line.split(" | ")[0]))
    if command in TRUNK_COMMANDS:
        assert COMMANDS[command] == {line.split("`")[1] for line in TRUNK_ROWS}
        assert "(../trunks.md#options)" in row
    else:
        assert not {option for option in COMMANDS[command] if f"`{option}" not in row}


def test_no_option_is_documented_that_there_is_not() -> None:
    known = set().union(*COMMANDS.values()) | EVERYWHERE | {"--version", "--install-completion", "--show-completion"}
    assert not set(re.findall(r"`(--[a-z-]+)", "\n".join(ROWS))) - known


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_takes_what_all_take(command: str) -> None:
    assert LEAVES[command] >= ({"--data"} if command == "serve" else {"--data", "--json"})


def test_the_commands_about_trunks_work_as_they_are_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first to the last, with the files that they name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Renvoi, "why_no_tls", lambda *_: "")
    authority = Authority("test")
    for name in ("carrier-ca.pem", "customer-ca.pem"):
        Path(name).write_text(authority.pem, "ascii")
    authority.issue("ours.example").write(tmp_path, "ours")
    Path("password").write_text("a long password\n", "ascii")
    text = (DOCS / "trunks.md").read_text("utf-8")
    pasted = [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    commands = ["renvoi account add acme", *(line for line in pasted if line.startswith("renvoi "))]
    assert len(commands) > 8
    for line in commands:
        command, _, file = line.removeprefix("renvoi ").partition(" < ")
        given = Path(file).read_text("ascii") if file else None
        ran = CliRunner().invoke(app, shlex.split(command), obj=Renvoi({}), input=given)
        assert ran.exit_code == 0, f"{line}: {ran.stderr}"


OF_REQUESTS = {
    ProblemCode.HEADER_MALFORMED,
    ProblemCode.KEY_REQUIRED,
    ProblemCode.NOT_FOUND,
    ProblemCode.METHOD_NOT_ALLOWED,
    ProblemCode.HEAD_TOO_LARGE,
    ProblemCode.IDEMPOTENCY_CONFLICT,
    ProblemCode.REQUEST_IN_PROGRESS,
    ProblemCode.INTERNAL_ERROR,
    ProblemCode.REMOVAL_UNKNOWN,
}


@pytest.mark.parametrize("code", ProblemCode)
def test_nobody_at_the_command_line_is_told_to_send_a_request(code: ProblemCode) -> None:
    """But for what only requests meet."""
    (said,) = problem_lines(Problem(code))
    assert code in OF_REQUESTS or not re.search(r"/v2|\b(GET|PUT)\b|[hH]eader|\?account|Idempotency|/openapi", said)
    for command in re.findall(r"`renvoi ([a-z -]+)[^`]*`", said):
        assert command.strip() in LEAVES
