"""The command of the Debian package: which packages it finds, whose settings it takes, and as whom."""

import os
import sys
from pathlib import Path
from pwd import getpwnam

import pytest

import launcher


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what a launcher changes of its process."""
    monkeypatch.setattr(os, "environ", {"PATH": "/usr/bin"})
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_the_packages_of_this_python_are_found_by_it_and_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "LIBRARIES", tmp_path)
    own = tmp_path / f"{sys.version_info.major}.{sys.version_info.minor}"
    own.mkdir()
    launcher.choose_packages()
    assert sys.path[:2] == [f"{tmp_path}/renvoi", str(own)]
    assert {name: value for name, value in os.environ.items() if name.startswith("PYTHON")} == {
        "PYTHONPATH": f"{tmp_path}/renvoi:{own}",
        "PYTHONSAFEPATH": "1",
        "PYTHONNOUSERSITE": "1",
    }


def test_another_python_is_told_which_ones_there_are_packages_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "LIBRARIES", tmp_path)
    for name in ("3.8", "3.9", "renvoi"):
        (tmp_path / name).mkdir()
    with pytest.raises(SystemExit, match=r"is Python 3\.\d+, and this package is for 3\.8 and 3\.9"):
        launcher.choose_packages()


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        (["check"], {}, True),
        (["check"], {"RENVOI_DATA_DIR": ""}, True),
        (["check"], {"RENVOI_DATA_DIR": "/srv/other"}, False),
        (["check"], {"RENVOI_CONFIG_FILE": "/srv/other.toml"}, False),
        (["check", "--data", "/srv/other"], {}, False),
        (["--data=/srv/other", "check"], {}, False),
        (["--config=/srv/other.toml", "check"], {}, False),
    ],
)
def test_whose_settings_a_command_takes(arguments: list[str], variables: dict[str, str], expected: bool) -> None:
    os.environ |= variables
    assert launcher.settings_are_the_packages(arguments) is expected


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_root_becomes_the_user_who_owns_the_data() -> None:
    nobody, reading, writing = getpwnam("nobody"), *os.pipe()
    child = os.fork()
    if child == 0:
        launcher.become("nobody")
        os.write(writing, f"{os.getresuid()} {os.getresgid()} {os.getgroups()} {os.environ['USER']}".encode())
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    uid, gid = nobody.pw_uid, nobody.pw_gid
    assert os.read(reading, 1000).decode() == f"{(uid,) * 3} {(gid,) * 3} {[gid]} nobody"
    os.close(reading)
    os.close(writing)


def test_a_missing_user_is_told() -> None:
    with pytest.raises(SystemExit, match="there is no user renvoi-nobody"):
        launcher.become("renvoi-nobody")
