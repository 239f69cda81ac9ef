"""Identifiers that strangers choose (Call-ID, tag), made fit to be the key of a record and still tell calls apart."""

import hashlib

MAX_IDENTIFIER = 128
"""Characters, all of them printable ASCII, so bytes as well. Real Call-IDs and tags stay far below it."""


def identifier(raw: bytes) -> str:
    """Return `raw` itself if it is short printable ASCII, as RFC 3261 §25.1 has it; else its beginning and its SHA-256.

    The same bytes give the same text wherever they are read, so that all events of one call meet in one record. What
    the function returned comes back unchanged from a second time.
    """
    if len(raw) <= MAX_IDENTIFIER and raw.isascii() and (text := raw.decode("ascii")).isprintable():
        return text
    digest = hashlib.sha256(raw).hexdigest()
    head = "".join(chr(byte) if 0x20 < byte < 0x7F else "?" for byte in raw[: MAX_IDENTIFIER - len(digest) - 1])
    return f"{head}~{digest}"
