"""From a recording that has ended to a message in the store: the one way, for calls that end well and for orphans."""

import asyncio
from collections.abc import Callable

import structlog

from renvoi.application.messages import MailboxGone, Recorded, file_message
from renvoi.application.ports import Clock, Store, StoreUnavailable
from renvoi.domain.callevent import CallEvent, MessageLeft, Missed
from renvoi.domain.message import MIN_MESSAGE_MS
from renvoi.voicemail.facts import CallFacts, FactsInvalid
from renvoi.voicemail.recording.recording import Recording

AUDIO_AT_ONCE = 4
"""Recordings on their way into a store that keeps them: each takes some megabytes of memory meanwhile."""

log = structlog.get_logger("voicemail")


class Filing:
    """Makes messages of recordings. `tell` notes an event for the call's record."""

    def __init__(self, store: Store, clock: Clock, tell: Callable[[CallEvent], None]) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._audio = asyncio.Semaphore(AUDIO_AT_ONCE)

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
        try:
            if duration_ms < MIN_MESSAGE_MS and not (cut_off and await self._has_audio_of(recording)):
                self._tell(Missed(facts.call_id, facts.from_tag, self._clock.now_ms()))
                recording.discard()
                about.info("no message was left")
                return True
            new = await self._store_message(recording, facts, cut_off=cut_off)
        except (StoreUnavailable, MailboxGone) as error:
            about.error("a message waits to be stored", error=str(error))
            if cut_off:
                recording.reopen()
            recording.release()
            return False
        self._tell(MessageLeft(facts.call_id, facts.from_tag, self._clock.now_ms()))
        recording.done(audio_stays=not self._store.keeps_audio)
        if new:
            about.info("a message was left", cut_off=cut_off)
        return True

    async def _has_audio_of(self, recording: Recording) -> bool:
        """Tell whether the store has taken a recording of which nothing is left here but its facts."""
        if not self._store.keeps_audio:
            return False
        return await self._store.read(lambda reader: reader.message(recording.id)) is not None

    async def _store_message(self, recording: Recording, facts: CallFacts, *, cut_off: bool) -> bool:
        duration_ms = recording.duration_ms
        recorded = Recorded(recording.id, facts.deposit, facts.call_id, facts.answered_at_ms, duration_ms, cut_off)
        if not self._store.keeps_audio:
            return await file_message(self._store, self._clock, recorded)
        async with self._audio:
            audio = await asyncio.to_thread(recording.read)
            return await file_message(self._store, self._clock, recorded, audio)
