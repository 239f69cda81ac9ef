"""What a node is called among those that share a store."""

import os
import re
import secrets
import socket
from pathlib import Path

_FILE_NAME = "node"
_ID = re.compile(r"[0-9a-f]{16}")


def node_name(data_dir: Path) -> str:
    """Return the name of the node whose data directory this is: the same after each restart, and no other one's.

    The random part is kept in the file `node`, which is made when it is missing. The host's name goes with it, so that
    a copy of the directory on another machine is another node, and a reader sees which one it is.

    Raises:
        OSError: the file can be neither read nor made.
    """
    path = data_dir / _FILE_NAME
    try:
        found = path.read_text("ascii", "replace").strip()
    except FileNotFoundError:
        found = ""
    if not _ID.fullmatch(found):
        found = secrets.token_hex(8)
        new = path.with_suffix(".new")
        with new.open("w", encoding="ascii") as file:
            file.write(found + "\n")
            file.flush()
            # A name that a power cut leaves empty would be another one after it.
            os.fsync(file.fileno())
        new.replace(path)
    return f"{socket.gethostname()}-{found}"
