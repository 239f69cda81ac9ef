"""Conversions of audio in processes of their own, a few at a time."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import structlog

from renvoi.application.ports.audio import AudioInvalid

AT_ONCE = 2
"""Conversions at the same time: each takes a core for up to a second, and some 100 MB."""
INVALID = 3
"""The worker's exit code for a file that cannot be used."""
TIMEOUT_S = 40.0
"""How long one may take; a usual one takes less than a second."""
_UNREADABLE = (
    "this cannot be read as an audio file: upload a WAV, MP3, FLAC, Ogg or M4A file",
    "ceci ne peut pas être lu comme un fichier audio : envoyez un fichier WAV, MP3, FLAC, Ogg ou M4A",
)

log = structlog.get_logger(__name__)


class ProcessConverter:
    """See `application.ports.audio.AudioConverter`. Belongs to one event loop.

    `command` runs the worker; the kind of conversion is added to it.
    """

    def __init__(
        self,
        command: Sequence[str] = (sys.executable, "-m", "renvoi.adapters.audio_worker"),
        at_once: int = AT_ONCE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._command = tuple(command)
        self._turns = asyncio.Semaphore(at_once)
        self._timeout_s = timeout_s

    async def to_mp3(self, wav: Path) -> bytes:
        """See `AudioConverter.to_mp3`."""
        with await asyncio.to_thread(wav.open, "rb") as file:
            return await self._convert("mp3", file)

    async def read_greeting(self, upload: bytes) -> bytes:
        """See `AudioConverter.read_greeting`."""
        with tempfile.TemporaryFile(prefix="renvoi-") as file:
            await asyncio.to_thread(_fill, file, upload)
            return await self._convert("greeting", file)

    async def _convert(self, what: str, source: IO[bytes]) -> bytes:
        async with self._turns:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                what,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            try:
                result, said = await asyncio.wait_for(process.communicate(), self._timeout_s)
            except TimeoutError as error:
                log.warning("a conversion of audio took too long", what=what)
                raise AudioInvalid(*_UNREADABLE) from error
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
        if process.returncode == 0:
            return result
        if process.returncode == INVALID:
            raise AudioInvalid(*json.loads(said))
        # FFmpeg was ended by the file, or by a limit.
        log.warning(
            "a conversion of audio failed",
            what=what,
            code=process.returncode,
            said=said[-500:].decode(errors="replace"),
        )
        if what == "mp3":
            raise OSError(f"the conversion ended with {process.returncode}")
        raise AudioInvalid(*_UNREADABLE)


def _fill(file: IO[bytes], content: bytes) -> None:
    file.write(content)
    file.flush()
    file.seek(0)
