"""From a recording that has ended to a message in the store: the one way, for calls that end well and for orphans.

What the store refuses for its content, or nobody can read, would be tried for ever. It becomes a dead letter by the one
process of a node that looks for orphans; the others leave it to that.
"""

import asyncio
import json
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import structlog

from renvoi.application.messages import MailboxGone, MailboxRemoved, Recorded, file_message
from renvoi.application.ports.errors import StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.call_records.dead_letters import COUNTER, DeadLetters
from renvoi.domain.calls.call_record import CallEvent, MessageLeft, Missed, identifier
from renvoi.domain.messages.message import MIN_MESSAGE_MS, peaks_of
from renvoi.domain.messages.voicemail_handoff import HandoffInvalid, VoicemailHandoff
from renvoi.domain.moment import is_moment
from renvoi.domain.text import read_json
from renvoi.voicemail.recording import Recording

AUDIO_AT_ONCE = 4
"""Recordings on their way into a store that keeps them: each takes some megabytes of memory meanwhile."""

log = structlog.get_logger("voicemail")


def _identifier(text: str) -> str:
    # A worker of an earlier version wrote what had come.
    return identifier(text.encode("utf-8", "surrogatepass"))


class MetadataInvalid(ValueError):
    """The file beside a recording is not one of ours."""


@dataclass(frozen=True, slots=True)
class RecordingMetadata:
    """The call that a recording belongs to; `answered_at_ms` is ms since 1970-01-01 UTC."""

    handoff: VoicemailHandoff
    call_id: str
    from_tag: str
    answered_at_ms: int

    def dump(self) -> bytes:
        values = {
            "deposit": self.handoff.encode(),
            "call_id": self.call_id,
            "from_tag": self.from_tag,
            "answered_at_ms": self.answered_at_ms,
        }
        return json.dumps(values).encode()

    @classmethod
    def load(cls, text: bytes) -> Self:
        """Read what `dump` returned.

        Raises:
            FactsInvalid: it is something else.
        """
        try:
            values = read_json(text)
            handoff = VoicemailHandoff.decode(values["deposit"])
            call_id, from_tag = (_identifier(str(values[name])) for name in ("call_id", "from_tag"))
            at_ms = values["answered_at_ms"]
            if not is_moment(at_ms):
                raise ValueError(f"answered_at_ms is {str(at_ms)[:50]}: no time before the year 9999")
            return cls(handoff, call_id, from_tag, at_ms)
        except (ValueError, KeyError, TypeError, HandoffInvalid) as error:
            raise MetadataInvalid(f"{error!r} in {text[:200]!r}") from error


def _peaks(recording: Recording) -> bytes:
    return peaks_of(lambda offset, count: array("h", recording.pcm(offset, count)), recording.samples)


class Finalizer:
    """Makes messages of recordings. `tell` notes an event for the call's record; `letters` takes what is refused."""

    def __init__(
        self, store: Store, clock: Clock, tell: Callable[[CallEvent], None], letters: DeadLetters | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._tell = tell
        self._letters = letters
        self._audio = asyncio.Semaphore(AUDIO_AT_ONCE)

    async def file(self, recording: Recording, *, cut_off: bool) -> bool:
        """Do what `file_or_reason` does; False when it has to wait."""
        return await self.file_or_reason(recording, cut_off=cut_off) is None

    async def file_or_reason(self, recording: Recording, *, cut_off: bool) -> str | None:
        """Store the message that `recording` holds, or note a missed call; return why that has to wait, None if done.

        What waits is left behind for the search for orphans, which comes by every few seconds. Blocks on the disk.

        Raises:
            OSError: the disk failed; the recording is to be released.
        """
        duration_ms = recording.duration_ms
        about = log.bind(message_id=recording.id, duration_ms=duration_ms)
        try:
            facts = RecordingMetadata.load(recording.facts)
        except MetadataInvalid as error:
            return await self._set_aside(recording, f"it is without the facts of its call: {error}")
        about = about.bind(call_id=facts.call_id, number=facts.handoff.number.value)
        try:
            if duration_ms < MIN_MESSAGE_MS and not (cut_off and await self._has_audio_of(recording)):
                self._tell(Missed(facts.call_id, facts.from_tag, self._clock.now_ms()))
                recording.discard()
                about.info("no message was left")
                return None
            new = await self._store_message(recording, facts, cut_off=cut_off)
        except (StoreUnavailable, MailboxGone) as error:
            about.error("a message waits to be stored", error=str(error))
            if cut_off:
                recording.reopen()
            recording.release()
            return str(error)
        except MailboxRemoved as error:
            self._tell(Missed(facts.call_id, facts.from_tag, self._clock.now_ms()))
            recording.discard()
            about.info("a message is dropped", reason=str(error))
            return None
        except StoreRefused as error:
            return await self._set_aside(recording, f"the store does not take it: {error}")
        self._tell(MessageLeft(facts.call_id, facts.from_tag, self._clock.now_ms()))
        recording.done(audio_stays=not self._store.keeps_audio)
        if new:
            about.info("a message was left", cut_off=cut_off)
        return None

    async def _set_aside(self, recording: Recording, why: str) -> str | None:
        """Keep a recording that can become no message where an operator finds it; `why` when that is left to others.

        Raises:
            OSError: the disk does not take it.
        """
        if self._letters is None:
            log.error("a recording is left to the mailer", message_id=recording.id, reason=why)
            recording.release()
            return why
        recording.set_aside(self._letters, why, self._clock.now_ms())
        folder = str(self._letters.directory)
        log.error("a recording is set aside", message_id=recording.id, folder=folder, reason=why)
        try:
            await self._store.write(lambda writer: writer.count(COUNTER))
        except StoreUnavailable as error:
            log.warning("a dead letter is not counted", error=str(error))
        return None

    async def _has_audio_of(self, recording: Recording) -> bool:
        """Tell whether the store has taken a recording of which nothing is left here but its facts."""
        if not self._store.keeps_audio:
            return False
        return await self._store.read(lambda reader: reader.message(recording.id)) is not None

    async def _store_message(self, recording: Recording, facts: RecordingMetadata, *, cut_off: bool) -> bool:
        recorded = Recorded(
            recording.id,
            facts.handoff,
            facts.call_id,
            facts.answered_at_ms,
            recording.duration_ms,
            cut_off,
            await asyncio.to_thread(_peaks, recording),
        )
        if not self._store.keeps_audio:
            return await file_message(self._store, self._clock, recorded)
        async with self._audio:
            audio = await asyncio.to_thread(recording.read)
            return await file_message(self._store, self._clock, recorded, audio)
