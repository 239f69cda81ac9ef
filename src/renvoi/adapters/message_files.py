"""Where the files of messages lie: the audio, and mails that are kept because there is no mail server."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from renvoi.domain.messages.message import PLACE, is_message_id
from renvoi.domain.rules.rule import MAX_EMAILS
from renvoi.files import sync_directory

_MISSED = "missed.missed-"
"""How names of mails about missed calls begin, which are kept beside those of messages (`adapters.mail.folder`)."""
_MISSED_ID = re.compile(rf"[A-Za-z0-9_-]{{1,100}}{PLACE}[0-9]{{1,3}}")


class MessageFiles:
    """The files of messages in `messages` (`<id>.wav`) and `mails` (`<id>.eml`, `<id>~1.eml` and so on).

    Neither directory has to exist.

    An id has 1 to 64 letters, digits, `-` and `_`; any other is a ValueError, as it would name a file elsewhere.
    """

    def __init__(self, messages: Path, mails: Path) -> None:
        self._messages = messages
        self._mails = mails

    def audio(self, message_id: str) -> Path:
        """Return where the recording of a message lies."""
        return self._messages / f"{_checked(message_id)}.wav"

    def mail(self, message_id: str, place: int = 0) -> Path:
        """Return where the mail of a message to the recipient in that place lies, if it was kept as a file."""
        return self._mails / f"{_checked(message_id)}{f'{PLACE}{place}' if place else ''}.eml"

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
        found = {path.stem.partition(PLACE)[0] for path in self._mails.glob("*.eml")}
        return sorted(name for name in found if is_message_id(name))

    def kept_missed_calls(self) -> Sequence[str]:
        """Return the ids of the mails about missed calls that were kept as a file here.

        Raises:
            OSError: the directory cannot be read.
        """
        found = (path.name.removeprefix(_MISSED).removesuffix(".eml") for path in self._mails.glob(f"{_MISSED}*.eml"))
        return sorted(name for name in found if _MISSED_ID.fullmatch(name))

    def remove_missed_call(self, mail_id: str) -> None:
        """Remove the file of a mail about a missed call, for good; what is gone already does not matter.

        Raises:
            OSError: it cannot be removed.
        """
        if not _MISSED_ID.fullmatch(mail_id):
            raise ValueError(f"{mail_id!r} names no mail about a missed call")
        (self._mails / f"{_MISSED}{mail_id}.eml").unlink(missing_ok=True)
        if self._mails.exists():
            sync_directory(self._mails)

    def remove(self, message_id: str) -> None:
        """Remove all of them, for good even if the power fails; what is gone already does not matter.

        What is no id, as a damaged row has, no file was ever called by.

        Raises:
            OSError: one of them cannot be removed.
        """
        if not is_message_id(message_id):
            return
        for path in (self.audio(message_id), *(self.mail(message_id, place) for place in range(MAX_EMAILS))):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            sync_directory(path.parent)


def _checked(message_id: str) -> str:
    if not is_message_id(message_id):
        raise ValueError(f"{message_id!r} names no message: give 1 to 64 letters, digits, - and _")
    return message_id
