"""The Debian package on a bare Debian 12. A module of its own: it runs beside the other release."""

from collections.abc import Callable
from pathlib import Path

from tests.packages.debian import Debian
from tests.packages.lifetime import from_install_to_purge


def test_from_install_to_purge(bare: Callable[[str], Debian], made: Path) -> None:
    from_install_to_purge(made, bare("12"))
