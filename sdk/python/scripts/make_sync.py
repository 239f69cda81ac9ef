"""Writes the synchronous client, `_sync/`, from the asynchronous one, `_async/`.

`python sdk/python/scripts/make_sync.py`; with --check it only tells whether they agree.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "src" / "renvoi_client"
NOTE = "# Made of _async/{name} by scripts/make_sync.py: change that.\n"
WORDS = [
    (r"httpx\.AsyncClient", "httpx.Client"),
    (r"asyncio\.sleep", "time.sleep"),
    (r"^import asyncio\n", ""),
    (r"asynccontextmanager", "contextmanager"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"renvoi_client\._async", "renvoi_client._sync"),
    (r"__aiter__", "__iter__"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baiter_bytes\b", "iter_bytes"),
    (r"\baiter_lines\b", "iter_lines"),
    (r"\basync (?=def|for|with)", ""),
    (r"\bawait ", ""),
    (r"\basynchronous\b", "synchronous"),
]


def sync_of(name: str, text: str) -> str:
    """Return the synchronous form of a module."""
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text, flags=re.MULTILINE)
    return NOTE.format(name=name) + text if text else text


def main() -> int:
    """Write or check all modules."""
    stale = []
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        target = PACKAGE / "_sync" / source.name
        wanted = sync_of(source.name, source.read_text("utf-8"))
        if not target.exists() or target.read_text("utf-8") != wanted:
            stale.append(target)
            if "--check" not in sys.argv:
                target.parent.mkdir(exist_ok=True)
                target.write_text(wanted, "utf-8")
    for target in stale:
        sys.stdout.write(
            f"{target.relative_to(PACKAGE)} {'is not up to date' if '--check' in sys.argv else 'written'}\n"
        )
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
