"""Audio of other people's making, and recordings, made into what is wanted, beside everything else."""

from pathlib import Path
from typing import Protocol


class AudioInvalid(ValueError):
    """The file cannot be used; the text says why, and what to do. `french` says the same."""

    def __init__(self, text: str, french: str) -> None:
        super().__init__(text)
        self.french = french


class AudioConverter(Protocol):
    """Converts audio without holding anything else up, a few at a time: who comes then waits for a turn."""

    async def to_mp3(self, wav: Path) -> bytes:
        """Return a recording, a WAV file, as an MP3 file.

        Raises:
            AudioInvalid: it is damaged.
            OSError: it cannot be read, or not be converted now.
        """

    async def read_greeting(self, upload: bytes) -> bytes:
        """Return an uploaded audio file as the WAV file of a greeting.

        Raises:
            AudioInvalid: it is not audio, or not fit to be a greeting.
            OSError: it cannot be converted now.
        """
