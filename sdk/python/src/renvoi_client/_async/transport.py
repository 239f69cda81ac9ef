"""Sends requests, again where that is safe and may help."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from renvoi_client._request import MAX_ANSWER_BYTES, Spec, failure, settings
from renvoi_client._retry import pause_s
from renvoi_client.errors import ConnectionFailed, InvalidAnswer, TimedOut

T = TypeVar("T")
TIMEOUT_S = 10.0
RETRIES = 2
sleep = asyncio.sleep


class AsyncTransport:
    """The connection to one server with one key."""

    def __init__(
        self,
        url: str | None,
        api_key: str | None,
        timeout_s: float,
        retries: int,
        language: str | None,
        account: str | None,
        http_client: httpx.AsyncClient | None,
    ) -> None:
        self.base, self.api_key = settings(url, api_key)
        self._timeout_s = timeout_s
        self._retries = retries
        self._owns = http_client is None
        # Redirects are not followed: the key would go where the answer says.
        self._http = http_client or httpx.AsyncClient(timeout=timeout_s, follow_redirects=False)
        self._headers = {"Authorization": f"Bearer {self.api_key}", "User-Agent": "renvoi-client"}
        if language is not None:
            self._headers["Accept-Language"] = language
        self._query = {} if account is None else {"account": account}

    async def aclose(self) -> None:
        if self._owns:
            await self._http.aclose()

    async def run(self, spec: Spec[T]) -> T:
        """Send a request, and return what its answer says."""
        response, content = await self._send(spec, whole=True)
        return spec.read(response.status_code, response.headers, content)

    async def run_bytes(self, spec: Spec[Any]) -> bytes:
        """Send a request, and return the content of its answer."""
        _, content = await self._send(spec, whole=True)
        return content

    async def run_raw(self, spec: Spec[Any]) -> tuple[httpx.Response, bytes]:
        """Send a request, and return its answer as it came."""
        return await self._send(spec, whole=True)

    @asynccontextmanager
    async def stream(self, spec: Spec[Any]) -> AsyncIterator[httpx.Response]:
        """Send a request; what its answer says is read by the caller, as long as that takes."""
        response, _ = await self._send(spec, whole=False)
        try:
            yield response
        except httpx.TimeoutException as cause:
            raise TimedOut(f"{spec.name}: the answer stopped for {spec.timeout_s or self._timeout_s:g} s") from cause
        except httpx.HTTPError as cause:
            raise ConnectionFailed(f"{spec.name}: the answer was cut short: {cause or type(cause).__name__}") from cause
        finally:
            await response.aclose()

    async def _send(self, spec: Spec[Any], *, whole: bool) -> tuple[httpx.Response, bytes]:
        """Send a request until there is a success; its content is read if the `whole` of it is wanted."""
        headers = spec.all_headers(self._headers)
        attempt = 0
        while True:
            wanted_s: float | None = None
            try:
                response, content = await self._try(spec, headers, whole=whole)
                if response.is_success:
                    return response, content
                error, again, wanted_s = failure(response.status_code, response.headers, content)
                if spec.refusals_are_answers and not again and response.is_client_error:
                    return response, content
            except (TimedOut, ConnectionFailed) as cause:
                error, again = cause, True
            dice = random.random()  # noqa: S311 - spreads retries, nothing secret
            wait_s = pause_s(attempt, wanted_s, dice) if again and attempt < self._retries else None
            if wait_s is None:
                raise error
            await sleep(wait_s)
            attempt += 1

    async def _try(self, spec: Spec[Any], headers: Mapping[str, str], *, whole: bool) -> tuple[httpx.Response, bytes]:
        timeout_s = spec.timeout_s or self._timeout_s
        ends_at = time.monotonic() + timeout_s
        request = self._http.build_request(
            spec.method,
            spec.url(self.base),
            params={**(self._query if spec.takes_account else {}), **spec.parameters()} or None,
            content=spec.payload(),
            headers=headers,
            timeout=timeout_s,
        )
        try:
            response = await self._http.send(request, stream=True, follow_redirects=False)
            if response.is_success and not whole:
                return response, b""
            try:
                return response, await self._read(spec, response, ends_at)
            finally:
                await response.aclose()
        except httpx.TimeoutException as cause:
            raise TimedOut(f"{spec.name}: no answer within {timeout_s:g} s") from cause
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            raise ConnectionFailed(f"{spec.name}: {cause or type(cause).__name__}") from cause

    async def _read(self, spec: Spec[Any], response: httpx.Response, ends_at: float) -> bytes:
        content = bytearray()
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                raise InvalidAnswer(f"{spec.name}: the answer is longer than {MAX_ANSWER_BYTES} bytes")
            if time.monotonic() > ends_at:
                raise TimedOut(f"{spec.name}: the whole answer did not come within {self._timeout_s:g} s")
        return bytes(content)
