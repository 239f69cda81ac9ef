"""Sends a forwarded call that was not taken to the second number of its rule (docs/calls.md §3)."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from renvoi.call_records.spool import Spool
from renvoi.domain.calls.call_record import FellBack
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.fallback import fall_back
from renvoi.domain.routing.routing import Decision, Forward, Reject, Voicemail
from renvoi.domain.rules.rule import Otherwise, Unanswered
from renvoi.edge.router.call_counts import CountedTwice, LimitKeeper
from renvoi.edge.router.decider import Decided, Decider
from renvoi.edge.router.forwarder import Forwarder
from renvoi.edge.router.handoff_variables import HandoffVariables
from renvoi.edge.router.identity import CallerIdentity
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage
from renvoi.edge.router.legs import LEGS, moved_back, time_ms
from renvoi.edge.router.lookup import LookupFailed
from renvoi.edge.router.outcomes import chain
from renvoi.edge.router.redirects import REDIRECTED
from renvoi.edge.router.sip_responses import FAILED, FORWARD, VOICEMAIL
from renvoi.edge.router.trunk_table import TrunkTable

_log = logging.getLogger("renvoi.edge")


class SecondNumber:
    """One object in each of Kamailio's processes."""

    def __init__(
        self,
        ksr: Any,
        message: KamailioMessage,
        forwarder: Forwarder,
        identity: CallerIdentity,
        decider: Decider,
        limits: LimitKeeper,
        handoffs: HandoffVariables,
        trunks: Callable[[], TrunkTable],
        spool: Spool,
        now_ms: Callable[[], int],
        *,
        has_voicemail: bool,
    ) -> None:
        self._ksr = ksr
        self._message = message
        self._forwarder = forwarder
        self._identity = identity
        self._decider = decider
        self._limits = limits
        self._handoffs = handoffs
        self._trunks = trunks
        self._spool = spool
        self._now_ms = now_ms
        self._has_voicemail = has_voicemail

    def go_on(self, why: str) -> int:
        """Prepare what follows a call that was not taken for the reason `why` (`Unanswered`), and is at no trunk now.

        FORWARD: it is sent to the second number. VOICEMAIL: a message is taken. FAILED: the caller is released.
        """
        came_from = self._trunks().inbound.get(self._message.text("avp(peer)"))
        forward, reason = self._forwarder.forwarded(), Unanswered(why)
        if came_from is None or forward is None:
            return FAILED
        at_ms = self._now_ms()
        facts = self._message.facts(came_from)
        # The Request-URI is that of the first try by now.
        call = replace(facts.call, called=forward.diverting[0])
        decision: Decision | None = None
        used: tuple[str, ...] = ()
        try:
            decided = self._decider.decide(
                lambda records, owners: fall_back(forward, reason, call, records, owners, at_ms), at_ms
            )
            decision, used, fault = decided.decision, decided.used, self._fault_of(decided, at_ms)
        except (LookupFailed, CountedTwice) as error:
            fault = str(error) or "another call has its Call-ID"
        if fault is not None or decision is None or isinstance(decision, Reject):
            _log.warning("%s: the second number is not tried: %s", forward.diverting[-1], fault)
            return self._without(facts, forward, reason)
        if isinstance(decision, Voicemail):
            self._handoffs.put(facts, decision.diverting[-1], decision.revision, decision.emails)
            self._note(at_ms, reason)
            return VOICEMAIL
        self._note(at_ms, reason, decision.target, (*chain(facts), *map(str, decision.diverting)), used)
        verdict = self._identity.look(came_from, facts) if came_from.verifies else None
        added = self._forwarder.put(came_from, facts, verdict, decision, self._trunks(), again=True)
        put = self._ksr.pv.sets
        put(f"$({LEGS}[*])", moved_back(self._message.verbatim(LEGS), added))
        put(f"$({REDIRECTED}[*])", "")
        self._handoffs.put_fallbacks(facts, decision, again=True)
        return FORWARD

    def _fault_of(self, decided: Decided, at_ms: int) -> str | None:
        """Return why the decision cannot be followed; the call counts under what it uses by it if it can."""
        if self._message.text("avp(secret)"):
            return "the message has the credentials of the first trunk"
        decision = decided.decision
        if isinstance(decision, Reject):
            return f"{decision.reason} {decision.target or ''} {decision.refused or ''}".strip()
        if isinstance(decision, Voicemail) and not self._has_voicemail:
            return "it takes messages, and there is no voicemail"
        reached = self._limits.admit_instead(decided.uses, at_ms, forwarded=isinstance(decision, Forward))
        return None if reached is None else f"{reached.use.what} is at its limit of {reached.kind}"

    def _without(self, facts: InviteFacts, forward: Forward, why: Unanswered) -> int:
        """Go on as the rule says for a second number that does not take the call either."""
        if not self._has_voicemail or forward.fallbacks.of(why).then is not Otherwise.VOICEMAIL:
            return FAILED
        self._handoffs.put(facts, forward.number_of_mailbox, forward.revision, forward.emails)
        self._note(self._now_ms(), why)
        return VOICEMAIL

    def _note(
        self,
        at_ms: int,
        why: Unanswered,
        target: E164 | None = None,
        diversions: tuple[str, ...] = (),
        used: tuple[str, ...] = (),
    ) -> None:
        text = self._message.text
        rang = text("avp(rang)")
        event = FellBack(
            self._message.key(),
            at_ms,
            why.value,
            text("avp(trunk)") or None,
            time_ms(rang) if rang else None,
            str(target) if target is not None else None,
            diversions,
            used,
        )
        self._spool.append(event)
