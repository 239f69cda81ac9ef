"""The control socket: how commands and the HTTP part ask the running node; one JSON object a line each way.

The node may have its settings from flags and an environment that a command does not see, so they are asked for as well.
Secrets of the node do not go over the socket: the parts of the node could ask for those that they are not given. New
passwords of trunks come in by it, to be sealed, and none goes out. So a command has
its own, and says when they lead somewhere else than the node's.
"""

import asyncio
import json
import os
import re
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from renvoi.application.errors import OperatorError
from renvoi.configuration.setting_types import SECRETS, SQLITE, without_password
from renvoi.configuration.settings import ENV_PREFIX, SETTINGS, Settings, ValueRefused, read_settings
from renvoi.domain.text import read_json

SOCKET_NAME = "control.sock"
MAX_LINE_BYTES = 1024 * 1024

Handler = Callable[[], Awaitable[Mapping[str, Any]]]
Request = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]
"""Answers a question that says more than what is to be done; it judges what it is given."""
NO_REQUESTS: Mapping[str, Request] = {}
_FILE_NAME = "node"
_ID = re.compile(r"[0-9a-f]{16}")


class NoNode(Exception):
    """No node runs on this data directory."""


class ControlError(Exception):
    """The node could not do what it was asked; the text says why, `french` in French where that is known."""

    def __init__(self, english: str, french: str | None = None) -> None:
        super().__init__(english)
        self.french = french


@contextmanager
def _short(directory: Path) -> Iterator[str]:
    """Yield a name for `directory` that fits into a socket address (108 bytes), however deep it lies."""
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


@asynccontextmanager
async def serve_control(
    directory: Path, handlers: Mapping[str, Handler], requests: Mapping[str, Request] = NO_REQUESTS
) -> Any:
    """Answer questions on the socket in `directory`; only its owner may ask."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await _answer(line, handlers, requests)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            pass  # the asker has gone, or sent a line without an end
        finally:
            writer.close()

    path = directory / SOCKET_NAME
    path.unlink(missing_ok=True)
    with _short(directory) as short:
        mask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(talk, f"{short}/{SOCKET_NAME}", limit=MAX_LINE_BYTES)
        finally:
            os.umask(mask)
    try:
        yield
    finally:
        server.close()
        path.unlink(missing_ok=True)


async def _answer(line: bytes, handlers: Mapping[str, Handler], requests: Mapping[str, Request]) -> Mapping[str, Any]:
    try:
        asked = read_json(line)
        what = asked["do"]
        request, handler = requests.get(what), handlers.get(what)
    except (ValueError, KeyError, TypeError):
        request = handler = None
    try:
        if request is not None:
            return {"ok": True, **await request(asked)}
        if handler is not None:
            return {"ok": True, **await handler()}
    except Exception as error:  # noqa: BLE001 - the asker is told, and the node goes on
        french = error.texts["fr"] if isinstance(error, OperatorError) else None
        return {"ok": False, "error": str(error) or type(error).__name__, "french": french}
    return {"ok": False, "error": f"give one of {', '.join((*handlers, *requests))}"}


async def ask(directory: Path, what: str, timeout_s: float, **more: Any) -> dict[str, Any]:
    """Ask the node whose control socket lies in `directory`; wait up to `timeout_s` seconds.

    `more` is what a `Request` is given besides.

    Raises:
        NoNode: none runs there.
        ControlError: it did not do it, or not in time.
    """
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _ask(directory, {"do": what, **more})
    except TimeoutError as error:
        raise ControlError(
            f"the node did not answer within {timeout_s:g} s", f"le nœud n’a pas répondu en {timeout_s:g} s"
        ) from error
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error")), answer.get("french"))
    return answer


async def _ask(directory: Path, asked: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with _short(directory) as short:
            reader, writer = await asyncio.open_unix_connection(f"{short}/{SOCKET_NAME}", limit=MAX_LINE_BYTES)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        raise NoNode(str(directory)) from error
    except OSError as error:
        raise ControlError(f"its control socket cannot be used: {error.strerror}") from error
    try:
        writer.write(json.dumps(asked).encode() + b"\n")
        line = await reader.readline()
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    if not line:
        raise ControlError("the node ended the conversation")
    answer: dict[str, Any] = json.loads(line)
    return answer


def node_name(data_dir: Path) -> str:
    """Return the name of the node whose data directory this is: the same after each restart, and no other one's.

    The random part is kept in the file `node`, which is made when it is missing. The host's name goes with it, so that
    a copy of the directory on another machine is another node, and a reader sees which one it is.

    Raises:
        OSError: the file can be neither read nor made.
    """
    path = data_dir / _FILE_NAME
    try:
        found = path.read_text("ascii", "replace").strip()
    except FileNotFoundError:
        found = ""
    if not _ID.fullmatch(found):
        found = secrets.token_hex(8)
        new = path.with_suffix(".new")
        with new.open("w", encoding="ascii") as file:
            file.write(found + "\n")
            file.flush()
            # A name that a power cut leaves empty would be another one after it.
            os.fsync(file.fileno())
        new.replace(path)
    return f"{socket.gethostname()}-{found}"


TIMEOUT_S = 2.0
"""How long the node may take to answer."""
_OF_A_PROCESS = frozenset({"data_dir", "log_format", "log_level"})
"""Settings that may differ without meaning anything: where the log goes, and how the directory is called."""


@dataclass(frozen=True, slots=True)
class TrunkReport:
    """What the running node says of an outbound trunk.

    `state` is `up`, `down`, `retry` (gets calls again after its pause, without having answered), `unfound` (its name
    leads nowhere, or the edge has not loaded it yet) or `unknown` (the edge does not answer); `text` says more, `facts`
    are for programs.
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
class Running:
    """The node that runs on a data directory: what it says of itself, and its settings with a command's secrets.

    `adopted` says which settings the node has otherwise than the command, `foreign` which secrets it does: these are
    the command's own in `settings`. `unknown` is why the node's settings are not known, empty when they are.
    """

    status: Mapping[str, Any]
    settings: Settings
    adopted: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    unknown: str = ""


