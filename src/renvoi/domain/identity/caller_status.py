"""What the called side learns about a caller's number: the parameter `verstat` (TS 24.229 §7.2A.20)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from renvoi.domain.calls.name_addr import VISUAL_SEPARATORS, uri_number, uri_user, with_uris
from renvoi.domain.identity.passport import canonical

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

    def tell(self, value: str, region: str = "") -> str:
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
