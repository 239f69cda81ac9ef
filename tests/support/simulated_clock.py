"""A clock for a real Kamailio: its Python sees another time than the machine has."""

import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.edge import EdgeNode

_PATCH = """
import time
_real = time.time_ns

def time_ns():
    with open({place!r}, "rb") as file:
        return _real() + int(file.read())

time.time_ns = time_ns
"""


class SimulatedClock:
    """Sets the time that the edge's Python sees; it goes on from there. Made before the edge is started."""

    def __init__(self) -> None:
        # Kamailio's user reads it, and may not enter the directories of tests.
        self._directory = Path(tempfile.mkdtemp())
        self._directory.chmod(0o755)
        self._place = self._directory / "ahead"
        (self._directory / "sitecustomize.py").write_text(_PATCH.format(place=str(self._place)), "utf-8")
        self._write(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._directory)

    def give_to(self, node: EdgeNode) -> None:
        """Have the Kamailio of a node look at this clock from its next start on."""
        environment = node.kamailio.environment()
        environment["PYTHONPATH"] = f"{self._directory}:{environment['PYTHONPATH']}"
        node.kamailio.environment = lambda: environment  # type: ignore[method-assign]  # no option of the product's

    def set(self, at_ms: int) -> None:
        """Make it `at_ms` (since 1970-01-01 UTC) now."""
        self._write(at_ms * 1_000_000 - time.time_ns())

    def _write(self, ahead_ns: int) -> None:
        written = self._place.with_suffix(".new")
        written.write_text(str(ahead_ns), "ascii")
        written.chmod(0o644)
        written.replace(self._place)
