"""In which order a call tries the outbound trunks: by priority, and by weight among those of one priority."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from renvoi.domain.trunks.trunk import OutboundTrunk


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
