"""What the edge hands a voicemail worker about a call, put into the variables that Kamailio's route reads."""

from collections.abc import Callable
from typing import Any

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import WITHHELD, VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.domain.routing.routing import Forward
from renvoi.domain.rules.rule import NO_FALLBACKS, Otherwise, Unanswered
from renvoi.edge.router.invite_parser import InviteFacts, KamailioMessage
from renvoi.key_file import KeyFile

WHYS = {why: f"avp({why.name.lower()})" for why in Unanswered}
"""The variable for each reason: `TO_WORKER`, `TO_NUMBER`, or nothing for a call that is released."""
TO_WORKER, TO_NUMBER = 1, 2


class HandoffVariables:
    """One object in each of Kamailio's processes."""

    def __init__(
        self, ksr: Any, message: KamailioMessage, keys: KeyFile, now_ms: Callable[[], int], *, has_voicemail: bool
    ) -> None:
        self._ksr = ksr
        self._message = message
        self._keys = keys
        self._now_ms = now_ms
        self._has_voicemail = has_voicemail

    def put(self, facts: InviteFacts, mailbox: E164, revision: int, emails: tuple[EmailAddress, ...]) -> None:
        """Put what a worker needs to take a message."""
        caller = WITHHELD if facts.withheld else facts.caller
        handoff = VoicemailHandoff(mailbox, revision, emails[0], caller, emails[1:])
        self._ksr.pv.sets("$(avp(mailbox)[*])", str(mailbox))
        sealed = handoff.seal(self._keys.ring, self._now_ms(), self._message.raw("ci"))
        self._ksr.pv.sets("$(avp(handoff)[*])", sealed)

    def put_fallbacks(self, facts: InviteFacts, forward: Forward, *, again: bool = False) -> None:
        """Put how a forwarded call goes on for each reason that it is not taken, and what a worker would need then.

        `again`: an earlier decision has put its own, which do not hold any more.
        """
        if forward.fallbacks is NO_FALLBACKS and not again:
            return
        takes_message = False
        for why, variable in WHYS.items():
            action = forward.fallbacks.of(why).action
            way = 0
            if action is Otherwise.FORWARD:
                way = TO_NUMBER
            elif self._has_voicemail and forward.mailbox(why):
                way, takes_message = TO_WORKER, True
            if way or again:
                self._ksr.pv.seti(f"$({variable}[*])", way)
        if takes_message:
            self.put(facts, forward.number_of_mailbox, forward.revision, forward.emails)
