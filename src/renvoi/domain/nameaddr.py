"""The address part that several SIP headers share: `"Name" <uri>;param=value` (RFC 3261 §20.10, §25.1).

Only what loop protection needs, and lenient: a header that somebody else wrote badly must still be counted.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote

from renvoi.domain.number import E164, NumberInvalid

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_QUOTED_STRING = re.compile(_QUOTED, re.DOTALL)
_BARE = re.compile(r"[^\s;,]+")
_DELIMITER = re.compile(r'[,"<]')
_PARAMETER = re.compile(rf";\s*(?P<key>[^\s=;,]+)\s*(?:=\s*(?P<value>{_QUOTED}|[^\s;,]*))?")


@dataclass(frozen=True, slots=True)
class NameAddr:
    """One element of an address header: the URI as written, and the header's parameters with lower-case names."""

    uri: str
    parameters: dict[str, str]

    @classmethod
    def parse_list(cls, value: str) -> tuple[Self, ...]:
        """Split a header value at its commas and read each element; what holds no URI is passed over."""
        return tuple(cls._elements(value))

    @classmethod
    def _elements(cls, value: str) -> Iterator[Self]:
        for element in split(value):
            uri, end = _address(element)
            if uri:
                yield cls(uri, parse_parameters(element[end:]))


def split(value: str) -> Iterator[str]:
    """Yield what stands between the commas of a header value, except for commas in `"…"` and `<…>`.

    A quote or bracket that is never closed is a character like others. Takes time in proportion to the length: peers
    choose what stands here.
    """
    start = position = 0
    closed = {'"': True, "<": True}
    while (found := _DELIMITER.search(value, position)) is not None:
        mark, position = found.group(), found.end()
        if mark == ",":
            yield value[start : found.start()]
            start = position
        elif closed[mark]:
            end = _end_of(value, found.start())
            # Where one is not closed, none behind it is.
            closed[mark] = end is not None
            position = end or position
    yield value[start:]


def _end_of(value: str, start: int) -> int | None:
    """Return where the quoted string or the bracket that begins at `start` is over, None if it is not."""
    if value[start] == "<":
        return value.find(">", start) + 1 or None
    quoted = _QUOTED_STRING.match(value, start)
    return quoted.end() if quoted is not None else None


def _address(element: str) -> tuple[str, int]:
    """Return the URI of an element, empty when there is none, and where its parameters begin."""
    begin = len(element) - len(element.lstrip())
    quoted = _QUOTED_STRING.match(element, begin)
    opened = element.find("<", quoted.end() if quoted is not None else begin)
    name = element[quoted.end() if quoted is not None else begin : opened]
    closed = element.find(">", opened)
    if opened >= 0 and closed >= 0 and not (name.strip() if quoted is not None else '"' in name):
        return element[opened + 1 : closed].strip(), closed + 1
    bare = _BARE.match(element, begin)
    return (bare.group(), bare.end()) if bare is not None else ("", 0)


def parse_parameters(text: str) -> dict[str, str]:
    """Read `;key=value;flag`: names in lower case, quotes taken off, the first of two equal names kept."""
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(text):
        parameters.setdefault(found["key"].lower(), (found["value"] or "").strip('"'))
    return parameters


def uri_user(uri: str) -> str:
    """Return the user part of a `sip:` or `sips:` URI, or the digits of a `tel:` URI; empty when it has none.

    Percent escapes are resolved and parameters of the user part (RFC 3966 `;phone-context`) cut off.
    """
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        user = rest
    elif scheme.lower() in ("sip", "sips") and "@" in rest:
        user = rest.rpartition("@")[0] if "?" not in rest else rest.partition("?")[0].rpartition("@")[0]
        user = user.partition(":")[0]
    else:
        return ""
    return unquote(user.partition("?")[0].partition(";")[0])


def uri_number(uri: str, region: str) -> E164 | None:
    """Return the phone number in a SIP or tel URI, written as in `region`; None when there is none."""
    try:
        return E164.parse(uri_user(uri), region)
    except NumberInvalid:
        return None
