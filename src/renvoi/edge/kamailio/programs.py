"""The programs that the edge is made of: where they are, what they lack, and whether they can do TLS."""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from renvoi.application.ports.trunks import Trunks
from renvoi.domain.bilingual import Bilingual
from renvoi.domain.trunks.trunk import OutboundTrunk

OLDEST = (5, 7, 5)
"""The first Kamailio whose processes do not share the state of OpenSSL 3 (kamailio/kamailio#3695, #3791)."""
_VERSION = re.compile(r"version: kamailio (\d+)\.(\d+)\.(\d+)")


@lru_cache(maxsize=8)
def tls_trouble(kamailio: str, modules: Path) -> str:
    """Return what keeps the Kamailio at that path, with modules in that directory, from TLS; empty for nothing."""
    try:
        shown = subprocess.run([kamailio, "-v"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"the version of {kamailio} is not known: {error}"
    return trouble_of(shown, has_module=(modules / "tls.so").exists())


def trouble_of(shown: str, *, has_module: bool) -> str:
    """See `tls_trouble`; `shown` is what `kamailio -v` says."""
    found = _VERSION.search(shown)
    if found is None:
        return "the version of Kamailio is not known: `kamailio -v` does not tell it"
    version = ".".join(found.groups())
    if tuple(map(int, found.groups())) < OLDEST:
        return (
            f"Kamailio {version} corrupts its memory with TLS and OpenSSL 3, "
            f"which {'.'.join(map(str, OLDEST))} does not: use Debian 13, which has 6.0"
        )
    if not has_module:
        return "Kamailio's module tls is not installed: apt-get install kamailio-tls-modules ca-certificates"
    return ""


def port_trouble(hosts: Iterable[str], port: int) -> str:
    """Return why these addresses cannot be listened on by TLS at a port; empty for nothing.

    Kamailio would not start, and take no calls by UDP either.
    """
    for host in hosts:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
            # Kamailio sets it as well; without it, a port whose connections are just closed would count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                probe.listen(1)
            except OSError as error:
                return f"port {port} cannot be listened on by TLS: {error.strerror}: set another RENVOI_SIP_TLS_PORT"
    return ""


def users_of_tls(trunks: Trunks) -> Iterable[OutboundTrunk]:
    """Return the trunks that calls go to by TLS."""
    return [trunk for trunk in trunks.outbound if trunk.address.is_tls]


SEARCH_PATH = os.pathsep.join(["/usr/local/sbin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
_MODULE_PLACES = ("/usr/lib/*/kamailio/modules", "/usr/lib64/kamailio/modules", "/usr/local/lib*/kamailio/modules")
_PACKAGES = "'apt-get install kamailio kamailio-python3-modules'"


@dataclass(frozen=True, slots=True)
class Programs:
    """Where the programs are that the edge is made of."""

    kamailio: str
    modules: Path


def find_programs() -> Programs | Bilingual:
    """Return where Kamailio is, or one sentence that says what is missing and how to fix it."""
    binary = shutil.which("kamailio", path=SEARCH_PATH)
    if binary is None:
        return _lacks("Kamailio is not installed", "Kamailio n’est pas installé", _PACKAGES)
    if shutil.which("setpriv", path=SEARCH_PATH) is None:
        return _lacks("setpriv is not installed", "setpriv n’est pas installé", "'apt-get install util-linux'")
    for pattern in _MODULE_PLACES:
        for place in Path("/").glob(pattern.lstrip("/")):
            if (place / "app_python3.so").exists():
                return Programs(binary, place)
    return _lacks(
        "Kamailio's module app_python3 is not installed",
        "Le module app_python3 de Kamailio n’est pas installé",
        _PACKAGES,
    )


def _lacks(english: str, french: str, command: str) -> Bilingual:
    return Bilingual(
        f"{english}: install it with {command}, or start with --no-calls",
        f"{french}\u00a0: installez-le par {command}, ou démarrez avec --no-calls",
    )


def missing() -> Bilingual | None:
    """Return one sentence that says what the edge lacks on this machine and how to fix it; None when all is there."""
    found = find_programs()
    return found if isinstance(found, str) else None


def why_no_tls() -> str:
    """Return one sentence that says why there is no TLS on this machine and how to fix it; empty for nothing."""
    found = find_programs()
    return found if isinstance(found, str) else tls_trouble(found.kamailio, found.modules)
