"""Callers that are known by the certificate that they show by TLS (RFC 5922), wherever they call from."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.edge.tls.certificates import end_of, is_signed_by, names_of

CERTIFIED_TABLE = "certified"
"""Kamailio's table of the trunks that connections have been proven to be of, `NOBODY` for none, by their numbers."""
NOBODY = "-"
FOUND = 1


class CertifiedPeers:
    """One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any, trunks: Callable[[], TrunkTable]) -> None:
        self._pv = ksr.pv
        self._trunks = trunks

    def certify(self) -> int:
        """Put into a variable the inbound trunk that this connection is proven to be of."""
        self._pv.sets("$var(certified)", self._trunk())
        return FOUND

    def _trunk(self) -> str:
        # Kamailio has looked at the chain; it lets everybody in all the same, as others have certificates too.
        if str(self._pv.get("$tls_peer_verified")) != "1":
            return NOBODY
        pem = self._pv.get("$tls_peer_raw_cert") or ""
        now = datetime.now(UTC)
        for trunk in self._trunks().inbound.values():
            if trunk.certificate and _is_of(pem, trunk.certificate, trunk.ca, now):
                return trunk.name
        return NOBODY


def _is_of(pem: str, name: str, authorities: str, now: datetime) -> bool:
    """Tell whether a certificate has a name, and was signed by one of these authorities: by no other trunk's."""
    try:
        certificate = _read(pem)[0]
        signed = any(is_signed_by(certificate, each) for each in _read(authorities))
    except (ValueError, IndexError):
        return False
    return signed and not end_of(certificate, now) and names_of(certificate).has(name)


@lru_cache(maxsize=256)
def _read(pem: str) -> tuple[x509.Certificate, ...]:
    return tuple(x509.load_pem_x509_certificates(pem.encode()))
