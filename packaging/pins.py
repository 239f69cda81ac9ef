"""Say which pins of a lock the product needs on one Python: `pins.py requirements.lock 3.13 wheels|sources`.

pip cannot: with `--python-version` it chooses files for another Python, and still judges the conditions behind `;` by
the one that it runs on.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement

PRODUCT = "renvoi (pyproject.toml)"
"""Who needs a direct dependency, as uv writes it; with `:GROUP` behind the file name it is one of a group's."""
SOURCES = frozenset({"dkimpy"})
"""What is published without wheels, and is the same for every Python."""


class Pin(NamedTuple):
    """One package of a lock: name, version and condition, who needs it, and the lines with its hashes."""

    requirement: Requirement
    needed_by: frozenset[str]
    hashes: str


def pins_for(lock: str, python: str, *, sources: bool) -> str:
    """Return what of a lock the product itself needs on `python` (`3.13`) on Linux, without conditions.

    With `sources` that is what has to be built, else what there are wheels of.

    Raises:
        ValueError: the lock does not look as uv writes it.
    """
    pins = list(_read(lock))
    needed = {pin.requirement.name for pin in pins if PRODUCT in pin.needed_by}
    if not needed:
        raise ValueError(f"no package is needed by {PRODUCT}: is this a lock made by uv?")
    while more := {pin.requirement.name for pin in pins if pin.needed_by & needed} - needed:
        needed |= more
    wanted = (
        pin
        for pin in pins
        if pin.requirement.name in needed
        and (pin.requirement.name in SOURCES) == sources
        and _applies(pin.requirement, python)
    )
    return "".join(f"{pin.requirement.name}{pin.requirement.specifier} \\\n{pin.hashes}" for pin in wanted)


def _applies(requirement: Requirement, python: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(
        {
            "implementation_name": "cpython",
            "os_name": "posix",
            "platform_python_implementation": "CPython",
            "platform_system": "Linux",
            # Of no pin does it depend which patch release this is.
            "python_full_version": f"{python}.0",
            "python_version": python,
            "sys_platform": "linux",
        }
    )


def _read(lock: str) -> Iterator[Pin]:
    """Read a lock: each package begins a line, and its hashes and comments are indented behind it."""
    for block in re.split(r"^(?=\S)", lock, flags=re.MULTILINE):
        lines = block.splitlines(keepends=True)
        comments = [line.strip(" #\n").removeprefix("via").strip() for line in lines if line.startswith("    #")]
        if block and not comments:
            raise ValueError(f"who needs it is not said: {lines[0].strip()}")
        if block:
            pinned = Requirement(lines[0].rstrip(" \\\n"))
            yield Pin(pinned, frozenset(filter(None, comments)), "".join(lines[1 : -len(comments)]))


if __name__ == "__main__":
    _, path, version, kind = sys.argv
    sys.stdout.write(pins_for(Path(path).read_text("utf-8"), version, sources=kind == "sources"))
