"""One HTTP request: what is known of it and its answer, and what is checked in its head."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import Scope

from renvoi.domain.hosts import is_ip_address
from renvoi.domain.outcome import Outcome
from renvoi.domain.problem import ProblemCode
from renvoi.http.responses import RequestRefused

PROBES = frozenset({"healthz", "readyz", "metrics"})
"""What machines ask: the name of each call, and its path behind the slash."""
_SCOPE_KEY = "renvoi.context"
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.[0-9]\r\n")
_BEGINS_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*( [!-~]*( [HTP/1.0-9]{0,8}\r?)?)?")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.vV]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(?::[0-9]*)?")
"""RFC 9110 §7.2: `uri-host [ ":" port ]`, which may be empty."""


@dataclass(slots=True)
class RequestContext:
    """One request: what came with it, and what its handling found out. `status` is 0 until the answer starts."""

    request_id: str
    client: str
    headers: Mapping[bytes, bytes]
    call: str = "other"
    outcome: Outcome | ProblemCode | None = None
    account_id: int | None = None
    key_id: str | None = None
    reason: str = ""
    status: int = 0


def begin(scope: Scope, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> RequestContext:
    """Return a new context of the request of `scope`, and leave it there for `context_of`."""
    headers = _one_line_each(scope["headers"])
    given = headers.get(b"x-request-id", b"")
    request_id = given.decode() if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
    context = RequestContext(request_id, client_of(scope, trusted_proxies), headers)
    scope[_SCOPE_KEY] = context
    return context


def _one_line_each(lines: Sequence[tuple[bytes, bytes]]) -> Mapping[bytes, bytes]:
    """Return the header with each name once: lines of the same name are one list (RFC 9110 §5.3).

    A header that is not a list cannot be read then, and is refused as a wrong one is, so no line is passed over; a line
    that only says again what another one says is none.
    """
    headers = dict(lines)
    if len(headers) < len(lines):
        for name in headers:
            said = dict.fromkeys(value for each, value in lines if each == name)
            headers[name] = (b"; " if name == b"cookie" else b", ").join(said)
    return headers


def context_of(scope: Scope) -> RequestContext:
    context = scope[_SCOPE_KEY]
    assert isinstance(context, RequestContext)
    return context


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
        if not is_ip_address(address):
            return peer
        peer = address
        if not is_in(address, trusted_proxies):
            return address
    return peer


def came_by_https(scope: Scope, trusted_proxies: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Tell whether a trusted proxy says that the client speaks HTTPS with it; this server speaks HTTP alone."""
    peer: str = scope["client"][0] if scope.get("client") else "local"
    if not is_in(peer, trusted_proxies):
        return False
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return b",".join(said).split(b",")[0].strip().lower() == b"https"


def is_in(text: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Tell whether `text` is an address in one of the networks."""
    return is_ip_address(text) and any(ip_address(text) in network for network in networks)


def check_head(version: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
    """Check how the body is sent (RFC 9112 §6.1, §6.3) and that there is one `Host` (§3.2).

    Raises:
        RequestRefused: the head is malformed, or of a transfer coding that is not known.
    """
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (not hosts and version != "1.0") or not all(_HOST.fullmatch(host) for host in hosts):
        raise RequestRefused(Outcome.BODY_INVALID)
    lines = [value for name, value in headers if name == b"transfer-encoding"]
    if not lines:
        return
    codings = [coding.strip().lower() for coding in b",".join(lines).split(b",") if coding.strip()]
    if version == "1.0" or codings.count(b"chunked") != 1 or codings[-1] != b"chunked":
        # Where the body ends cannot be known.
        raise RequestRefused(Outcome.BODY_INVALID)
    if codings != [b"chunked"]:
        raise RequestRefused(Outcome.TRANSFER_CODING_UNKNOWN)


def refusal_of_method(line: bytes) -> Outcome | None:
    """Tell how a head is refused that begins with `line`, whose method the parser does not know.

    None while more has to come before that is known.
    """
    line = line.lstrip(b"\r\n")
    if _REQUEST_LINE.match(line):
        return Outcome.METHOD_NOT_ALLOWED
    return None if _BEGINS_REQUEST_LINE.fullmatch(line) else Outcome.BODY_INVALID
