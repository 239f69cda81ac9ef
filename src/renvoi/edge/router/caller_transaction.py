"""The INVITE at hand towards the caller: its answers, and when it has its final one."""

from typing import Any

from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.sip_responses import SipResponse

FORWARD = 1
"""Kamailio shall send the call on, with what was put into its variables."""
ANSWERED = 2
"""The request has its final answer."""
VOICEMAIL = 3
"""Kamailio shall send the call to a worker of the voicemail, with what was put into its variables."""
FAILED = -1
"""Nothing was answered: Kamailio's own route answers 500."""

ONGOING_TABLE = "ongoing"
"""Kamailio's table of the calls that have no final answer yet, by what copies of one INVITE share."""


class CallerTransaction:
    """Answers the INVITE at hand."""

    def __init__(self, ksr: Any, message: KamailioMessage) -> None:
        self._ksr = ksr
        self._message = message

    def end(self) -> None:
        """Let the same INVITE be a new attempt from now on, as this one has its final answer."""
        self._ksr.htable.sht_rm(ONGOING_TABLE, self._message.text("avp(copy)"))

    def answer(self, answer: SipResponse) -> int:
        self.end()
        headers = answer.headers + self._message.verbatim("avp(stir)")
        if headers:
            self._ksr.hdr.append_to_reply(headers)
        return ANSWERED if self._ksr.tm.t_reply(answer.status, answer.phrase) > 0 else FAILED
