"""The facts of a request, read from Kamailio and parsed leniently: nothing that a peer sends may raise.

What leaves this module is clean, bounded text (`clean_text`) and bounded identifiers (`identifier`): it goes into
records, logs and mails. `KamailioMessage.verbatim` is the one exception, for what goes back to SIP as it came.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from renvoi.domain.calls.call_record import MAX_IDENTIFIER, CallKey, identifier
from renvoi.domain.calls.caller import Caller, CallerHeaders, CallerNumbers, read_caller, read_numbers
from renvoi.domain.name_addr import MAX_VALUE, NameAddr, tag_of, uri_number, uri_user
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import Diversion, HistoryEntry
from renvoi.domain.routing.routing import Call
from renvoi.domain.text import clean_text
from renvoi.domain.trunks.choices import CalledNumberFrom
from renvoi.domain.trunks.trunk import InboundTrunk

_P_CALLED_PARTY_ID = "hdr(P-Called-Party-ID)"
_VARIABLES = {
    CalledNumberFrom.REQUEST_URI: "ru",
    CalledNumberFrom.P_CALLED_PARTY_ID: _P_CALLED_PARTY_ID,
    CalledNumberFrom.TO: "tu",
}
_PLACES = {
    first: (_VARIABLES[first], *(_VARIABLES[place] for place in CalledNumberFrom if place is not first))
    for first in CalledNumberFrom
}
"""Where the called number is looked for, the place that a trunk is set to first."""
MAX_HEADER = 16 * 1024
"""Bytes that are read of a header, all its lines together."""
MAX_MESSAGE = 64 * 1024
"""Bytes of the longest message (`pv_buffer_size` in kamailio.cfg)."""
MAX_CSEQ = 2**31
"""RFC 3261 §8.1.1.5: a sequence number is less than this."""
_SPACES = str.maketrans("\t\r\n", "   ")
"""White space of a header, that of folded lines included (RFC 3261 §7.3.1)."""


class Malformed(Exception):
    """A part of the request that the call depends on is missing, is not text, or is too long to be read."""


@dataclass(frozen=True, slots=True)
class InviteFacts:
    """What the edge knows of a call before it decides: its key, both ends as text, and what the decision depends on.

    `withheld` and `privacy` are those of `Caller`.
    """

    key: CallKey
    caller: str
    called: str
    call: Call
    withheld: bool = False
    privacy: str = ""


def clean_header(value: bytes, limit: int = MAX_HEADER) -> str:
    """Return the first `limit` bytes of a header's value as clean text; what is not UTF-8 becomes U+FFFD."""
    return clean_text(value[:limit].decode("utf-8", "replace").translate(_SPACES), limit)


