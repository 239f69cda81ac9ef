"""A recording: the audio of one call on disk, from its first sample until it is handed on.

It is two files. `<id>.json` holds the facts of the call, as whoever records wants them back, and the lock (flock(2)) by
which others see that the recording is in somebody's hands: the kernel lets go of it when the process dies, however it
dies. `<id>.wav` holds the audio. What exists when:

| state | `recordings/<id>.json` | audio |
|---|---|---|
| being recorded | locked | `recordings/<id>.wav`, lengths in its header open |
| finished, not handed on | locked | `messages/<id>.wav`, whole and synced |
| handed on | gone | `messages/<id>.wav`; gone when the store has it |
| discarded | gone | gone |

The audio always goes first and the facts last, so whatever instant a crash comes at, the facts are there as long as
something remains to be done; `find_leftovers` finds them by their free lock.
"""

import ctypes
import errno
import fcntl
import os
from array import array
from dataclasses import dataclass
from pathlib import Path

import structlog

from renvoi.call_records.dead_letters import DeadLetters
from renvoi.domain.messages.message import MIN_MESSAGE_MS, is_message_id
from renvoi.files import open_regular, sync_directory
from renvoi.voicemail import wav
from renvoi.voicemail.media.voice_activity import RATE_HZ, heard_samples

NARROWBAND_HZ = 8000
MAX_FACTS_BYTES = 256 * 1024
"""More than the largest INVITE; a longer file is none that was written here."""
log = structlog.get_logger("voicemail")


@dataclass(frozen=True, slots=True)
class Folders:
    """The two folders, on one file system, so that a file moves from one to the other at once or not at all."""

    recordings: Path
    messages: Path

    def facts(self, recording_id: str) -> Path:
        """Return where the facts of the call are while the recording is not handed on.

        Raises:
            ValueError: it is not a message's identifier (`is_message_id`).
        """
        if not is_message_id(recording_id):
            raise ValueError(f"{recording_id!r} cannot be a file's name")
        return self.recordings / f"{recording_id}.json"

    def growing(self, recording_id: str) -> Path:
        """Return where the audio is while it is recorded."""
        return self.recordings / f"{recording_id}.wav"

    def message(self, recording_id: str) -> Path:
        """Return where the audio is once it is finished."""
        return self.messages / f"{recording_id}.wav"


_libc = ctypes.CDLL(None, use_errno=True)


