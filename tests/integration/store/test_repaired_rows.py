"""Values that columns are not for, in rows of accounts, keys, webhooks and messages, and times that no calendar has.

They hide no other rows, end no part, and let nobody do more than before.
"""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from renvoi.adapters.sql import schema
from renvoi.application.ports.unit_of_work import Reader, Store, Writer
from renvoi.domain.access.api_key import ApiKey, KeyRecord
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.events.signed_body import body_of
from renvoi.domain.events.webhook import Webhook
from renvoi.domain.moment import is_moment
from renvoi.http.v2.events import event_out
from tests.contract.test_messages import mail, message
from tests.integration.store.test_routing_documents import change, lookup_in, with_store
from tests.support.stores import A, B, seed

NOW_MS = 200 * 86_400_000
KEY, OTHER_KEY = ApiKey("0a0a0a0a0a0a", "k" * 43), ApiKey("0b0b0b0b0b0b", "k" * 43)
DAMAGE = (b"\xff\x00", b"", "no such thing", "", 10**15, -1, 1.5)
"""What SQLite keeps in most columns, whatever they are for."""
LISTS: dict[str, Callable[[Reader], Sequence[Any]]] = {
    "accounts": lambda reader: reader.accounts(),
    "api_keys": lambda reader: reader.keys(1),
    "webhooks": lambda reader: reader.webhooks(1),
    "messages": lambda reader: reader.expired_messages(NOW_MS, 9),
}
KEPT = {"id", "account_id", "number", "recipient", "cursor", "cursor_tx", "policy", "policy_version"}
"""What a row is found by, and what has a repair of its own, or is read by statements alone."""
COLUMNS = [(table, c.name) for table in LISTS for c in schema.metadata.tables[table].c if c.name not in KEPT]


async def fill(store: Store) -> None:
    """Add two of each."""
    await seed(store)

    def work(writer: Writer) -> None:
        writer.add_account("other", "en", "FR", 1)
        for key in (KEY, OTHER_KEY):
            limits = KeyRecord(key.id, 1, key.hash(), "FR", scopes=("calls:read",), expires_at_ms=NOW_MS - 1)
            writer.add_key(replace(limits, numbers=frozenset({A})))
        for name in ("a1", "b2"):
            writer.add_webhook(Webhook(name, 1, "https://example.com/", ("*",), (A,), "", 5, 5))
            writer.add_message(message(1, name, 5), mail(name, 6))

    await store.write(work)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=str)
def test_a_damaged_value_hides_no_rows(tmp_path: Path, table: str, column: str) -> None:
    url = f"sqlite:///{tmp_path}/renvoi.db"
    row = "b2" if table in ("webhooks", "messages") else KEY.id if table == "api_keys" else 1

    async def scenario(store: Store) -> None:
        await fill(store)
        before = await store.read(LISTS[table])
        for value in DAMAGE:
            if (table, column, value) == ("accounts", "name", "other"):
                continue
            change(url, f"UPDATE {table} SET {column} = :value WHERE id = :row", value=value, row=row)
            found = await store.read(LISTS[table])
            # Nobody knows when it would go for its age, so it stays.
            is_kept = table == "messages" and column == "received_at_ms" and len(found) == 1
            assert len(found) == len(before) or is_kept, value
            for each in found:
                times = {name: getattr(each, name) for name in each.__slots__ if name.endswith("_ms")}
                octets = {name for name in each.__slots__ if isinstance(getattr(each, name), bytes)}
                assert octets <= {"hash", "previous_hash", "peaks"}
                assert all(at is None or is_moment(at) or name == "duration_ms" for name, at in times.items()), times
                if isinstance(each, KeyRecord):
                    # It was over, and has to stay so; it reaches no other number and is nobody's secret.
                    assert each.is_over(NOW_MS) or column == "expires_at_ms"
                    assert each.numbers in (frozenset(), frozenset({A}))
                    assert each.scopes or value == ""

    with_store(url, scenario)


def test_an_endpoint_whose_numbers_cannot_be_read_gets_nothing(url: str) -> None:
    """It would get the events of all numbers; the owner sees that it is off, and enables it."""

    async def scenario(store: Store) -> None:
        await fill(store)
        change(url, "UPDATE webhooks SET numbers = 'these' WHERE id = 'b2'")
        good, damaged = await store.read(lambda reader: reader.webhooks(1))
        assert (good.enabled, good.numbers) == (True, (A,))
        assert (damaged.enabled, damaged.numbers) == (False, ())
        await store.write(methodcaller("put_webhook", replace(damaged, numbers=(B,), enabled=True)))
        repaired = await store.read(methodcaller("webhook", "b2"))
        assert repaired is not None
        assert (repaired.enabled, repaired.numbers) == (True, (B,))

    with_store(url, scenario)


def test_messages_are_kept_while_nobody_knows_for_how_long(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await fill(store)
        for value in set(DAMAGE) - {1.5}:
            change(url, "UPDATE accounts SET retention_days = :value WHERE id = 1", value=value)
            assert await store.read(lambda reader: reader.expired_messages(NOW_MS, 9)) == [], value

    with_store(url, scenario)


def test_a_number_was_changed_at_no_time_that_there_is_not(url: str) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        change(url, "UPDATE numbers SET updated_at_ms = 1000000000000000")
        with closing(lookup_in(url)) as lookup:
            for record in (lookup.find(A).record, await store.read(methodcaller("number", A))):
                assert record is not None
                assert record.updated_at_ms is None

    with_store(url, scenario)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("type", [b"\xff", "thing.of_tomorrow", ""]),
        ("data", ["", "no JSON", "[1]", '{"a":}', b"\xff"]),
        ("at_ms", [-1, 10**15, "then"]),
        ("seq", ["first", b"\xff"]),
        ("number", ["a number", b"\xff"]),
    ],
)
def test_an_event_is_told_with_what_can_be_read_of_it(tmp_path: Path, column: str, values: list[object]) -> None:
    """Nor is one of a newer version, on the same store, kept from those who read the log."""
    url = f"sqlite:///{tmp_path}/renvoi.db"

    async def scenario(store: Store) -> None:
        await fill(store)
        event = Event(EventType.NUMBER_CHANGED, 1, A, {"change": "added"}, 1000)
        for _ in range(2):
            await store.write(methodcaller("add_event", event))
        before = await store.read(methodcaller("events", 1, 0, 99))
        place = before[-2].position
        for value in values:
            change(url, f"UPDATE events SET {column} = :value WHERE position = :at", value=value, at=place)
            found = await store.read(methodcaller("events", 1, 0, 99))
            assert [each.position for each in found] == [each.position for each in before], value
            assert found[-1] == before[-1]
            shown = event_out(found[-2])
            assert shown.id.startswith(f"evt_{place}-")
            assert json.loads(body_of(found[-2]))["data"]["account"] == "acc_1"
            assert shown.type == (value if column == "type" and isinstance(value, str) else shown.type)

    with_store(url, scenario)
