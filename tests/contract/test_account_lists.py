"""Accounts that operators look for: what every adapter of the `Store` port finds, page by page."""

from collections.abc import Callable, Sequence

import pytest

from renvoi.application.account_lists import LOOKED_AT, AccountPlace, all_accounts_found, find_accounts
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.application.removals import close_account
from renvoi.domain.numbers.number import E164
from tests.support.http_api import FixedClock
from tests.support.stores import Scenario

Run = Callable[[Scenario], None]
NAMES = ("Acme", "acme 2", "ACME fr", "Accueil", "émile", "Émile", "%", "a_b", "acc", "33", "zoo", "\U0001f4de")


async def filled(store: Store, *names: str) -> None:
    def work(writer: Writer) -> None:
        for name in names:
            writer.add_account(name, "en", "FR", 5)

    await store.write(work)


async def found(store: Store, wanted: str, closed: bool | None = None, limit: int = 3) -> list[str]:
    """Return the names on all pages together; no page is longer than `limit`."""
    names: list[str] = []
    place: AccountPlace | None = None
    while True:
        accounts: Sequence[Account]
        accounts, place = await find_accounts(store, wanted, closed, place, limit)
        assert len(accounts) <= limit
        names += [each.name for each in accounts]
        if place is None:
            return names


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("acm", ["Acme", "acme 2", "ACME fr"]),
        ("ACME", ["Acme", "acme 2", "ACME fr"]),
        ("ac", ["acc", "Accueil", "Acme", "acme 2", "ACME fr"]),
        # The whole name comes first, and once.
        ("acc", ["acc", "Accueil"]),
        # Case is that of ASCII alone, as of the labels of numbers.
        ("é", ["émile"]),
        ("É", ["Émile"]),
        ("%", ["%"]),
        ("a_", ["a_b"]),
        ("acc_3", ["ACME fr"]),
        ("ACC_3", ["ACME fr"]),
        ("acc_99", []),
        ("\U0001f4de", ["\U0001f4de"]),
        ("nobody", []),
        ("+33199001234", ["Acme"]),
        ("+33 1 99 00 12 34", ["Acme"]),
        ("0199001234", []),
    ],
)
def test_accounts_are_found_by_how_their_names_begin_by_id_and_by_number(
    run: Run, wanted: str, names: list[str]
) -> None:
    async def scenario(store: Store) -> None:
        await filled(store, *NAMES)
        await store.write(lambda writer: writer.add_number(1, NumberRow(E164("+33199001234")), 5))
        assert await found(store, wanted) == names
        assert [each.name for each in await all_accounts_found(store, wanted, None)] == names

    run(scenario)


def test_a_page_looks_at_so_many_and_goes_on(run: Run) -> None:
    async def scenario(store: Store) -> None:
        names = [f"shop {n:04}" for n in range(LOOKED_AT + 20)]
        await filled(store, *names)
        last = await store.read(lambda reader: reader.account(names[-1]))
        assert last is not None
        await close_account(store, FixedClock(), str(last.id))
        assert (await found(store, "SHOP", None, 50))[:-1] == names[:-1]
        assert await found(store, "shop", True, 50) == [f"{names[-1]} (closed {last.id})"]
        assert await found(store, "shop", False, 50) == names[:-1]
        assert len(await all_accounts_found(store, "shop", None)) == len(names)

    run(scenario)
