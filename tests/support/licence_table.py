"""The Python packages that the product asks for, with their licences, as docs/licences.md shows them."""

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from licences import licence_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- packages: written by tests/support/licence_table.py -->", "<!-- end of packages -->"


def packages() -> list[str]:
    """Return the names of the packages that the project depends on."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    return [re.split(r"[^\w.-]", each)[0] for each in wanted]


def block() -> str:
    """Return what stands between `BEGIN` and `END`."""
    rows = [
        "| package | licence |",
        "|---|---|",
        *(f"| `{name}` | {licence_of(distribution(name))} |" for name in packages()),
    ]
    return "\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    head, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    DOCUMENT.write_text(head + BEGIN + block() + END + rest.partition(END)[2], "utf-8")
