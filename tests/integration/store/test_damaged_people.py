"""Rows of people and keys that are damaged: lists come to an end, with everybody in them once."""

from operator import methodcaller

import pytest

from renvoi.application.keys import keys_page
from renvoi.application.people import list_people
from renvoi.application.ports.unit_of_work import Store
from renvoi.domain.access.api_key import ApiKey, KeyRecord, Principal
from renvoi.domain.access.person import Person
from renvoi.domain.email_address import EmailAddress
from tests.integration.store.test_routing_documents import change, with_store
from tests.support.stores import seed

KEYS = [f"{place}" * 12 for place in range(3)]
EVERYBODY = Principal(0, "ZZ", None, "test", is_operator=True)


@pytest.mark.parametrize("value", ["-1", str((1 << 63) - 2), "'many'"])
def test_everybody_is_listed_once(url: str, value: str) -> None:
    if not value.strip("-").isdigit() and not url.startswith("sqlite"):
        pytest.skip("only SQLite keeps it")

    async def scenario(store: Store) -> None:
        await seed(store)
        for place in range(2):
            person = Person(f"usr_{place}", 0, EmailAddress(f"person{place}@example.com"), 1)
            await store.write(methodcaller("add_person", person))
        if url.startswith("sqlite"):
            change(url, f"UPDATE users SET account_id = {value} WHERE id = 'usr_0'")
        found = await list_people(store)
        assert sorted(person.id for person in found) == ["usr_0", "usr_1"]

    with_store(url, scenario)


@pytest.mark.parametrize("value", ["-1", str((1 << 63) - 2), "'many'"])
def test_pages_of_keys_go_on_behind_a_damaged_one(url: str, value: str) -> None:
    if not value.strip("-").isdigit() and not url.startswith("sqlite"):
        pytest.skip("only SQLite keeps it")

    async def scenario(store: Store) -> None:
        await seed(store)
        for place, key_id in enumerate(KEYS):
            record = KeyRecord(key_id, 1, ApiKey(key_id, "s" * 43).hash(), "FR", created_at_ms=place)
            await store.write(methodcaller("add_key", record))
        change(url, f"UPDATE api_keys SET created_at_ms = {value} WHERE id = '{KEYS[1]}'")
        found: list[str] = []
        after = None
        while (page := await keys_page(store, EVERYBODY, after, 1)) and len(found) < 9:
            found += [view.record.id for view in page]
            after = page[-1].record.place
        assert sorted(found) == KEYS

    with_store(url, scenario)


def test_nobody_has_an_id_that_no_column_can_hold(url: str) -> None:
    """A damaged row may name one."""

    async def scenario(store: Store) -> None:
        for name in ("usr_" + "x" * 2000, "a\0b"):
            assert await store.read(methodcaller("person", name)) is None
            assert await store.read(methodcaller("key", name)) is None

    with_store(url, scenario)
