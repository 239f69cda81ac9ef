"""A store that lives in the event loop of a thread, for tests whose clients begin one after the other."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, TypeVar

from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from tests.support.stores import opened

T = TypeVar("T")


class ThreadedStore:
    """See `Store`; each call is handed to the loop of the thread."""

    def __init__(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        self.inner = store
        self._loop = loop

    @property
    def keeps_audio(self) -> bool:
        """See `Store`."""
        return self.inner.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        """See `Store`."""
        return await self._of_loop(self.inner.read(work))

    async def write(self, work: Callable[[Writer], T]) -> T:
        """See `Store`."""
        return await self._of_loop(self.inner.write(work))

    async def close(self) -> None:
        """Leave it open: who has opened it closes it."""

    async def _of_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))


@contextmanager
def threaded_store(url: str) -> Iterator[ThreadedStore]:
    """Open a store in a thread of its own, and close it at the end."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    context = opened(url)
    store = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
    try:
        yield ThreadedStore(store, loop)
    finally:
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
