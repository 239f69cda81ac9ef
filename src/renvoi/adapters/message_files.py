"""Where the files of messages lie: the audio, and mails that are kept because there is no mail server."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from renvoi.domain.messages.message import is_message_id
from renvoi.files import sync_directory


class MessageFiles:
    """The files of messages in `messages` (`<id>.wav`) and `mails` (`<id>.eml`); neither directory has to exist.

    An id has 1 to 64 letters, digits, `-` and `_`; any other is a ValueError, as it would name a file elsewhere.
    """

    def __init__(self, messages: Path, mails: Path) -> None:
        self._messages = messages
        self._mails = mails

    def audio(self, message_id: str) -> Path:
        """Return where the recording of a message lies."""
        return self._messages / f"{_checked(message_id)}.wav"

    def mail(self, message_id: str) -> Path:
        """Return where the mail of a message lies, if it was kept as a file."""
        return self._mails / f"{_checked(message_id)}.eml"

    @contextmanager
    def lent(self, audio: bytes) -> Iterator[Path]:
        """Make a file of `audio` that has no name, so that nothing stays of it even if this process is killed.

        Raises:
            OSError: the disk does not take it.
        """
        with tempfile.TemporaryFile(prefix="renvoi-") as file:
            file.write(audio)
            file.flush()
            del audio
            yield Path(f"/proc/self/fd/{file.fileno()}")

    def kept_mails(self) -> Sequence[str]:
        """Return the ids of the messages whose mail was kept as a file here.

        Raises:
            OSError: the directory cannot be read.
        """
        found = (path.stem for path in self._mails.glob("*.eml"))
        return sorted(stem for stem in found if is_message_id(stem))

    def remove(self, message_id: str) -> None:
        """Remove both, for good even if the power fails; what is gone already does not matter.

        Raises:
            OSError: one of them cannot be removed.
        """
        for path in (self.audio(message_id), self.mail(message_id)):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            sync_directory(path.parent)


def _checked(message_id: str) -> str:
    if not is_message_id(message_id):
        raise ValueError(f"{message_id!r} names no message: give 1 to 64 letters, digits, - and _")
    return message_id
