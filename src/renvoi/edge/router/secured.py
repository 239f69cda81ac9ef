"""Connections by TLS: kept to each trunk, and used for calls once its certificate is known to have the right name.

Kamailio verifies the chain of a certificate in the handshake, but no name, and a message that opens a connection is
sent with it. So connections are opened by probes alone. What answers one is looked at before anything else goes there,
and calls are bound to the very connection that the answer came by.
"""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from cryptography import x509

from renvoi.domain.trunks.certificate_names import CertificateNames
from renvoi.edge.router.trunk_table import SecuredPlace, TrunkTable
from renvoi.edge.tls.certificates import names_of

SECURED_TABLE, ASKED_TABLE = "secured", "asked"
"""Kamailio's tables of destinations by TLS: the id of the verified connection to one, and the Call-ID of its probe."""
KEEP_S = 30.0
"""How often a connection that works is probed: it also keeps it open through NAT."""
ANSWER_S = 4.0
"""How long an answer to a probe may take."""
SENT, DONE = 1, -1
RIGHT, WRONG = 1, 2
"""Who answered is the trunk; or is somebody else, and the connection has to be closed."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Probe:
    place: SecuredPlace
    connection: int | None = None
    last: float = -KEEP_S
    waits: bool = False


class SecuredConnections:
    """One object in each of Kamailio's processes; one of them probes."""

    def __init__(
        self,
        ksr: Any,
        trunks: Callable[[], TrunkTable],
        address: str,
        domain: str,
        interval_s: float,
        tables: tuple[str, str, str, str],
    ) -> None:
        """Make it probe from our `address` (host and port), every `interval_s` seconds while a trunk gets no calls.

        `tables` are the names of Kamailio's tables of what is down, what is tried again, what is up again, and what was
        heard last.
        """
        self._ksr, self._table = ksr, ksr.htable
        self._trunks = trunks
        self._address, self._domain, self._interval_s = address, domain, interval_s
        self._down, self._retry, self._up, self._heard = tables
        self._probes: dict[str, _Probe] = {}

    def probe(self) -> int:
        """Put the next probe that is due into variables: where it goes, how, and what it is; DONE when none is."""
        now = time.monotonic()
        self._follow()
        for uri, each in self._probes.items():
            works = self._is_kept(uri, each)
            if each.waits and now - each.last > ANSWER_S:
                works = self._answered_last(uri, each) and works
            works = works and self._table.sht_get(self._down, uri) is None
            if now - each.last < (KEEP_S if works else self._interval_s):
                continue
            each.last, each.waits = now, True
            call_id = secrets.token_hex(16)
            self._table.sht_sets(ASKED_TABLE, uri, call_id)
            put = self._ksr.pv.sets
            put("$var(at)", uri)
            put("$var(profile)", each.place.profile)
            put("$var(name)", each.place.host if _is_name(each.place.host) else "")
            put("$var(probe)", self._options(each.place.host, call_id))
            return SENT
        return DONE

    def _follow(self) -> None:
        """Keep probes of the places that there are; leave connections that were made in another way than now."""
        places = self._trunks().secured
        for uri, probe in list(self._probes.items()):
            if places.get(uri) != probe.place:
                del self._probes[uri]
                self._leave(uri, probe)
        for uri, place in places.items():
            if uri not in self._probes:
                self._probes[uri] = _Probe(place)

    def _leave(self, uri: str, probe: _Probe) -> None:
        # Who has changed the trunk may have taken the entry out already.
        connection = self._table.sht_get(SECURED_TABLE, uri) or probe.connection
        self._table.sht_rm(SECURED_TABLE, uri)
        self._table.sht_rm(ASKED_TABLE, uri)
        if connection is not None:
            self._ksr.tcpops.tcp_close_connection_id(connection)

    def _is_kept(self, uri: str, probe: _Probe) -> bool:
        """Tell whether there is a verified connection; one that was closed is opened again at once."""
        connection = self._table.sht_get(SECURED_TABLE, uri)
        if connection is None:
            return False
        if self._ksr.tcpops.tcp_conid_alive(connection) > 0:
            probe.connection = connection
            return True
        self._table.sht_rm(SECURED_TABLE, uri)
        probe.last = -KEEP_S
        return False

    def _answered_last(self, uri: str, probe: _Probe) -> bool:
        """Tell whether the last probe was answered; without an answer the connection does not count any more."""
        probe.waits = False
        if self._table.sht_get(ASKED_TABLE, uri) is None:
            return True
        self._leave(uri, probe)
        self._mark_down(uri)
        return False

    def _mark_down(self, uri: str) -> None:
        if self._table.sht_get(self._down, uri) is None:
            self._table.sht_seti(self._down, uri, int(time.time()))

    def answered(self) -> int:
        """Look at who answered a probe: RIGHT, WRONG, or DONE when nobody was asked that."""
        call_id = self._ksr.pv.get("$ci")
        for uri, place in self._trunks().secured.items():
            if self._table.sht_get(ASKED_TABLE, uri) == call_id:
                self._table.sht_rm(ASKED_TABLE, uri)
                return self._judge(uri, place)
        return DONE

    def _judge(self, uri: str, place: SecuredPlace) -> int:
        if not self._is_verified():
            return WRONG
        names = _names(self._ksr.pv.get("$tls_peer_raw_cert") or "")
        if not names.has(place.host):
            _log.warning("trunk %s at %s shows a certificate for %s: it gets no calls", place.trunk, uri, names)
            self._table.sht_rm(SECURED_TABLE, uri)
            self._mark_down(uri)
            return WRONG
        self._table.sht_seti(SECURED_TABLE, uri, self._ksr.pv.get("$conid"))
        self._table.sht_sets(self._heard, uri, f"{self._ksr.pv.get('$rs')} {int(time.time())}")
        if self._table.sht_get(self._down, uri) is not None:
            self._table.sht_rm(self._down, uri)
            self._table.sht_rm(self._retry, uri)
            self._table.sht_seti(self._up, uri, int(time.time()))
        return RIGHT

    def _is_verified(self) -> bool:
        return str(self._ksr.pv.get("$tls_peer_verified")) == "1"

    def _options(self, host: str, call_id: str) -> str:
        to = f"sip:[{host}]" if ":" in host else f"sip:{host}"
        return (
            f"OPTIONS {to};transport=tls SIP/2.0\r\n"
            f"Via: SIP/2.0/TLS {self._address};branch=z9hG4bK{call_id[:16]};rport\r\n"
            f"From: <sip:renvoi@{self._domain}>;tag={call_id[:8]}\r\nTo: <{to};transport=tls>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{self._address};transport=tls>\r\nContent-Length: 0\r\n\r\n"
        )


@lru_cache(maxsize=64)
def _names(pem: str) -> CertificateNames:
    try:
        return names_of(x509.load_pem_x509_certificate(pem.encode()))
    except ValueError:
        return CertificateNames()


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False
