"""Who calls, by the headers that say so, and whether the called side may be told.

From is the caller's own word; P-Asserted-Identity (RFC 3325) and the older Remote-Party-ID
(draft-ietf-sip-privacy-04) are the network's; P-Preferred-Identity is a wish of the caller.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from renvoi.domain.name_addr import MAX_VALUE, VISUAL_SEPARATORS, NameAddr, uri_host, uri_number, uri_user
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import REPLACEMENT, clean_text

_UNQUOTED = str.maketrans("", "", '"\\')
_WITHHOLDING = frozenset({"id", "user", "header"})
"""Values of a Privacy header that ask to hide who calls (RFC 3323 §4.2, RFC 3325 §9.3)."""
_KNOWN_PRIVACY = frozenset({*_WITHHOLDING, "session", "history", "critical", "none"})
_NOBODY = frozenset({"anonymous", "restricted", "unavailable", "unknown", "withheld", "private", "266696687"})
"""User parts, in lower case, that stand for a caller who is not to be known; the digits spell ANONYMOUS on a keypad."""
_PREFIX = re.compile(r"\+|00|011")
"""What stands before a country code."""
_NOWHERE = frozenset({"anonymous.invalid", "unknown.invalid"})
"""Hosts that do the same (RFC 3323 §4.1.1.3, TS 23.003 §13.7)."""
_NAMELESS = frozenset(
    {
        *("anonymous", "private", "private number", "restricted", "withheld", "withheld number", "number withheld"),
        *("anonyme", "prive", "numero prive", "masque", "numero masque"),
    }
)
"""Display names that do, beside whatever number, in lower case and without accents. `Unavailable`, `Unknown` and
`Inconnu` say only that nobody knows the caller's name."""


@dataclass(frozen=True, slots=True)
class CallerHeaders:
    """The values of the headers, each as one list, empty when there is none."""

    from_: str
    asserted: str = ""
    remote_party: str = ""
    preferred: str = ""
    privacy: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller as text: a phone number in E.164 if one is known, else a user part or URI; clean and bounded.

    `withheld`: the called side must not be told. `privacy` is the value that the Privacy header has to have for others
    to know that too, empty when it may stay as it is.
    """

    text: str
    withheld: bool = False
    privacy: str = ""


@dataclass(frozen=True, slots=True)
class CallerNumbers:
    """What a trunk is shown of a caller.

    `presented` is the number in From, `asserted` the network's word, None where there is none; `name` the display name
    in From. `hiding` is the value that Privacy needs for the caller to be hidden, empty when it has it.
    """

    presented: E164 | None = None
    asserted: E164 | None = None
    name: str = ""
    withheld: bool = False
    hiding: str = "id"


def read_numbers(headers: CallerHeaders, region: str, caller: Caller) -> CallerNumbers:
    """Return what a trunk is shown of `caller`, whom `read_caller` has found."""
    origin = next(iter(NameAddr.parse_list(headers.from_)), None)
    asserted = [element.uri for element in NameAddr.parse_list(headers.asserted)]
    network = asserted or [party.uri for party in _calling(headers.remote_party)]
    asked = _asked(headers.privacy)
    others = [token for token in asked if token in ("session", "critical")]
    hides = not _WITHHOLDING.isdisjoint(asked)
    return CallerNumbers(
        uri_number(origin.uri, region) if origin is not None else None,
        next((number for uri in network if (number := uri_number(uri, region)) is not None), None),
        clean_text(origin.name, MAX_VALUE) if origin is not None else "",
        caller.withheld,
        caller.privacy if hides else ";".join(["id", *others]),
    )


def read_caller(headers: CallerHeaders, region: str) -> Caller:
    """Return who calls; local numbers are read as written in `region`."""
    origin = next(iter(NameAddr.parse_list(headers.from_)), None)
    asserted = [element.uri for element in NameAddr.parse_list(headers.asserted)]
    parties = _calling(headers.remote_party)
    network = asserted or [party.uri for party in parties]
    from_uri = origin.uri if origin is not None else ""
    preferred = [element.uri for element in NameAddr.parse_list(headers.preferred)]
    number = _number(network, region)
    if number is None and not network:
        number = _number([from_uri, *preferred], region)
    text = number or _shown([*network, from_uri])
    asked = _asked(headers.privacy)
    asks = not _WITHHOLDING.isdisjoint(asked)
    hidden = any(party.parameters.get("privacy", "").lower() in ("full", "uri") for party in parties)
    # Only `none` allows to tell what the network knows of a caller who calls as nobody (RFC 3325 §7).
    nobody = is_nobody(origin) and not (network and "none" in asked)
    withheld = asks or hidden or nobody
    if asks and '"' in headers.privacy:
        return Caller(text, withheld, ";".join(token for token in asked if token in _KNOWN_PRIVACY))
    if not withheld or asks or not network:
        return Caller(text, withheld)
    others = [token for token in asked if token in ("session", "critical")]
    return Caller(text, withheld, ";".join(["id", *others]))


def _calling(remote_party: str) -> list[NameAddr]:
    parties = NameAddr.parse_list(remote_party)
    return [party for party in parties if party.parameters.get("party", "calling").lower() == "calling"]


def _asked(privacy: str) -> list[str]:
    # Some quote the value, all of it or each; others need not read that (RFC 3323 §4.2).
    return [token.strip() for token in privacy.replace(",", ";").translate(_UNQUOTED).lower().split(";")]


def _number(uris: Iterable[str], region: str) -> str | None:
    found = (uri_number(uri, region) for uri in uris)
    return next((str(number) for number in found if number is not None), None)


def _shown(uris: Iterable[str]) -> str:
    uri = next((uri for uri in uris if uri), "")
    return uri_user(uri) or clean_text(uri, MAX_VALUE)


def is_nobody(origin: NameAddr | None) -> bool:
    """Tell whether From names nobody. Gateways keep any part of the forms that standards have for it."""
    if origin is None:
        return True
    user = uri_user(origin.uri).strip().lower()
    if user in _NOBODY or _PREFIX.sub("", user.translate(VISUAL_SEPARATORS), count=1) in _NOBODY:
        return True
    # A name may end with a dot, which stands for the root (RFC 1034 §3.1).
    if uri_host(origin.uri).rstrip(".") in _NOWHERE:
        return True
    return bool(origin.name) and _plain(origin.name) in _NAMELESS


def _plain(name: str) -> str:
    """Return a display name in lower case, without accents and needless space.

    A letter that was not UTF-8, as old exchanges write them, counts as `e`: it is the one that such a name can have.
    """
    letters = unicodedata.normalize("NFKD", name.replace(REPLACEMENT, "e")).lower()
    return " ".join("".join(each for each in letters if not unicodedata.combining(each)).split())
