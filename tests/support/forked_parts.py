"""Parts for tests of the fork server: each does what its arguments name. See `fork_server.PARTS`."""

import json
import os
import random
import secrets
import signal
import socket
import sys
import uuid
from pathlib import Path
from typing import Any


def load() -> None:
    """Load what all of these need: nothing."""


def load_more() -> None:
    """Leave a trace in what is forked from now on."""
    os.umask(0o123)


def main(arguments: list[str]) -> None:
    """Do as the first of `arguments` says."""
    match arguments:
        case ["tell", *_]:
            _write(json.dumps(_seen()))
        case ["wait", *_]:
            _wait()
        case ["exit", code]:
            sys.exit(int(code))
        case ["say", text]:
            sys.exit(text)
        case ["fail"]:
            raise EOFError("as a part may fail")
        case ["die", number]:
            os.kill(os.getpid(), int(number))
            _wait()
        case ["talk", fd]:
            with socket.socket(fileno=int(fd)) as told:
                told.sendall(b"hello")
        case ["breed"]:
            child = os.fork()
            if child:
                _write(f"child {child}")
            _wait()


def _wait() -> None:
    _write("waits")
    signal.pause()


def _write(line: str) -> None:
    # In one piece, as others may write to the same pipe.
    os.write(1, f"{line}\n".encode())


def _seen() -> dict[str, Any]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "parent": os.getppid(),
        "session": os.getsid(0),
        "environment": dict(os.environ),
        "title": Path("/proc/self/cmdline").read_text().rstrip("\0"),
        "shown": Path("/proc/self/environ").read_text().strip("\0"),
        "input": os.read(0, 1).decode(),
        "fds": sorted(int(each.name) for each in Path("/proc/self/fd").iterdir() if each.exists()),
        "mask": os.umask(0),
        "threads": len(list(Path("/proc/self/task").iterdir())),
        "random": [random.random(), secrets.token_hex(8), str(uuid.uuid4())],
        "capabilities": [status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "NoNewPrivs")],
    }
