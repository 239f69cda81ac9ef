"""The files by which an edge and the supervisor of its node tell each other what calls use up of limits.

Each is one JSON object, a number by name (`domain.access.limits`), and is replaced as a whole.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

OWN = "run/counts.json"
"""What this edge counts, below its directory; written by Kamailio."""
OTHERS = "other-counts.json"
"""What the other nodes count; written by the supervisor."""
_decode = msgspec.json.Decoder(dict[str, int]).decode


class CountsInvalid(Exception):
    """Such a file cannot be read; the text says why."""


def read_counts(path: Path) -> Mapping[str, int]:
    """Read such a file; one that is not there has nothing in it.

    Raises:
        CountsInvalid: it cannot be read, or is something else.
    """
    try:
        return _decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise CountsInvalid(f"{path.name}: {error}") from error


def write_counts(path: Path, counts: Mapping[str, int], group: int | None = None) -> None:
    """Replace such a file; only its owner may read it, and `group` if there is one. No power cut matters to it.

    Raises:
        OSError: the disk refuses.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(counts))
        if group is not None:
            os.fchown(handle, -1, group)
            os.fchmod(handle, 0o640)
    temporary.replace(path)


class CountFile:
    """Such a file, read again whenever it was replaced; `complain` is told once when that cannot be done."""

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        """Take note of where it is; it may come later."""
        self._path = path
        self._name = os.fspath(path)
        self._complain = complain
        self._seen: tuple[int, int, int] | None = None
        self._counts: Mapping[str, int] = {}
        self._trouble = ""

    def of(self, name: str) -> int:
        """Return the number of a name in the file as it is now."""
        found = self._version()
        if found != self._seen:
            try:
                self._counts = read_counts(self._path) if found is not None else {}
                self._trouble = ""
            except CountsInvalid as error:
                # What other nodes count is not known, so this one counts by itself.
                self._counts = {}
                if str(error) != self._trouble:
                    self._trouble = str(error)
                    self._complain(f"calls at other nodes are not counted: {error}")
            self._seen = found
        return self._counts.get(name, 0)

    def _version(self) -> tuple[int, int, int] | None:
        try:
            found = os.stat(self._name)  # noqa: PTH116 - for each call: a third of what Path takes
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
