"""The command line in this process, on a real store in a temporary directory."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from renvoi.bootstrap import Renvoi
from renvoi.cli.app import app


@dataclass(frozen=True)
class Ran:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def cli(data: Path) -> Cli:
    """Run `renvoi WORDS --data …`."""

    def run(*words: str) -> Ran:
        result = CliRunner().invoke(app, [*words, "--data", str(data)], obj=Renvoi({}))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def acme(cli: Cli) -> Cli:
    """Run the same on a store with an account and a number."""
    assert cli("account", "add", "acme").code == 0
    assert cli("number", "add", "+33199001234", "--account", "acme").code == 0
    return cli
