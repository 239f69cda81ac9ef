"""The command line in this process, on a real store in a temporary directory."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import typer.testing
from typer.main import get_command
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


def invoke(data: Path, *words: str, typed: str = "", environ: Mapping[str, str] = MappingProxyType({})) -> Ran:
    """Run `renvoi WORDS --data DATA`, and answer its questions."""
    result = CliRunner().invoke(app, [*words, "--data", str(data)], input=typed, obj=Renvoi(environ))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True, scope="session")
def _commands_built_once() -> Iterator[None]:
    """Keep what typer makes of our functions' signatures: it would make it again, for 25 ms, each time one runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.testing, "_get_command", cache(get_command))
        yield


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def cli(data: Path) -> Cli:
    """Run `renvoi WORDS --data …`."""
    return lambda *words: invoke(data, *words)


@pytest.fixture(scope="session")
def store_of_acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory with an account and a number, to be copied: its schema alone takes 70 ms to make."""
    made = tmp_path_factory.mktemp("acme") / "var"
    assert invoke(made, "account", "add", "acme").code == 0
    assert invoke(made, "number", "add", "+33199001234", "--account", "acme").code == 0
    return made


@pytest.fixture
def acme(cli: Cli, data: Path, store_of_acme: Path) -> Cli:
    """Run the same on a store with an account and a number."""
    shutil.copytree(store_of_acme, data)
    return cli
