"""What Identity headers prove about a call (RFC 8224 §6.2, RFC 8588, RFC 8946), and how one without proof is refused.

The answers are those of the French operators' procedure (MAN), which says for each fault what RFC 8224 leaves open.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from renvoi.domain.identity.passport import ALGORITHM, DIV, SHAKEN, IdentityHeader, TokenInvalid

MAX_HEADERS = 6
"""Identity headers of one call: who called, and five diversions (`routing.MAX_DIVERSIONS`)."""
FRESH_S = 60
"""By how much Date and iat may be off, to either side (RFC 8224 §4.1 recommends it, MAN demands it)."""
RINGING_S = 180
"""How much older than the diversion after it a token may be besides: for so long a call may have rung meanwhile."""
SIGNATURE_BYTES = 64
_NEEDED = ("alg", "ppt", "typ", "x5u")


class Fault(StrEnum):
    """What is wrong; the value goes into call records."""

    NOT_A_NUMBER = "not-a-number"
    STALE_DATE = "stale-date"
    STALE = "stale"
    UNSIGNED = "unsigned"
    NO_INFO = "no-info"
    INCOMPLETE = "incomplete-token-header"
    OTHER_INFO = "info-is-not-x5u"
    CERTIFICATE_UNKNOWN = "certificate-unknown"
    ALGORITHM = "algorithm"
    TYPE = "token-type"
    UNTRUSTED = "certificate-untrusted"
    EXPIRED = "certificate-expired"
    NOT_YET_VALID = "certificate-not-yet-valid"
    OTHER_NUMBER = "certificate-of-other-numbers"
    MALFORMED = "malformed"
    TOO_MANY = "too-many-headers"
    KIND = "token-kind"
    ATTESTATION = "attestation"
    ORIGIN = "other-caller"
    DESTINATION = "other-destination"
    CHAIN = "broken-chain"
    SIGNATURE = "signature"

    @property
    def status(self) -> int:
        """The SIP status that a call with this fault is refused with."""
        return _ANSWERS.get(self, 438)

    @property
    def phrase(self) -> str:
        """The phrase of that status."""
        return _PHRASES[self.status]


_ANSWERS = {
    Fault.NOT_A_NUMBER: 400,
    Fault.STALE_DATE: 403,
    Fault.STALE: 403,
    Fault.UNSIGNED: 428,
    Fault.NO_INFO: 436,
    Fault.INCOMPLETE: 436,
    Fault.OTHER_INFO: 436,
    Fault.CERTIFICATE_UNKNOWN: 436,
    Fault.ALGORITHM: 437,
    Fault.TYPE: 437,
    Fault.UNTRUSTED: 437,
    Fault.EXPIRED: 437,
    Fault.NOT_YET_VALID: 437,
    Fault.OTHER_NUMBER: 437,
}
_PHRASES = {
    400: "Bad Request",
    403: "Stale Date",
    428: "Use Identity Header",
    436: "Bad Identity Info",
    437: "Unsupported Credential",
    438: "Invalid Identity Header",
}


class Verstat(StrEnum):
    """The outcome (TS 24.229 §7.2A.20)."""

    PASSED = "TN-Validation-Passed"
    FAILED = "TN-Validation-Failed"
    NONE = "No-TN-Validation"


_NOT_VALIDATED = frozenset({Fault.UNSIGNED, Fault.CERTIFICATE_UNKNOWN})
"""Faults that say nothing against the caller."""


class Certificate(Protocol):
    """A certificate with the chain that came with it."""

    def fault(self, at_s: int) -> Fault | None:
        """Return why it is not to be trusted at that time (seconds since 1970), None when it is."""

    def covers(self, number: str) -> bool:
        """Tell whether it speaks for a number (digits only)."""

    def verifies(self, signature: bytes, signed: bytes) -> bool:
        """Tell whether `signature` (r and s, 64 bytes) is one of its key for these bytes."""


class Certificates(Protocol):
    """Certificates by their address."""

    def find(self, url: str) -> Certificate | None:
        """Return what is known to be there, at once; None when nothing is."""


@dataclass(frozen=True, slots=True)
class SignedCall:
    """What is compared with what was signed. Numbers are in canonical form (`passport.canonical`), or empty.

    `callers` are who calls, by the headers that count, the most important one first; `called` is the number that the
    call is for now, `to` that of To; `date_s` what Date says (seconds since 1970).
    """

    values: tuple[str, ...]
    callers: tuple[str, ...]
    called: str
    to: str
    date_s: int | None = None


@dataclass(frozen=True, slots=True)
class TokenFault:
    """What is wrong with the call as a whole, or with the token that ends with the text `signature`."""

    fault: Fault
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the Identity headers of a call have proven.

    `attestation` is A, B or C; `diverted_by` has the numbers that signed a diversion, first to last; both are what the
    tokens say, which counts only if `verstat` is PASSED.
    """

    verstat: Verstat
    faults: tuple[TokenFault, ...] = ()
    attestation: str = ""
    diverted_by: tuple[str, ...] = ()

    @property
    def fault(self) -> Fault | None:
        """What a refusal is for; None when nothing is wrong."""
        return self.faults[0].fault if self.faults else None

    @property
    def reason(self) -> str:
        """The Reason header lines (RFC 9410) that say so where the call goes on, each with its line end.

        Where there were several tokens each line has the signature of the one that it is about (§5, `ppi`).
        """
        return "".join(_reason(each) for each in dict.fromkeys(self.faults))


