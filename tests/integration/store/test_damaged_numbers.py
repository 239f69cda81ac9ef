"""Rows of numbers whose number itself is damaged: lists have them, and they are removed by what lists show."""

from contextlib import closing
from operator import methodcaller

import pytest

from renvoi.application.number_lists import START, NumberFilter, list_numbers
from renvoi.application.numbers import parse_listed
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account, remove_number, settle_removals
from renvoi.domain.access.api_key import Principal
from tests.integration.store.test_routing_documents import change, with_store
from tests.support.everything_asked import Browser
from tests.support.http_api import NUMBER, FixedClock
from tests.support.stores import A, B, seed
from tests.support.threaded_store import threaded_store
from tests.support.v2_api import OPERATOR_KEY

DAMAGED = (0, -7, -33199001234, (1 << 63) - 2)


async def damage(store: Store, url: str, digits: int) -> str:
    """Damage the number A, beside B; return how lists show it."""
    await seed(store)
    change(url, f"UPDATE numbers SET number = {digits} WHERE number = {A.digits}")
    return f"+{digits}"


@pytest.mark.parametrize("digits", DAMAGED)
def test_it_is_listed_by_its_digits(url: str, digits: int) -> None:
    async def scenario(store: Store) -> None:
        shown = await damage(store, url, digits)
        expected = {shown, B.value}
        for account_id in (None, 1):
            found = await store.read(methodcaller("numbers", account_id))
            assert {record.number.value for record in found} == expected
            behind = await store.read(methodcaller("numbers", account_id, found[0].number))
            assert [record.number for record in behind] == [found[1].number]
        own = await list_numbers(store, Principal(1, "FR", "k", "test"), NumberFilter(), START, 1)
        rest = await list_numbers(store, Principal(1, "FR", "k", "test"), NumberFilter(), own.next or START, 1)
        assert {record.number.value for record in (*own.records, *rest.records)} == expected

    with_store(url, scenario)


@pytest.mark.parametrize("digits", DAMAGED)
def test_it_is_removed_by_that_and_nothing_else_is(url: str, digits: int) -> None:
    async def scenario(store: Store) -> None:
        shown = await damage(store, url, digits)
        removal = await remove_number(store, FixedClock(7), parse_listed(shown, "FR"))
        # What hung on it nobody knows, so there is nothing to carry on.
        assert (removal.ended_at_ms, removal.keeps_messages) == (7, True)
        assert [record.number for record in await store.read(methodcaller("numbers"))] == [B]
        stored = await store.read(methodcaller("removal", removal.id))
        assert (stored.number, stored.ended_at_ms) == (None, 7)

    with_store(url, scenario)


@pytest.mark.parametrize("digits", DAMAGED)
def test_the_account_that_has_it_is_closed(url: str, digits: int) -> None:
    async def scenario(store: Store) -> None:
        await damage(store, url, digits)
        closing = await close_account(store, FixedClock(7), "1")
        await settle_removals(store, FixedClock(8), lambda _: None)
        assert not await store.read(methodcaller("numbers"))
        stored = await store.read(methodcaller("removal", closing.id))
        assert (stored.numbers, stored.ended_at_ms) == (2, 8)

    with_store(url, scenario)


@pytest.mark.parametrize("digits", DAMAGED)
def test_operators_have_it_in_v2_and_on_their_pages(url: str, digits: int) -> None:
    with threaded_store(url) as store, closing(Browser(store)) as browser:
        browser.add_key(OPERATOR_KEY)
        change(url, f"UPDATE numbers SET number = {digits} WHERE number = {NUMBER.digits}")
        path = f"/v2/admin/numbers/+{digits}"
        listed = browser.get("/v2/admin/numbers", key=OPERATOR_KEY).json()["data"]
        assert f"+{digits}" in {each["number"] for each in listed}
        assert browser.get(path, key=OPERATOR_KEY).json()["number"] == f"+{digits}"
        browser.sign_in(OPERATOR_KEY)
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        page = browser.request("GET", f"/operator/numbers/+{digits}", headers={"Cookie": cookie, "Accept": "text/html"})
        assert page.status_code == 200, page.headers
        removed = browser.send("DELETE", path, key=OPERATOR_KEY)
        assert (removed.status_code, removed.json()["state"]) == (200, "ended"), removed.text
        assert browser.get(path, key=OPERATOR_KEY).status_code == 404
        rest = browser.get("/v2/admin/numbers", key=OPERATOR_KEY).json()["data"]
        assert len(rest) == len(listed) - 1 > 0


def test_a_number_that_is_whole_is_read_as_ever() -> None:
    assert parse_listed("01 99 00 12 34", "FR") == A
    assert parse_listed("+33-199001234", "FR") == A
