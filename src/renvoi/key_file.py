"""The file by which a node hands its shared keys to its edge and its voicemail workers."""

import os
from collections.abc import Callable
from pathlib import Path

from renvoi.domain.shared_key import KeyRing, KeysInvalid
from renvoi.files import sync_directory

NAME = "keys.json"


class KeyFile:
    """Such a file, read again whenever it was replaced; `complain` is told when that cannot be done."""

    def __init__(self, path: Path, complain: Callable[[str], None]) -> None:
        """Read the keys.

        Raises:
            KeysInvalid: the file cannot be read, is empty, cut off, or something else.
        """
        self._path = path
        self._name = os.fspath(path)
        self._complain = complain
        self._trouble = ""
        try:
            self._seen = self._version()
            self._ring = self._read()
        except OSError as error:
            raise KeysInvalid(f"{path.name}: {error.strerror}") from error

    @property
    def ring(self) -> KeyRing:
        """The keys as they were written last; those read before serve on when the new ones cannot be read."""
        self.refresh()
        return self._ring

    def refresh(self) -> None:
        """Read the keys again if they were replaced."""
        try:
            if (found := self._version()) != self._seen:
                self._ring = self._read()
                self._seen, self._trouble = found, ""
        except (OSError, KeysInvalid) as error:
            # It is tried again with each call, as file descriptors may have run out, but it is logged once.
            if str(error) != self._trouble:
                self._trouble = str(error)
                self._complain(f"the previous shared keys stay in use, as the new ones cannot be read: {error}")

    def _version(self) -> tuple[int, int, int]:
        found = os.stat(self._name)  # noqa: PTH116 - for each call: a third of what Path takes
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> KeyRing:
        try:
            return KeyRing.load(self._path.read_text("utf-8", "replace"))
        except KeysInvalid as error:
            raise KeysInvalid(
                f"{self._path.name}: {error}; restart the node, which writes it from the store"
            ) from error


def write_keys(path: Path, ring: KeyRing, group: int | None = None) -> None:
    """Replace the file; only its owner may read it, and `group` if there is one. It survives a power cut.

    Raises:
        OSError: the disk refuses.
    """
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(ring.dump())
        if group is not None:
            os.fchown(handle, -1, group)
            os.fchmod(handle, 0o640)
        file.flush()
        os.fsync(handle)
    temporary.replace(path)
    sync_directory(path.parent)
