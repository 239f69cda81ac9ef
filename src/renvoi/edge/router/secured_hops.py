"""By which connection a request inside a call goes on, where its next hop is reached by TLS."""

from collections.abc import Callable
from typing import Any

from renvoi.domain.calls.call_mark import PROVEN_AT, CallMark, MarkInvalid, NextHop
from renvoi.domain.trunks.address import DEFAULT_TLS_PORT, TLS, Destination
from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.secured import SECURED_TABLE
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.edge.tls.profiles import PUBLIC, caller_profile, profile_name
from renvoi.key_file import KeyFile

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
