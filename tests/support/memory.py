"""The memory of another process, as one that it descends from may read it."""

import re
from pathlib import Path


def memory_has(pid: int, text: str) -> bool:
    """Tell whether a process has `text` anywhere in memory that it may write (proc(5))."""
    wanted = text.encode()
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for start, end, name in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+ *(.*)$", maps, re.MULTILINE):
            if name.startswith(("/dev/", "[vvar", "[vsyscall")):
                continue
            memory.seek(int(start, 16))
            try:
                content = memory.read(int(end, 16) - int(start, 16))
            except OSError:
                continue  # what is mapped beyond the end of a file
            if wanted in content:
                return True
    return False
