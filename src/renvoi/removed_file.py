"""The file by which a node tells its edge what was taken away: what the edge has read of it before counts no more.

It matters while the store is away, where the edge goes on by what it read last (`edge.router.stale_rules`).
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from renvoi.count_files import CountsInvalid, read_counts
from renvoi.domain.access.limits import account_name, number_name
from renvoi.domain.numbers.number import E164

REMOVED = "removed.json"
"""Below the directory of the edge; written by the supervisor. By name, when that was, in ms of the monotonic clock."""


def moved_name(number: E164) -> str:
    """Return the name of a number that another account has now."""
    return f"m{number.digits}"


class RemovedFile:
    """Such a file, read again whenever it was replaced; `complain` is told once when that cannot be done."""

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        """Take note of where it is; it may come later."""
        self._path = path
        self._complain = complain
        self._seen: tuple[int, int, int] | None = None
        self._removed: Mapping[str, int] = {}
        self._trouble = ""

    def is_removed(self, number: E164, account_id: int, read_at: float) -> bool:
        """Tell whether a number, or its account, was taken away after it was read (s of the monotonic clock)."""
        return self._since(number_name(number), read_at) or self._since(account_name(account_id), read_at)

    def is_moved(self, number: E164, read_at: float) -> bool:
        """Tell whether another account has the number since it was read."""
        return self._since(moved_name(number), read_at)

    def _since(self, name: str, read_at: float) -> bool:
        self._refresh()
        at_ms = self._removed.get(name)
        return at_ms is not None and at_ms >= read_at * 1000

    def _refresh(self) -> None:
        found = self._version()
        if found == self._seen:
            return
        try:
            self._removed = read_counts(self._path) if found is not None else {}
            self._trouble = ""
        except CountsInvalid as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._complain(f"what was taken away is not known: {error}")
        self._seen = found

    def _version(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
