"""Where recordings lie while they grow, and where as messages."""

import ctypes
import os
from dataclasses import dataclass
from pathlib import Path

from renvoi.domain.messages.message import is_message_id


@dataclass(frozen=True, slots=True)
class Folders:
    """The two folders, on one file system, so that a file moves from one to the other at once or not at all."""

    recordings: Path
    messages: Path

    def facts(self, recording_id: str) -> Path:
        """Return where the facts of the call are while the recording is not handed on.

        Raises:
            ValueError: it is not a message's identifier (`is_message_id`).
        """
        if not is_message_id(recording_id):
            raise ValueError(f"{recording_id!r} cannot be a file's name")
        return self.recordings / f"{recording_id}.json"

    def growing(self, recording_id: str) -> Path:
        """Return where the audio is while it is recorded."""
        return self.recordings / f"{recording_id}.wav"

    def message(self, recording_id: str) -> Path:
        """Return where the audio is once it is finished."""
        return self.messages / f"{recording_id}.wav"


_libc = ctypes.CDLL(None, use_errno=True)


def sync_file_system(folder: Path) -> None:
    """Make everything written to the file system of `folder` survive a power cut (syncfs(2), which `os` lacks).

    For many files that grow it is one commit of the disk's journal where each file's own sync would be one.

    Raises:
        OSError: the disk refused.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(fd):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(fd)
