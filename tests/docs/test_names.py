"""Files and modules that the documentation names exist: whoever renames one finds out here where it is named."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "src" / "renvoi"
PAGES = [ROOT / "README.md", *(page for page in sorted((ROOT / "docs").rglob("*.md")) if page.stem != "changelog")]
LINKING = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "sdk" / "python").glob("*.md")),
]
"""Pages whose links are followed."""
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|j2))`")
LISTED = re.compile(r"`([\w/]+/)`:\s+([a-z0-9_]+(?:,\s+[a-z0-9_]+)*)")
"""Modules of a package, as the lists of files that a path crosses name them."""
OURS = tuple(f"{place.name}/" for place in [*PROGRAM.iterdir(), ROOT / "tests", ROOT / "scripts"] if place.is_dir())
"""What the names of directories begin with that are meant to exist; others are those of data."""


def exists(name: str) -> bool:
    if "/" not in name:
        return any(PROGRAM.rglob(name))
    return any((place / name).exists() for place in (PROGRAM, ROOT, PROGRAM.parent))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    for name in PATH.findall(text):
        if name.endswith((".py", ".j2")) or (name.endswith("/") and name.startswith(OURS)):
            assert exists(name), f"{page.name} names {name}"
    for package, modules in LISTED.findall(text):
        for module in re.split(r",\s+", modules):
            name = f"{package}{module}.py"
            assert exists(name), f"{page.name} names {name}"
    for module, name in re.findall(r"`(renvoi(?:\.\w+)+)\.(\w+)`", text):
        assert hasattr(import_module(module), name), f"{page.name} names {module}.{name}"


def anchors(page: Path) -> set[str]:
    """Return what links may name of a page: its headings, as the usual viewers of Markdown turn them into names."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_where_a_page_leads_there_is_something(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        name, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = page.parent / name if name else page
        assert target.exists(), f"{link}: there is no such file"
        assert not anchor or anchor in anchors(target), f"{link}: there is no such heading"