def public_settings(settings: Settings) -> dict[str, object]:
    """Return what a node reports of its settings: the values, and where its secrets lead to."""
    return {
        "values": {name: _plain(getattr(settings, name)) for name in SETTINGS.keys() - SECRETS},
        "secrets": {name: _shown(settings, name) for name in sorted(SECRETS)},
    }


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def _shown(settings: Settings, name: str) -> str:
    value = settings.database if name == "database_url" else getattr(settings, name)
    if value is None:
        return ""
    if name == "hep_key":
        return "set"
    text = str(value)
    return text if text.startswith(SQLITE) or "://" not in text else without_password(text)


async def find_node(settings: Settings) -> Running:
    """Ask the node that runs on the data directory of `settings`.

    Raises:
        NoNode: none runs there.
        ControlError: it does not answer.
    """
    status = await ask(settings.run_dir, "status", TIMEOUT_S)
    try:
        told = await ask(settings.run_dir, "settings", TIMEOUT_S)
        return _compared(settings, status, told)
    except (ControlError, ValueRefused, KeyError) as error:
        # One of another version: it does not know the question, or has settings that mean nothing here.
        return Running(status, settings, unknown=f"it does not report its settings: {str(error).splitlines()[0]}")


def _compared(own: Settings, status: Mapping[str, Any], told: Mapping[str, Any]) -> Running:
    values = {name: value for name, value in told["values"].items() if name in SETTINGS}
    secrets = {name: getattr(own, name) for name in SECRETS}
    node = read_settings(values | secrets)
    return Running(status, node, tuple(_adopted(own, node)), tuple(_foreign(own, told["secrets"])))


def _adopted(own: Settings, node: Settings) -> Iterator[str]:
    for name in sorted(SETTINGS.keys() - SECRETS - _OF_A_PROCESS):
        mine, its = getattr(own, name), getattr(node, name)
        if mine != its:
            yield f"{ENV_PREFIX}{name.upper()} is {_worded(its)} there, {_worded(mine)} here"


def _foreign(own: Settings, secrets: Mapping[str, str]) -> Iterator[str]:
    for name, its in secrets.items():
        mine = _shown(own, name)
        if mine != its and not _is_same_file(mine, its):
            yield f"{ENV_PREFIX}{name.upper()} is {_worded(its)} there, {_worded(mine)} here"


def other_store(node: Running) -> str:
    """Return how the store of a command differs from the node's; empty when it does not."""
    return next((text for text in node.foreign if text.startswith(f"{ENV_PREFIX}DATABASE_URL ")), "")


def why_no_voicemail(node: Running) -> str:
    """Return why the calls of this node meet no voicemail; empty when they do."""
    if node.settings.voicemail_nodes:
        return ""
    return str(node.status["absent"].get("voicemail", ""))


def _is_same_file(mine: str, its: str) -> bool:
    if not (mine.startswith(SQLITE) and its.startswith(SQLITE)):
        return False
    try:
        return Path(mine.removeprefix(SQLITE)).samefile(its.removeprefix(SQLITE))
    except OSError:
        return False


def _worded(value: object) -> str:
    return "not set" if value in (None, "") else str(value)
