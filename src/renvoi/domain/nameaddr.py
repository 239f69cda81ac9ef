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
_ELEMENT = re.compile(rf"(?:{_QUOTED}|<[^>]*>|[^,])+")
_ADDRESS = re.compile(rf"\s*(?:(?P<name>{_QUOTED}|[^<\"]*?)\s*<(?P<inner>[^>]*)>|(?P<bare>[^\s;,]+))")
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
        for element in _ELEMENT.finditer(value):
            found = _ADDRESS.match(element.group())
            if found is None:
                continue
            uri = (found["inner"] if found["inner"] is not None else found["bare"]).strip()
            if uri:
                yield cls(uri, parse_parameters(element.group()[found.end() :]))


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
