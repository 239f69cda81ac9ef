"""inotify(7): waiting for what other processes do in a directory, instead of looking again and again."""

import asyncio
import ctypes
import os
from contextlib import suppress
from pathlib import Path

MODIFY, ATTRIB, MOVED_TO, CREATE, MOVE_SELF = 0x2, 0x4, 0x80, 0x100, 0x800
_ONESHOT = 0x80000000
_MAX_EVENTS_BYTES = 4096


class InotifyUnavailable(Exception):
    """Nothing can be watched; the text says why."""


class InotifyWatch:
    """Notices one change at `path` each time it is armed: an event of `mask` there, or of a file in it.

    One is enough to know that it is time to look, and of those that come while somebody looks there may be thousands a
    second. Belongs to one event loop; close it.
    """

    def __init__(self, path: Path, mask: int = MODIFY | MOVED_TO | CREATE) -> None:
        """Make it.

        Raises:
            InotifyUnavailable: the user has as many watches as the system allows, or the system has no inotify.
        """
        self._path = os.fsencode(path)
        self._mask = mask | _ONESHOT
        self._libc = ctypes.CDLL(None, use_errno=True)
        try:
            self._fd = int(self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        except AttributeError as error:
            raise InotifyUnavailable("this system has no inotify") from error
        if self._fd < 0:
            raise InotifyUnavailable(os.strerror(ctypes.get_errno()))

    def arm(self) -> bool:
        """Forget what was noticed, and notice the next change from now on; False when that is not possible now.

        Call it before each look, so that nothing comes in between. A directory that has been replaced is followed.
        """
        with suppress(BlockingIOError):
            while os.read(self._fd, _MAX_EVENTS_BYTES):
                pass
        return int(self._libc.inotify_add_watch(self._fd, self._path, ctypes.c_uint32(self._mask))) >= 0

    async def wait(self, stop: asyncio.Event, timeout_s: float) -> None:
        """Wait for a change since it was armed, for `stop`, or for so many seconds."""
        loop = asyncio.get_running_loop()
        stopping = asyncio.ensure_future(stop.wait())
        loop.add_reader(self._fd, stopping.cancel)
        try:
            await asyncio.wait([stopping], timeout=timeout_s)
        finally:
            loop.remove_reader(self._fd)
            stopping.cancel()

    def close(self) -> None:
        """Notice nothing more."""
        os.close(self._fd)
