"""Files and directories, beyond `pathlib`: made for data, synced, and opened where others may have put something else.

A FIFO would block, a symlink lead elsewhere.
"""

import errno
import os
import stat
from pathlib import Path

from renvoi.application.errors import OperatorError

_DESCRIPTORS = Path("/proc/self/fd")


def make_directory(path: Path) -> None:
    """Make a directory for data, closed to other users, with those above it.

    Raises:
        OperatorError: it cannot be made.
    """
    try:
        path.mkdir(mode=0o751, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OperatorError(f"{path} is not a directory: give another --data") from error
    except OSError as error:
        raise OperatorError(f"{path} cannot be made: {error.strerror}: give another --data") from error


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` survive a power cut (fsync(2): a file's own sync does not sync its name).

    Raises:
        OSError: the disk refused.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_regular(path: str | Path, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
    """Open `path` if it is a regular file; return its descriptor. Symlinks are not followed.

    But for those in `/proc/self/fd`: that is how files without a name are named.

    Raises:
        OSError: it cannot be opened, or is something else.
    """
    # A FIFO without a peer would have us wait. On files the flag has no effect.
    flags |= os.O_NONBLOCK | os.O_CLOEXEC
    if Path(path).parent != _DESCRIPTORS:
        flags |= os.O_NOFOLLOW
    fd = os.open(path, flags, mode)
    kind = os.fstat(fd).st_mode
    if stat.S_ISREG(kind):
        return fd
    os.close(fd)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def read_regular(path: str | Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it cannot be read, or is something else.
    """
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read()
