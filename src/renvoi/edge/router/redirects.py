"""Follows a trunk's 3xx to another number (docs/calls.md §3)."""

import logging
from collections.abc import Callable
from typing import Any

from renvoi.domain.access.account_policy import Owner, foreign_country_of
from renvoi.domain.access.limits import use_of_target
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.redirection import NotFollowed, reason_of, redirect, wanted_number
from renvoi.domain.routing.routing import Forward
from renvoi.domain.trunks.trunk import InboundTrunk
from renvoi.edge.router.call_counts import CallCounts, CountedTwice
from renvoi.edge.router.forwarder import Forwarder
from renvoi.edge.router.identity import CallerIdentity
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage, Malformed
from renvoi.edge.router.legs import LEGS, moved_back
from renvoi.edge.router.lookup import Lookup, LookupFailed
from renvoi.edge.router.sip_responses import FAILED, FORWARD
from renvoi.edge.router.trunk_table import TrunkTable

REDIRECTED = "avp(redirected)"
"""The numbers that sent the call on, and the one that it goes to now, with spaces between."""

_log = logging.getLogger("renvoi.edge")


class Redirects:
    """One object in each of Kamailio's processes."""

    def __init__(
        self,
        ksr: Any,
        message: KamailioMessage,
        forwarder: Forwarder,
        identity: CallerIdentity,
        counts: CallCounts,
        lookup: Lookup,
        trunks: Callable[[], TrunkTable],
        now_ms: Callable[[], int],
        cooling_off_ms: int = 0,
    ) -> None:
        self._ksr = ksr
        self._message = message
        self._forwarder = forwarder
        self._identity = identity
        self._counts = counts
        self._lookup = lookup
        self._trunks = trunks
        self._now_ms = now_ms
        self._cooling_off_ms = cooling_off_ms

    def follow(self) -> int:
        """Put the plans of a call whose trunk has answered with 3xx, or return FAILED: it counts as a refusal.

        The call is at no trunk meanwhile.
        """
        trunks, trunk = self._trunks(), self._message.text("avp(trunk)")
        came_from, leads_through = trunks.inbound.get(self._message.text("avp(peer)")), trunks.outbound.get(trunk)
        forward = self._forwarder.forwarded()
        if came_from is None or leads_through is None or forward is None:
            return FAILED
        try:
            facts = self._message.facts(came_from)
            target = wanted_number(self._message.text("T_rpl($hdr(Contact))"), leads_through.region)
            reason = reason_of(int(self._message.text("T_reply_code")), self._message.text("T_rpl($hdr(Diversion))"))
            forward = redirect(forward, target, reason, facts.call)
            self._admit(forward.diverting[-1], target)
        except (NotFollowed, LookupFailed, CountedTwice, Malformed) as error:
            _log.warning("the redirection by trunk %s is not followed: %s", trunk, error)
            return FAILED
        self._send(came_from, facts, forward, trunks)
        return FORWARD

    def _admit(self, diverting: E164, target: E164) -> None:
        """Check that the account of the number that diverts last may have calls to `target`, and count one.

        Raises:
            NotFollowed: it may not.
            LookupFailed: the store cannot be read.
            CountedTwice: see `CallCounts.admit`.
        """
        if self._lookup.find(target).record is not None:
            # Its own rule would be the only way on.
            raise NotFollowed(f"{target} is a number of ours")
        reading = self._lookup.find(diverting)
        if reading.record is None or reading.owner.refusal(target) is not None:
            raise NotFollowed(f"the policy of the account does not allow {target}")
        self._check_cooled_off(reading.owner, target)
        limits, account_id = reading.owner.policy.limits, reading.record.account_id
        if limits and (
            reached := self._counts.admit_besides(use_of_target(account_id, limits, target), self._now_ms())
        ):
            raise NotFollowed(f"{reached.use.what} is at its limit")

    def _check_cooled_off(self, owner: Owner, target: E164) -> None:
        # A country that no rule has named is new with each call, as nobody has noted it.
        country = foreign_country_of(target, owner.region) if self._cooling_off_ms else None
        if country is None:
            return
        since_ms = owner.policy.used.since(country)
        if since_ms is None or self._now_ms() - since_ms < self._cooling_off_ms:
            raise NotFollowed(f"the account has not used {country} for long enough")

    def _send(self, came_from: InboundTrunk, facts: InviteFacts, forward: Forward, trunks: TrunkTable) -> None:
        verdict = self._identity.look(came_from, facts) if came_from.verifies else None
        put = self._ksr.pv.sets
        added = self._forwarder.put(came_from, facts, verdict, forward, trunks, again=True)
        put(f"$({LEGS}[*])", moved_back(self._message.verbatim(LEGS), added))
        by = " ".join(str(each.by) for each in forward.redirections)
        put(f"$({REDIRECTED}[*])", f"{by} {forward.target}")
