"""Recordings on their way to a client: as they are kept or as MP3, whole or a part, never all of one in memory."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import IO

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from renvoi.application.messages import open_audio
from renvoi.application.ports.audio import AudioInvalid
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.http.limits import RequestShares, address_group
from renvoi.http.request_context import context_of
from renvoi.http.v2.deps import HEAD_KEY, V2Deps
from renvoi.http.v2.etags import is_known

MEDIA_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg"}
MAX_OPEN = 100
"""Recordings that are being sent at once: each holds a file. A client that has its share of them, half if it is alone,
or that comes when there are too many, is asked to come again."""
LOADED_AT_ONCE = 4
"""Recordings on their way from the store at once: each takes some megabytes of memory meanwhile."""
MP3_CACHE_BYTES = 16 * 1024 * 1024
"""Memory for recordings that were made MP3: a player asks for several parts of one."""
_CHUNK = 64 * 1024
_log = structlog.get_logger("renvoi.http")


@dataclass(frozen=True, slots=True)
class Opened:
    """A recording that can be read; `etag` is a strong one."""

    file: IO[bytes]
    size: int
    etag: str


class Recordings:
    """Opens recordings, and converts them. Belongs to one event loop."""

    def __init__(self, deps: V2Deps) -> None:
        self._deps = deps
        self._loading = asyncio.Semaphore(LOADED_AT_ONCE)
        self._places = RequestShares(MAX_OPEN)
        self._mp3: OrderedDict[str, bytes] = OrderedDict()
        self._mp3_bytes = 0

    async def reply(self, request: Request, message_id: str, form: str, name: str) -> Response:
        """Return the answer to a GET for the recording of a message; `name` is what the file is called when saved.

        Raises:
            Problem: the recording is gone, too many are being sent, or no part of it is within the range.
        """
        stack = AsyncExitStack()
        try:
            client = address_group(context_of(request.scope).client)
            if not self._places.take(client):
                raise Problem(ProblemCode.UNAVAILABLE)
            stack.callback(self._places.give_back, client)
            opened = await self._opened(stack, message_id, form)
            return audio_answer(request, stack, opened, MEDIA_TYPES[form], f"{name}.{form}")
        except BaseException:
            await stack.aclose()
            raise

    async def _opened(self, stack: AsyncExitStack, message_id: str, form: str) -> Opened:
        try:
            if form == "mp3":
                content = self._remembered(message_id) or await self._converted(message_id)
                digest = hashlib.sha256(content).hexdigest()[:20]
                return Opened(BytesIO(content), len(content), f'"{digest}"')
            async with self._loading:
                path = await stack.enter_async_context(open_audio(self._deps.store, self._deps.files, message_id))
            file, size = await asyncio.to_thread(_open, path)
        except FileNotFoundError as error:
            raise Problem(ProblemCode.AUDIO_GONE) from error
        except (AudioInvalid, OSError) as error:
            _log.warning("a recording cannot be sent", message_id=message_id, error=str(error))
            raise Problem(ProblemCode.UNAVAILABLE) from error
        stack.callback(file.close)
        # A recording never changes.
        return Opened(file, size, f'"{message_id}-wav"')

    def _remembered(self, message_id: str) -> bytes | None:
        content = self._mp3.get(message_id)
        if content is not None:
            self._mp3.move_to_end(message_id)
        return content

    async def _converted(self, message_id: str) -> bytes:
        async with self._loading, open_audio(self._deps.store, self._deps.files, message_id) as path:
            content = await self._deps.converter.to_mp3(path)
        if message_id not in self._mp3:
            self._mp3[message_id] = content
            self._mp3_bytes += len(content)
        while self._mp3_bytes > MP3_CACHE_BYTES and self._mp3:
            self._mp3_bytes -= len(self._mp3.popitem(last=False)[1])
        return content


def audio_answer(request: Request, stack: AsyncExitStack, opened: Opened, kind: str, name: str) -> Response:
    """Return the answer with audio of that media type, or with what the request's conditions and range leave of it.

    `stack` is closed when the answer was sent.

    Raises:
        Problem: no part of it is within the range.
    """
    received = context_of(request.scope).headers
    headers = {
        "ETag": opened.etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    if is_known(received, opened.etag):
        return _Sent(stack, opened, range(0), 304, headers)
    headers |= {"Content-Type": kind, "Content-Disposition": f'inline; filename="{name}"'}
    try:
        # Of a HEAD a range means nothing (RFC 9110 §14.2).
        part = None if request.scope.get(HEAD_KEY) else wanted_range(received, opened.size, opened.etag)
    except NotSatisfiable as error:
        raise Problem(ProblemCode.RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{opened.size}"}) from error
    if part is None:
        return _Sent(stack, opened, range(opened.size), 200, headers)
    first, last = part
    headers["Content-Range"] = f"bytes {first}-{last}/{opened.size}"
    return _Sent(stack, opened, range(first, last + 1), 206, headers)


class _Sent(Response):
    """The answer with some bytes of a recording, which is read as the client takes it, and closed whatever comes."""

    def __init__(
        self, stack: AsyncExitStack, opened: Opened, part: range, status: int, headers: dict[str, str]
    ) -> None:
        if status != 304:
            headers["Content-Length"] = str(len(part))
        super().__init__(None, status, headers)
        self._stack = stack
        self._file = opened.file
        self._part = part

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        async with self._stack:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            part = range(0) if scope.get(HEAD_KEY) else self._part
            for first in range(part.start, part.stop, _CHUNK):
                size = min(_CHUNK, part.stop - first)
                chunk = await asyncio.to_thread(_read, self._file, first, size)
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


def _open(path: Path) -> tuple[IO[bytes], int]:
    file = path.open("rb")
    try:
        return file, file.seek(0, SEEK_END)
    except BaseException:
        file.close()
        raise


def _read(file: IO[bytes], first: int, size: int) -> bytes:
    file.seek(first)
    return file.read(size)


_RANGE = re.compile(rb"bytes[ \t]*=[ \t]*(?:([0-9]{1,18})-([0-9]{1,18})?|-([0-9]{1,18}))[ \t]*", re.IGNORECASE)


class NotSatisfiable(Exception):
    """Nothing of the representation is within the range that is asked for."""


def wanted_range(headers: Mapping[bytes, bytes], size: int, etag: str) -> tuple[int, int] | None:
    """Return the first and the last byte that a GET asks for; None for all of it.

    A header that is not a range of bytes, or is several, asks for all: who sends it may be answered so (§14.2).

    Raises:
        NotSatisfiable: no byte of it is there.
    """
    given = headers.get(b"range")
    condition = headers.get(b"if-range")
    # The strong comparison (§13.1.5); a date never is that of a recording, which shows none.
    if given is None or (condition is not None and condition.strip() != etag.encode()):
        return None
    found = _RANGE.fullmatch(given)
    if found is None:
        return None
    first, last, suffix = (int(each) if each is not None else None for each in found.groups())
    if suffix is not None:
        if not suffix or not size:
            raise NotSatisfiable
        return max(0, size - suffix), size - 1
    assert first is not None
    if last is not None and last < first:
        return None
    if first >= size:
        raise NotSatisfiable
    return first, size - 1 if last is None else min(last, size - 1)
