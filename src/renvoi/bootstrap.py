"""Puts the program together: the command line gets the store, the node and everything else from here."""

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import typer

from renvoi.adapters.clock import SystemClock
from renvoi.application.ports import Clock, Store
from renvoi.application.refused import Refused
from renvoi.cli.app import app
from renvoi.cli.program import Finding, MessageFiles, TrialCall, Verdict
from renvoi.domain.number import E164
from renvoi.node import control
from renvoi.settings import Settings, load

TRUNKS_TIMEOUT_S = 10.0
"""How long a command waits for the running node to take changed trunks."""


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    app(obj=Renvoi(os.environ), prog_name="renvoi")


class Renvoi:
    """See `cli.program.Program`. What only some commands need is imported by them: each import costs every command."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._warned: set[str] = set()
        self.clock: Clock = SystemClock()

    def load(self, flags: Mapping[str, object]) -> Settings:
        """Load the settings; warnings go to stderr, each once."""
        loaded = load(flags, self._environ)
        for warning in loaded.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                typer.echo(f"renvoi: {warning}", err=True)
        return loaded.settings

    def open_store(self, settings: Settings, *, create: bool) -> AbstractAsyncContextManager[Store]:
        """Open the store of `settings`."""
        return _open(settings, create=create)

    def message_files(self, settings: Settings) -> MessageFiles:
        """Return where the files of messages lie."""
        from renvoi.adapters import messagefiles  # noqa: PLC0415 - see the class

        return messagefiles.MessageFiles(settings.messages_dir, settings.mail_dir)

    def read_greeting(self, content: bytes) -> bytes:
        """Make a greeting of an audio file's content."""
        from renvoi.adapters import audio  # noqa: PLC0415 - see the class

        try:
            return audio.read_greeting(content)
        except audio.AudioInvalid as error:
            raise Refused(str(error)) from error

    def wav_to_mp3(self, wav: Path) -> bytes:
        """Return the recording `wav` as MP3."""
        from renvoi.adapters import audio  # noqa: PLC0415 - see the class

        try:
            return audio.wav_to_mp3(wav)
        except OSError as error:
            raise Refused(f"the recording {wav} cannot be read: {error.strerror}") from error
        except audio.AudioInvalid as error:
            raise Refused(f"the recording {wav} cannot be made an MP3: {error}") from error

    async def trunks_changed(self, settings: Settings) -> str | None:
        """Have the running node take the trunks."""
        try:
            await control.ask(settings.run_dir, "reload-trunks", TRUNKS_TIMEOUT_S)
        except control.NoNode:
            return None
        except control.ControlError as error:
            return str(error)
        return None

    def serve(self, settings: Settings, *, calls: bool, demo_if_new: bool) -> int:
        """Serve until told to stop."""
        from renvoi.node.serve import serve  # noqa: PLC0415 - see the class

        return serve(settings, self.clock, calls=calls, demo_if_new=demo_if_new)

    async def check(self, settings: Settings) -> Sequence[Finding]:
        """Look at everything that a node needs."""
        from renvoi.node.check import check  # noqa: PLC0415 - see the class

        return await check(settings)

    async def ask_options(self, uri: str) -> Verdict:
        """Ask a SIP peer whether it is there."""
        from renvoi.node.options import ask_options  # noqa: PLC0415 - see the class

        return await ask_options(uri)

    async def place_call(self, settings: Settings, called: E164, caller: E164) -> TrialCall:
        """Place one real call."""
        from renvoi.node.trial import place_call  # noqa: PLC0415 - see the class

        async with _open(settings, create=False) as store:
            return await place_call(settings, store, called, caller)


@asynccontextmanager
async def _open(settings: Settings, *, create: bool) -> AsyncIterator[Store]:
    from renvoi.adapters.sql.opening import open_store  # noqa: PLC0415 - see the class

    path = settings.database_path
    if create:
        make_directory(settings.data_dir if path is None else path.parent)
    elif path is not None and not _exists(path):
        raise Refused(
            f"{settings.data_dir} holds no data of renvoi yet: "
            "`renvoi serve`, `renvoi demo` or `renvoi account add` makes it; --data names another directory"
        )
    store = await open_store(settings.database)
    try:
        yield store
    finally:
        await store.close()


def make_directory(path: Path) -> None:
    """Make a directory for data, closed to other users, with those above it.

    Raises:
        Refused: it cannot be made.
    """
    try:
        path.mkdir(mode=0o751, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise Refused(f"{path} is no directory: give another --data") from error
    except OSError as error:
        raise Refused(f"{path} cannot be made: {error.strerror}: give another --data") from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
