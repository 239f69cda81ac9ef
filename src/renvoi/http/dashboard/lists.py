"""Lists on pages, by cursor as in `/v2`: a page begins behind the last element of the one before."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from renvoi.domain.problem import Problem
from renvoi.http.dashboard.visit import Visit
from renvoi.http.v2.pages import CursorParts, Paging, encode_cursor

T = TypeVar("T")

SHOWN = 50
"""Elements that a page of a list shows."""


class Listed:
    """Which page of a list is wanted; one element more than `limit` is to be read, to know whether more follow."""

    def __init__(self, visit: Visit, limit: int = SHOWN) -> None:
        self._query = visit.query
        parts = self._query.cursor()
        self._paging = Paging(visit.request, limit, "-" if parts else None, parts)
        self.limit = limit
        self.is_first = not parts

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """Return where the page begins, a value of each of `kinds`; None for the first one.

        A cursor that is not one of this list begins at the first one too, and the page says so.
        """
        return self.after_one_of(kinds)

    def after_one_of(self, *forms: tuple[type, ...]) -> tuple[Any, ...] | None:
        """Return where the page begins, in one of `forms`; see `after`."""
        try:
            return self._paging.after_one_of(*forms)
        except Problem as problem:
            self._query.refusal = problem
            self.is_first = True
            return None

    def cut(self, found: Sequence[T], place: Callable[[T], CursorParts]) -> tuple[Sequence[T], str | None]:
        """Return what the page shows of `found`, and the address of the next one; None: it is the last."""
        shown = found[: self.limit]
        return shown, self.next_url(place(shown[-1]) if len(found) > len(shown) else None)

    def next_url(self, after: CursorParts | None) -> str | None:
        """Return the address of the page that begins behind `after`; None, where there is none, gives none."""
        return None if after is None else self._paging.next_url(encode_cursor(after))
