"""Puts the program together: the command line gets the store, the node and everything else from here."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from renvoi.adapters.clock import SystemClock
from renvoi.adapters.message_files import MessageFiles
from renvoi.application.errors import OperatorError
from renvoi.application.ports.audio import AudioInvalid
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.secrets import Sealer, SecretClosed
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.application.trunks import client_key_of
from renvoi.application.webhooks.endpoints import SealerFor, UrlRules
from renvoi.application.write_behind import ChangeCounts
from renvoi.configuration.setting_files import TOML_NAME
from renvoi.configuration.setting_sources import load
from renvoi.configuration.setting_types import EDGE
from renvoi.configuration.settings import DATABASE_NAME, Settings
from renvoi.domain.numbers.number import E164
from renvoi.domain.trunks.trunk import OutboundTrunk
from renvoi.files import make_directory
from renvoi.node.control import control
from renvoi.node.control.control import NodeFacts, TrunkReport

if TYPE_CHECKING:
    # Each import costs every command; see `Renvoi`.
    from renvoi.adapters.sql.backup import Made
    from renvoi.adapters.sql.sqlite_to_postgres.move import MovedTable
    from renvoi.application.calls import Trace
    from renvoi.application.ports.people import Passwords
    from renvoi.node.checks.results import Finding, TrialCall, Verdict

REPORTED = (
    "addresses",
    "name_error",
    "found_at_s",
    "password_error",
    "tls_error",
    "registration",
    "registrar_answer",
    "registrar_answered_at_s",
)
"""What programs get of a trunk besides its state."""
_MOST_PEM = 1024 * 1024
"""Bytes of a file of certificates: more than all authorities of a system."""
TRUNKS_TIMEOUT_S = 10.0
"""How long a command waits for the running node to take changed trunks."""


def _of_file(path: Path, read: Callable[[bytes], str]) -> str:
    """Return what `read` makes of a file of certificates or a key.

    Raises:
        OperatorError: the file cannot be read, or is not what it should be.
    """
    from renvoi.edge.identity.certificates import CertificateInvalid  # noqa: PLC0415 - see `Renvoi`

    try:
        with path.open("rb") as file:
            content = file.read(_MOST_PEM + 1)
        if len(content) > _MOST_PEM:
            raise CertificateInvalid(f"it has more than {_MOST_PEM // 1024} KiB")
        return read(content)
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
    except CertificateInvalid as error:
        raise OperatorError(f"{path}: {error}") from None


class Renvoi:
    """The program around the command line.

    What only some commands need is imported by them: each import costs every command.
    """

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
        return MessageFiles(settings.messages_dir, settings.mail_dir)

    def read_greeting(self, content: bytes) -> bytes:
        """Make a greeting of an audio file's content."""
        from renvoi.adapters import audio  # noqa: PLC0415 - see the class

        try:
            return audio.read_greeting(content)
        except AudioInvalid as error:
            raise OperatorError(str(error)) from error

    def wav_to_mp3(self, wav: Path) -> bytes:
        """Return the recording `wav` as MP3."""
        from renvoi.adapters import audio  # noqa: PLC0415 - see the class

        try:
            return audio.wav_to_mp3(wav)
        except OSError as error:
            raise OperatorError(f"the recording {wav} cannot be read: {error.strerror}") from error
        except AudioInvalid as error:
            raise OperatorError(f"the recording {wav} cannot be made an MP3: {error}") from error

    def seal(self, settings: Settings, kept: Mapping[str, bytes], name: str, secret: str) -> bytes:
        """Seal a secret for the store, which has those of `kept` already; makes the key if it is the first one."""
        from renvoi.adapters import sealing  # noqa: PLC0415 - see the class

        return sealing.key_for(settings.secrets_key, kept).seal(name, secret)

    def sealer_for(self, settings: Settings) -> SealerFor:
        """Return what finds, or makes, the key of secrets in the store."""

        def find(kept: Mapping[str, bytes]) -> Sealer:
            from renvoi.adapters import sealing  # noqa: PLC0415 - see the class

            return sealing.key_for(settings.secrets_key, kept)

        return find

    def webhook_urls(self, settings: Settings) -> UrlRules:
        """Return which addresses webhooks may have."""
        return UrlRules(settings.webhook_http == "yes", settings.webhook_inner_networks)

    def read_authorities(self, path: Path) -> str:
        """Return the certificates of authorities in a file, in PEM form."""
        from renvoi.edge.tls import certificates  # noqa: PLC0415 - see the class

        return _of_file(path, certificates.read_authorities)

    def read_certificates(self, path: Path) -> str:
        """Return a certificate of ours with its chain, in PEM form."""
        from renvoi.edge.tls import certificates  # noqa: PLC0415 - see the class

        return _of_file(path, certificates.read_own)

    def read_private_key(self, path: Path, certificate: str) -> str:
        """Return the key of that certificate, in PEM form."""
        from renvoi.edge.tls import certificates  # noqa: PLC0415 - see the class

        return _of_file(path, lambda content: certificates.read_key(content, certificate))

    def why_no_tls(self, settings: Settings) -> str:
        """Return why the edge of this node can do no TLS; empty where it can, or is on other machines alone."""
        from renvoi.edge.kamailio import programs  # noqa: PLC0415 - see the class

        is_known = EDGE in settings.parts and programs.missing() is None
        return programs.why_no_tls() if is_known else ""

    async def trunks_changed(self, settings: Settings) -> str | None:
        """Have the running node take the trunks; return what the operator should know of that, None for nothing."""
        from renvoi.node.control import trunk_reports  # noqa: PLC0415 - see the class

        try:
            answer = await control.ask(settings.run_dir, "reload-trunks", TRUNKS_TIMEOUT_S)
        except control.NoNode:
            return None
        except control.ControlError as error:
            return f"stored, but not yet in force on the running node: {error}"
        unrelayed = answer.get("unrelayed")
        return trunk_reports.describe_unrelayed(unrelayed) if unrelayed else None

    async def trunk_reports(self, settings: Settings) -> Mapping[str, TrunkReport] | str:
        facts = await self.node_facts(settings)
        if isinstance(facts, str):
            return facts
        return f"the running node has another store: {facts.other_store}" if facts.other_store else facts.outbound

    async def node_facts(self, settings: Settings) -> NodeFacts | str:
        """Ask the running node what decides what a call meets."""
        from renvoi.node.control import control, trunk_reports  # noqa: PLC0415 - see the class

        try:
            node = await control.find_node(settings)
        except control.NoNode:
            return f"no node runs on {settings.data_dir}"
        except control.ControlError as error:
            return str(error)
        return NodeFacts(
            control.other_store(node),
            str(node.status["absent"].get("edge", "")),
            control.why_no_voicemail(node),
            {
                trunk["name"]: TrunkReport(
                    trunk["state"],
                    trunk_reports.describe(trunk),
                    trunk_reports.is_well(trunk),
                    {key: trunk.get(key) for key in REPORTED},
                )
                for trunk in node.status["trunks"]
            },
        )

    def migrate_schema(
        self, settings: Settings, tell: Callable[[str], None], *, copies: bool
    ) -> tuple[str | None, str, Path | None]:
        """Return the schema that was found, the one that is there now, and the copy of the store as it was."""
        from renvoi.adapters.sql.schema import HEAD  # noqa: PLC0415 - see the class

        copy = None
        if settings.database_path is not None:
            from renvoi.adapters.sql.upgrade import upgrade_file  # noqa: PLC0415 - see the class

            path = _existing(settings.database_path, settings)
            done = upgrade_file(path, self.clock.now_ms(), copies=copies, tell=tell)
            found, copy = done.found, done.copy
        else:
            from renvoi.adapters.sql.schema_setup import prepare_database  # noqa: PLC0415 - see the class

            found = prepare_database(settings.database)
        return found, max(found or HEAD, HEAD), copy

    def move_store(self, settings: Settings, url: str, tell: Callable[[str], None]) -> "Sequence[MovedTable]":
        from renvoi.adapters.sql.sqlite_to_postgres import move  # noqa: PLC0415 - see the class

        shown = replace(settings, database_url=url).database_shown
        audio = MessageFiles(settings.messages_dir, settings.mail_dir).audio
        return move.move_store(move.Route(_sqlite_of(settings), url, shown, audio), self.clock, tell)

    def move_back(self, settings: Settings, *, force: bool) -> tuple[Path, bool]:
        """Have the SQLite store take changes again."""
        from renvoi.adapters.sql.sqlite_to_postgres import move  # noqa: PLC0415 - see the class

        path = _sqlite_of(settings)
        return path, move.move_back(path, force=force) is not None

    def remove_moved(self, settings: Settings) -> tuple[Path, int]:
        """Remove the SQLite store that was moved."""
        from renvoi.adapters.sql.sqlite_to_postgres import move  # noqa: PLC0415 - see the class

        path = _sqlite_of(settings)
        return path, move.remove_moved(path, MessageFiles(settings.messages_dir, settings.mail_dir).audio)

    def back_up(self, settings: Settings, file: Path, *, replace: bool) -> "Made":
        from renvoi.adapters.sql import backup  # noqa: PLC0415 - see the class

        if settings.database_path is None:
            raise OperatorError(f"the store is at {settings.database_shown}: back it up with PostgreSQL's own pg_dump")
        source = backup.BackupSource(
            database=_existing(settings.database_path, settings),
            settings=settings.config_file or settings.data_dir / TOML_NAME,
            messages=settings.messages_dir,
            mails=settings.mail_dir,
            recordings=settings.recordings_dir,
            spool=settings.spool_dir,
        )
        return backup.back_up(source, file, replace=replace)

    def passwords(self) -> "Passwords":
        """Return what hashes passwords."""
        from renvoi.adapters.passwords import Argon2Passwords  # noqa: PLC0415 - see the class

        return Argon2Passwords()

    async def address(self, settings: Settings) -> str:
        """Return the URL at which a browser on this machine reaches the node, without a slash at its end."""
        from renvoi.node.parts.health import url_of  # noqa: PLC0415 - see the class

        try:
            return str((await control.find_node(settings)).status["http"])
        except (control.NoNode, control.ControlError):
            # It may be started yet.
            return url_of(settings.http_host, settings.http_port)

    def serve(self, flags: Mapping[str, object], *, calls: bool, demo_if_new: bool) -> int:
        """Serve with the settings of these flags, which are read again on SIGHUP."""
        from renvoi.edge.kamailio.render import compile_templates  # noqa: PLC0415 - see the class
        from renvoi.node import fork_server  # noqa: PLC0415 - see the class
        from renvoi.node.supervisor.serve import serve  # noqa: PLC0415 - see the class

        # What is loaded after the fork is this process's alone, and so is each page that loading it writes to.
        compile_templates()
        # Before settings are read: what this process knows then, every part would know.
        first = fork_server.begin()
        return serve(
            self.load(flags),
            self.clock,
            calls=calls,
            demo_if_new=demo_if_new,
            read_again=lambda: self.load(flags),
            fork_server=first,
        )

    async def check(self, settings: Settings) -> "Sequence[Finding]":
        from renvoi.node.checks.check import check  # noqa: PLC0415 - see the class

        return await check(settings)

    async def test_trunk(
        self, settings: Settings, trunk: OutboundTrunk, secrets: Mapping[str, bytes], report: TrunkReport | None
    ) -> "tuple[Verdict, Sequence[Finding]]":
        """Try a trunk; by TLS with the certificate of ours that it is shown, whose key is in `secrets`."""
        from renvoi.adapters import sealing  # noqa: PLC0415 - see the class
        from renvoi.edge.tls.profiles import Profile  # noqa: PLC0415 - see the class
        from renvoi.node.checks.trunk_test import test_trunk  # noqa: PLC0415 - see the class

        key = ""
        if trunk.client_cert:
            name = client_key_of(trunk.name)
            try:
                key = sealing.key_for(settings.secrets_key, secrets).open(name, secrets[name])
            except (SecretClosed, KeyError) as error:
                raise OperatorError(f"the key of our certificate for {trunk.name} cannot be opened: {error}") from error
        return await test_trunk(settings, trunk, secrets, report, Profile(trunk.ca, trunk.client_cert, key))

    async def call_through(
        self, settings: Settings, trunk: str, target: E164, caller: E164
    ) -> "tuple[Finding, Trace | None]":
        """Place a call through a trunk."""
        from renvoi.node.checks.trunk_call import call_through  # noqa: PLC0415 - see the class

        async with _open(settings, create=False) as store:
            return await call_through(settings, store, trunk, target, caller)

    async def place_call(self, settings: Settings, called: E164, caller: E164) -> "TrialCall":
        from renvoi.node.checks.test_call import place_call  # noqa: PLC0415 - see the class

        async with _open(settings, create=False) as store:
            return await place_call(settings, store, called, caller)


