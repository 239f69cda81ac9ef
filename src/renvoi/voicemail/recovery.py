"""What a worker that died left: recordings, which become messages, and callers to hang up on (`docs/calls.md §4`)."""

import asyncio
import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import structlog

from renvoi.domain.messages.message import is_message_id
from renvoi.domain.text import counted
from renvoi.files import open_regular
from renvoi.voicemail.finalize import Finalizer
from renvoi.voicemail.recording import Folders, Recording, trim
from renvoi.voicemail.sip.session import DialogInvalid, DialogState
from renvoi.wakeups import to_next, wait_or_stop

PERIOD_S = 1.0
"""How often is looked while there are recordings of any kind: a worker that died is back about as soon."""
IDLE_PERIOD_S = 5.0
"""The same while there are none: who leaves one now has yet to begin it."""
LAST_DELAY_S = 60.0
"""How long one that cannot be adopted is left alone at the most, from a period on doubled each time."""

_TORN_AFTER_S = 60.0
"""From what age on facts without their name belong to a process that died; a living one renames them at once."""
MAX_AGE_S = 3600.0
"""No call is that long: what is older is of another time, and removed without a word to anybody."""
_SUFFIX = ".dialog"

log = structlog.get_logger("voicemail")


class Patience:
    """Knows what is to be left alone for now, so that what stays impossible is not tried, and told, every second.

    `time` returns seconds.
    """

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._delays: dict[str, tuple[float, float]] = {}
        self.reason = ""
        """Why the last one that failed did."""
        self.waiting: frozenset[str] = frozenset()
        """What waits, as the last look found it."""
        self.period_s = PERIOD_S
        """When to look again after that."""

    def has_come_for(self, name: str) -> bool:
        """Tell whether `name` may be tried."""
        until, _ = self._delays.get(name, (0.0, 0.0))
        return self._time() >= until

    def failed(self, name: str, why: str) -> None:
        """Leave `name` alone for a while, twice as long as the last time."""
        self.reason = why
        _, delay = self._delays.get(name, (0.0, PERIOD_S / 4))
        delay = min(2 * delay, LAST_DELAY_S)
        self._delays[name] = self._time() + delay, delay

    def saw(self, files: int) -> None:
        """Take note of how many files there are, of whatever kind."""
        self.period_s = PERIOD_S if files else IDLE_PERIOD_S

    def forget(self, name: str) -> None:
        """Take note that `name` is done with."""
        self._delays.pop(name, None)


async def adopt_orphans(
    recordings: Path,
    messages: Path,
    filing: Finalizer,
    stop: asyncio.Event,
    alarm: Callable[[str], None] = lambda _reason: None,
) -> None:
    """Look at once, and then again and again, until `stop` is set.

    `alarm` is called after each look: with how many messages wait and why, or with "" when none does.
    """
    patience = Patience(asyncio.get_running_loop().time)
    while not stop.is_set():
        try:
            await adopt_once(recordings, messages, filing, patience)
            waits = counted(len(patience.waiting), "message waits", "messages wait")
            alarm(f"{waits}: {patience.reason}" if patience.waiting else "")
        except OSError as error:
            log.exception("recordings cannot be searched", error=str(error))
            alarm(f"recordings cannot be searched: {error}")
        await wait_or_stop(stop, to_next(patience.period_s))


async def adopt_once(recordings: Path, messages: Path, filing: Finalizer, patience: Patience) -> int:
    """Finish each recording that is in nobody's hands, and that `patience` does not put off; return how many.

    Raises:
        OSError: the directory cannot be read.
    """
    waiting: set[str] = set()

    def refused(name: str, error: OSError) -> None:
        waiting.add(name)
        if patience.has_come_for(name):
            patience.failed(name, str(error))
            log.error("a recording cannot be read, and waits", file=name, error=str(error))

    found = find_leftovers(recordings, messages, refused, patience.saw)
    adopted = 0
    while (recording := await asyncio.to_thread(next, found, None)) is not None:
        if not patience.has_come_for(recording.id):
            waiting.add(recording.id)
            continue
        why = await _adopt(recording, filing)
        if why is None:
            patience.forget(recording.id)
            adopted += 1
        else:
            waiting.add(recording.id)
            patience.failed(recording.id, why)
    patience.waiting = frozenset(waiting)
    return adopted


