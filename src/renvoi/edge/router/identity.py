"""The signed identity of the call at hand: read from its headers, verified, and what we sign ourselves."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from renvoi.domain.calls.call_record import IdentityResult
from renvoi.domain.calls.caller import is_nobody
from renvoi.domain.identity.outgoing import CallerStatus, CallSigner, signed_number
from renvoi.domain.identity.passport import MAX_TOKEN, Signer, canonical, split_headers
from renvoi.domain.identity.verification import (
    MAX_HEADERS,
    Certificates,
    Fault,
    SignedCall,
    Verdict,
    Verstat,
    verify,
)
from renvoi.domain.name_addr import NameAddr
from renvoi.domain.trunks.choices import IdentityHeaders
from renvoi.domain.trunks.trunk import InboundTrunk
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage

HEADERS = ("Identity", "P-Identity-Bypass")
"""What a trunk without identity has taken off."""
FROM_FIRST = frozenset({"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"})
"""Regions of the French procedure (MAN), which compares the token with From before P-Asserted-Identity; others do it
the other way round (ATIS-1000074 §5.3.1)."""
MAX_DATE = 64


@dataclass(frozen=True, slots=True)
class Tools:
    """What a process has to verify and to sign with; `domain` is the host part of our own URIs."""

    certificates: Certificates
    signer: Signer | None
    domain: str


class CallerIdentity:
    """Reads, verifies and signs. One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any, message: KamailioMessage, tools: Tools, now_ms: Callable[[], int]) -> None:
        self._ksr = ksr
        self._message = message
        self._tools = tools
        self._now_ms = now_ms

    @property
    def signs(self) -> bool:
        """Whether there is a key to sign with."""
        return self._tools.signer is not None

    def look(self, trunk: InboundTrunk, facts: InviteFacts) -> Verdict | None:
        """Return what the call's Identity headers prove; None where the trunk does not want to know.

        Takes them off where the trunk wants none, and has all answers to the call say what is wrong (RFC 9410 §5).
        """
        if trunk.identity is IdentityHeaders.OFF:
            for name in HEADERS:
                self._ksr.hdr.remove(name)
        if not trunk.verifies:
            return None
        verdict = self._verdict(trunk, facts)
        if verdict.reason:
            self._ksr.pv.sets("$avp(stir)", verdict.reason)
        return verdict

    def _verdict(self, trunk: InboundTrunk, facts: InviteFacts) -> Verdict:
        called = canonical(str(facts.call.called)) if facts.call.called is not None else ""
        call = SignedCall(
            values=self._values(),
            callers=self._callers(trunk.region),
            called=called,
            to=signed_number(self._message.text("tu"), trunk.region),
            date_s=_seconds(self._message.text("hdr(Date)", MAX_DATE)),
        )
        return verify(call, self._tools.certificates, self._now_ms() // 1000)

    def signer_of(self, trunk: InboundTrunk, verdict: Verdict | None) -> CallSigner | None:
        """Return what signs the call that came from `trunk`; None where there is no key."""
        signer = self._tools.signer
        if signer is None:
            return None
        values = self._values() if trunk.identity is not IdentityHeaders.OFF else ()
        return CallSigner(
            signer=signer,
            values=values,
            # Of a call that came with tokens these say who calls.
            caller="" if values else next(iter(self._callers(trunk.region)), ""),
            origid=str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{trunk.name}.{self._tools.domain}")),
            now_s=self._now_ms() // 1000,
            is_refuted=verdict is not None and verdict.verstat is Verstat.FAILED,
        )

    def status_of(self, trunk: InboundTrunk, verdict: Verdict | None) -> CallerStatus:
        """Return what trunks are shown of the caller of a call that came from `trunk`."""
        origin, asserted = self._message.text("hdr(From)"), self._message.every("P-Asserted-Identity")
        number = next(iter(self._callers(trunk.region)), "")
        if verdict is None or not number:
            return CallerStatus(origin, asserted, trunk.region)
        return CallerStatus(origin, asserted, trunk.region, number, verdict.verstat.value)

    def _values(self) -> tuple[str, ...]:
        """Return the Identity headers, one more than a call may have if it has more."""
        return split_headers(self._message.every("Identity", MAX_HEADERS * MAX_TOKEN), MAX_HEADERS + 1)

    def _callers(self, region: str) -> tuple[str, ...]:
        """Return the calling numbers by From and P-Asserted-Identity, the one that counts first."""
        origin = next(iter(NameAddr.parse_list(self._message.text("hdr(From)"))), None)
        shown = "" if origin is None or is_nobody(origin) else signed_number(origin.uri, region)
        asserted = [
            signed_number(each.uri, region) for each in NameAddr.parse_list(self._message.every("P-Asserted-Identity"))
        ]
        order = [shown, *asserted] if region in FROM_FIRST else [*asserted, shown]
        return tuple(filter(None, order))


def refused_for(trunk: InboundTrunk, verdict: Verdict | None) -> Fault | None:
    """Return the fault for which `trunk` refuses a call with this verdict, None for none."""
    return verdict.fault if trunk.identity is IdentityHeaders.ENFORCE and verdict is not None else None


def result_of(verdict: Verdict | None) -> IdentityResult | None:
    """Return what a call's record says of a verdict."""
    if verdict is None:
        return None
    return IdentityResult(
        verstat=verdict.verstat.value,
        codes=tuple(each.fault.status for each in verdict.faults),
        faults=tuple(each.fault.value for each in verdict.faults),
        attestation=verdict.attestation,
        diverted_by=verdict.diverted_by,
    )


def _seconds(date: str) -> int | None:
    """Return what a Date header says, as seconds since 1970; None when there is none, or it cannot be read."""
    if not date:
        return None
    try:
        return int(parsedate_to_datetime(date).timestamp())
    except (ValueError, TypeError, OverflowError, OSError):
        return None
