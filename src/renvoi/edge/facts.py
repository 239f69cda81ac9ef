"""The facts of a request, read from Kamailio and parsed leniently: nothing that a peer sends may raise."""

from dataclasses import dataclass
from typing import Any

from renvoi.domain.callrecord import CallKey
from renvoi.domain.decision import Call
from renvoi.domain.diversion import Diversion
from renvoi.domain.history import HistoryEntry
from renvoi.domain.nameaddr import NameAddr, uri_number, uri_user
from renvoi.domain.number import E164
from renvoi.domain.trunk import CalledNumberFrom, InboundTrunk

_VARIABLES = {
    CalledNumberFrom.REQUEST_URI: "ru",
    CalledNumberFrom.P_CALLED_PARTY_ID: "hdr(P-Called-Party-ID)",
    CalledNumberFrom.TO: "tu",
}
_WITHHOLDING = frozenset({"id", "user", "header"})
"""Values of a Privacy header that ask to hide who calls."""
MAX_TEXT = 128
"""Characters kept of a caller or called user that is no phone number."""


class Malformed(Exception):
    """A part of the request that identifies the call is missing or is no text."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the edge knows of a call before it decides: its key, both ends as text, and what the decision depends on.

    `withheld` says that the caller does not want the called side to know who calls (RFC 3323, RFC 3325 §9.3).
    """

    key: CallKey
    caller: str
    called: str
    call: Call
    withheld: bool = False


class Message:
    """The message that Kamailio is handling now; `ksr` is Kamailio's own module of that name."""

    def __init__(self, ksr: Any) -> None:
        self._get = ksr.pv.gete

    def text(self, variable: str) -> str:
        """Return the value of a pseudo-variable (`hdr(To)`, no `$`), empty when it has none.

        Bytes that are not UTF-8 become backslash escapes: a name in another encoding must not cost the call.
        """
        try:
            return str(self._get(f"${variable}"))
        except UnicodeDecodeError:
            return bytes.fromhex(self._get(f"$({variable}{{s.encode.hexa}})")).decode("utf-8", "backslashreplace")

    def every(self, header: str) -> tuple[str, ...]:
        """Return the values of all headers of that name, as one list value; empty when there is none."""
        try:
            value = str(self._get(f"$(hdr({header})[*])"))
        except UnicodeDecodeError:
            encoded = self._get(f"$(hdr({header})[*]{{s.encode.hexa}})")
            value = bytes.fromhex(encoded).decode("utf-8", "backslashreplace")
        return (value,) if value else ()

    def key(self) -> CallKey:
        """Return what identifies the call.

        Raises:
            Malformed: it is missing or is no text.
        """
        try:
            call_id, from_tag, cseq = self._get("$ci"), self._get("$ft"), self._get("$cs")
        except UnicodeDecodeError as error:
            raise Malformed("Call-ID, From tag or CSeq is not UTF-8") from error
        cseq = str(cseq)
        if not call_id or not (cseq.isascii() and cseq.isdigit()):
            raise Malformed("Call-ID or CSeq is missing")
        return CallKey(call_id, from_tag, int(cseq))

    def facts(self, trunk: InboundTrunk) -> Facts:
        """Return the facts of an initial INVITE that came from `trunk`.

        Raises:
            Malformed: what identifies the call is missing or is no text, or the Request-URI is no text.
        """
        key = self.key()
        try:
            request_uri = self._get("$ru")
        except UnicodeDecodeError as error:
            raise Malformed("the Request-URI is not UTF-8") from error
        number, called = self._called(trunk, request_uri)
        region = trunk.region
        call = Call(
            number,
            Diversion.parse_all(self.every("Diversion"), region),
            HistoryEntry.parse_all(self.every("History-Info"), region),
        )
        return Facts(key, self._caller(region), called, call, self._withheld())

    def _called(self, trunk: InboundTrunk, request_uri: str) -> tuple[E164 | None, str]:
        """Return the called number and the text that it was read from (`docs/calls.md §2`, step 4)."""
        places = [trunk.called_from, *(place for place in CalledNumberFrom if place is not trunk.called_from)]
        for place in places:
            value = request_uri if place is CalledNumberFrom.REQUEST_URI else self.text(_VARIABLES[place])
            uri = value if place is not CalledNumberFrom.P_CALLED_PARTY_ID else _first_uri(value)
            if uri and (number := uri_number(uri, trunk.region)) is not None:
                return number, uri_user(uri)[:MAX_TEXT]
        return None, (uri_user(request_uri) or request_uri)[:MAX_TEXT]

    def _caller(self, region: str) -> str:
        """Return who calls: the network's word (RFC 3325) before the caller's own."""
        asserted = self.text("hdr(P-Asserted-Identity)")
        uri = _first_uri(asserted) or self.text("fu")
        number = uri_number(uri, region)
        return str(number) if number is not None else (uri_user(uri) or uri)[:MAX_TEXT]

    def _withheld(self) -> bool:
        """Tell whether the caller's identity is for the network only (RFC 3323 §4.2), or not even told to us."""
        privacy = ",".join(self.every("Privacy"))
        if not _WITHHOLDING.isdisjoint(value.strip().lower() for value in privacy.replace(",", ";").split(";")):
            return True
        uri = self.text("fu")
        # RFC 3323 §4.1.1.3: anonymous@anonymous.invalid; gateways keep either half.
        anonymous = uri_user(uri).lower() == "anonymous" or uri.lower().endswith("@anonymous.invalid")
        return anonymous and not _first_uri(self.text("hdr(P-Asserted-Identity)"))


def _first_uri(value: str) -> str:
    elements = NameAddr.parse_list(value) if value else ()
    return elements[0].uri if elements else ""
