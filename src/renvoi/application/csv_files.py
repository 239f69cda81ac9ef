"""What all CSV files that an operator gives have in common: where they come from, how large they are, how they fail."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from renvoi.application.errors import OperatorError
from renvoi.domain.text import counted

STANDARD_INPUT = Path("-")
MAX_FILE_BYTES = 16 * 1024**2
"""Of files that are read as a whole; numbers are imported from files of any size (`csv_import.py`)."""
SHOWN_ERRORS = 20
"""Errors that are shown one by one; the others are counted."""


class ImportRefused(OperatorError):
    """Rows of the file are wrong and none was added; `errors` are the first lines and reasons of `count`.

    `texts_of_lines` has the reasons in both languages, where pages and `/v2` read such a file as well.
    """

    def __init__(self, path: Path, errors: Sequence[tuple[int, str | Mapping[str, str]]], count: int) -> None:
        both = [(line, {"en": why, "fr": why} if isinstance(why, str) else why) for line, why in errors[:SHOWN_ERRORS]]
        self.texts_of_lines: Sequence[tuple[int, Mapping[str, str]]] = tuple(both)
        self.errors = tuple((line, why["en"]) for line, why in both)
        self.count = count
        lines = [f"{path}: {counted(count, 'row is', 'rows are')} wrong; nothing was imported"]
        lines += [f"line {line}: {reason}" for line, reason in self.errors]
        if count > len(self.errors):
            lines.append(f"and {count - len(self.errors)} more")
        super().__init__("\n".join(lines))


def text_of(file: Path, content: bytes) -> str:
    """Return the text of a file that was read as a whole, without a byte order mark.

    Raises:
        OperatorError: it is longer than `MAX_FILE_BYTES`.
        ImportRefused: it is not UTF-8; the error says from which line on.
    """
    if len(content) > MAX_FILE_BYTES:
        most = MAX_FILE_BYTES // 1024**2
        raise OperatorError(
            f"{file} is too large: give at most {most} MiB", f"{file} est trop grand : donnez {most} Mio au plus"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        why = {
            "en": "this is not UTF-8: save the file in that encoding",
            "fr": "ceci n’est pas de l’UTF-8 : enregistrez le fichier dans cet encodage",
        }
        raise ImportRefused(file, [(line, why)], 1) from error
