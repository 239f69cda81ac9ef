"""Prepares a forwarded call to be sent: how to each outbound trunk, into the variables that Kamailio's route reads."""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec

from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.identity.verification import Verdict
from renvoi.domain.routing.routing import Forward, diversions_before
from renvoi.domain.rules.rule import NO_FALLBACKS
from renvoi.domain.trunks.branch_plan import plan_branches
from renvoi.domain.trunks.choices import Signing
from renvoi.domain.trunks.trunk import InboundTrunk
from renvoi.edge.router.dialogs import Marks
from renvoi.edge.router.identity import CallerIdentity
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage
from renvoi.edge.router.plan_variables import PlanVariables
from renvoi.edge.router.trunk_credentials import HIGHEST_RAISED_CSEQ
from renvoi.edge.router.trunk_table import TrunkTable

FORWARDED = "avp(forwarded)"
"""The decision about the call (`Forward`), where a trunk's 3xx may be followed or the rule names a second number."""


class Forwarder:
    """Puts the plans of calls.

    `domain` is the host part of our own URIs; `elsewhere` tells what other nodes count (`CallCounts`).
    """

    def __init__(
        self,
        ksr: Any,
        message: KamailioMessage,
        marks: Marks,
        identity: CallerIdentity,
        domain: str,
        elsewhere: Callable[[str], int],
    ) -> None:
        self._ksr = ksr
        self._message = message
        self._plans = PlanVariables(ksr, marks, elsewhere)
        self._identity = identity
        self._domain = domain

    def put(
        self,
        came_from: InboundTrunk,
        facts: InviteFacts,
        verdict: Verdict | None,
        forward: Forward,
        trunks: TrunkTable,
        *,
        again: bool = False,
    ) -> int:
        """Put how the call is sent to each outbound trunk, and return how many plans that makes.

        `again`: it has plans of an earlier decision, which stay behind these.
        """
        outbound = trunks.turn(random.random())  # noqa: S311 - shares load, nothing secret
        signer = None
        if self._identity.signs and any(trunk.sign is not Signing.OFF for trunk in outbound):
            signer = self._identity.signer_of(came_from, verdict)
        call = facts.call
        plans = plan_branches(
            outbound,
            forward,
            call.history,
            facts.privacy,
            self._domain,
            self._numbers(came_from, facts) if trunks.names_callers else None,
            signer,
            before=diversions_before(call),
            relayed=came_from.nat,
            status=self._identity.status_of(came_from, verdict) if trunks.tells_status else None,
        )
        if facts.key.cseq > HIGHEST_RAISED_CSEQ:
            plans = tuple(replace(plan, raises_cseq=False) for plan in plans)
        if again:
            self._plans.leave()
        self._plans.put(plans, trunks)
        if trunks.follows or forward.fallbacks.has_number:
            self._ksr.pv.sets(f"$({FORWARDED}[*])", _written(forward))
        return len(plans)

    def forwarded(self) -> Forward | None:
        """Return the decision about the call of the transaction at hand, None if it was not kept."""
        written = self._message.verbatim(FORWARDED)
        return _decode(written) if written else None

    def _numbers(self, came_from: InboundTrunk, facts: InviteFacts) -> CallerNumbers:
        return self._message.numbers(came_from.region, facts)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Forward).decode


def _written(forward: Forward) -> str:
    if forward.fallbacks.has_number:
        return _encode(forward).decode()
    # What a voicemail needs is in variables of its own.
    return _encode(replace(forward, fallbacks=NO_FALLBACKS, emails=())).decode()
