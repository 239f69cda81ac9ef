"""Text that strangers wrote, made fit to be stored, logged, mailed and shown; and JSON that may be anything."""

import json
import unicodedata
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), *range(0x180B, 0x1810))))
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, invisible marks (which reorder what is shown), lone surrogates, separators of lines and paragraphs.

PostgreSQL refuses NUL, no encoder takes surrogates, and a line break would end a header or a log line.
"""


def clean_text(text: str, limit: int) -> str:
    """Return at most `limit` characters of `text`, each unfit one replaced by U+FFFD.

    The work is bounded by `limit`, however long `text` is.
    """
    head = text[:limit]
    if head.isascii() and head.isprintable():
        return head
    return "".join(REPLACEMENT if unicodedata.category(each) in _UNFIT else each for each in head)


def without_invisible(text: str) -> str:
    """Return `text` without what nobody sees: white space, controls, format marks, variation selectors.

    People paste them along with numbers and keys, from web pages, spreadsheets and phones (`docs/api.md §2`).
    """
    if text.isascii() and text.isprintable():
        return text.replace(" ", "")
    return "".join(each for each in text if not is_invisible(each))


def strip_invisible(text: str) -> str:
    """Return `text` without what nobody sees at its two ends."""
    first, last = 0, len(text)
    while first < last and is_invisible(text[first]):
        first += 1
    while first < last and is_invisible(text[last - 1]):
        last -= 1
    return text[first:last]


def is_blank(text: str) -> bool:
    """Tell whether `text` shows nothing at all."""
    return all(map(is_invisible, text))


def is_invisible(character: str) -> bool:
    """Tell whether a character shows nothing: Unicode categories Cc, Cf, Zs, Zl, Zp, or a variation selector."""
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf") or character in _VARIATION_SELECTORS


def read_json(text: str | bytes) -> Any:
    """Return the value that a JSON text holds.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested too deep to be read, which for
            `json` is a RecursionError that nobody expects.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
