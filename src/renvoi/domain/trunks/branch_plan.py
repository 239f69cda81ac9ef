"""What a forwarded call looks like at one outbound trunk: all that a branch to it needs, in one value.

A call tries outbound trunks by priority, and by weight among those of one priority.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.identity.outgoing import CallerStatus, CallSigner
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.diversion import UNCONDITIONAL, Diversion, HistoryEntry, extend
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.caller_id import CallerHeaderLines, CallerId, Shown, caller_lines, status_lines
from renvoi.domain.trunks.choices import (
    AuthCseq,
    DiversionDepth,
    DiversionHeaders,
    NumberFormat,
    Probing,
    Redirects,
    Signing,
)
from renvoi.domain.trunks.trunk import OutboundTrunk


@dataclass(frozen=True, slots=True)
class BranchPlan:
    """How a call is sent to the trunk named `trunk`.

    `diversion`, `history_info` and `identity` are the header lines that are added, each with its line end; `privacy` is
    the value that Privacy gets. An empty text leaves the message as it came, and so does None for the headers that name
    the `caller`. `replaces_diversions`: Diversion and History-Info that came with the call are taken off. `ring_ms` is
    for how long it may ring there. `max_calls` and `max_rate` are the trunk's limits, 0 for none. `fallback_on` has the
    answers upon which the next plan, of the same trunk, is tried (`403,428`). `unprobed`: when the trunk fails it is
    not probed. `relayed`: audio goes through the media relay. `follows`: its 3xx may be followed. `raises_cseq`: what
    it is sent again with credentials has a higher CSeq. Whatever else a trunk is to be shown is another field.
    """

    trunk: str
    request_uri: str
    ring_ms: int
    diversion: str = ""
    history_info: str = ""
    privacy: str = ""
    max_calls: int = 0
    max_rate: int = 0
    caller: CallerHeaderLines | None = None
    identity: str = ""
    replaces_diversions: bool = False
    fallback_on: str = ""
    unprobed: bool = False
    relayed: bool = False
    follows: bool = False
    raises_cseq: bool = False

    @property
    def shown_headers(self) -> str:
        """The header lines that are ours, each with its line end, for the ladder of the call: nothing secret.

        One without a value was taken off; of Identity there are the parameters, as tokens are long.
        """
        shown = self.diversion + self.history_info
        for line in self.identity.splitlines():
            shown += f"Identity: …{line[line.find(';') :]}\r\n"
        if self.privacy:
            shown += f"Privacy: {self.privacy}\r\n"
        return shown if self.caller is None else shown + self.caller.shown_headers


def plan_branches(
    trunks: Iterable[OutboundTrunk],
    forward: Forward,
    history: Sequence[HistoryEntry],
    privacy: str,
    domain: str,
    caller: CallerNumbers | None = None,
    signing: CallSigner | None = None,
    before: int = 0,
    relayed: bool = False,
    status: CallerStatus | None = None,
) -> tuple[BranchPlan, ...]:
    """Return how a call is sent to each of `trunks`, in their order.

    `history` is what came with the call; `privacy` the value that its Privacy needs, empty when it may stay; `domain`
    the host part of our own URIs. `caller` is needed where a trunk does not keep the caller's headers; `signing` is
    what signs, None for nothing; `before` is how often the call was diverted before it came; `relayed` that
    its audio needs the media relay whatever the trunk; `status` what trunks are shown of the caller's number.
    """
    ring_ms = int(forward.ring_timeout.total_seconds() * 1000)
    plans = []
    # Most trunks want the same headers.
    written: dict[tuple[NumberFormat, str, str, DiversionDepth], tuple[str, str]] = {}
    signed: dict[tuple[Signing, str | None], str] = {}
    for trunk in trunks:
        host = trunk.host_or(domain, domain)
        region = trunk.region if trunk.header_format is NumberFormat.NATIONAL else ""
        way = trunk.header_format, region, host, trunk.diversion_depth
        if way not in written:
            written[way] = _headers(trunk, forward, history, before, host)
        diversion, history_info = written[way]
        plan = BranchPlan(
            trunk.name,
            _request_uri(trunk, forward, domain),
            ring_ms,
            diversion if trunk.diversion_headers in _WITH_DIVERSION else "",
            history_info if trunk.diversion_headers in _WITH_HISTORY_INFO else "",
            privacy,
            trunk.max_calls,
            trunk.max_rate,
            replaces_diversions=trunk.diversion_depth is DiversionDepth.TOP,
            unprobed=trunk.probes is Probing.NEVER,
            relayed=relayed or trunk.relay,
            follows=trunk.redirects is Redirects.FOLLOW,
            raises_cseq=bool(trunk.user) and trunk.auth_cseq is AuthCseq.INCREMENT,
        )
        signs = signing if trunk.sign is not Signing.OFF else None
        for policy, each in _naming(plan, trunk, forward, caller, status, host):
            if signs is None:
                plans.append(each)
                continue
            named = trunk.sign, _named(policy, trunk, forward)
            if named not in signed:
                signed[named] = _identity(signs, forward, *named)
            plans.append(replace(each, identity=signed[named]))
    return tuple(plans)


_AS_IT_CAME = CallerId()
_WITH_DIVERSION = DiversionHeaders.BOTH, DiversionHeaders.DIVERSION
_WITH_HISTORY_INFO = DiversionHeaders.BOTH, DiversionHeaders.HISTORY_INFO


def _headers(
    trunk: OutboundTrunk, forward: Forward, history: Sequence[HistoryEntry], before: int, host: str
) -> tuple[str, str]:
    """Return the lines of Diversion and of History-Info, with numbers and `host` as the trunk wants them."""

    def write(number: E164) -> str:
        return trunk.write(number, trunk.header_format)

    whys = forward.reasons or (UNCONDITIONAL,) * len(forward.diverting)
    made, counter = list(zip(forward.diverting, whys, strict=True)), 1
    made += ((each.by, each.reason) for each in forward.redirections)
    if trunk.diversion_depth is DiversionDepth.TOP:
        # Its counter stands for all that the trunk does not see (RFC 5806 §4.2).
        made, counter, history = made[-1:], before + len(made), ()
    # The last one to divert stands on top (RFC 5806 §4.3).
    diversions = (Diversion.of(each, host, why, written=write(each), counter=counter) for each, why in reversed(made))
    diverting, reasons = zip(*made, strict=True)
    entries = extend(history, diverting, forward.target, host, reasons, write)
    return (
        "".join(f"Diversion: {each}\r\n" for each in diversions),
        "".join(f"History-Info: {each}\r\n" for each in entries),
    )


def _naming(
    plan: BranchPlan,
    trunk: OutboundTrunk,
    forward: Forward,
    caller: CallerNumbers | None,
    status: CallerStatus | None,
    host: str,
) -> Iterator[tuple[CallerId, BranchPlan]]:
    """Yield each policy of the trunk, and the plan with the headers that it makes of the caller's."""
    if trunk.keeps_caller or caller is None:
        if trunk.verstat and status is not None:
            lines = status_lines(CallerHeaderLines(), _AS_IT_CAME, status, trunk.region)
            plan = replace(plan, caller=lines) if lines != CallerHeaderLines() else plan
        yield _AS_IT_CAME, plan
        return
    policies = trunk.caller_ids
    for policy in policies:
        lines = caller_lines(policy, caller, forward.diverting[-1], trunk.account, lambda who: trunk.name_of(who, host))
        if trunk.verstat and status is not None:
            lines = status_lines(lines, policy, status, trunk.region)
        fallback_on = trunk.fallback_codes if policy is not policies[-1] else ""
        yield policy, replace(plan, caller=lines, privacy=lines.privacy or plan.privacy, fallback_on=fallback_on)