def sync_file_system(folder: Path) -> None:
    """Make everything written to the file system of `folder` survive a power cut (syncfs(2), which `os` lacks).

    For many files that grow it is one commit of the disk's journal where each file's own sync would be one.

    Raises:
        OSError: the disk refused.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if _libc.syncfs(fd):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(fd)


class Recording:
    """One recording in this process's hands. Its methods block on the disk; `write` only on the page cache."""

    def __init__(
        self, folders: Folders, recording_id: str, facts: bytes, lock_fd: int, wav_fd: int, held: wav.Wav
    ) -> None:
        self.id = recording_id
        self.facts = facts
        """The facts of the call, as they were given to `create`."""
        self._folders = folders
        self._lock_fd = lock_fd
        self._wav_fd = wav_fd
        self.rate = held.rate
        self._samples = held.samples
        self.was_finished = held.closed
        """Whether it had been finished already when it was taken over: nothing of it is missing."""

    @classmethod
    def create(cls, recordings: Path, messages: Path, recording_id: str, facts: bytes, rate: int) -> "Recording":
        """Begin a recording of `rate` Hz (8000 or 16000), in two folders of one file system.

        Once this returns, no death of the process loses `facts`, which may be any bytes but none. What survives a power
        cut is what was synced (`sync_file_system`): a caller is not kept waiting for the disk before anything is heard.

        Raises:
            FileExistsError: there is a recording of this identifier.
            OSError: the disk refused; nothing is left.
            ValueError: the identifier cannot be a file's name, or the facts are empty.
        """
        if not facts:
            raise ValueError("a recording needs facts")
        folders = Folders(recordings, messages)
        path = folders.facts(recording_id)
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
        lock_fd = _lock_facts(path, facts)
        try:
            wav_fd = _create_audio(folders.growing(recording_id), rate)
        except OSError:
            path.unlink()
            os.close(lock_fd)
            raise
        return cls(folders, recording_id, facts, lock_fd, wav_fd, wav.Wav(rate, 0, closed=False))

    @classmethod
    def take_over(cls, folders: Folders, recording_id: str, lock_fd: int) -> "Recording":
        """Take what a dead process left, by the descriptor that holds the lock of its facts; it is closed with this.

        Where no audio was heard, there is some of length 0.

        Raises:
            OSError: the files cannot be read or written.
        """
        size = os.fstat(lock_fd).st_size
        if size > MAX_FACTS_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(folders.facts(recording_id)))
        facts = os.pread(lock_fd, size, 0)
        try:
            wav_fd = open_regular(folders.message(recording_id), os.O_RDWR)
        except FileNotFoundError:
            wav_fd = open_regular(folders.growing(recording_id), os.O_RDWR | os.O_CREAT, 0o640)
        try:
            held = wav.read(wav_fd)
            if held is None:
                # Killed before the header was there, so before any audio was; if there is any all the same, it is kept.
                held = wav.finish(wav_fd, NARROWBAND_HZ)._replace(closed=False)
        except OSError:
            os.close(wav_fd)
            raise
        return cls(folders, recording_id, facts, lock_fd, wav_fd, held)

    @property
    def duration_ms(self) -> int:
        """The length of the audio on disk, gaps included, in milliseconds, rounded down."""
        return self._samples * 1000 // self.rate

    def write(self, offset: int, pcm: bytes | bytearray) -> None:
        """Write 16-bit PCM `offset` samples after the start; what nobody writes is silence, and takes no space.

        Raises:
            OSError: the disk is full or failed; what was written before is kept.
        """
        position = wav.HEADER_BYTES + offset * wav.SAMPLE_BYTES
        written = os.pwrite(self._wav_fd, pcm, position)
        self._note(offset, written)
        while written < len(pcm):
            written += os.pwrite(self._wav_fd, memoryview(pcm)[written:], position + written)
            self._note(offset, written)

    def _note(self, offset: int, written: int) -> None:
        self._samples = max(self._samples, offset + written // wav.SAMPLE_BYTES)

    @property
    def samples(self) -> int:
        """How many samples there are, gaps included."""
        return self._samples

    def pcm(self, offset: int, count: int) -> bytes:
        """Return up to `count` samples, `offset` samples after the start, as 16-bit PCM; gaps are silence.

        Raises:
            OSError: the disk failed.
        """
        size = count * wav.SAMPLE_BYTES
        read = os.pread(self._wav_fd, size, wav.HEADER_BYTES + offset * wav.SAMPLE_BYTES)
        return read[: len(read) // wav.SAMPLE_BYTES * wav.SAMPLE_BYTES]

    def cut(self, samples: int) -> None:
        """Keep only the first so many samples of a recording that is not finished. Works on a full disk.

        Raises:
            OSError: the disk failed.
        """
        os.ftruncate(self._wav_fd, wav.HEADER_BYTES + samples * wav.SAMPLE_BYTES)
        self._samples = min(self._samples, samples)

    def finish(self) -> Path:
        """Make the audio a whole, synced file among the messages; return its path. May be called again until `done`.

        Raises:
            OSError: the disk failed; the audio is where it was.
        """
        wav.finish(self._wav_fd, self.rate)
        os.fsync(self._wav_fd)
        growing, path = self._folders.growing(self.id), self._folders.message(self.id)
        if growing.exists():
            growing.replace(path)
        # Also when it lay there already: whoever moved it may have died before this.
        sync_directory(self._folders.messages)
        sync_directory(self._folders.recordings)
        return path

    def read(self) -> bytes:
        """Return the whole WAV.

        Raises:
            OSError: the disk failed.
        """
        with os.fdopen(os.dup(self._wav_fd), "rb") as file:
            file.seek(0)
            return file.read()

    def reopen(self) -> None:
        """Take back that the audio is whole: who takes the recording over shall know that some of it is missing.

        Works on a full disk.

        Raises:
            OSError: the disk failed.
        """
        os.pwrite(self._wav_fd, wav.header(self.rate), 0)

    def done(self, *, audio_stays: bool = True) -> None:
        """Hand the recording on: it is whole in the messages, or in the store itself, and no longer ours.

        Raises:
            OSError: the disk failed; the recording will be found again as an orphan.
        """
        if not audio_stays:
            self._folders.message(self.id).unlink(missing_ok=True)
            # Without the facts nobody would ever look for it again.
            sync_directory(self._folders.messages)
        self._folders.facts(self.id).unlink(missing_ok=True)
        self.release()

    def set_aside(self, letters: DeadLetters, why: str, at_ms: int) -> None:
        """Make the recording a dead letter; it is no longer ours. To be finished before.

        Raises:
            OSError: the disk failed; the recording will be found again as an orphan.
        """
        letters.keep_recording(self.id, self._folders.message(self.id), self.facts, why, at_ms)
        self.done()

    def discard(self) -> None:
        """Remove the recording without a trace.

        Raises:
            OSError: the disk failed; what is left will be found again as an orphan.
        """
        self._folders.growing(self.id).unlink(missing_ok=True)
        self._folders.message(self.id).unlink(missing_ok=True)
        self.done()

    def release(self) -> None:
        """Let go of the recording as it is, for others to find as an orphan. May be called again."""
        wav_fd, self._wav_fd = self._wav_fd, -1
        lock_fd, self._lock_fd = self._lock_fd, -1
        for fd in (wav_fd, lock_fd):
            if fd >= 0:
                os.close(fd)


def _lock_facts(path: Path, facts: bytes) -> int:
    """Write `facts` to `path`, which exists whole and locked or not at all; return the descriptor with the lock."""
    new = path.with_suffix(".json.new")
    fd = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    try:
        # It waits no longer than somebody who searches for orphans looks at the file's age.
        fcntl.flock(fd, fcntl.LOCK_EX)
        written = 0
        while written < len(facts):
            written += os.write(fd, facts[written:])
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        os.close(fd)
        raise
    return fd


def _create_audio(path: Path, rate: int) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    try:
        if os.pwrite(fd, wav.header(rate), 0) != wav.HEADER_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    except OSError:
        path.unlink()
        os.close(fd)
        raise
    return fd


def trim(recording: Recording) -> None:
    """Cut off the silence, and the busy tone, that ended a message; leave nothing where it is nothing but that.

    Of what is left nothing is shorter than the shortest message, and what was shorter before stays as it is. A
    recording that was finished by a process before this one was trimmed by it. Blocks on the disk and takes some
    milliseconds, 0.1 s for two minutes of nothing but a busy tone.

    Raises:
        OSError: the disk failed.
    """
    if recording.was_finished or recording.duration_ms < MIN_MESSAGE_MS:
        return
    step = recording.rate // RATE_HZ

    def read(offset: int, count: int) -> "array[int]":
        # Every other sample of 16 kHz: aliasing from that does not produce a tone that is looked for.
        return array("h", recording.pcm(offset * step, count * step))[::step]

    try:
        kept = heard_samples(read, recording.samples // step) * step
    except (ArithmeticError, ValueError, LookupError) as error:
        # Better a message with its silence than none.
        log.exception("a recording cannot be trimmed, and stays as it is", message_id=recording.id, error=str(error))
        return
    if kept:
        kept = max(kept, recording.rate * MIN_MESSAGE_MS // 1000)
    if kept < recording.samples:
        recording.cut(kept)
