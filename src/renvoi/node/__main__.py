"""The fork server as a program of its own: `python -m renvoi.node FD MODULE`.

FD is its connection to the supervisor, MODULE that of the parts (`fork_server.PARTS`).
"""

import os
import socket
import sys

from renvoi import plain_structlog  # noqa: F401 - before what loads structlog
from renvoi.node import fork_server

if __name__ == "__main__":
    supervisor = os.getppid()
    fd, parts = sys.argv[1:]
    fork_server.load(parts)
    fork_server.serve_forks(socket.socket(fileno=int(fd)), supervisor, parts)
