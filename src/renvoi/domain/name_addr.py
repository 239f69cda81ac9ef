"""The address part that several SIP headers share: `"Name" <uri>;param=value` (RFC 3261 §20.10, §25.1).

Only what loop protection and the caller's identity need, and lenient: a header that somebody else wrote badly must
still be counted. Everything here takes time in proportion to the length of its text, and gives back bounded values:
peers choose what stands in a header.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Self
from urllib.parse import unquote

from renvoi.domain.numbers.number import E164, MAX_TEXT_LENGTH, NumberInvalid
from renvoi.domain.text import clean_text

MAX_ELEMENTS = 32
"""Elements of one list that are read; a call may have far fewer diversions behind it (`routing.MAX_DIVERSIONS`)."""
MAX_PARAMETERS = 64
"""Parameters of one element that are read."""
MAX_URI = 512
"""Characters kept of a URI; what is longer names no phone number."""
MAX_VALUE = 128
"""Characters kept of a parameter's name or value, of a display name, and of a URI's user part."""
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_QUOTED_STRING = re.compile(_QUOTED, re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BARE = re.compile(r"[^\s;,]+")
_DELIMITER = re.compile(r'[,"<]')
_PARAMETER = re.compile(rf";\s*(?P<key>[^\s=;,]+)\s*(?:=\s*(?P<value>{_QUOTED}|[^\s;,]*))?", re.DOTALL)
_TAGGED = re.compile(r"[^\"<>;,]*<[^<>\"]*>;tag=([A-Za-z0-9.!%*_+`'~-]+)", re.IGNORECASE)
"""An address with a tag and nothing else, which most From and To headers are (RFC 3261 §25.1)."""
_LONE = re.compile(r"<([^\s<>\"][^<>\"]*)>((?:;[^\s;,=<>\"]+(?:=[^\s;,<>\"]*)?)*)")
"""A list of one address without a name, as most headers are."""
_NUMBER = re.compile(r"sips?:(\+?[0-9]{1,15})@[^@?]*", re.IGNORECASE)
"""A URI with nothing but a number for its user, as most are."""
_CONTEXT = re.compile(r"\+[0-9]{1,15}")
VISUAL_SEPARATORS = str.maketrans("", "", "-.() ")
"""What stands between the digits of a number for the eye only (RFC 3966 §5.1.1)."""


@dataclass(frozen=True, slots=True)
class NameAddr:
    """One element of an address header: the URI as written, the header's parameters with lower-case names, the name.

    Each is cut to its limit (`MAX_URI`, `MAX_VALUE`).
    """

    uri: str
    parameters: dict[str, str]
    name: str = ""

    @classmethod
    def parse_list(cls, value: str) -> tuple[Self, ...]:
        """Split a header value at its commas and read each element; what holds no URI is passed over.

        The list ends after `MAX_ELEMENTS`.
        """
        if (lone := _LONE.fullmatch(value)) is not None:
            return (cls(lone[1].rstrip()[:MAX_URI], parse_parameters(lone[2])),)
        return tuple(islice(cls._elements(value), MAX_ELEMENTS)) if value else ()

    @classmethod
    def _elements(cls, value: str) -> Iterator[Self]:
        for element in split(value):
            name, uri, end = _address(element)
            if uri:
                yield cls(uri[:MAX_URI], parse_parameters(element[end:]), name[:MAX_VALUE])


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


def _address(element: str) -> tuple[str, str, int]:
    """Return the display name and the URI of an element, empty when there is none, and where its parameters begin.

    The name is without its quotes and escapes.
    """
    begin = len(element) - len(element.lstrip())
    quoted = _QUOTED_STRING.match(element, begin)
    named = quoted.end() if quoted is not None else begin
    opened = element.find("<", named)
    name = element[named:opened]
    closed = element.find(">", opened)
    if opened >= 0 and closed >= 0 and not (name.strip() if quoted is not None else '"' in name):
        shown = _ESCAPED.sub(r"\1", quoted.group()[1:-1]) if quoted is not None else name
        return shown.strip(), element[opened + 1 : closed].strip(), closed + 1
    bare = _BARE.match(element, begin)
    return ("", bare.group(), bare.end()) if bare is not None else ("", "", 0)


def without_parameters(value: str) -> str:
    """Return the first address of a header value with its name, without the header's parameters."""
    element = next(split(value))
    return element[: _address(element)[2]].strip()


