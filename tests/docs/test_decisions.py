"""The pages of docs/decisions: each has what a decision needs, and is in the index."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
INDEX = DOCS / "decisions" / "README.md"
PAGES = sorted(page for page in INDEX.parent.glob("*.md") if page != INDEX)
HEADINGS = ["Context", "Decision", "Rejected alternatives", "Consequences"]


def test_numbers_follow_each_other() -> None:
    assert [page.name[:5] for page in PAGES] == [f"{number:04d}-" for number in range(1, len(PAGES) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_decision_is_complete(page: Path) -> None:
    title, *lines = page.read_text().splitlines()
    assert re.fullmatch(rf"# {page.name[:4]}\. \S.*\S", title)
    found = [line.removeprefix("## ") for line in lines if line.startswith("#")]
    assert found in (HEADINGS, [*HEADINGS, "Measured"])
    sections = re.split(r"^## .*$", page.read_text(), flags=re.MULTILINE)[1:]
    assert all(section.strip() for section in sections)
    assert sections[2].lstrip().startswith("- ")


def test_the_index_lists_each_page_by_its_title() -> None:
    titles = [page.read_text().splitlines()[0].split(". ", 1)[1] for page in PAGES]
    wanted = [f"- [{page.name[:4]}]({page.name}) {title}" for page, title in zip(PAGES, titles, strict=True)]
    assert [line for line in INDEX.read_text().splitlines() if line.startswith("- ")] == wanted


@pytest.mark.parametrize("page", [*PAGES, INDEX], ids=lambda page: page.stem)
def test_pages_and_headings_that_a_decision_links_to_exist(page: Path) -> None:
    text = page.read_text()
    for target, anchor in re.findall(r"\]\(([\w./-]+\.md)(?:#([\w-]+))?\)", text):
        linked = (page.parent / target).resolve()
        assert linked.exists(), target
        headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, f"{target}#{anchor}"
