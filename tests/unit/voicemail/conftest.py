"""Recordings and the store that their messages go to."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from renvoi.domain.calls.call_record import CallEvent
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.voicemail_handoff import VoicemailHandoff
from renvoi.domain.numbers.number import E164
from renvoi.voicemail.finalize import Finalizer, RecordingMetadata
from renvoi.voicemail.recording import Recording
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore
from tests.support.stores import A, seed

RATE = 8000
STRANGER = E164("+33199009999")
"""A number that nobody has any more."""


class Archive:
    """Two folders, a store with the number A, and what files the recordings."""

    def __init__(self, directory: Path) -> None:
        self.recordings, self.messages = directory / "recordings", directory / "messages"
        for folder in (self.recordings, self.messages):
            folder.mkdir()
        self.store, self.clock = MemoryStore(), FixedClock()
        self.events: list[CallEvent] = []
        self.filing = Finalizer(self.store, self.clock, self.events.append)
        asyncio.run(seed(self.store))
        self.held: list[Recording] = []

    def facts(self, name: str, number: E164 = A) -> RecordingMetadata:
        """Return the facts of the call `name`."""
        handoff = VoicemailHandoff(number, 4, EmailAddress("owner@example.com"), "+33612345678")
        return RecordingMetadata(handoff, f"call-{name}", "tag", 1_700_000)

    def record(self, name: str, seconds: float = 2.0, facts: bytes | None = None) -> Recording:
        """Begin a recording and write so much of it."""
        dumped = facts if facts is not None else self.facts(name).dump()
        recording = Recording.create(self.recordings, self.messages, name, dumped, RATE)
        recording.write(0, b"\1\2" * int(seconds * RATE))
        self.held.append(recording)
        return recording

    def abandon(self, name: str, seconds: float = 2.0, facts: bytes | None = None) -> None:
        """Leave a recording as the death of its worker does."""
        self.record(name, seconds, facts).release()

    def file(self, recording: Recording, *, cut_off: bool = False) -> bool:
        """Finish a recording, and file it."""
        recording.finish()
        return asyncio.run(self.filing.file(recording, cut_off=cut_off))

    def files(self) -> list[str]:
        """Return the names of the files of both folders."""
        return sorted(path.name for folder in (self.recordings, self.messages) for path in folder.iterdir())

    def stored(self) -> list[str]:
        """Return the identifiers of the messages in the store."""
        found = asyncio.run(self.store.read(lambda reader: reader.messages(100, None)))
        return sorted(stored.message.id for stored in found)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Make an archive, and let go of its recordings in the end."""
    made = Archive(tmp_path)
    yield made
    for recording in made.held:
        recording.release()
