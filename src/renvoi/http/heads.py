"""What the parser lets pass in a request's head, and RFC 9110 and 9112 do not."""

import re
from collections.abc import Sequence

from renvoi.domain.outcome import Outcome
from renvoi.http.errors import RequestRefused

_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-~]+ HTTP/1\.[0-9]\r\n")
_BEGINS_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*( [!-~]*( [HTP/1.0-9]{0,8}\r?)?)?")
_HOST = re.compile(rb"(?:\[[0-9A-Fa-f:.vV]+\]|[A-Za-z0-9._~%!$&'()*+,;=-]*)(?::[0-9]*)?")
"""RFC 9110 §7.2: `uri-host [ ":" port ]`, which may be empty."""


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
