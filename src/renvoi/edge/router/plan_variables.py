"""Puts the plans of a call's branches where Kamailio's route reads them (outbound.cfg.j2)."""

from collections.abc import Callable, Sequence
from typing import Any

from renvoi.domain.trunks.branch_plan import BranchPlan
from renvoi.domain.trunks.caller_id import CallerHeaderLines
from renvoi.edge.router.call_counts import TRUNK
from renvoi.edge.router.dialogs import Branch, Marks
from renvoi.edge.router.legs import shown
from renvoi.edge.router.trunk_table import TrunkTable

MARKED_AHEAD = 2
"""Branches whose mark is made along with the decision; those that are tried after them get theirs when they are."""


class PlanVariables:
    """`$xavp(plan[…])`: a structure for each plan, with the names of its fields, the first plan at index 0."""

    def __init__(self, ksr: Any, marks: Marks, elsewhere: Callable[[str], int]) -> None:
        """Make it; `elsewhere` tells what other nodes count under a name (`CallCounts`)."""
        self._put, self._put_number = ksr.pv.sets, ksr.pv.seti
        self._marks = marks
        self._elsewhere = elsewhere

    def leave(self) -> None:
        """Let the call go on behind none of the plans that it has; those of a later decision are put on top of them."""
        self._put("$xavp(plan[0]=>left)", "1")

    def put(self, plans: Sequence[BranchPlan], trunks: TrunkTable) -> None:
        """Put the plans. The first ones have the mark of their branch, and the one of an answer from `learnt_at`."""
        ahead = [
            Branch(plan.trunk, _expected_hop(plan, trunks), *_from_and_contact(plan), plan.relayed, plan.raises_cseq)
            for plan in plans[:MARKED_AHEAD]
        ]
        marks = list(self._marks.foresee(ahead))
        put = self._put
        # Each one goes on top of those before.
        for index, plan in reversed(list(enumerate(plans))):
            self._put_plan(plan)
            put("$xavp(plan[0]=>hops)", trunks.hops.get(plan.trunk, ""))
            if index < len(marks):
                mark, learnt = marks[index]
                put("$xavp(plan[0]=>mark)", mark)
                if learnt:
                    put("$xavp(plan[0]=>learnt_at)", f"{ahead[index].hop} {trunks.revision}")
                    put("$xavp(plan[0]=>learnt)", learnt)

    def _put_plan(self, plan: BranchPlan) -> None:
        put, put_number = self._put, self._put_number
        put("$xavp(plan=>trunk)", plan.trunk)
        put("$xavp(plan[0]=>request_uri)", plan.request_uri)
        put_number("$xavp(plan[0]=>ring_ms)", plan.ring_ms)
        put("$xavp(plan[0]=>shown)", shown(plan))
        if plan.diversion:
            put("$xavp(plan[0]=>diversion)", plan.diversion)
        if plan.history_info:
            put("$xavp(plan[0]=>history_info)", plan.history_info)
        if plan.identity:
            put("$xavp(plan[0]=>identity)", plan.identity)
        if plan.relayed:
            put_number("$xavp(plan[0]=>relayed)", 1)
        if plan.max_calls:
            # What is left for this node: Kamailio's route knows no others.
            put_number("$xavp(plan[0]=>max_calls)", max(0, plan.max_calls - self._elsewhere(TRUNK + plan.trunk)))
        if plan.max_rate:
            put_number("$xavp(plan[0]=>max_rate)", plan.max_rate)
        for name, is_so in (("unprobed", plan.unprobed), ("follows", plan.follows), ("raises", plan.raises_cseq)):
            if is_so:
                put(f"$xavp(plan[0]=>{name})", "1")
        if plan.privacy or plan.caller is not None or plan.replaces_diversions:
            self._put_changes(plan)

    def _put_changes(self, plan: BranchPlan) -> None:
        """Put what takes the place of what came with the call; without any of it Kamailio looks no further."""
        put = self._put
        put("$xavp(plan[0]=>changed)", "1")
        if plan.replaces_diversions:
            put("$xavp(plan[0]=>replaces_diversions)", "1")
        if plan.fallback_on:
            put("$xavp(plan[0]=>fallback_on)", plan.fallback_on)
        if plan.privacy:
            put("$xavp(plan[0]=>privacy)", plan.privacy)
        if plan.caller is not None:
            self._put_caller(plan.caller)

    def _put_caller(self, lines: CallerHeaderLines) -> None:
        put = self._put
        for name, line in (("pai", lines.pai), ("ppi", lines.ppi), ("rpid", lines.rpid)):
            if line:
                put(f"$xavp(plan[0]=>{name})", line)
        if lines.from_:
            put("$xavp(plan[0]=>from)", lines.from_)
            put("$xavp(plan[0]=>from_uri)", lines.from_uri)
        if lines.hidden:
            put("$xavp(plan[0]=>hides_contact)", "1")


def _from_and_contact(plan: BranchPlan) -> tuple[str, bool]:
    return (plan.caller.from_uri, plan.caller.hidden) if plan.caller is not None else ("", False)


def _expected_hop(plan: BranchPlan, trunks: TrunkTable) -> str:
    """Return where the caller's requests are expected to go, empty where each of them has to be changed anyway."""
    return "" if plan.raises_cseq else trunks.first_destination(plan.trunk)
