"""The pages of docs/guide as tests follow them: fenced blocks by heading, and words that mean something else here."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
NOT_RUN = "Not run by our tests: "
_BLOCK = re.compile(r"(?:^(?P<before>[^\n]+)\n\n)?^```(?P<kind>\w*)\n(?P<text>.*?\n)```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block; `reason` is why it is not run, empty for one that is."""

    kind: str
    text: str
    reason: str


def sections(page: str) -> dict[str, list[Block]]:
    """Return the blocks of a page by the heading above them, "" for those before the first."""
    found: dict[str, list[Block]] = {}
    for part in re.split(r"^## ", (GUIDE / page).read_text("utf-8"), flags=re.MULTILINE):
        title, _, text = part.partition("\n")
        blocks = _BLOCK.finditer(text)
        found[title if not title.startswith("# ") else ""] = [
            Block(each["kind"], each["text"], reason_of(each["before"] or "")) for each in blocks
        ]
    return found


def reason_of(line: str) -> str:
    """Return why a block behind this line is not run, "" when it says nothing of that."""
    return line.removeprefix(NOT_RUN) if line.startswith(NOT_RUN) else ""


def run_blocks(page: str, section: str) -> list[str]:
    """Return the commands of a section that tests can run."""
    return [block.text for block in sections(page)[section] if block.kind == "sh" and not block.reason]


def files(page: str, section: str) -> list[str]:
    """Return what a section has as contents of files."""
    return [block.text for block in sections(page)[section] if block.kind not in ("sh", "")]


def here(text: str, words: Mapping[str, str]) -> str:
    """Put what is here in place of what a text names."""
    for written, meant in words.items():
        text = text.replace(written, meant)
    return text