def _reason(found: TokenFault) -> str:
    about = f';ppi="..{found.signature}"' if found.signature else ""
    return f'Reason: STIR;cause={found.fault.status};text="{found.fault.phrase}"{about}\r\n'


def verify(call: SignedCall, certificates: Certificates, now_s: int) -> Verdict:
    """Return what the Identity headers of `call` prove at the time `now_s` (seconds since 1970)."""
    if (fault := _fault_of_call(call, now_s)) is not None:
        return _verdict([TokenFault(fault)])
    read, faults = _read(call.values)
    if faults:
        return _verdict(faults)
    chain = chain_of(read)
    base, diversions = (chain[0], chain[1:]) if chain else (None, ())
    if base is None or len(chain) != len(read):
        return _verdict([TokenFault(Fault.CHAIN)], base, diversions)
    faults = [*_disagreements(call, chain, now_s, several=len(read) > 1)]
    faults = faults or [*_unproven(chain, certificates, now_s, several=len(read) > 1)]
    return _verdict(faults, base, diversions)


def _verdict(
    faults: Sequence[TokenFault], base: IdentityHeader | None = None, diversions: Sequence[IdentityHeader] = ()
) -> Verdict:
    if not faults:
        verstat = Verstat.PASSED
    else:
        unproven = all(each.fault in _NOT_VALIDATED for each in faults)
        verstat = Verstat.NONE if unproven else Verstat.FAILED
    attestation = base.attestation if base is not None else ""
    return Verdict(verstat, tuple(faults), attestation, tuple(each.diverting for each in diversions))


def _fault_of_call(call: SignedCall, now_s: int) -> Fault | None:
    if not call.callers or not call.to or not call.called:
        return Fault.NOT_A_NUMBER
    if call.date_s is not None and abs(now_s - call.date_s) > FRESH_S:
        return Fault.STALE_DATE
    if not call.values:
        return Fault.UNSIGNED
    return Fault.TOO_MANY if len(call.values) > MAX_HEADERS else None


def _read(values: Sequence[str]) -> tuple[list[IdentityHeader], list[TokenFault]]:
    """Return the tokens of the kinds that are understood, and what is wrong with each of the others by itself."""
    read: list[IdentityHeader] = []
    faults: list[TokenFault] = []
    others = 0
    for value in values:
        try:
            token = IdentityHeader.parse(value)
        except TokenInvalid:
            faults.append(TokenFault(Fault.MALFORMED))
            continue
        fault = _fault_of_token(token)
        if fault is Fault.KIND and token.kind and token.kind == str(token.header.get("ppt")).lower():
            # About something else than who calls (RFC 8224 §6.2.1); without any other it proves nothing.
            others += 1
        elif fault is not None:
            faults.append(_about(token, fault, several=len(values) > 1))
        else:
            read.append(token)
    if not read and not faults and others:
        faults.append(TokenFault(Fault.KIND))
    return read, faults