def _identity(signing: CallSigner, forward: Forward, what: Signing, caller: str | None) -> str:
    unsigned_too = what is Signing.SHAKEN
    return signing.lines(forward.diverting, forward.target, unsigned_too=unsigned_too, caller=caller)


def _named(policy: CallerId, trunk: OutboundTrunk, forward: Forward) -> str | None:
    """Return the number that a verifier behind the trunk will take for the caller's, None for the caller's own."""
    who = policy.pai if policy.from_ is Shown.NONE else policy.from_
    return {Shown.NUMBER: str(forward.diverting[-1]), Shown.ACCOUNT: trunk.account, Shown.NONE: ""}.get(who)


def _request_uri(trunk: OutboundTrunk, forward: Forward, domain: str) -> str:
    where = trunk.address
    transport = f";transport={where.transport}" if where.transport is not None else ""
    # The one character of what is dialled that a URI has another use for (RFC 3261 §25.1).
    user = trunk.dial(forward.target).replace("#", "%23")
    return f"sip:{user}@{trunk.host_or(where.place, domain)}{transport}"


def in_order(trunks: Iterable[OutboundTrunk]) -> list[OutboundTrunk]:
    """Return `trunks` by priority, then by name: as they are tried, but for what weights change."""
    return sorted(trunks, key=lambda trunk: (-trunk.priority, trunk.name))


def in_turn(ordered: Sequence[OutboundTrunk], drawn: float) -> list[OutboundTrunk]:
    """Return trunks, which are `in_order`, in the order in which one call tries them.

    `drawn` is this call's random number, at least 0 and less than 1. Of the trunks of one priority that have a weight
    each place goes to one of those that are left, with the probability of its share of their weights (RFC 2782): so
    those that are up share calls in proportion also while another one is down. Those without a weight follow.
    """
    turn: list[OutboundTrunk] = []
    for _, group in groupby(ordered, key=lambda trunk: trunk.priority):
        members = list(group)
        weighted = [trunk for trunk in members if trunk.weight]
        while len(weighted) > 1:
            chosen, drawn = _draw(weighted, drawn)
            turn.append(weighted.pop(chosen))
        turn += weighted
        turn += (trunk for trunk in members if not trunk.weight)
    return turn


def _draw(trunks: Sequence[OutboundTrunk], drawn: float) -> tuple[int, float]:
    """Return the index of the trunk whose share `drawn` falls into, and the random number that is left for others."""
    place, index = drawn * sum(trunk.weight for trunk in trunks), 0
    while index < len(trunks) - 1 and place >= trunks[index].weight:
        place -= trunks[index].weight
        index += 1
    # Where in the share it fell is as random as what was drawn.
    return index, place / trunks[index].weight
