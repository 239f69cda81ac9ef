"""Where `scripts/packages.bash` put what these tests try; without it they are skipped."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.packages.debian import Debian

MADE = os.environ.get("RENVOI_TEST_PACKAGES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests where there is nothing to try."""
    here = Path(__file__).parent
    for item in items:
        if MADE is None and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="packages are built and tried by ./test --packages, as root"))


@pytest.fixture(scope="session")
def made() -> Path:
    """Return the directory of the packages, where systems may be made as well."""
    assert MADE is not None
    return Path(MADE)


@pytest.fixture(scope="session")
def cache() -> Path:
    """Return the directory of the bare systems."""
    return Path(os.environ["RENVOI_TEST_CACHE"])


@pytest.fixture
def bare(made: Path, cache: Path) -> Iterator[Callable[[str], Debian]]:
    """Return what makes a bare Debian of a release (`12`, `13`) in a directory, which is removed at the end."""
    directories = []

    def make(release: str, name: str = "") -> Debian:
        name = name or f"debian{release}"
        directories.append(made / name)
        return Debian(cache / f"debian{release}", directories[-1], cache / f"packages-apt-{name}", made / "apt.conf")

    yield make
    for each in directories:
        subprocess.run(["rm", "-rf", "--one-file-system", each], check=True)