def _about(token: IdentityHeader, fault: Fault, *, several: bool) -> TokenFault:
    return TokenFault(fault, token.signature_text if several else "")


def _fault_of_token(token: IdentityHeader) -> Fault | None:
    header, info = token.header, token.parameters.get("info", "")
    if not info:
        return Fault.NO_INFO
    if not all(isinstance(header.get(name), str) for name in _NEEDED):
        return Fault.INCOMPLETE
    if token.url != info:
        return Fault.OTHER_INFO
    if token.parameters.get("alg") != ALGORITHM or header["alg"] != ALGORITHM:
        return Fault.ALGORITHM
    if header["typ"] != "passport":
        return Fault.TYPE
    if token.kind not in (SHAKEN, DIV) or header["ppt"].lower() != token.kind:
        return Fault.KIND
    if token.issued_at_s is None or not token.origin or not token.destinations:
        return Fault.MALFORMED
    if token.kind == SHAKEN:
        return None if token.attestation else Fault.ATTESTATION
    return None if token.diverting else Fault.MALFORMED


def chain_of(tokens: Iterable[IdentityHeader]) -> tuple[IdentityHeader, ...]:
    """Return the token of the call's origin and those of its diversions, in the order in which they were made.

    Their order in the message says nothing (RFC 8946 §4): each one was made by a number that the one before leads to.
    What leads nowhere is left out; empty without an origin.
    """
    tokens = list(tokens)
    base = next((token for token in tokens if token.kind == SHAKEN), None)
    if base is None:
        return ()
    chain, waiting = [base], [token for token in tokens if token.kind == DIV]
    while waiting:
        reached = chain[-1].destinations
        following = next((t for t in waiting if t.diverting in reached and t.origin == base.origin), None)
        if following is None:
            break
        waiting.remove(following)
        chain.append(following)
    return tuple(chain)


def _disagreements(
    call: SignedCall, chain: Sequence[IdentityHeader], now_s: int, *, several: bool
) -> Iterator[TokenFault]:
    """Yield what the tokens say otherwise than the call does."""
    base, last = chain[0], chain[-1]
    if base.origin != call.callers[0]:
        yield _about(base, Fault.ORIGIN, several=several)
    if call.called not in last.destinations and (len(chain) > 1 or call.to not in last.destinations):
        yield _about(last, Fault.DESTINATION, several=several)
    before_s = now_s
    # The last one is fresh; what came before it may have rung.
    for token in reversed(chain):
        issued_s = token.issued_at_s
        assert issued_s is not None
        patience_s = FRESH_S + (0 if token is last else RINGING_S)
        if not before_s - patience_s <= issued_s <= before_s + FRESH_S:
            yield _about(token, Fault.STALE, several=several)
        before_s = min(before_s, issued_s)


def _unproven(
    chain: Sequence[IdentityHeader], certificates: Certificates, now_s: int, *, several: bool
) -> Iterator[TokenFault]:
    """Yield which tokens are not proven to be of whom they speak for."""
    for token in chain:
        certificate = certificates.find(token.url)
        if certificate is None:
            yield _about(token, Fault.CERTIFICATE_UNKNOWN, several=several)
        elif (fault := certificate.fault(now_s)) is not None:
            yield _about(token, fault, several=several)
        elif not certificate.covers(token.diverting if token.kind == DIV else token.origin):
            yield _about(token, Fault.OTHER_NUMBER, several=several)
        elif len(token.signature) != SIGNATURE_BYTES or not certificate.verifies(token.signature, token.signed):
            yield _about(token, Fault.SIGNATURE, several=several)
