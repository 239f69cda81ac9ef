"""The calls that somebody reaches: listed, all of them read piece by piece, and one in full."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from renvoi.application.calls import Trace, trace_of
from renvoi.application.ports.calls import CallQuery, StoredCall
from renvoi.application.ports.pages import Page, Place
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.application.reach import account_of, merged, numbers_of, reaches, share
from renvoi.domain.access.api_key import Principal
from renvoi.domain.numbers.number import E164

PIECE = 500
"""Calls that `every_call` reads at once: each piece is a look at the store of its own, which holds nothing up."""


@dataclass(frozen=True, slots=True)
class TracedCall:
    """A call with all that is kept of it."""

    stored: StoredCall
    trace: Trace


async def list_calls(
    store: Store, who: Principal, only: CallQuery, after: Place | None, limit: int
) -> Page[StoredCall]:
    """Return up to `limit` calls behind `after` that `who` reaches and `only` wants, the latest first; see `Page`.

    Who is not an operator does not find a caller by number who does not want to be known.
    """
    query = replace(only, account_id=account_of(who))
    if only.caller is not None and not who.is_operator:
        query = replace(query, withheld=False)

    def work(reader: Reader) -> Page[StoredCall]:
        parts = numbers_of(who, only.number)
        each = share(limit, len(parts))
        return merged(
            (reader.call_page(replace(query, number=number), after, each) for number in parts),
            lambda stored: Place(stored.record.setup_at_ms, stored.id),
            limit,
        )

    return await store.read(work)


async def every_call(store: Store, who: Principal, only: CallQuery, after: Place | None) -> AsyncIterator[StoredCall]:
    """Yield all calls behind `after` that `who` reaches and `only` wants, the latest first.

    Raises:
        StoreUnavailable: in the middle, when the store goes away.
    """
    while True:
        page = await list_calls(store, who, only, after, PIECE)
        for stored in page.items:
            yield stored
        if page.next is None:
            return
        after = page.next


async def show_call(store: Store, who: Principal, number: int) -> TracedCall | None:
    """Return a call that `who` reaches, with its ladder and the change that made its rule; None when there is none."""

    def work(reader: Reader) -> TracedCall | None:
        stored = reader.stored_call(number)
        if stored is None:
            return None
        called = E164(stored.record.number) if stored.record.number is not None else None
        if not reaches(who, stored.account_id, called):
            return None
        return TracedCall(stored, trace_of(reader, stored.record))

    return await store.read(work)
