"""A program that records and is killed: by itself at each of its system calls in turn, or by its parent at any time.

`dying.py each DATA` makes `DATA/<n>` for n = 0, 1, …: what is left when a process that records one message is killed
right before its n-th system call. The last one is what a process left that lived to its end.

`dying.py forever DATA` records one message after another in `DATA`.

How many samples were written when it died is in `progress/<id>`, in decimal.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from renvoi.voicemail.recording import Recording

SYSTEM_CALLS = ("open", "write", "pwrite", "fsync", "fdatasync", "ftruncate", "replace", "unlink", "close")
FOLDERS = ("recordings", "messages", "rows", "progress")
CHUNK_SAMPLES = 160
RATE = 16000
FACTS = b'{"number":"+33199001234"}'


def chunk(index: int) -> bytes:
    """Return what is written at the place `index`: never silence, and nowhere the same."""
    return (index + 1).to_bytes(2, "little") * CHUNK_SAMPLES


def record(data: Path, recording_id: str, chunks: int, tell: Callable[[int, bytes, int], int]) -> None:
    """Record one message as a call does: begin, write, finish, store the row, hand on."""
    progress = (data / "progress" / recording_id).open("wb")
    recording = Recording.create(data / "recordings", data / "messages", recording_id, FACTS, RATE)
    for index in range(chunks):
        recording.write(index * CHUNK_SAMPLES, chunk(index))
        tell(progress.fileno(), str((index + 1) * CHUNK_SAMPLES).encode(), 0)
    recording.finish()
    (data / "rows" / recording_id).touch()
    recording.done()
    progress.close()


def prepare(data: Path) -> None:
    """Make the folders."""
    for name in FOLDERS:
        (data / name).mkdir(parents=True)


def die_before(nth: int) -> None:
    """Have this process killed right before its n-th system call on files from now on."""
    left = nth

    def deadly(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return call(*args, **kwargs)

        return counted

    for name in SYSTEM_CALLS:
        setattr(os, name, deadly(getattr(os, name)))


def die_at_each(data: Path) -> None:
    """Record in a process of its own for each system call that it can die at."""
    tell = os.pwrite
    status = -1
    nth = 0
    while status != 0:
        place = data / str(nth)
        prepare(place)
        child = os.fork()
        if child == 0:
            die_before(nth)
            record(place, "abc", 3, tell)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL
        nth += 1


def record_forever(data: Path) -> None:
    """Record until killed."""
    prepare(data)
    number = 0
    while True:
        record(data, f"m{number}", 20, os.pwrite)
        number += 1


if __name__ == "__main__":
    {"each": die_at_each, "forever": record_forever}[sys.argv[1]](Path(sys.argv[2]))
