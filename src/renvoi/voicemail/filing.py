"""From a recording that has ended to a message in the store: the one way, for calls that end well and for orphans."""

from collections.abc import Callable

import structlog

from renvoi.application.messages import MailboxGone, Recorded, file_message
from renvoi.application.ports import Clock, Store, StoreUnavailable
from renvoi.domain.callevent import CallEvent, MessageLeft, Missed
from renvoi.domain.message import MIN_MESSAGE_MS
from renvoi.voicemail.facts import CallFacts, FactsInvalid
from renvoi.voicemail.recording.recording import Recording

log = structlog.get_logger("voicemail")


class Filing:
    """Makes messages of recordings. `tell` notes an event for the call's record."""

    def __init__(self, store: Store, clock: Clock, tell: Callable[[CallEvent], None]) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell

    async def file(self, recording: Recording, *, cut_off: bool) -> bool:
        """Store the message that `recording` holds, or note a missed call; False when that has to wait.

        What waits is left behind for the search for orphans, which comes by every few seconds. Blocks on the disk.

        Raises:
            OSError: the disk failed; the recording is to be released.
        """
        duration_ms = recording.duration_ms
        about = log.bind(message_id=recording.id, duration_ms=duration_ms)
        try:
            facts = CallFacts.load(recording.facts)
        except FactsInvalid as error:
            about.error("a recording without the facts of its call is left where it is", error=str(error))
            recording.release()
            return False
        about = about.bind(call_id=facts.call_id, number=facts.deposit.number.value)
        if duration_ms < MIN_MESSAGE_MS:
            self._tell(Missed(facts.call_id, facts.from_tag, self._clock.now_ms()))
            recording.discard()
            about.info("no message was left")
            return True
        recorded = Recorded(recording.id, facts.deposit, facts.call_id, facts.answered_at_ms, duration_ms, cut_off)
        try:
            new = await file_message(self._store, self._clock, recorded)
        except (StoreUnavailable, MailboxGone) as error:
            about.error("a message waits to be stored", error=str(error))
            if cut_off:
                recording.reopen()
            recording.release()
            return False
        self._tell(MessageLeft(facts.call_id, facts.from_tag, self._clock.now_ms()))
        recording.done()
        if new:
            about.info("a message was left", cut_off=cut_off)
        return True
