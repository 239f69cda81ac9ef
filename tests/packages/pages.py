"""The lines of the pages in docs/install, as they are pasted."""

import re
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "docs" / "install"


def blocks(page: str, title: str, language: str = "sh") -> list[str]:
    """Return the blocks of shell, or of what else, in the section `title` of a page."""
    section = (INSTALL / page).read_text("utf-8").partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.findall(rf"^```{language}\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no lines in {title}"
    return found
