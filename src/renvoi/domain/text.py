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
    # None of the unfit is printable to Python.
    if head.isprintable():
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
    # Nearly every text begins with a character of ASCII that is seen.
    return not "!" <= text[:1] <= "~" and all(map(is_invisible, text))


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


def is_storable(text: str) -> bool:
    """Tell whether both databases can hold a text: no NUL, and no half of a surrogate pair, which is not UTF-8."""
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with the English word for what is counted: `one` of it, or `many`, by default `one` with an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def counted_in_french(count: int, one: str, many: str | None = None) -> str:
    """Return the same in French, where nothing is singular too."""
    return f"{count} {one if count < 2 else many or f'{one}s'}"


def folded(text: str) -> str:
    """Return a text as lists compare labels and names: letters of ASCII alone, as databases differ in the others."""
    return "".join(each.lower() if each.isascii() else each for each in text)
