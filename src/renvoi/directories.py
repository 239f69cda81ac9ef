"""What `pathlib` leaves out of directories."""

import os
from pathlib import Path


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
