# Made of _async/paging.py by scripts/make_sync.py: change that.
"""Lists, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Generic, TypeVar

from renvoi_client._sync.transport import Transport
from renvoi_client._request import Spec
from renvoi_client.models import Page

T = TypeVar("T")


class Pages(Generic[T]):
    """A list: iterate over its items, or over its pages; what comes next is asked for when it is needed."""

    def __init__(self, transport: Transport, spec: Spec[Page[T]]) -> None:
        self._transport = transport
        self._spec = spec

    def pages(self) -> Iterator[Page[T]]:
        spec = self._spec
        while True:
            page = self._transport.run(spec)
            yield page
            # That of events is never null, and leads nowhere else at their end.
            if page.next_cursor in (None, spec.query.get("cursor")):
                return
            spec = replace(spec, query={**spec.query, "cursor": page.next_cursor})

    def first_page(self) -> Page[T]:
        return self._transport.run(self._spec)

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            for item in page.data:
                yield item
