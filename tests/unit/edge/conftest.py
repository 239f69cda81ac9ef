"""What tests of the router share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.call_records.spool import Spool, SpoolDirectory


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    (tmp_path / "spool").mkdir()
    directory = SpoolDirectory(tmp_path / "spool")

    def fail(_line: bytes, error: OSError) -> None:
        raise AssertionError(error)

    spool = Spool(directory, "boot", fail)
    yield spool
    spool.close()
    directory.close()