def with_uris(value: str, change: Callable[[str], str]) -> str:
    """Return a header value in which `change` was made to each URI, which stand in brackets then; the rest stays."""
    written = []
    for element in split(value):
        _, uri, end = _address(element)
        if not uri:
            written.append(element)
            continue
        begin = element.rindex(uri, 0, end)
        bracketed = element[end - 1] == ">"
        changed = change(uri) + element[begin + len(uri) : end] if bracketed else f"<{change(uri)}>"
        written.append(element[:begin] + changed + element[end:])
    return ",".join(written)


def parse_parameters(text: str) -> dict[str, str]:
    """Read `;key=value;flag`: names in lower case, quotes taken off, the first of two equal names kept.

    Not more than `MAX_PARAMETERS` are read, and of each not more than `MAX_VALUE` characters kept.
    """
    parameters: dict[str, str] = {}
    for found in islice(_PARAMETER.finditer(text), MAX_PARAMETERS):
        value = found["value"] or ""
        parameters.setdefault(found["key"][:MAX_VALUE].lower(), value[: MAX_VALUE + 2].strip('"')[:MAX_VALUE])
    return parameters


def tag_of(value: str) -> str:
    """Return the tag of a From or To header (RFC 3261 §19.3), empty when it has none.

    Raises:
        ValueError: there are several, or one without a value: two readers could take it for different dialogs.
    """
    if (common := _TAGGED.fullmatch(value)) is not None:
        return common[1]
    if "tag" not in value.lower():
        return ""
    _, _, end = _address(value)
    found = [each["value"] or "" for each in _PARAMETER.finditer(value, end) if each["key"].lower() == "tag"]
    if len(found) > 1:
        raise ValueError("more than one tag")
    if found == [""]:
        raise ValueError("an empty tag")
    return found[0].strip('"') if found else ""


def _user_part(uri: str) -> str:
    """Return what stands for the user in a `sip:`, `sips:` or `tel:` URI, its own parameters included."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "tel":
        return rest.partition("?")[0]
    if scheme.lower() not in ("sip", "sips"):
        return ""
    return rest.partition("?")[0].rpartition("@")[0].partition(":")[0]


def uri_user(uri: str) -> str:
    """Return the user part of a `sip:` or `sips:` URI, or the digits of a `tel:` URI; empty when it has none.

    Percent escapes are resolved, parameters of the user part (RFC 3966 `;phone-context`) cut off. It is clean text
    (`clean_text`) of up to `MAX_VALUE` characters, whatever the escapes stood for.
    """
    if (number := _NUMBER.fullmatch(uri, 0, MAX_URI)) is not None:
        return number[1]
    user = _user_part(uri[:MAX_URI]).partition("?")[0].partition(";")[0]
    return clean_text(unquote(user), MAX_VALUE)


def userinfo(uri: str) -> str:
    """Return what stands before the `@` of a SIP URI as it is written, empty when it has none."""
    return uri.partition(":")[2].rpartition("@")[0]


def with_userinfo(uri: str, written: str) -> str:
    """Return a SIP URI with something else before its `@`, or without one for an empty text."""
    scheme, _, rest = uri.partition(":")
    place = rest.rpartition("@")[2]
    return f"{scheme}:{written}@{place}" if written else f"{scheme}:{place}"


def uri_host(uri: str) -> str:
    """Return the host of a `sip:` or `sips:` URI in lower case, without port and brackets; empty when it has none."""
    scheme, _, rest = uri[:MAX_URI].partition(":")
    if scheme.lower() not in ("sip", "sips"):
        return ""
    address = rest.partition("?")[0].rpartition("@")[2].partition(";")[0].strip().lower()
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0]


def uri_number(uri: str, region: str) -> E164 | None:
    """Return the phone number in a SIP or tel URI, written as in `region`; None when there is none.

    A local number with a global `phone-context` (RFC 3966 §5.1.5) is read as one of that country or area.
    """
    if len(uri) >= MAX_URI:
        return None
    if (number := _NUMBER.fullmatch(uri)) is not None:
        return _parsed(number[1], region)
    user = uri_user(uri)
    if len(user) > MAX_TEXT_LENGTH:
        return None
    local, _, parameters = _user_part(uri).partition(";")
    context = parse_parameters(f";{parameters}").get("phone-context", "") if parameters else ""
    context = unquote(context).translate(VISUAL_SEPARATORS)
    if _CONTEXT.fullmatch(context) and not unquote(local).startswith("+"):
        return _parsed(context + user, region) or _parsed(user, region)
    return _parsed(user, region)


def _parsed(text: str, region: str) -> E164 | None:
    try:
        return E164.parse(text, region)
    except NumberInvalid:
        return None
