"""What a forwarded call looks like at one outbound trunk: all that a branch to it needs, in one value."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from renvoi.domain.routing.diversion import Diversion, HistoryEntry, extend
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.trunk import DiversionHeaders, OutboundTrunk


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """How a call is sent to the trunk named `trunk`.

    `diversion` and `history_info` are the header lines that are added, each with its line end; `privacy` is the value
    that Privacy gets. An empty text leaves the message as it came. `ring_ms` is for how long it may ring there.
    Whatever else a trunk is to be shown, From or identity headers, is another field.
    """

    trunk: str
    request_uri: str
    ring_ms: int
    diversion: str = ""
    history_info: str = ""
    privacy: str = ""


def plan_branches(
    trunks: Iterable[OutboundTrunk], forward: Forward, history: Sequence[HistoryEntry], privacy: str, domain: str
) -> tuple[BranchPlan, ...]:
    """Return how a call is sent to each of `trunks`, in their order.

    `history` is what came with the call; `privacy` the value that its Privacy needs, empty when it may stay; `domain`
    the host part of our own URIs.
    """
    diverting, target = forward.diverting, forward.target
    # The last one to divert stands on top (RFC 5806 §4.3).
    diversion = "".join(f"Diversion: {Diversion.of(number, domain)}\r\n" for number in reversed(diverting))
    history_info = "".join(f"History-Info: {entry}\r\n" for entry in extend(history, diverting, target, domain))
    ring_ms = int(forward.ring_timeout.total_seconds() * 1000)
    return tuple(
        BranchPlan(
            trunk.name,
            _request_uri(trunk, forward),
            ring_ms,
            diversion if trunk.diversion_headers in _WITH_DIVERSION else "",
            history_info if trunk.diversion_headers in _WITH_HISTORY_INFO else "",
            privacy,
        )
        for trunk in trunks
    )


_WITH_DIVERSION = DiversionHeaders.BOTH, DiversionHeaders.DIVERSION
_WITH_HISTORY_INFO = DiversionHeaders.BOTH, DiversionHeaders.HISTORY_INFO


def _request_uri(trunk: OutboundTrunk, forward: Forward) -> str:
    where = trunk.address
    transport = f";transport={where.transport}" if where.transport is not None else ""
    return f"sip:{trunk.dial(forward.target)}@{where.place}{transport}"
