"""Recordings whose process died: found, repaired and handed over to be finished."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from renvoi.call_records.regular_files import open_regular
from renvoi.domain.messages.message import is_message_id
from renvoi.voicemail.recording.folders import Folders
from renvoi.voicemail.recording.recording import Recording

_TORN_AFTER_S = 60.0
"""From what age on facts without their name belong to a process that died; a living one renames them at once."""


def find(recordings: Path, messages: Path, failed: Callable[[str, OSError], None]) -> Iterator[Recording]:
    """Yield each recording that is in nobody's hands, in the order of their identifiers.

    It is in the caller's until the next one is asked for; one that was neither `done` nor discarded will be found
    again. Several may search at once: each recording goes to one of them. `failed` gets each file that the disk
    refused, and why; it stays for the next search. Removes what a death during `Recording.create` left: nothing was
    heard yet.

    Raises:
        OSError: the folder cannot be read.
    """
    folders = Folders(recordings, messages)
    with os.scandir(folders.recordings) as entries:
        names = sorted(entry.name for entry in entries)
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
