"""What of lists and single things somebody reaches: those of the own account, of the numbers that a key is limited to.

What is out of reach is as if it did not exist.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from renvoi.application.auth import COMMAND_LINE
from renvoi.application.ports.pages import Page, Place
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.numbers.number import E164, NO_REGION

T = TypeVar("T")

MOST_READ = 5000
"""Elements that are read for one page of a key with many numbers: a full page of 50 for each of 100."""

THE_OPERATOR = Principal(EVERY_ACCOUNT, NO_REGION, None, COMMAND_LINE, is_operator=True)
"""Who works at the command line, and reaches everything."""


def account_of(who: Principal) -> int | None:
    """Return the account whose things `who` reaches; None for an operator who has named none: those of all."""
    return None if who.is_operator and who.account_id == EVERY_ACCOUNT else who.account_id


def reaches(who: Principal, account_id: int | None, number: E164 | None) -> bool:
    """Tell whether `who` reaches what belongs to that account and number; None: to nobody, to no number."""
    if account_of(who) not in (None, account_id):
        return False
    return who.numbers is None or (number is not None and who.may_number(number))


def numbers_of(who: Principal, number: E164 | None) -> Sequence[E164 | None]:
    """Return the numbers whose things make up a list, of `number` or of all; None stands for whatever number."""
    if number is not None:
        return [number] if who.may_number(number) else []
    return [None] if who.numbers is None else list(who.numbers)


def share(limit: int, parts: int) -> int:
    """Return how many elements to read of each of so many parts for a page of `limit`, with which `merged` can do."""
    return limit if limit * parts <= MOST_READ else max(1, MOST_READ // parts)


def merged(pages: Iterable[Page[T]], place: Callable[[T], Place], limit: int) -> Page[T]:
    """Return the page that begins a list of which `pages` begin the parts."""
    parts = list(pages)
    if len(parts) == 1:
        return parts[0]
    # Behind the place where a part has been read to, nothing is known of it.
    read_to = max((part.next for part in parts if part.next is not None), default=None)
    found = sorted((each for part in parts for each in part.items), key=place, reverse=True)
    known = [each for each in found if read_to is None or place(each) >= read_to]
    if len(known) > limit:
        return Page(known[:limit], place(known[limit - 1]))
    return Page(known, read_to)
