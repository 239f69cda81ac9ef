"""The presets, as docs/trunks.md shows them."""

from renvoi.cli.trunk_presets import flags
from renvoi.domain.trunks.presets import PRESETS
from tests.support.caller_table import DOCUMENT

BEGIN, END = "<!-- presets: written by tests/support/preset_table.py -->", "<!-- end of presets -->"


def block() -> str:
    """Return what stands between `BEGIN` and `END`."""
    rows = ["| preset | stands for | from | besides |", "|---|---|---|---|"]
    for name, preset in PRESETS.items():
        sure = "published" if preset.proven else "unproven"
        rows.append(f"| `{name}` | `{flags(preset)}` | {sure}: {preset.source}, {preset.as_of} | {preset.besides} |")
    return "\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    head, _, rest = DOCUMENT.read_text("utf-8").partition(BEGIN)
    DOCUMENT.write_text(head + BEGIN + block() + END + rest.partition(END)[2], "utf-8")
