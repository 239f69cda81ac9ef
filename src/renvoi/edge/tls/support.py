"""Whether the installed Kamailio can do TLS."""

import re
import socket
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
