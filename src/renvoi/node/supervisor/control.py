"""The control socket: how commands and the HTTP part ask the running node; one JSON object a line each way."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from renvoi.domain.json_text import read_json

SOCKET_NAME = "control.sock"
MAX_LINE_BYTES = 1024 * 1024

Handler = Callable[[], Awaitable[Mapping[str, Any]]]


class NoNode(Exception):
    """No node runs on this data directory."""


class ControlError(Exception):
    """The node could not do what it was asked; the text says why."""


@contextmanager
def _short(directory: Path) -> Iterator[str]:
    """Yield a name for `directory` that fits into a socket address (108 bytes), however deep it lies."""
    handle = os.open(directory, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


@asynccontextmanager
async def serve_control(directory: Path, handlers: Mapping[str, Handler]) -> Any:
    """Answer questions on the socket in `directory`; only its owner may ask."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await _answer(line, handlers)).encode() + b"\n")
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


async def _answer(line: bytes, handlers: Mapping[str, Handler]) -> Mapping[str, Any]:
    try:
        asked = read_json(line)
        handler = handlers[asked["do"]]
    except (ValueError, KeyError, TypeError):
        return {"ok": False, "error": f"give one of {', '.join(handlers)}"}
    try:
        return {"ok": True, **await handler()}
    except Exception as error:  # noqa: BLE001 - the asker is told, and the node goes on
        return {"ok": False, "error": str(error) or type(error).__name__}


async def ask(directory: Path, what: str, timeout_s: float) -> dict[str, Any]:
    """Ask the node whose control socket lies in `directory`; wait up to `timeout_s` seconds.

    Raises:
        NoNode: none runs there.
        ControlError: it did not do it, or not in time.
    """
    try:
        async with asyncio.timeout(timeout_s):
            answer = await _ask(directory, what)
    except TimeoutError as error:
        raise ControlError(f"the node did not answer within {timeout_s:g} s") from error
    if not answer.get("ok"):
        raise ControlError(str(answer.get("error")))
    return answer


async def _ask(directory: Path, what: str) -> dict[str, Any]:
    try:
        with _short(directory) as short:
            reader, writer = await asyncio.open_unix_connection(f"{short}/{SOCKET_NAME}", limit=MAX_LINE_BYTES)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as error:
        raise NoNode(str(directory)) from error
    except OSError as error:
        raise ControlError(f"its control socket cannot be used: {error.strerror}") from error
    try:
        writer.write(json.dumps({"do": what}).encode() + b"\n")
        line = await reader.readline()
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    if not line:
        raise ControlError("the node ended the conversation")
    answer: dict[str, Any] = json.loads(line)
    return answer
