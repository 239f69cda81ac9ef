"""What renvoi decides inside Kamailio; `kamailio.cfg.j2`, with what it includes, has the order and calls these methods.

Every method is called by Kamailio in the middle of a message, so it returns a number in any case and never raises.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from renvoi.call_records.spool import Spool
from renvoi.domain.calls.call_record import Decided
from renvoi.domain.identity.verification import Verdict
from renvoi.domain.name_addr import uri_host
from renvoi.domain.numbers.number import E164, NO_REGION
from renvoi.domain.routing.policies import OVER_LIMIT
from renvoi.domain.routing.routing import (
    Decision,
    Forward,
    Reject,
    Voicemail,
    route_call,
)
from renvoi.domain.routing.trial import HEADER, Trial, TrialInvalid
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.trunks.choices import IdentityHeaders
from renvoi.domain.trunks.trunk import InboundTrunk
from renvoi.edge.router import sip_responses
from renvoi.edge.router.call_counts import CallCounts, CountedTwice, LimitKeeper
from renvoi.edge.router.decider import Decider
from renvoi.edge.router.dialogs import Marks
from renvoi.edge.router.forwarder import Forwarder
from renvoi.edge.router.handoff_variables import HandoffVariables
from renvoi.edge.router.identity import CallerIdentity, Tools, refused_for, result_of
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage, Malformed
from renvoi.edge.router.lookup import Lookup, LookupFailed
from renvoi.edge.router.malformed import RECEIVED, MalformedRequests
from renvoi.edge.router.media_relay import MediaRelay
from renvoi.edge.router.outcomes import Outcomes, chain
from renvoi.edge.router.redirects import Redirects
from renvoi.edge.router.second_number import SecondNumber
from renvoi.edge.router.sip_responses import FORWARD, VOICEMAIL, CallerTransaction, SipResponse
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.key_file import KeyFile

_log = logging.getLogger("renvoi.edge")


@dataclass(frozen=True, slots=True)
class Own:
    """What is our own: the host part of our URIs (`domain`), where peers answer it, whether there is a voicemail.

    `relay` is the address of the media relay, None for none. Calls to a country that an account begins to use wait for
    `cooling_off_ms`.
    """

    domain: str
    address: str
    voicemail: bool = False
    relay: tuple[str, int] | None = None
    cooling_off_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Case:
    """A call that is being decided: its facts, where from and when it came, and what its signed identity has proven.

    `last_known` says that what was known before had to do. `refused_target` is the destination that the policy does not
    allow, if that is why it is refused; `used` is what `CallRecord` has of that name. `trial`: what an operator tries.
    """

    facts: InviteFacts
    trunk: InboundTrunk
    at_ms: int
    verdict: Verdict | None = None
    last_known: bool = False
    refused_target: E164 | None = None
    used: tuple[str, ...] = ()
    trial: Trial | None = None


def _on_trial(trial: Trial, called: E164 | None, record: NumberRecord) -> NumberRecord:
    return trial.of(record) if record.number == called else record


class Router:
    """Routes calls. One object in each of Kamailio's processes."""

    def __init__(
        self,
        ksr: Any,
        own: Own,
        trunks: Path,
        lookup: Lookup,
        spool: Spool,
        now_ms: Callable[[], int],
        keys: KeyFile,
        marks: Marks,
        tools: Tools,
        elsewhere: Callable[[str], int] = lambda _name: 0,
    ) -> None:
        """Make a router; `trunks` is the file of the trunk table, `tools` what identity is verified and signed with.

        `elsewhere` tells what other nodes count under a name (`CallCounts`).
        """
        self._keys = keys
        self._ksr = ksr
        self._message = KamailioMessage(ksr, {uri_host(f"sip:{own.domain}"), uri_host(f"sip:{own.address}")})
        self._domain = own.domain
        self._has_voicemail = own.voicemail
        self._trunks_path = trunks
        self._trunks = TrunkTable.load(trunks)
        self._spool = spool
        self._now_ms = now_ms
        self._counts = CallCounts(ksr, elsewhere)
        self._limits = LimitKeeper(self._counts, lookup)
        self._decider = Decider(ksr, lookup, has_voicemail=own.voicemail, cooling_off_ms=own.cooling_off_ms)
        self._handoffs = HandoffVariables(ksr, self._message, keys, now_ms, has_voicemail=own.voicemail)
        self._transaction = CallerTransaction(ksr, self._message)
        self._identity = CallerIdentity(ksr, self._message, tools, now_ms)
        self._forwarder = Forwarder(ksr, self._message, marks, self._identity, own.domain, elsewhere)
        self.redirects = Redirects(
            ksr,
            self._message,
            self._forwarder,
            self._identity,
            self._counts,
            lookup,
            self.current_trunks,
            now_ms,
            own.cooling_off_ms,
        )
        self.second_number = SecondNumber(
            ksr,
            self._message,
            self._forwarder,
            self._identity,
            self._decider,
            self._limits,
            self._handoffs,
            self.current_trunks,
            spool,
            now_ms,
            has_voicemail=own.voicemail,
        )
        relay = MediaRelay(own.relay)
        self.outcomes = Outcomes(
            ksr, self._message, self._transaction, self._counts, spool, keys, own.address, now_ms, relay
        )
        self.unreadable = MalformedRequests(ksr, spool, now_ms)

    def invite(self) -> int:
        """Decide about a new call that passed the source check: refuse it, or prepare it to be sent on."""
        trunk = self.current_trunks().inbound.get(self._message.text("avp(peer)"))
        if trunk is None:
            _log.warning("the trunk that the call came from was removed just now")
            return self._transaction.answer(sip_responses.FORBIDDEN)
        at_ms = self._now_ms()
        try:
            case = _Case(self._message.facts(trunk), trunk, at_ms)
        except Malformed as error:
            _log.warning("refused a call that cannot be read: %s", error)
            self.unreadable.record("malformed", trunk.region)
            return self._transaction.answer(sip_responses.MALFORMED)
        try:
            if trunk.identity is not IdentityHeaders.PASS:
                case = replace(case, verdict=self._identity.look(trunk, case.facts))
                if (fault := refused_for(trunk, case.verdict)) is not None:
                    return self._refuse(case, sip_responses.unproven(fault), "reject", f"identity-{fault}")
            case, decision = self._decide(self._tried(case))
            return self._act(case, decision)
        except TrialInvalid as error:
            _log.warning("refused a trial of a trunk: %s", error)
            return self._refuse(case, sip_responses.FORBIDDEN, "reject", "trial-invalid")
        except CountedTwice:
            _log.warning("refused a call, as another one has its Call-ID, which calls are counted by")
            return self._refuse(case, sip_responses.MERGED, "reject", "call-id-in-use")
        except LookupFailed as error:
            _log.error("%s", error)
            return self._refuse(case, sip_responses.STORE_UNAVAILABLE, "reject", "store-unavailable")
        except Exception:  # noqa: BLE001 - see below
            # Whatever goes wrong, the caller gets an answer and the call its record.
            _log.exception("a fault of the edge ended a call")
            self._counts.let_go_unanswered()
            return self._refuse(case, sip_responses.BROKEN, "reject", "fault")

    def refuse(self, what: str) -> int:
        """Refuse a request for its form before anything is decided; `what` is a key of `sip_responses.UNREADABLE`."""
        trunk = self.current_trunks().inbound.get(self._message.text("avp(peer)"))
        # Of a peer that is not known yet only numbers in international form are read.
        return self.unreadable.refuse(what, trunk.region if trunk is not None else NO_REGION)

    def refuse_unfit(self) -> int:
        """Refuse a request that Kamailio cannot read and has not begun to."""
        return self.unreadable.refuse("malformed", NO_REGION, RECEIVED)

    def _act(self, case: _Case, decision: Decision) -> int:
        match decision:
            case Reject(reason, revision, target):
                case = replace(case, refused_target=target)
                return self._refuse(case, sip_responses.REJECTIONS[reason], "reject", reason, revision)
            case Voicemail() if self._has_voicemail:
                return self._take_message(case, decision)
            case Voicemail(_, revision, _):
                return self._refuse(case, sip_responses.VOICEMAIL_ABSENT, "voicemail", "voicemail-absent", revision)
            case Forward():
                return self._forward(case, decision)

    def _tried(self, case: _Case) -> _Case:
        """Return the case with what the operator tries by this call.

        Raises:
            TrialInvalid: somebody else would.
        """
        written = self._message.text(f"hdr({HEADER})")
        if not written:
            return case
        return replace(case, trial=Trial.unseal(written, self._keys.ring, case.at_ms, self._message.raw("ci")))

    def _decide(self, case: _Case) -> tuple[_Case, Decision]:
        """Return the decision, and the case with what came to be known on the way."""
        call, at_ms = case.facts.call, case.at_ms
        replaced = None if case.trial is None else partial(_on_trial, case.trial, call.called)
        decided = self._decider.decide(
            lambda records, owners: route_call(call, records, owners, at_ms), at_ms, replaced
        )
        decision, uses = decided.decision, decided.uses
        if decided.last_known:
            case = replace(case, last_known=True)
        if not uses or isinstance(decision, Reject):
            return case, decision
        reached = self._limits.admit(uses, at_ms, forwarded=isinstance(decision, Forward))
        if reached is not None:
            return replace(case, used=reached.names), Reject(OVER_LIMIT[reached.kind], decision.revision)
        return replace(case, used=decided.used), decision

    def _refuse(self, case: _Case, answer: SipResponse, decision: str, reason: str, revision: int | None = None) -> int:
        facts = case.facts
        event = Decided(
            key=facts.key,
            at_ms=case.at_ms,
            caller=facts.caller,
            called=facts.called,
            number=str(facts.call.called) if revision is not None else None,
            revision=revision,
            decision=decision,
            reason=str(reason),
            target=str(case.refused_target) if case.refused_target is not None else None,
            diversions=chain(facts),
            status=answer.status,
            cause=answer.cause,
            last_known=case.last_known,
            withheld=facts.withheld,
            identity=result_of(case.verdict),
            used=case.used,
        )
        self._spool.append(event)
        return self._transaction.answer(answer)

    def _forward(self, case: _Case, decision: Forward) -> int:
        """Put what the branches need into variables."""
        facts, diverting = case.facts, decision.diverting
        event = Decided(
            key=facts.key,
            at_ms=case.at_ms,
            caller=facts.caller,
            called=facts.called,
            number=str(diverting[0]),
            revision=decision.revision,
            decision="forward",
            target=str(decision.target),
            diversions=(*chain(facts), *map(str, diverting)),
            last_known=case.last_known,
            withheld=facts.withheld,
            identity=result_of(case.verdict),
            used=case.used,
        )
        self._spool.append(event)
        trunks = self._trunks if case.trial is None else self._trunks.only(case.trial.trunk)
        self._forwarder.put(case.trunk, facts, case.verdict, decision, trunks)
        self._handoffs.put_fallbacks(facts, decision)
        return FORWARD

    def _take_message(self, case: _Case, decision: Voicemail) -> int:
        """Put what a worker needs into variables."""
        facts = case.facts
        *diverting, mailbox = decision.diverting
        event = Decided(
            key=facts.key,
            at_ms=case.at_ms,
            caller=facts.caller,
            called=facts.called,
            number=str(facts.call.called),
            revision=decision.revision,
            decision="voicemail",
            diversions=(*chain(facts), *map(str, diverting)),
            last_known=case.last_known,
            withheld=facts.withheld,
            identity=result_of(case.verdict),
        )
        self._spool.append(event)
        self._handoffs.put(facts, mailbox, decision.revision, decision.emails)
        return VOICEMAIL

    def current_trunks(self) -> TrunkTable:
        """Return the trunks as they were made known last."""
        if self._ksr.pv.get("$shv(trunks)") != self._trunks.revision:
            try:
                self._trunks = TrunkTable.load(self._trunks_path)
            except (OSError, ValueError) as error:
                _log.error("the previous trunks stay in use, as the new ones cannot be read: %s", error)
        return self._trunks
