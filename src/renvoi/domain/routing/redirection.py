"""A trunk answers a call with 3xx: which number it wants it sent to, and whether it is (RFC 3261 §8.1.3.4)."""

from dataclasses import replace

from renvoi.domain.name_addr import NameAddr, uri_number
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import CAUSES, DEFLECTION, UNCONDITIONAL, Diversion, Redirection
from renvoi.domain.routing.routing import MAX_DIVERSIONS, Call, Forward, diversions_before

MAX_REDIRECTIONS = 3
"""How often one call follows a 3xx."""
_MOVED_PERMANENTLY = 301


class NotFollowed(Exception):
    """The call is not sent where a trunk wants it; the text says why."""


def wanted_number(contact: str, region: str) -> E164:
    """Return the number that a 3xx with this Contact names: that of the highest `q`, the first one of equals.

    What is not a number in international form is read as written in `region`; whose host it is does not matter.

    Raises:
        NotFollowed: it names none.
    """
    contacts = sorted(NameAddr.parse_list(contact), key=lambda each: -_preference(each.parameters.get("q", "")))
    number = uri_number(contacts[0].uri, region) if contacts else None
    if number is None:
        raise NotFollowed("it names no number")
    return number


def _preference(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0) if text else 1.0
    except ValueError:
        return 0.0


def reason_of(status: int, diversion: str) -> str:
    """Return why a number diverts that answers with a 3xx: what the Diversion on top of it says, or else its status.

    301 is unconditional; the others are of this call alone, a deflection (TS 24.604 §4.5.2.6.2).
    """
    told = Diversion.parse_all([diversion], "")
    if told and told[0].reason in CAUSES:
        return told[0].reason
    return UNCONDITIONAL if status == _MOVED_PERMANENTLY else DEFLECTION


def redirect(forward: Forward, target: E164, reason: str, call: Call) -> Forward:
    """Return where `call` goes, which was sent to `forward.target` and is wanted at `target` now.

    Raises:
        NotFollowed: it has been there, or was diverted often enough.
    """
    passed = {
        *forward.diverting,
        *(each.by for each in forward.redirections),
        forward.target,
        *(each.number for each in call.diversions),
        *(each.number for each in call.history),
    }
    if target in passed:
        raise NotFollowed(f"the call has been at {target}")
    redirections = (*forward.redirections, Redirection(forward.target, reason))
    if len(redirections) > MAX_REDIRECTIONS:
        raise NotFollowed(f"it was redirected {MAX_REDIRECTIONS} times")
    if diversions_before(call) + len(forward.diverting) + len(redirections) > MAX_DIVERSIONS:
        raise NotFollowed(f"it was diverted {MAX_DIVERSIONS} times")
    return replace(forward, target=target, redirections=redirections)
