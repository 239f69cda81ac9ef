"""The outcome of a call: what Kamailio reports of a call that was sent on goes into its record, as events.

Every method is called by Kamailio in the middle of a message, so it returns a number in any case and never raises.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from renvoi.call_records.spool import Spool
from renvoi.domain.calls.call_record import Answered, Failed, FellBack, HungUp
from renvoi.domain.name_addr import MAX_VALUE, uri_user
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Unanswered
from renvoi.domain.text import clean_text
from renvoi.edge.router import sip_responses
from renvoi.edge.router.call_counts import CallCounts
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage
from renvoi.edge.router.late_answer import LateAnswer
from renvoi.edge.router.legs import Legs, time_ms
from renvoi.edge.router.media_relay import MediaRelay
from renvoi.edge.router.redirects import REDIRECTED
from renvoi.edge.router.sip_responses import ANSWERED, FAILED, FORWARD, VOICEMAIL, CallerTransaction
from renvoi.key_file import KeyFile

SILENCE = 408
"""The status by which Kamailio tells that a trunk did not answer."""

_LEG = re.compile(r";\s*branch=z9hG4bK[^;,\s]*\.([0-9a-f]{1,4})(?=[;,\s]|$)", re.IGNORECASE)

_log = logging.getLogger("renvoi.edge")


class Outcomes:
    """Records what came of calls. `address` is where peers answer us."""

    def __init__(
        self,
        ksr: Any,
        message: KamailioMessage,
        transaction: CallerTransaction,
        counts: CallCounts,
        spool: Spool,
        keys: KeyFile,
        address: str,
        now_ms: Callable[[], int],
        relay: MediaRelay,
    ) -> None:
        self._ksr = ksr
        self._message = message
        self._transaction = transaction
        self._legs = Legs(message)
        self._counts = counts
        self._spool = spool
        self._keys = keys
        self._address = address
        self._now_ms = now_ms
        self._relay = relay

    def answered(self) -> int:
        """Note that the target, or the voicemail, answered."""
        self._transaction.end()
        # A process that sees nothing but answers which Kamailio recognises has to know new keys before it needs them.
        self._keys.refresh()
        status, at_ms, rang_at_ms = int(self._message.text("rs")), self._now_ms(), self._rang_at_ms()
        legs = self._legs.read_answered(status, at_ms, rang_at_ms)
        key, trunk = self._message.key(), self._trunk()
        if asked := self._message.text("avp(cseq)"):
            # The trunk has answered to another one than the caller's.
            key = replace(key, cseq=int(asked))
        redirected = self._redirected()
        self._spool.append(Answered(key, at_ms, status, trunk, rang_at_ms, legs, self._fallback(), redirected))
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
        self._transaction.end()
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
        return self._transaction.answer(answer)

    def _append_failed(self, status: int, by: str, cause: int | None, reason: str | None = None) -> None:
        key, at_ms, legs = self._message.key(), self._now_ms(), self._legs.read()
        trunk, rang_at_ms, fallback = self._trunk(), self._rang_at_ms(), self._fallback()
        redirected = self._redirected()
        self._spool.append(Failed(key, at_ms, status, by, cause, trunk, rang_at_ms, reason, legs, fallback, redirected))
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
        tagged = "ft" if by == "caller" else "tt"
        tag = self._message.identifier(tagged)
        cause = q850_cause(text("avp(reason)"))
        at_ms = self._time_ms("avp(asked_at)") or self._now_ms()
        unheard = None
        if text("avp(relayed)") == "1":
            unheard = self._relay.end(self._message.raw("ci"), self._message.raw(tagged))
        self._spool.append(HungUp(self._message.identifier("ci"), tag, at_ms, by, cause, unheard))
        self._counts.let_go()
        return FORWARD

    def relay_answers(self) -> int:
        """Tell whether the media relay is there, for a call that has nothing to offer to it yet."""
        return FORWARD if self._relay.answers() else FAILED

    def outlasted(self, names: str) -> int:
        """Count a call no more whose BYE was lost; `names` are those that it counted under."""
        self._counts.take_off(names)
        return FORWARD

    def _fallback(self) -> bool:
        """Tell whether the trunk was shown another caller, as it had refused the first one."""
        # Asked of the call alone: trunks may have changed, and a process learns of that with its next new call.
        return self._message.text("avp(fallback)") == "1"

    def _redirected(self) -> tuple[str, ...]:
        """Return what `Answered` has of that name."""
        return tuple(self._message.text(REDIRECTED).split())

    def _trunk(self) -> str | None:
        return self._message.text("avp(trunk)") or None


MAX_REASON = 1024
"""Characters that are read of a Reason header."""


def chain(facts: InviteFacts) -> tuple[str, ...]:
    """Return who diverted the call before us, first to last; Diversion has the last one on top."""
    call = facts.call
    if call.diversions:
        return tuple(_diverting(diversion.number, diversion.uri) for diversion in reversed(call.diversions))
    # An entry of History-Info with a cause is where its predecessor sent the call.
    pairs = zip(call.history, call.history[1:], strict=False)
    return tuple(_diverting(entry.number, entry.uri) for entry, later in pairs if later.cause is not None)


def _diverting(number: E164 | None, uri: str) -> str:
    return str(number or uri_user(uri) or clean_text(uri, MAX_VALUE))


def q850_cause(reason: str) -> int | None:
    """Return the cause of a Reason header's Q.850 value (RFC 3326), None when it has none."""
    for value in reason[:MAX_REASON].split(","):
        protocol, *parameters = (part.strip() for part in value.split(";"))
        if protocol.lower() == "q.850":
            for parameter in parameters:
                name, _, number = parameter.partition("=")
                if name.strip().lower() == "cause" and number.strip().isascii() and number.strip().isdigit():
                    return int(number) if len(number) <= 3 else None
    return None
