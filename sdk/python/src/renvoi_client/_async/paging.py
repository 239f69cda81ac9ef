"""Lists, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Generic, TypeVar

from renvoi_client._async.transport import AsyncTransport
from renvoi_client._request import Spec
from renvoi_client.models import Page

T = TypeVar("T")


class AsyncPages(Generic[T]):
    """A list: iterate over its items, or over its pages; what comes next is asked for when it is needed."""

    def __init__(self, transport: AsyncTransport, spec: Spec[Page[T]]) -> None:
        self._transport = transport
        self._spec = spec

    async def pages(self) -> AsyncIterator[Page[T]]:
        spec = self._spec
        while True:
            page = await self._transport.run(spec)
            yield page
            # That of events is never null, and leads nowhere else at their end.
            if page.next_cursor in (None, spec.query.get("cursor")):
                return
            spec = replace(spec, query={**spec.query, "cursor": page.next_cursor})

    async def first_page(self) -> Page[T]:
        return await self._transport.run(self._spec)

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.data:
                yield item
