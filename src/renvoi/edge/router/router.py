"""What renvoi decides inside Kamailio; `kamailio.cfg.j2`, with what it includes, has the order and calls these methods.

Every method is called by Kamailio in the middle of a message, so it returns a number in any case and never raises.
"""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from renvoi.call_records.spool import Spool
from renvoi.domain.access.account_policy import Owner
from renvoi.domain.access.limits import Use
from renvoi.domain.calls.call_record import Answered, Decided, Failed, FellBack, HungUp
from renvoi.domain.calls.caller import CallerNumbers
from renvoi.domain.calls.name_addr import uri_host
from renvoi.domain.identity.verification import Verdict
from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord, Unanswered
from renvoi.domain.routing.call_uses import OVER_LIMIT, call_uses
from renvoi.domain.routing.routing import (
    Decision,
    Forward,
    NeedRecord,
    Reject,
    Voicemail,
    diversions_before,
    route_call,
)
from renvoi.domain.trunks.branch_plan import plan_branches
from renvoi.domain.trunks.trunk import IdentityHeaders, InboundTrunk, Signing
from renvoi.edge.router import sip_responses
from renvoi.edge.router.call_counts import CallCounts, CountedTwice
from renvoi.edge.router.dialogs import Marks
from renvoi.edge.router.event_fields import chain, q850_cause
from renvoi.edge.router.identity import CallerIdentity, Tools, refused_for, result_of
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage, Malformed
from renvoi.edge.router.late_answer import LateAnswer
from renvoi.edge.router.legs import Legs, time_ms
from renvoi.edge.router.lookup import Lookup, LookupFailed
from renvoi.edge.router.plan_variables import PlanVariables
from renvoi.edge.router.sip_responses import SipResponse
from renvoi.edge.router.trunk_table import TrunkTable
from renvoi.edge.router.unreadable import RECEIVED, Unreadable
from renvoi.key_file import KeyFile

FORWARD = 1
"""Kamailio shall send the call on, with what was put into its variables."""
ANSWERED = 2
"""The request has its final answer."""
VOICEMAIL = 3
"""Kamailio shall send the call to a worker of the voicemail, with what was put into its variables."""
SILENCE = 408
"""The status by which Kamailio tells that a trunk did not answer."""
NO_REGION = "ZZ"
"""The region of a peer that is not known yet: only numbers in international form are read."""
FAILED = -1
"""Nothing was answered: Kamailio's own route answers 500."""

ONGOING_TABLE = "ongoing"
"""Kamailio's table of the calls that have no final answer yet, by what copies of one INVITE share."""

_LEG = re.compile(r";\s*branch=z9hG4bK[^;,\s]*\.([0-9a-f]{1,4})(?=[;,\s]|$)", re.IGNORECASE)

_log = logging.getLogger("renvoi.edge")


@dataclass(frozen=True, slots=True)
class Own:
    """What is our own: the host part of our URIs (`domain`), where peers answer it, whether there is a voicemail."""

    domain: str
    address: str
    voicemail: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """A call that is being decided: its facts, where from and when it came, and what its signed identity has proven.

    `last_known` says that what was known before had to do. `refused_target` is the destination that the policy does not
    allow, if that is why it is refused.
    """

    facts: InviteFacts
    trunk: InboundTrunk
    at_ms: int
    verdict: Verdict | None = None
    last_known: bool = False
    refused_target: E164 | None = None


