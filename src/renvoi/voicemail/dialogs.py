"""The calls of a worker on disk, so that whoever takes its place can hang up on callers whom its death left alone.

A file for each call, from before its answer until it is over. Nobody but the worker with this directory looks at them:
its supervisor sees to it that there is one at a time, on one socket.
"""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi.voicemail.sip.session import DialogInvalid, DialogState

MAX_AGE_S = 3600.0
"""No call is that long: what is older is of another time, and removed without a word to anybody."""
_SUFFIX = ".dialog"

log = structlog.get_logger("voicemail")


class DialogFiles:
    """The directory is made when it is not there. Methods block on the disk, whose faults they only log."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, state: DialogState) -> None:
        """Keep the state of the call `name`, in the place of the one from before. No power cut has to leave it."""
        path = self._path(name)
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_bytes(state.dump())
            new.replace(path)
        except OSError as error:
            log.warning("a call cannot be noted, and would not be hung up after a crash", error=str(error))

    def remove(self, name: str) -> None:
        """Forget a call."""
        with suppress(OSError):
            self._path(name).unlink()

    def left(self) -> Iterator[tuple[str, DialogState]]:
        """Yield the calls that a worker before this one did not end, by their names."""
        try:
            paths = [Path(entry.path) for entry in os.scandir(self._directory)]
        except OSError:
            return
        for path in paths:
            try:
                recent = time.time() - path.stat().st_mtime < MAX_AGE_S
                state = DialogState.load(path.read_bytes()) if path.suffix == _SUFFIX and recent else None
            except (OSError, DialogInvalid) as error:
                log.warning("a call that a worker left cannot be read", file=path.name, error=str(error))
                state = None
            if state is None:
                with suppress(OSError):
                    path.unlink()
            else:
                yield path.stem, state

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{_SUFFIX}"
