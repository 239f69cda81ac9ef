"""Whose a call is that a program without `calls.account_id` has stored: looked up in small steps."""

import asyncio
from operator import methodcaller

from renvoi.application.ports.calls import CallQuery
from tests.integration.store.test_migrations import ROWS_OF_0001, connected, old_store
from tests.support.stores import opened

CALL = (
    "INSERT INTO calls (call_id, from_tag, cseq, caller, called, number, decision, setup_at_ms, diversions)"
    " VALUES ('{}', 't', 1, '+331', '+332', {}, 'forward', 8, '')"
)


def test_calls_of_0005_are_assigned_to_the_owners_of_their_numbers(url: str) -> None:
    ours = [CALL.format(f"ours{each}", 33199001234) for each in range(5)]
    old_store(url, "0005", *ROWS_OF_0001, *ours, CALL.format("unowned", 33199009999))

    async def main() -> None:
        async with opened(url) as store:
            page = await store.read(methodcaller("call_page", CallQuery(account_id=1), None, 9))
            assert page.items == []
            assert [await store.write(methodcaller("assign_calls", 4)) for _ in range(3)] == [4, 2, 0]
            page = await store.read(methodcaller("call_page", CallQuery(account_id=1), None, 9))
            assert {stored.record.key.call_id for stored in page.items} == {f"ours{each}" for each in range(5)}
            owners = await store.read(methodcaller("call_page", CallQuery(), None, 9))
            # The first call was of no number: there is nobody to look for.
            assert {stored.account_id for stored in owners.items} == {0, 1, None}

    asyncio.run(main())


def test_a_program_of_0005_leaves_the_owner_of_a_call(url: str) -> None:
    old_store(url, "0006", *ROWS_OF_0001, CALL.format("c1", 33199001234))
    with connected(url) as connection:
        connection.exec_driver_sql("UPDATE calls SET account_id = 1")
        connection.exec_driver_sql(
            "INSERT INTO calls (call_id, from_tag, cseq, caller, called, decision, setup_at_ms, diversions)"
            " VALUES ('c1', 't', 1, '+331', '+332', 'forward', 8, '')"
            " ON CONFLICT (call_id, from_tag, cseq) DO UPDATE SET status = 200"
        )
        found = connection.exec_driver_sql("SELECT account_id, status FROM calls WHERE call_id = 'c1'").fetchall()
    assert [tuple(row) for row in found] == [(1, 200)]
