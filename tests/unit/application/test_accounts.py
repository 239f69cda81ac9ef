"""Accounts: what can be changed of one, and to what."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from renvoi.application.accounts import change_account, list_accounts
from renvoi.application.errors import OperatorError
from renvoi.domain.email_address import EmailAddress
from tests.support.memory_store import MemoryStore
from tests.support.stores import seed


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"locale": "en"},
        {"region": "BE"},
        {"time_zone": "Europe/Brussels"},
        {"retention_days": 1},
        {"retention_days": 3650},
        {"locale": "en", "region": "GB", "time_zone": "Europe/London", "retention_days": 7},
    ],
)
@pytest.mark.parametrize("ref", ["demo", "1"])
def test_what_is_named_changes_and_the_rest_stays(ref: str, changes: dict[str, Any]) -> None:
    async def scenario() -> None:
        store = MemoryStore()
        await seed(store)
        (before,) = await list_accounts(store)
        after = await change_account(store, ref, **changes)
        assert after == replace(before, **changes)
        assert await list_accounts(store) == [after]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"locale": "de"}, "unknown locale"),
        ({"locale": ""}, "unknown locale"),
        ({"region": "fr"}, "unknown region"),
        ({"time_zone": "Mars/Olympus"}, "unknown time zone"),
        ({"time_zone": "../etc/passwd"}, "unknown time zone"),
        ({"time_zone": ""}, "unknown time zone"),
        ({"email": "nobody"}, "not an e-mail address: give one such as"),
        ({"retention_days": 0}, "for 0 days: give 1 to 3650"),
        ({"retention_days": 3651}, "for 3651 days: give 1 to 3650"),
        ({"locale": "en", "retention_days": 0}, "1 to 3650"),
    ],
)
def test_nothing_changes_when_one_value_is_not_allowed(changes: dict[str, Any], reason: str) -> None:
    async def scenario() -> None:
        store = MemoryStore()
        await seed(store)
        before = await list_accounts(store)
        with pytest.raises(OperatorError, match=reason):
            await change_account(store, "demo", **changes)
        assert await list_accounts(store) == before

    asyncio.run(scenario())


def test_the_address_of_an_account_is_set_and_taken_off() -> None:
    async def scenario() -> None:
        store = MemoryStore()
        await seed(store)
        assert (await change_account(store, "demo", email="owner@Example.com")).email == EmailAddress(
            "owner@example.com"
        )
        assert (await change_account(store, "demo", locale="en")).email == EmailAddress("owner@example.com")
        assert (await change_account(store, "demo", email="")).email is None

    asyncio.run(scenario())


def test_an_account_that_is_not_there() -> None:
    with pytest.raises(OperatorError, match="no account 'nobody'"):
        asyncio.run(change_account(MemoryStore(), "nobody", locale="en"))