@asynccontextmanager
async def _open(settings: Settings, *, create: bool) -> AsyncIterator[Store]:
    from renvoi.adapters.sql import open_store, schema_of  # noqa: PLC0415 - see the class

    path = settings.database_path
    is_new = False
    if create:
        make_directory(settings.data_dir if path is None else path.parent)
        is_new = (path is not None and not path.exists()) or schema_of(settings.database) is None
    elif path is not None:
        _existing(path, settings)
    counts = ChangeCounts(SystemClock())
    store = await open_store(settings.database, migrates=is_new, on_commit=lambda _changes, rules: counts.note(rules))
    try:
        yield store
    finally:
        # What the command did is done, counted or not.
        with suppress(StoreUnavailable):
            await counts.write(store)
        await store.close()


def _sqlite_of(settings: Settings) -> Path:
    """Return the SQLite store of the data directory, also where a node of it works on PostgreSQL already."""
    return _existing(settings.database_path or settings.data_dir / DATABASE_NAME, settings)


def _existing(path: Path, settings: Settings) -> Path:
    if not _exists(path):
        raise OperatorError(
            f"{settings.data_dir} holds no data of renvoi yet: "
            "`renvoi serve`, `renvoi demo` or `renvoi account add` makes it; --data names another directory"
        )
    return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error
