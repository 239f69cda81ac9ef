"""The operator's guide as a whole: what it links to exists, and each command is run or says why it is not."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.guide import GUIDE, files, sections

ROOT = GUIDE.parents[1]
PAGES = [
    *sorted(GUIDE.glob("*.md")),
    *(ROOT / name for name in ("docs/moving.md", "docs/licences.md", "CONTRIBUTING.md", "SECURITY.md")),
]
RUN = {
    "addresses.md": {"Are they right?"},
    "alerts.md": {"", "RenvoiTrunkDown", "RenvoiCallsFail", "RenvoiLimitsReached"},
    "first-call.md": {
        "2. Settings",
        "3. An account, a key and the number",
        "4. The trunk",
        "5. The first call",
    },
    "mail.md": {"DKIM", "OAuth 2", "Does it work?"},
    "postgresql.md": {"Patroni", "The database"},
}
"""Sections whose commands tests run: test_guide_node.py, test_guide_mail.py and tests/patroni.

Files of web.md are run by test_guide_web.py."""


def anchors(text: str) -> set[str]:
    """Return what the headings of a page are linked by, as GitHub and GitLab do."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_links_to_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        if "://" in name or name.startswith("mailto:"):
            continue
        file = (page.parent / name) if name else page
        assert file.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in anchors(file.read_text("utf-8")), f"{page.name} links to {target}"


def test_each_page_is_in_the_list() -> None:
    listed = re.findall(r"\| \[[\w.-]+\]\(([\w.-]+)\)", (GUIDE / "README.md").read_text("utf-8"))
    assert sorted([*listed, "README.md"]) == sorted(page.name for page in GUIDE.glob("*.md"))


def test_each_command_is_run_or_says_why_it_is_not() -> None:
    found: dict[str, set[str]] = {}
    for page in GUIDE.glob("*.md"):
        for title, blocks in sections(page.name).items():
            if any(block.kind == "sh" and not block.reason for block in blocks):
                found.setdefault(page.name, set()).add(title)
    assert found == RUN


@pytest.mark.skipif(os.geteuid() != 0, reason="nft looks at a file for root alone")
def test_nft_takes_the_firewall(tmp_path: Path) -> None:
    (rules,) = files("firewall.md", "With nftables")
    file = tmp_path / "nftables.conf"
    file.write_text(rules, "utf-8")
    done = subprocess.run(["nft", "--check", "--file", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
