"""Connections by TLS: kept to each trunk, and used for calls once its certificate is known to have the right name.

Kamailio verifies the chain of a certificate in the handshake, but no name, and a message that opens a connection is
sent with it. So connections are opened by probes alone. What answers one is looked at before anything else goes there,
and calls are bound to the very connection that the answer came by: their INVITEs, and requests inside them.

Callers are known by the certificate that they show (RFC 5922), wherever they call from.
"""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

from cryptography import x509

from renvoi.domain.calls.call_mark import PROVEN_AT, CallMark, MarkInvalid, NextHop
from renvoi.domain.trunks.address import DEFAULT_TLS_PORT, TLS, Destination
from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.trunk_table import SecuredPlace, TrunkTable
from renvoi.edge.tls.certificates import CertificateNames, end_of, is_signed_by, names_of
from renvoi.edge.tls.profiles import PUBLIC, caller_profile, profile_name
from renvoi.key_file import KeyFile

SECURED_TABLE, ASKED_TABLE = "secured", "asked"
"""Kamailio's tables of destinations by TLS: the id of the verified connection to one, and the Call-ID of its probe."""
KEEP_S = 30.0
"""How often a connection that works is probed: it also keeps it open through NAT."""
ANSWER_S = 4.0
"""How long an answer to a probe may take."""
MOST_CONNECTIONS = 16
"""To one place, that are closed at once; in use is one of them."""
SENT, DONE = 1, -1
RIGHT, WRONG = 1, 2
"""Who answered is the trunk; or is somebody else, and the connection has to be closed."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Probe:
    place: SecuredPlace
    last: float = -KEEP_S
    waits: bool = False


class SecuredConnections:
    """One object in each of Kamailio's processes; one of them probes."""

    def __init__(
        self,
        ksr: Any,
        trunks: Callable[[], TrunkTable],
        addresses: Sequence[str],
        domain: str,
        interval_s: float,
        tables: tuple[str, str, str, str],
    ) -> None:
        """Make it probe from one of our `addresses`, every `interval_s` seconds while a trunk gets no calls.

        They are host and port, one of each kind of IP. `tables` are the names of Kamailio's tables of what is down,
        what is tried again, what is up again, and what was heard last.
        """
        self._ksr, self._table = ksr, ksr.htable
        self._trunks = trunks
        self._addresses, self._domain, self._interval_s = addresses, domain, interval_s
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
            put("$var(probe)", self._options(uri, each.place.host, call_id))
            return SENT
        return DONE

    def _follow(self) -> None:
        """Keep probes of the places that there are; leave connections that were made in another way than now."""
        places = self._trunks().secured
        for uri, probe in list(self._probes.items()):
            if places.get(uri) != probe.place:
                del self._probes[uri]
                self._leave(uri)
        for uri, place in places.items():
            if uri not in self._probes:
                self._probes[uri] = _Probe(place)

    def _leave(self, uri: str) -> None:
        """Close all connections there are to a place: the next probe would go by one of them, and find it verified."""
        self._table.sht_rm(SECURED_TABLE, uri)
        self._table.sht_rm(ASKED_TABLE, uri)
        # Asked of Kamailio: the table does not know those that were not answered by yet, and who has changed the trunk
        # takes its entry out.
        at = uri.removeprefix("sip:").partition(";")[0]
        for _ in range(MOST_CONNECTIONS):
            if self._ksr.tcpops.tcp_get_conid(at, "$var(left)") != 1:
                return
            self._ksr.tcpops.tcp_close_connection_id(self._ksr.pv.get("$var(left)"))

    def _is_kept(self, uri: str, probe: _Probe) -> bool:
        """Tell whether there is a verified connection; one that was closed is opened again at once."""
        connection = self._table.sht_get(SECURED_TABLE, uri)
        if connection is None:
            return False
        if self._ksr.tcpops.tcp_conid_alive(connection) > 0:
            return True
        self._table.sht_rm(SECURED_TABLE, uri)
        probe.last = -KEEP_S
        return False

    def _answered_last(self, uri: str, probe: _Probe) -> bool:
        """Tell whether the last probe was answered; without an answer the connection does not count any more."""
        probe.waits = False
        if self._table.sht_get(ASKED_TABLE, uri) is None:
            return True
        self._leave(uri)
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

    def _options(self, uri: str, host: str, call_id: str) -> str:
        to = f"sip:[{host}]" if ":" in host else f"sip:{host}"
        # Who is reached by IPv6 may have no other way to us.
        address = next((each for each in self._addresses if _is_v6(each) == _is_v6(uri)), self._addresses[0])
        return (
            f"OPTIONS {to};transport=tls SIP/2.0\r\n"
            f"Via: SIP/2.0/TLS {address};branch=z9hG4bK{call_id[:16]};rport\r\n"
            f"From: <sip:renvoi@{self._domain}>;tag={call_id[:8]}\r\nTo: <{to};transport=tls>\r\n"
            f"Call-ID: {call_id}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n"
            f"Contact: <sip:{address};transport=tls>\r\nContent-Length: 0\r\n\r\n"
        )


@lru_cache(maxsize=64)
def _names(pem: str) -> CertificateNames:
    try:
        return names_of(x509.load_pem_x509_certificate(pem.encode()))
    except ValueError:
        return CertificateNames()


def _is_v6(address: str) -> bool:
    """Tell which kind of IP an address is of that is in brackets where it is of version 6."""
    return "[" in address


def _is_name(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


VERIFIED, OTHER = 1, 2
"""There is a verified connection there; or one may be opened, whose chain at least is verified."""


class SecuredHops:
    """One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any, keys: KeyFile, trunks: Callable[[], TrunkTable]) -> None:
        self._ksr = ksr
        self._message = KamailioMessage(ksr)
        self._keys = keys
        self._trunks = trunks

    def choose(self) -> int:
        """Put into a variable the connection to the next hop of an accepted request, else how one is made to it."""
        hop = NextHop.of(self._message.verbatim("du") or self._message.verbatim("ru"))
        if hop is not None and hop.address is not None:
            at = Destination(str(hop.address), hop.port or DEFAULT_TLS_PORT, TLS)
            connection = self._ksr.htable.sht_get(SECURED_TABLE, at.uri)
            if connection is not None and self._ksr.tcpops.tcp_conid_alive(connection) > 0:
                self._ksr.pv.seti("$var(connection)", connection)
                return VERIFIED
        self._ksr.pv.sets("$var(profile)", self._profile())
        return OTHER

    def _profile(self) -> str:
        """Return how connections are made to the side that the request goes to."""
        text, raw = self._message.text, self._message.raw
        from_caller = text("avp(by)") == "caller"
        try:
            mark = CallMark.recall(text("var(mark)"), self._keys.ring, raw("ci"), raw("ft" if from_caller else "tt"))
        except MarkInvalid:
            return PUBLIC
        trunks = self._trunks()
        if from_caller:
            called = trunks.outbound.get(mark.outbound)
            return profile_name(called) if called is not None and called.address.is_tls else PUBLIC
        caller = trunks.inbound.get(mark.inbound.partition(PROVEN_AT)[0])
        return caller_profile(caller) if caller is not None else PUBLIC


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
