"""How a measurement is printed: the machine, then a table that can be pasted into docs/performance.md."""

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the sorted `values` lie."""
    return values[min(len(values) - 1, int(share * len(values)))]


def machine() -> str:
    """Return one line about this machine."""
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    name = cpu.partition(": ")[2]
    return f"{os.cpu_count()} cores, {name}, Linux {platform.release()}, Python {platform.python_version()}"


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table."""
    print(f"\n{machine()}\n")
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(f"{cell:,.1f}" if isinstance(cell, float) else f"{cell}" for cell in row) + " |")
    sys.stdout.flush()


def progress(text: str) -> None:
    """Say what is being measured."""
    print(text, file=sys.stderr, flush=True)
