"""What is known of one HTTP request and its answer, for handlers, the access log and the metrics."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import Scope

from renvoi.domain.outcome import Outcome

PROBES = frozenset({"healthz", "readyz", "metrics"})
"""What machines ask: the name of each call, and its path behind the slash."""
_SCOPE_KEY = "renvoi.exchange"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class RequestContext:
    """One request: what came with it, and what its handling found out. `status` is 0 until the answer starts."""

    request_id: str
    client: str
    headers: Mapping[bytes, bytes]
    call: str = "other"
    outcome: Outcome | None = None
    account_id: int | None = None
    key_id: str | None = None
    reason: str = ""
    status: int = 0


def begin(scope: Scope, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> RequestContext:
    """Return a new exchange for the request of `scope`, and leave it there for `context_of`."""
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    exchange = RequestContext(request_id, client_of(scope, trusted_proxies), headers)
    scope[_SCOPE_KEY] = exchange
    return exchange


def context_of(scope: Scope) -> RequestContext:
    """Return the exchange that `begin` left."""
    exchange = scope[_SCOPE_KEY]
    assert isinstance(exchange, RequestContext)
    return exchange


def is_probe(path: str) -> bool:
    """Tell whether a path is that of a probe, with or without a slash at its end."""
    return path[:1] == "/" and path[1:].removesuffix("/") in PROBES


def client_of(scope: Scope, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> str:
    """Return the address of the client that sent the request of `scope`."""
    peer: str = scope["client"][0] if scope.get("client") else "local"
    if not trusted_proxies or not is_in(peer, trusted_proxies):
        return peer
    # Each proxy appends the peer it saw, so the last address that is not a proxy of ours is the client's; what stands
    # before it was written by the client itself.
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for text in reversed(",".join(lines).split(",")):
        address = text.strip()
        if not _is_address(address):
            return peer
        peer = address
        if not is_in(address, trusted_proxies):
            return address
    return peer


def is_in(text: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Tell whether `text` is an address in one of the networks."""
    return _is_address(text) and any(ip_address(text) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
