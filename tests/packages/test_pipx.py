"""The command line and the client for a machine without a node, by the lines of docs/install/pipx.md."""

import shutil
from collections.abc import Callable

import pytest

from renvoi import __version__
from tests.packages import wheels
from tests.packages.debian import HOME, Debian
from tests.packages.pages import blocks

BUILT_OF = ("pyproject.toml", "README.md", "LICENSE", "src", "sdk")


@pytest.mark.parametrize(("release", "python"), [("12", "3.11"), ("13", "3.13")])
def test_pipx_installs_both_from_a_checkout(release: str, python: str, bare: Callable[[str, str], Debian]) -> None:
    """There is no network, so there is no index but the directory of wheels."""
    system = bare(release, f"pipx{release}")
    as_root, once, command, client = blocks("pipx.md", "Install")
    system.install(as_root)
    checkout = system.directory / "root" / "checkout"
    checkout.mkdir()
    for name in BUILT_OF:
        copy = shutil.copytree if (wheels.ROOT / name).is_dir() else shutil.copy
        copy(wheels.ROOT / name, checkout / name)
    ours = system.directory / "root" / "wheels"
    ours.mkdir()
    wheels.fill(ours, python)
    in_a_new_shell(system, once)
    assert f"renvoi {__version__}\n" in in_a_new_shell(system, command)
    in_a_new_shell(system, client)
    stored = in_a_new_shell(system, "renvoi --data store account add Desk\nrenvoi --data store number list --json")
    assert stored.endswith("[]\n")


def in_a_new_shell(system: Debian, lines: str) -> str:
    """Paste lines where root has logged in again: its profile has what pipx adds to PATH."""
    ours = ("PIP_NO_INDEX=1", f"PIP_FIND_LINKS={HOME}/wheels", f"HOME={HOME}")
    return system.run("env", *ours, "bash", "--login", "-c", f"set -e\ncd ~/checkout\n{lines}")
