"""Pages of lists that are too long to be read at once: each begins behind the last place of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Place(NamedTuple):
    """A place in a list that is in the order of time, the latest first: a time in ms UTC, and what breaks ties."""

    at_ms: int
    id: int | str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list. `next` is the place that the following page begins behind, None when there is nothing there.

    A page has fewer items than it may, even none, where few of many are wanted: so none takes long to find.
    """

    items: Sequence[T]
    next: Place | None = None
