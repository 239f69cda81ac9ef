"""A store in memory that tells what was asked of it."""

from collections.abc import Callable
from typing import Any, TypeVar

from renvoi.application.ports.unit_of_work import Reader, Writer
from tests.support.memory_store import MemoryStore

T = TypeVar("T")


class ListeningStore(MemoryStore):
    """Notes the name of each call of a reader or writer in `asked`."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    async def read(self, work: Callable[[Reader], T]) -> T:
        self.asked.append("read:")
        return await super().read(lambda reader: work(self._listening(reader)))

    async def write(self, work: Callable[[Writer], T]) -> T:
        self.asked.append("write:")
        return await super().write(lambda writer: work(self._listening(writer)))

    def _listening(self, target: Any) -> Any:
        return _Listening(target, self.asked)


class _Listening:
    def __init__(self, target: Any, asked: list[str]) -> None:
        self._target = target
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*args: Any, **keywords: Any) -> Any:
            self._asked.append(name)
            return found(*args, **keywords)

        return call
