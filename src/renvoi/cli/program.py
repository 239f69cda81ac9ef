"""What the command line needs from the rest of the program; `renvoi.bootstrap` brings it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from renvoi.application.ports import Clock, Store
from renvoi.domain.callrecord import CallRecord
from renvoi.domain.number import E164
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


class MessageFiles(Protocol):
    """Where the files of messages lie."""

    def audio(self, message_id: str) -> Path:
        """Return where the recording of a message lies, a WAV."""

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

    def serve(self, settings: Settings, *, calls: bool, demo_if_new: bool) -> int:
        """Serve until told to stop; return the exit code.

        Raises:
            Refused: it cannot start; the text says why.
        """

    async def check(self, settings: Settings) -> Sequence[Finding]:
        """Look at everything that a node needs."""

    async def ask_options(self, uri: str) -> Verdict:
        """Ask a SIP peer whether it is there."""

    async def place_call(self, settings: Settings, called: E164, caller: E164) -> TrialCall:
        """Place one real call through the running edge and wait for its end and record.

        Raises:
            Refused: there is no edge to call, or what it takes is not installed.
        """
