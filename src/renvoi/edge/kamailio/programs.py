"""The programs that the edge is made of: where they are, and what they lack."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from renvoi.edge.tls.support import tls_trouble

SEARCH_PATH = os.pathsep.join(["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
_MODULE_PLACES = ("/usr/lib/*/kamailio/modules", "/usr/lib64/kamailio/modules", "/usr/local/lib*/kamailio/modules")
_INSTALL = "install it with 'apt-get install kamailio kamailio-python3-modules', or start with --no-calls"


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs are that the edge is made of."""

    kamailio: str
    modules: Path


def find_programs() -> Programs | str:
    """Return where Kamailio is, or one sentence that says what is missing and how to fix it."""
    binary = shutil.which("kamailio", path=SEARCH_PATH)
    if binary is None:
        return f"Kamailio is not installed: {_INSTALL}"
    if shutil.which("setpriv", path=SEARCH_PATH) is None:
        return "setpriv is not installed: install it with 'apt-get install util-linux', or start with --no-calls"
    for pattern in _MODULE_PLACES:
        for place in Path("/").glob(pattern.lstrip("/")):
            if (place / "app_python3.so").exists():
                return Programs(binary, place)
    return f"Kamailio's module app_python3 is not installed: {_INSTALL}"


def missing() -> str | None:
    """Return one sentence that says what the edge lacks on this machine and how to fix it; None when all is there."""
    found = find_programs()
    return found if isinstance(found, str) else None


def why_no_tls() -> str:
    """Return one sentence that says why there is no TLS on this machine and how to fix it; empty for nothing."""
    found = find_programs()
    return found if isinstance(found, str) else tls_trouble(found.kamailio, found.modules)
