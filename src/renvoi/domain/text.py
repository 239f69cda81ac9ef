"""Text that strangers wrote, made fit to be stored, logged, mailed and shown."""

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
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
