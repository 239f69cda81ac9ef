"""A dialog as the side that was called sees it (RFC 3261 §12)."""

import re

from renvoi.voicemail.sip.endpoint import Endpoint, Peer
from renvoi.voicemail.sip.message import Field, Request, encode
from renvoi.voicemail.sip.via import MAGIC_COOKIE

_LOOSE = re.compile(r";\s*lr(?=[\s;=>?]|$)", re.IGNORECASE)


class Dialog:
    """The state that requests inside a call need: identifiers, route set, remote target, sequence numbers."""

    __slots__ = ("_cseq", "_local", "_remote", "_routes", "_target", "edge", "first_cseq", "key", "remote_cseq")

    def __init__(self, invite: Request, tag: str, target: str, edge: Peer) -> None:
        """Begin with the INVITE, our tag, the URI of its Contact, and the address that it came from."""
        self.key = (invite.call_id, tag, invite.from_tag)
        self.edge = edge
        """Where our requests go: the edge stands between us and everybody."""
        self.first_cseq = self.remote_cseq = invite.cseq
        self._cseq = 0
        self._local = f"{invite.headers.get('to')};tag={tag}"
        self._remote = invite.headers.get("from") or ""
        self._routes = invite.headers.elements("record-route")
        self._target = target

    def refresh(self, target: str) -> None:
        """Take the URI of the Contact of an accepted re-INVITE or UPDATE (RFC 3261 §12.2.2)."""
        self._target = target

    def bye(self, endpoint: Endpoint, branch: str, reason: str | None) -> bytes:
        """Return the next BYE (RFC 3261 §12.2.1.1, §15.1.1); `reason` is the value of its Reason header (RFC 3326)."""
        self._cseq += 1
        uri, routes = self._target, self._routes
        if routes and not _LOOSE.search(routes[0]):
            # The next hop is a strict router: it expects itself in the Request-URI and the target as the last route.
            uri, routes = _uri(routes[0]), [*routes[1:], f"<{self._target}>"]
        fields: list[Field] = [
            ("Via", f"SIP/2.0/UDP {endpoint.sent_by};branch={branch};rport"),
            *(("Route", route) for route in routes),
            ("Max-Forwards", "70"),
            ("From", self._local),
            ("To", self._remote),
            ("Call-ID", self.key[0]),
            ("CSeq", f"{self._cseq} BYE"),
            ("User-Agent", endpoint.product),
            *((("Reason", reason),) if reason else ()),
        ]
        return encode(f"BYE {uri} SIP/2.0", fields)


def new_branch(endpoint: Endpoint) -> str:
    """Return a branch that no transaction had before."""
    return MAGIC_COOKIE + endpoint.new_token()


def _uri(route: str) -> str:
    return route.partition("<")[2].partition(">")[0].partition("?")[0]