class KamailioMessage:
    """The message that Kamailio is handling now; `ksr` is Kamailio's own module of that name."""

    def __init__(self, ksr: Any, own_hosts: Collection[str] = ()) -> None:
        """Read messages; `own_hosts` are the hosts of our own URIs, as `uri_host` gives them."""
        self._get = ksr.pv.gete
        self._own_hosts = own_hosts

    def content(self, variable: str = "mb") -> bytes:
        """Return the message as it came; half of `MAX_MESSAGE` when it is not UTF-8."""
        return self._bytes(variable, MAX_MESSAGE)

    def _bytes(self, variable: str, limit: int) -> bytes:
        """Return the first `limit` bytes of a pseudo-variable, which has one byte more if it is longer."""
        try:
            name = f"$({variable})" if "[" in variable else f"${variable}"
            return str(self._get(name)).encode("utf-8", "surrogateescape")[: limit + 1]
        except UnicodeDecodeError:
            # Kamailio hands over nothing but UTF-8; its transformations have a buffer of pv_buffer_size.
            length = min(limit + 1, MAX_MESSAGE // 2 - 1)
            return bytes.fromhex(self._get(f"$({variable}{{s.substr,0,{length}}}{{s.encode.hexa}})"))

    def text(self, variable: str, limit: int = MAX_HEADER) -> str:
        """Return the value of a pseudo-variable (`hdr(To)`, no `$`) as clean text; empty when it has none.

        Bytes that are not UTF-8 become U+FFFD: a name in another encoding must not cost the call.
        """
        value = self._plain(variable, limit)
        return clean_header(self._bytes(variable, limit), limit) if value is None else value

    def _plain(self, variable: str, limit: int) -> str | None:
        """Return a value that is printable ASCII of up to `limit` characters, as nearly every one is; else None."""
        try:
            value = str(self._get(f"$({variable})" if "[" in variable else f"${variable}"))
        except UnicodeDecodeError:
            return None
        return value if len(value) <= limit and value.isascii() and value.isprintable() else None

    def every(self, header: str, limit: int = MAX_HEADER) -> str:
        """Return the values of all headers of that name as one list value, clean; empty when there is none."""
        return self.text(f"hdr({header})[*]", limit)

    def whole(self, header: str) -> tuple[str, ...]:
        """Return what `every` does, as a tuple that is empty when there is no such header.

        Raises:
            Malformed: it is longer than `MAX_HEADER`, so that its end would not be read.
        """
        value = self._plain(f"hdr({header})[*]", MAX_HEADER)
        if value is None:
            if len(self._bytes(f"hdr({header})[*]", MAX_HEADER)) > MAX_HEADER:
                raise Malformed(f"{header} is longer than {MAX_HEADER} bytes")
            value = self.every(header)
        return (value,) if value else ()

    def verbatim(self, variable: str) -> str:
        """Return a value as it came, for what is sent back to SIP; bytes that are not UTF-8 as backslash escapes."""
        try:
            return str(self._get(f"$({variable})" if "[" in variable else f"${variable}"))
        except UnicodeDecodeError:
            return bytes.fromhex(self._get(f"$({variable}{{s.encode.hexa}})")).decode("utf-8", "backslashreplace")

    def raw(self, variable: str) -> bytes:
        """Return the bytes of a value as they came."""
        return self._bytes(variable, MAX_MESSAGE)

    def identifier(self, variable: str) -> str:
        """Return a Call-ID or tag as records have it."""
        value = self._plain(variable, MAX_IDENTIFIER)
        return identifier(self._bytes(variable, MAX_MESSAGE)) if value is None else value

    def key(self) -> CallKey:
        """Return what identifies the call.

        Raises:
            Malformed: it is missing, or is none.
        """
        call_id, cseq = self.identifier("ci"), self.text("cs", 16)
        if not call_id:
            raise Malformed("Call-ID is missing")
        if not (cseq.isascii() and cseq.isdigit()) or len(cseq) > len(str(MAX_CSEQ)) or int(cseq) >= MAX_CSEQ:
            raise Malformed(f"CSeq is missing, or is not below {MAX_CSEQ}")
        return CallKey(call_id, self.identifier("ft"), int(cseq))

    def check_tags(self) -> None:
        """Check that From and To can be read in one way only, as a dialog is known by their tags.

        Raises:
            Malformed: one of them has more than one tag, or an empty one.
        """
        for header in ("From", "To"):
            try:
                tag_of(self.verbatim(f"hdr({header})"))
            except ValueError as error:
                raise Malformed(f"{header} has {error}") from error

    def facts(self, trunk: InboundTrunk) -> InviteFacts:
        """Return the facts of an initial INVITE that came from `trunk`.

        Raises:
            Malformed: what identifies the call is missing, the Request-URI is not UTF-8, or a header that loops are
                known by is too long.
        """
        key = self.key()
        self.check_tags()
        try:
            self._get("$ru")
        except UnicodeDecodeError as error:
            raise Malformed("the Request-URI is not UTF-8") from error
        number, called = self._called(trunk)
        region, hosts = trunk.region, self._own_hosts
        caller = self._caller(region)
        call = Call(
            number,
            Diversion.parse_all(self.whole("Diversion"), region, hosts),
            HistoryEntry.parse_all(self.whole("History-Info"), region, hosts),
            caller.text,
            caller.withheld,
        )
        return _facts(key, caller, called, call)

    def _called(self, trunk: InboundTrunk) -> tuple[E164 | None, str]:
        """Return the called number and the text that it was read from (`docs/calls.md §2`, step 4)."""
        for variable in _PLACES[trunk.called_number]:
            value = self.text(variable)
            uri = value if variable is not _P_CALLED_PARTY_ID else _first_uri(value)
            if uri and (number := uri_number(uri, trunk.region)) is not None:
                return number, uri_user(uri)
        return None, self._called_text()

    def _called_text(self) -> str:
        """Return the user part of the Request-URI, or the beginning of it all when it has none."""
        uri = self.text("ru")
        return uri_user(uri) or clean_text(uri, MAX_VALUE)

    def _caller(self, region: str) -> Caller:
        """Return who calls, and whether that may be told."""
        return read_caller(self._caller_headers(), region)

    def numbers(self, region: str, facts: InviteFacts) -> CallerNumbers:
        """Return what is shown to trunks that name the caller in their own way; `region` is that of `facts`."""
        caller = Caller(facts.caller, facts.withheld, facts.privacy)
        return read_numbers(self._caller_headers(), region, caller)

    def contact(self) -> str | None:
        """Return the URI in Contact, None when there is none."""
        return next((element.uri for element in NameAddr.parse_list(self.text("hdr(Contact)"))), None)

    def _caller_headers(self) -> CallerHeaders:
        return CallerHeaders(
            self.text("hdr(From)"),
            self.every("P-Asserted-Identity"),
            self.every("Remote-Party-ID"),
            self.every("P-Preferred-Identity"),
            self.every("Privacy"),
        )


def _facts(key: CallKey, caller: Caller, called: str, call: Call) -> InviteFacts:
    return InviteFacts(key, caller.text, called, call, caller.withheld, caller.privacy)


def _first_uri(value: str) -> str:
    elements = NameAddr.parse_list(value) if value else ()
    return elements[0].uri if elements else ""
