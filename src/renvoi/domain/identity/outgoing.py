"""What a call that is sent on says of identity: what was found out about the caller's number, and Identity headers.

The former is the parameter `verstat` (TS 24.229 §7.2A.20), the latter are those that we add (RFC 8946 §4.1).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from renvoi.domain.identity.passport import (
    DIV,
    SHAKEN,
    IdentityHeader,
    Signer,
    TokenInvalid,
    build_div,
    build_shaken,
    canonical,
)
from renvoi.domain.name_addr import VISUAL_SEPARATORS, uri_number, uri_user, with_uris
from renvoi.domain.numbers.number import E164

_NAME = "verstat"
_PARAMETER = re.compile(r";([^;@?=]*)(?:=[^;@?]*)?")


def signed_number(uri: str, region: str) -> str:
    """Return the number in a URI in canonical form; one that no plan of numbers knows is taken as it is written."""
    number = uri_number(uri, region)
    written = str(number) if number is not None else uri_user(uri).translate(VISUAL_SEPARATORS)
    return canonical(written)


@dataclass(frozen=True, slots=True)
class CallerStatus:
    """What was found out about who calls.

    `from_` and `pai` are the values of From and P-Asserted-Identity as they came, whose local numbers are of `region`.
    `number` is the one that was looked at, in canonical form, and `verstat` what came of it; both empty if none was.
    """

    from_: str
    pai: str
    region: str
    number: str = ""
    verstat: str = ""

    def with_verstat(self, value: str, region: str = "") -> str:
        """Return a header value that says of the number what was found out, and nothing that others say of any.

        Local numbers in it are of `region`, if that is another one.
        """
        return with_uris(value, lambda uri: self._of(uri, region or self.region))

    def silence(self, value: str) -> str:
        """Return a header value that says nothing of its numbers."""
        return with_uris(value, _without)

    def _of(self, uri: str, region: str) -> str:
        silent = _without(uri)
        if not self.verstat or signed_number(silent, region) != self.number:
            return silent
        # It is a parameter of the number, not of the SIP URI that holds it.
        number, at, place = silent.rpartition("@")
        return f"{number};{_NAME}={self.verstat}@{place}" if at else f"{silent};{_NAME}={self.verstat}"


def _without(uri: str) -> str:
    return _PARAMETER.sub(lambda found: "" if unquote(found[1]).strip().lower() == _NAME else found[0], uri)


ATTESTATION = "C"
"""What we can say of a call that came to us unsigned: which trunk it came from, and nothing of who calls."""


@dataclass(frozen=True, slots=True)
class CallSigner:
    """What the headers of one call are made of.

    `values` are the Identity headers that came with the call and stay, `caller` the calling number in canonical form,
    empty when there is none to be told, or none needed as there are `values`. `origid` stands for the trunk that the
    call came from (RFC 8588 §6).
    `is_refuted` says that the headers were found to be wrong: nobody should build on them.
    """

    signer: Signer
    values: tuple[str, ...]
    caller: str
    origid: str
    now_s: int
    is_refuted: bool = False

    def lines(self, diverting: Sequence[E164], target: E164, *, unsigned_too: bool, caller: str | None = None) -> str:
        """Return the header lines to add when `diverting`, in order, send the call on; empty for none.

        A call that came unsigned gets none of its diversions signed, as nothing says who called; `unsigned_too` has it
        signed as one that we know the trunk of instead. `caller` is who is named there, None for the caller.
        """
        path = [canonical(str(number)) for number in (*diverting, target)]
        if not self.values:
            return (
                self._unsigned(self.caller if caller is None else canonical(caller), path[-1]) if unsigned_too else ""
            )
        orig = None if self.is_refuted else _origin(self.values, path[0])
        if orig is None or not all(map(self.signer.covers, path[:-1])):
            return ""
        tokens = (
            build_div(self.signer, orig, path[place], path[place + 1], self.now_s) for place in range(len(path) - 1)
        )
        return "".join(map(_line, tokens))

    def _unsigned(self, caller: str, target: str) -> str:
        # Certificates of operators speak for every number, those of numbers for their own only.
        if not caller or not self.signer.covers(caller):
            return ""
        return _line(build_shaken(self.signer, caller, target, ATTESTATION, self.origid, self.now_s))


def _line(value: str) -> str:
    return f"Identity: {value}\r\n"


def _origin(values: Sequence[str], number: str) -> dict[str, Any] | None:
    """Return who called, by the latest token that leads to `number`; None when none does."""
    found = None
    for value in values:
        try:
            token = IdentityHeader.parse(value)
        except TokenInvalid:
            continue
        if token.kind in (SHAKEN, DIV) and token.origin and number in token.destinations:
            found = {"tn": token.claims["orig"]["tn"]}
    return found