async def _adopt(recording: Recording, filing: Finalizer) -> str | None:
    """Make a message of `recording`; return why it has to wait, None when it has not."""
    # What lay among the messages had been closed: only the news of it was lost.
    cut_off = not recording.was_finished
    try:
        await asyncio.to_thread(trim, recording)
        await asyncio.to_thread(recording.finish)
        return await filing.file_or_reason(recording, cut_off=cut_off)
    except Exception as error:
        # Whatever is wrong with one recording, the others and the mails go on.
        log.exception("a recording cannot be repaired, and waits", message_id=recording.id, error=str(error))
        return str(error)


def find_leftovers(
    recordings: Path,
    messages: Path,
    failed: Callable[[str, OSError], None],
    saw: Callable[[int], None] = lambda _files: None,
) -> Iterator[Recording]:
    """Yield each recording that is in nobody's hands, in the order of their identifiers.

    It is in the caller's until the next one is asked for; one that was neither `done` nor discarded will be found
    again. Several may search at once: each recording goes to one of them. `failed` gets each file that the disk
    refused, and why; it stays for the next search. `saw` is told how many files there are. Removes what a death
    during `Recording.create` left: nothing was heard yet.

    Raises:
        OSError: the folder cannot be read.
    """
    folders = Folders(recordings, messages)
    with os.scandir(folders.recordings) as entries:
        names = sorted(entry.name for entry in entries)
    saw(len(names))
    for name in names:
        try:
            recording = _look_at(folders, name)
        except OSError as error:
            failed(name, error)
            continue
        if recording is not None:
            try:
                yield recording
            finally:
                recording.release()


def _look_at(folders: Folders, name: str) -> Recording | None:
    recording_id, dot, ending = name.partition(".")
    if not dot or not is_message_id(recording_id):
        return None  # nothing that was made here
    if ending == "json":
        return _take(folders, name)
    if ending == "json.new":
        _remove_torn(folders, name)
    return None


def _take(folders: Folders, name: str) -> Recording | None:
    lock_fd = _lock(folders, name)
    if lock_fd is None:
        return None
    try:
        recording = Recording.take_over(folders, name.removesuffix(".json"), lock_fd)
    except OSError:
        os.close(lock_fd)
        raise
    if recording.facts:
        return recording
    # A power cut before `create` returned: the name reached the disk, the facts did not, and nothing was heard.
    recording.discard()
    return None


def _remove_torn(folders: Folders, name: str) -> None:
    lock_fd = _lock(folders, name)
    if lock_fd is None:
        return
    try:
        if time.time() - os.fstat(lock_fd).st_mtime > _TORN_AFTER_S:
            (folders.recordings / name).unlink(missing_ok=True)
    finally:
        os.close(lock_fd)


def _lock(folders: Folders, name: str) -> int | None:
    """Return a descriptor that holds the file's lock; None when somebody else has it, or has dealt with the file."""
    path = folders.recordings / name
    try:
        fd = open_regular(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_nlink:
            return fd
    except OSError as error:
        if error.errno != errno.EWOULDBLOCK:
            os.close(fd)
            raise
    os.close(fd)
    return None


class DialogFiles:
    """The calls of a worker on disk, so that whoever takes its place can hang up on callers whom its death left alone.

    A file for each call, from before its answer until it is over. Nobody but the worker with this directory looks at
    them: its supervisor runs one at a time, on one socket. The directory is made when it is not
    there. Methods block on the disk, whose faults they only log.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, state: DialogState) -> None:
        """Keep the state of the call `name`, in place of the previous one. It need not survive a power cut."""
        path = self._path(name)
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            new = path.with_suffix(".new")
            new.write_bytes(state.dump())
            new.replace(path)
        except OSError as error:
            log.warning("a call cannot be noted, and would not be hung up after a crash", error=str(error))

    def remove(self, name: str) -> None:
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
