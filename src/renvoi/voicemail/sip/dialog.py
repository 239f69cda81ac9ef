"""A dialog as the side that was called sees it (RFC 3261 §12)."""

import json
import re
from dataclasses import asdict, dataclass, replace
from typing import Self

from renvoi.domain.json_text import read_json
from renvoi.voicemail.sip.endpoint import Endpoint, Peer
from renvoi.voicemail.sip.headers import MAGIC_COOKIE
from renvoi.voicemail.sip.message import Field, Request, encode

_LOOSE = re.compile(r";\s*lr(?=[\s;=>?]|$)", re.IGNORECASE)


class DialogInvalid(ValueError):
    """The text is not a dialog's state as written by `dump`."""


@dataclass(frozen=True, slots=True)
class DialogState:
    """What a BYE needs to know: `local` and `remote` are the values of its From and To, `target` is its Request-URI.

    `edge` is where it goes, through the proxies of `routes`; `cseq` is the number of the last request of ours.
    """

    call_id: str
    local: str
    remote: str
    target: str
    routes: tuple[str, ...]
    edge: Peer
    cseq: int

    def dump(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def load(cls, text: bytes) -> Self:
        """Read what `dump` returned.

        Raises:
            DialogInvalid: it is something else.
        """
        try:
            values = read_json(text)
            texts = [values[name] for name in ("call_id", "local", "remote", "target")]
            routes, (host, port), cseq = tuple(values["routes"]), values["edge"], int(values["cseq"])
            if not all(isinstance(each, str) for each in (*texts, *routes, host)) or not 0 < int(port) < 65536:
                raise TypeError("a text is none")
            call_id, local, remote, target = texts
            return cls(call_id, local, remote, target, routes, (host, int(port)), cseq)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise DialogInvalid(f"{error!r} in {text[:200]!r}") from error

    def bye(self, endpoint: Endpoint, branch: str, reason: str | None) -> bytes:
        """Return the next BYE (RFC 3261 §12.2.1.1, §15.1.1); `reason` is the value of its Reason header (RFC 3326)."""
        uri, routes = self.target, self.routes
        if routes and not _LOOSE.search(routes[0]):
            # The next hop is a strict router: it expects itself in the Request-URI and the target as the last route.
            uri, routes = _uri(routes[0]), (*routes[1:], f"<{self.target}>")
        fields: list[Field] = [
            ("Via", f"SIP/2.0/UDP {endpoint.sent_by};branch={branch};rport"),
            *(("Route", route) for route in routes),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.cseq + 1} BYE"),
            ("User-Agent", endpoint.product),
            *((("Reason", reason),) if reason else ()),
        ]
        return encode(f"BYE {uri} SIP/2.0", fields)


class Dialog:
    """The state that requests inside a call need: identifiers, route set, remote target, sequence numbers."""

    __slots__ = ("_state", "first_cseq", "key", "remote_cseq")

    def __init__(self, invite: Request, tag: str, target: str, edge: Peer) -> None:
        """Begin with the INVITE, our tag, the URI of its Contact, and the address that it came from."""
        self.key = (invite.call_id, tag, invite.from_tag)
        self.first_cseq = self.remote_cseq = invite.cseq
        headers = invite.headers
        self._state = DialogState(
            call_id=invite.call_id,
            local=f"{headers.get('to')};tag={tag}",
            remote=headers.get("from") or "",
            target=target,
            routes=tuple(headers.elements("record-route")),
            edge=edge,
            cseq=0,
        )

    @property
    def edge(self) -> Peer:
        """Where our requests go: the edge stands between us and everybody."""
        return self._state.edge

    @property
    def left(self) -> DialogState:
        """What another process needs to end the call, in case that this one dies: its BYE may follow one of ours."""
        return replace(self._state, cseq=self._state.cseq + 1)

    def refresh(self, target: str) -> None:
        """Take the URI of the Contact of an accepted re-INVITE or UPDATE (RFC 3261 §12.2.2)."""
        self._state = replace(self._state, target=target)

    def bye(self, endpoint: Endpoint, branch: str, reason: str | None) -> bytes:
        """Return the next BYE; `reason` is the value of its Reason header (RFC 3326)."""
        bye = self._state.bye(endpoint, branch, reason)
        self._state = replace(self._state, cseq=self._state.cseq + 1)
        return bye


def new_branch(endpoint: Endpoint) -> str:
    """Return a branch that no transaction had before."""
    return MAGIC_COOKIE + endpoint.new_token()


def _uri(route: str) -> str:
    return route.partition("<")[2].partition(">")[0].partition("?")[0]
