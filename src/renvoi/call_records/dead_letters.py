"""Dead letters: what the store refuses for its content, set aside with the reason, so that the rest goes on.

They lie in a folder of the data directory that only its owner may read. Events are lines of `events.jsonl`, which has
the newest `MAX_EVENTS_BYTES` together with the file before it; a recording is `<id>.wav` beside `<id>.json`. An
operator looks at them and removes them; what nobody removed goes with `remove_older`.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from renvoi.domain.text import counted, counted_in_french
from renvoi.files import open_regular, sync_directory

EVENTS, EVENTS_BEFORE = "events.jsonl", "events.1.jsonl"
MAX_EVENTS_BYTES = 8 * 1024 * 1024
MAX_SHOWN_BYTES = 16 * 1024
"""How much is kept of one event."""
COUNTER = "dead_letters"
"""Counter of the store: dead letters since it exists."""


@dataclass(frozen=True, slots=True)
class Held:
    """What lies in the folder."""

    events: int = 0
    recordings: int = 0

    def __bool__(self) -> bool:
        return bool(self.events or self.recordings)

    def __str__(self) -> str:
        return f"{counted(self.events, 'event')} and {counted(self.recordings, 'recording')}"

    @property
    def french(self) -> str:
        events = counted_in_french(self.events, "événement")
        return f"{events} et {counted_in_french(self.recordings, 'enregistrement')}"


class DeadLetters:
    """The dead letters of one node, in `directory`, which is made when it is needed. Its methods block on the disk."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def keep_event(self, line: bytes, source: str, why: str, at_ms: int, *, size: int | None = None) -> None:
        """Set a line of the spool aside; `source` is its file and place, `size` its length where `line` is its head.

        Raises:
            OSError: the disk does not take it.
        """
        shown = line[:MAX_SHOWN_BYTES].decode("ascii", "backslashreplace").rstrip("\n")
        letter = {"at_ms": at_ms, "source": source, "why": why[:500], "bytes": size or len(line), "line": shown}
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.directory / EVENTS
        fd = open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            written = json.dumps(letter).encode() + b"\n"
            if os.write(fd, written) != len(written):
                raise OSError(f"{path} took only a part of a dead letter")
            os.fsync(fd)
            if os.fstat(fd).st_size > MAX_EVENTS_BYTES // 2:
                path.replace(self.directory / EVENTS_BEFORE)
        finally:
            os.close(fd)
        sync_directory(self.directory)

    def keep_recording(self, recording_id: str, audio: Path, facts: bytes, why: str, at_ms: int) -> None:
        """Set a recording aside: `audio`, which is on the same file system, moves. May be called again.

        Raises:
            OSError: the disk does not take it; the audio is where it was.
        """
        letter = {"at_ms": at_ms, "why": why[:500], "facts": facts.decode("ascii", "backslashreplace")}
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = open_regular(self.directory / f"{recording_id}.json", os.O_WRONLY | os.O_TRUNC | os.O_CREAT)
        try:
            os.write(fd, json.dumps(letter).encode() + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)
        if audio.exists():
            audio.chmod(0o600)
            audio.replace(self.directory / f"{recording_id}.wav")
        sync_directory(self.directory)

    def held(self) -> Held:
        """Return what lies there.

        Raises:
            OSError: the folder cannot be read.
        """
        try:
            names = [path.name for path in self.directory.iterdir()]
        except FileNotFoundError:
            return Held()
        events = sum(self._lines(name) for name in (EVENTS, EVENTS_BEFORE) if name in names)
        return Held(events, sum(name.endswith(".json") for name in names))

    def _lines(self, name: str) -> int:
        with os.fdopen(open_regular(self.directory / name), "rb") as file:
            return file.read(2 * MAX_EVENTS_BYTES).count(b"\n")

    def remove_older(self, before_s: float) -> int:
        """Remove the files last written before `before_s` (Unix time): messages are not kept for ever; return how many.

        Raises:
            OSError: one of them cannot be removed.
        """
        removed = 0
        try:
            found = list(os.scandir(self.directory))
        except FileNotFoundError:
            return 0
        for entry in found:
            if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < before_s:
                (self.directory / entry.name).unlink()
                removed += 1
        return removed
