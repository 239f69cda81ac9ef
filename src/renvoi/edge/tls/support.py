"""Whether the installed Kamailio can do TLS."""

import re
import subprocess
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from renvoi.application.ports.trunks import Trunks
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


def users_of_tls(trunks: Trunks) -> Iterable[OutboundTrunk]:
    """Return the trunks that calls go to by TLS."""
    return [trunk for trunk in trunks.outbound if trunk.address.is_tls]
