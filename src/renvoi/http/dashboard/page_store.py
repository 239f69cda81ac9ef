"""The store as pages use it: what it cannot do is a `Problem`, so a form is shown again with what was filled in."""

from collections.abc import Callable
from typing import TypeVar

import structlog

from renvoi.application.ports.errors import NotUnderstood, StoreRefused, StoreUnavailable
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.application.unreadable_rows import problem_of
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.problem import Problem, ProblemCode

T = TypeVar("T")

_log = structlog.get_logger("renvoi.dashboard")


class Away(Problem, StoreUnavailable):
    """The store is away. Use cases know it by the one name, pages by the other."""

    def __init__(self) -> None:
        super().__init__(ProblemCode.UNAVAILABLE)


class NotRead(Problem, NotUnderstood):
    """The rule of a number, the policy of an account or a trunk cannot be read, now or later."""

    def __init__(self, error: NotUnderstood, problem: Problem) -> None:
        Problem.__init__(self, problem.code, **problem.problem_args)  # type: ignore[arg-type]
        self.record, self.row = error.record, error.row


class NotTaken(Problem, StoreRefused):
    """The store cannot hold what it was given."""

    def __init__(self) -> None:
        super().__init__(ProblemCode.FIELDS_INVALID, errors=[FieldError("", FieldCode.BAD_CHARACTER)])


class PageStore:
    """See `application.ports.Store`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def keeps_audio(self) -> bool:
        return self._store.keeps_audio

    async def read(self, work: Callable[[Reader], T]) -> T:
        try:
            return await self._store.read(work)
        except (StoreRefused, StoreUnavailable) as error:
            raise _problem_of(error) from error

    async def write(self, work: Callable[[Writer], T]) -> T:
        try:
            return await self._store.write(work)
        except (StoreRefused, StoreUnavailable) as error:
            raise _problem_of(error) from error

    async def close(self) -> None:
        """Leave the store open: it belongs to the application."""


def _problem_of(error: StoreRefused | StoreUnavailable) -> Problem:
    """Return what a page is told; what the store says of it is for the log alone."""
    if isinstance(error, StoreRefused):
        _log.info("the store refused a request's content", error=str(error))
        return NotTaken()
    _log.warning("store unavailable", error=str(error))
    problem = problem_of(error)
    if isinstance(error, NotUnderstood) and problem.code is not ProblemCode.UNAVAILABLE:
        return NotRead(error, problem)
    return Away()