class Router:
    """Routes calls and records their outcome. One object in each of Kamailio's processes."""

    def __init__(
        self,
        ksr: Any,
        own: Own,
        trunks: Path,
        lookup: Lookup | None,
        spool: Spool,
        now_ms: Callable[[], int],
        keys: KeyFile,
        marks: Marks,
        tools: Tools,
    ) -> None:
        """Make a router; `trunks` is the file of the trunk table, `tools` what identity is verified and signed with."""
        self._keys = keys
        self._plans = PlanVariables(ksr, marks)
        self._ksr = ksr
        self._message = KamailioMessage(ksr, {uri_host(f"sip:{own.domain}"), uri_host(f"sip:{own.address}")})
        self._legs = Legs(self._message)
        self._domain = own.domain
        self._address = own.address
        self._has_voicemail = own.voicemail
        self._trunks_path = trunks
        self._trunks = TrunkTable.load(trunks)
        self._lookup = lookup
        self._spool = spool
        self._now_ms = now_ms
        self._counts = CallCounts(ksr)
        self._identity = CallerIdentity(ksr, self._message, tools, now_ms)
        self.unreadable = Unreadable(ksr, spool, now_ms)

    def invite(self) -> int:
        """Decide about a new call that passed the source check: refuse it, or prepare it to be sent on."""
        trunk = self.current_trunks().inbound.get(self._message.text("avp(peer)"))
        if trunk is None:
            _log.warning("the trunk that the call came from was removed just now")
            return self._answer(sip_responses.FORBIDDEN)
        at_ms = self._now_ms()
        try:
            case = _Case(self._message.facts(trunk), trunk, at_ms)
        except Malformed as error:
            _log.warning("refused a call that cannot be read: %s", error)
            self.unreadable.record("malformed", trunk.region)
            return self._answer(sip_responses.MALFORMED)
        try:
            if trunk.identity is not IdentityHeaders.PASS:
                case = replace(case, verdict=self._identity.look(trunk, case.facts))
                if (fault := refused_for(trunk, case.verdict)) is not None:
                    return self._refuse(case, sip_responses.unproven(fault), "reject", f"identity-{fault}")
            decision, last_known = self._decide(case)
            if last_known:
                case = replace(case, last_known=True)
                self._ksr.statistics.update_stat("last_known", 1)
            return self._act(case, decision)
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

    def _decide(self, case: _Case) -> tuple[Decision, bool]:
        """Return the decision, and whether it depends on what was known before."""
        if self._lookup is None:
            raise LookupFailed("this process has no store")
        records: dict[E164, NumberRecord | None] = {}
        owners: dict[int, Owner] = {}
        last_known = False
        while isinstance(decision := route_call(case.facts.call, records, owners, case.at_ms), NeedRecord):
            reading = self._lookup.find(decision.number)
            records[decision.number] = reading.record
            if reading.record is not None:
                owners[reading.record.account_id] = reading.owner
            last_known = last_known or reading.last_known
        return self._within_limits(decision, call_uses(decision, records, owners), case.at_ms), last_known

    def _within_limits(self, decision: Decision, used: Sequence[Use], now_ms: int) -> Decision:
        """Count a call that goes on, or return why it may not."""
        if not used or isinstance(decision, Reject) or (isinstance(decision, Voicemail) and not self._has_voicemail):
            return decision
        reached = self._counts.admit(used, now_ms)
        return decision if reached is None else Reject(OVER_LIMIT[reached.kind], decision.revision)

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
        )
        self._spool.append(event)
        return self._answer(answer)

    def _ended(self) -> None:
        """Let the same INVITE be a new attempt from now on, as this one has its final answer."""
        self._ksr.htable.sht_rm(ONGOING_TABLE, self._message.text("avp(copy)"))

    def _answer(self, answer: SipResponse) -> int:
        self._ended()
        headers = answer.headers + self._message.verbatim("avp(stir)")
        if headers:
            self._ksr.hdr.append_to_reply(headers)
        return ANSWERED if self._ksr.tm.t_reply(answer.status, answer.phrase) > 0 else FAILED

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
        )
        self._spool.append(event)
        outbound = self._trunks.outbound.values()
        caller = self._numbers(facts) if self._trunks.names_callers else None
        signer = None
        if self._identity.signs and any(trunk.sign is not Signing.OFF for trunk in outbound):
            signer = self._identity.signer_of(case.trunk, case.verdict)
        call = facts.call
        plans = plan_branches(
            outbound,
            decision,
            call.history,
            facts.privacy,
            self._domain,
            caller,
            signer,
            before=diversions_before(call),
        )
        self._plans.put(plans, self._trunks)
        self._put_fallback(facts, decision)
        return FORWARD

    def _numbers(self, facts: InviteFacts) -> CallerNumbers:
        trunk = self._trunks.inbound[self._message.text("avp(peer)")]
        return self._message.numbers(trunk.region, facts)

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
        self._put_deposit(facts, mailbox, decision.revision, decision.email)
        return VOICEMAIL

    def _put_fallback(self, facts: InviteFacts, decision: Forward) -> None:
        """Put into variables for which reasons a message is taken instead, and what a worker would need then."""
        whys = (Unanswered.NO_ANSWER, Unanswered.BUSY)
        boxes = [decision.fallback.mailbox(why) if self._has_voicemail else None for why in whys]
        for why, box in zip(whys, boxes, strict=True):
            if box is not None:
                self._ksr.pv.seti(f"$avp({why.name.lower()})", 1)
        email = next((box for box in boxes if box is not None), None)
        if email is not None:
            self._put_deposit(facts, decision.diverting[-1], decision.revision, email)

    def _put_deposit(self, facts: InviteFacts, mailbox: E164, revision: int, email: EmailAddress) -> None:
        caller = WITHHELD if facts.withheld else facts.caller
        self._ksr.pv.sets("$avp(mailbox)", str(mailbox))
        deposit = VoicemailHandoff(mailbox, revision, email, caller)
        self._ksr.pv.sets("$avp(deposit)", deposit.seal(self._keys.ring, self._now_ms(), self._message.raw("ci")))

    def current_trunks(self) -> TrunkTable:
        """Return the trunks as they were made known last."""
        if self._ksr.pv.get("$shv(trunks)") != self._trunks.revision:
            try:
                self._trunks = TrunkTable.load(self._trunks_path)
            except (OSError, ValueError) as error:
                _log.error("the previous trunks stay in use, as the new ones cannot be read: %s", error)
        return self._trunks

    def answered(self) -> int:
        """Note that the target, or the voicemail, answered."""
        self._ended()
        # A process that sees nothing but answers which Kamailio recognises has to know new keys before it needs them.
        self._keys.refresh()
        status, at_ms, rang_at_ms = int(self._message.text("rs")), self._now_ms(), self._rang_at_ms()
        legs = self._legs.read_answered(status, at_ms, rang_at_ms)
        key, trunk = self._message.key(), self._trunk()
        self._spool.append(Answered(key, at_ms, status, trunk, rang_at_ms, legs, self._fallback()))
        return FORWARD

    def late_answer(self) -> int:
        """Tell whether an answer is that of a leg that the call has left; if so, put into variables what ends it."""
        text = self._message.verbatim
        # Kamailio ends its branch parameters with the leg's index: z9hG4bK<transaction>.<mark>.<index>
        found = _LEG.search(text("hdr(Via)"))
        if found is None or int(found[1], 16) >= self._ksr.pv.get("$var(first)"):
            return FORWARD
        _log.warning("%s answered after the call had been taken from it", text("su"))
        leg = LateAnswer(
            sent_by=f"{text('proto').upper()} {self._address}",
            caller=text("hdr(From)"),
            callee=text("hdr(To)"),
            call_id=text("ci"),
            cseq=int(text("cs")),
            contact=text("hdr(Contact)"),
            record_route=text("hdr(Record-Route)[*]"),
        )
        ack, bye = leg.ending()
        self._ksr.pv.sets("$var(ack)", ack)
        self._ksr.pv.sets("$var(bye)", bye)
        return ANSWERED

    def failed(self, by: str) -> int:
        """Note that `callee`, where the call was sent, or `caller`, who gave up, ended it before it was answered."""
        self._ended()
        status = int(self._message.text("T_reply_code"))
        if by == "caller" and (status < 400 or status in (SILENCE, 401, 407)):
            # The caller gave up on a trunk that never spoke, was not even asked yet, or asked for something; what
            # reaches the caller is 487 (RFC 3261 §9.2).
            status = 487
        cause = q850_cause(self._message.text("T_rpl($hdr(Reason))"))
        self._append_failed(status, by, cause)
        return FORWARD

    def give_up(self, what: str) -> int:
        """Answer a call that the edge has sent on and ends itself; `what` is a key of `sip_responses.GIVEN_UP`."""
        answer, reason = sip_responses.GIVEN_UP[what]
        self._append_failed(answer.status, "edge", answer.cause, reason)
        return self._answer(answer)

    def _append_failed(self, status: int, by: str, cause: int | None, reason: str | None = None) -> None:
        key, at_ms, legs = self._message.key(), self._now_ms(), self._legs.read()
        trunk, rang_at_ms, fallback = self._trunk(), self._rang_at_ms(), self._fallback()
        self._spool.append(Failed(key, at_ms, status, by, cause, trunk, rang_at_ms, reason, legs, fallback))
        self._counts.let_go_unanswered()

    def fell_back(self, why: str) -> int:
        """Note that a forwarded call was not taken, for the reason `why` (`Unanswered`), and goes to the voicemail."""
        key, at_ms = self._message.key(), self._now_ms()
        self._spool.append(FellBack(key, at_ms, Unanswered(why).value, self._trunk(), self._rang_at_ms()))
        return VOICEMAIL

    def _rang_at_ms(self) -> int | None:
        """Return when the trunk rang, which Kamailio's route has noted as seconds and microseconds."""
        return self._time_ms("avp(rang)")

    def _time_ms(self, variable: str) -> int | None:
        noted = self._message.text(variable)
        return time_ms(noted) if noted else None

    def hung_up(self) -> int:
        """Note that the caller or the callee, as `Dialogs.in_dialog` found out, has ended an answered call."""
        text = self._message.text
        by = text("avp(by)")
        # The callee's BYE has the caller's tag in To (RFC 3261 §12.2.1.1).
        tag = self._message.identifier("ft" if by == "caller" else "tt")
        cause = q850_cause(text("avp(reason)"))
        at_ms = self._time_ms("avp(asked_at)") or self._now_ms()
        self._spool.append(HungUp(self._message.identifier("ci"), tag, at_ms, by, cause))
        self._counts.let_go()
        return FORWARD

    def outlasted(self, names: str) -> int:
        """Count a call no more whose BYE was lost; `names` are those that it counted under."""
        self._counts.take_off(names)
        return FORWARD

    def _fallback(self) -> bool:
        """Tell whether the trunk was shown another caller, as it had refused the first one."""
        # Asked of the call alone: trunks may have changed, and a process learns of that with its next new call.
        return self._message.text("avp(fallback)") == "1"

    def _trunk(self) -> str | None:
        return self._message.text("avp(trunk)") or None
