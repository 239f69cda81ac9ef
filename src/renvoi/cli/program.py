"""What the command line needs from the rest of the program; `renvoi.bootstrap` brings it."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.calls.call_record import CallRecord
from renvoi.domain.numbers.number import E164
from renvoi.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `renvoi check` looked at; `mend` says what to do when it is not `ok`.

    A finding that is not `needed` is a loss that the node can live with.
    """

    name: str
    ok: bool
    text: str
    mend: str = ""
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outbound trunk answered to OPTIONS: its status line and how long it took (ms), or why it did not."""

    ok: bool
    text: str
    took_ms: float | None = None


@dataclass(frozen=True, slots=True)
class TrunkReport:
    """What the running node says of an outbound trunk.

    `state` is `up`, `down`, `retry` (gets calls again after its pause, without having answered), `unfound` (its name
    leads nowhere) or `unknown` (the edge does not answer); `text` says more, `facts` are for programs.
    """

    state: str
    text: str
    well: bool
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NodeFacts:
    """What the running node says that decides what a call meets.

    `other_store` says how its store differs from the command's, `no_calls` why it carries none, `no_voicemail` why it
    takes no messages; each is empty when there is no such thing. `outbound` are its outbound trunks by name.
    """

    other_store: str
    no_calls: str
    no_voicemail: str
    outbound: Mapping[str, TrunkReport]


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message of a trial call: ms since its start, who sent it to whom, its first line, and some headers."""

    at_ms: float
    sender: str
    receiver: str
    line: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TrialCall:
    """A real call from loopback through the edge. `status` is what the caller was answered, `record` what was stored.

    `note` says what a reader should know, such as that the trunk's place was taken by somebody else.
    """

    call_id: str
    caller: str
    number: str
    messages: tuple[Message, ...]
    status: int | None
    record: CallRecord | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table of a store that is moved: its rows and the SHA-256 of them all, here and where it goes."""

    name: str
    rows: int
    checksum: str
    rows_there: int
    checksum_there: str

    @property
    def same(self) -> bool:
        """Whether both have the same rows."""
        return (self.rows, self.checksum) == (self.rows_there, self.checksum_there)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made: its size in bytes, the messages in it, and how many of them have no recording."""

    size: int
    messages: int
    without_audio: int


class MessageFiles(Protocol):
    """Where the files of messages lie."""

    def audio(self, message_id: str) -> Path:
        """Return where the recording of a message lies, a WAV, unless the store keeps it."""

    def lent(self, audio: bytes) -> AbstractContextManager[Path]:
        """Make a file of `audio` that is gone afterwards.

        Raises:
            OSError: the disk does not take it.
        """

    def remove(self, message_id: str) -> None:
        """Remove the recording and the mail that was kept as a file; what is gone already does not matter.

        Raises:
            OSError: one of them cannot be removed.
        """


class Program(Protocol):
    """The program around the command line."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""

    def load(self, flags: Mapping[str, object]) -> Settings:
        """Load the settings.

        Raises:
            SettingsInvalid: one is wrong.
        """

    def open_store(self, settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Store]:
        """Open the store, made when missing if `create`.

        Raises:
            Refused: there is none.
            StoreUnavailable: it cannot be opened.
            StoreMismatch: it is none of ours, or a newer one's.
        """

    def message_files(self, settings: Settings) -> MessageFiles:
        """Return where the files of messages lie."""

    def read_greeting(self, content: bytes) -> bytes:
        """Make a greeting of an audio file's content: a WAV, 16-bit PCM, mono, 16 kHz.

        Raises:
            Refused: it cannot be one; the text says why.
        """

    def wav_to_mp3(self, wav: Path) -> bytes:
        """Return the recording `wav` as MP3.

        Raises:
            Refused: it cannot be read.
        """

    async def trunks_changed(self, settings: Settings) -> str | None:
        """Have the running node, if any, take the trunks as they are now; return what went wrong, if anything."""

    async def trunk_reports(self, settings: Settings) -> Mapping[str, TrunkReport] | str:
        """Ask the running node for the state of its outbound trunks, by name; return why, if it cannot be asked."""

    async def node_facts(self, settings: Settings) -> NodeFacts | str:
        """Ask the running node what decides what a call meets; return why, if it cannot be asked."""

    def migrate_schema(self, settings: Settings) -> tuple[str | None, str]:
        """Bring the store's schema up to date; return its revisions before (None: there was none) and now.

        Raises:
            Refused: there is no store.
            StoreUnavailable: it cannot be opened.
            StoreMismatch: it is none of ours, or a newer one's.
        """

    def move_store(self, settings: Settings, url: str, tell: Callable[[str], None]) -> Sequence[MovedTable]:
        """Move the SQLite store of the data directory to PostgreSQL, or go on with that; return how all compares.

        Without tables all had been done before. `tell` is told what is going on.

        Raises:
            Refused: it cannot be done, or goes on another time.
            StoreUnavailable, StoreMismatch: one of the stores cannot be used.
        """

    def move_back(self, settings: Settings, *, force: bool) -> tuple[Path, bool]:
        """Have the SQLite store take changes again; return where it is, and whether it took none.

        Raises:
            Refused: there is none, or it was moved to its end and `force` is missing.
        """

    def remove_moved(self, settings: Settings) -> tuple[Path, int]:
        """Remove the SQLite store that was moved; return where it was, and how many recordings went with it.

        Raises:
            Refused: it was not moved, or the disk failed.
        """

    def back_up(self, settings: Settings, file: Path, *, replace: bool) -> Backup:
        """Write a backup of the SQLite store and its recordings to `file`, a tar.

        Raises:
            Refused: the store is none on SQLite, the file is there, or the disk failed.
        """

    def serve(self, settings: Settings, *, calls: bool, demo_if_new: bool) -> int:
        """Serve until told to stop; return the exit code.

        Raises:
            Refused: it cannot start; the text says why.
        """

    async def check(self, settings: Settings) -> Sequence[Finding]:
        """Look at everything that a node needs."""

    async def ask_options(self, uri: str) -> Verdict:
        """Look up where a SIP peer is, and ask whether it is there."""

    async def place_call(self, settings: Settings, called: E164, caller: E164) -> TrialCall:
        """Place one real call through the running edge and wait for its end and record.

        Raises:
            Refused: there is no edge to call, or what it takes is not installed.
        """
