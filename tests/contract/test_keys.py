"""Keys of accounts and of operators: what every adapter of the `Store` port does with them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller
from typing import Any

import pytest

from renvoi.application.auth import operator_for
from renvoi.application.keys import KeyWish, change_key, create_key
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import Conflict, StoreRefused
from renvoi.application.ports.keys import KeyChange, KeyState
from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord
from renvoi.domain.numbers.number import NO_REGION
from tests.support.http_api import FixedClock
from tests.support.stores import A, B, Scenario, seed

HASH, OTHER_HASH = bytes(range(32)), b"\xff" * 32
ACCOUNT_KEY = KeyRecord(
    "0a0a0a0a0a0a",
    1,
    HASH,
    "FR",
    "ci",
    ("numbers:read", "calls:read"),
    7,
    99,
    numbers=frozenset({A, B}),
    previous_hash=OTHER_HASH,
    previous_until_ms=55,
    revision=4,
    made_by="0b0b0b0b0b0b",
)
OPERATOR_KEY = replace(ACCOUNT_KEY, id="op_0a0a0a0a0a0a", account_id=EVERY_ACCOUNT, region=NO_REGION, numbers=None)


@pytest.mark.parametrize("kind", [ACCOUNT_KEY, OPERATOR_KEY], ids=["account", "operator"])
@pytest.mark.parametrize("scopes", [(), ("numbers:read",), ("numbers:read", "calls:read")], ids=len)
@pytest.mark.parametrize("numbers", [None, frozenset(), frozenset({A}), frozenset({A, B})], ids=["all", "0", "1", "2"])
def test_a_key_comes_back_whole(
    run: Callable[[Scenario], None], kind: KeyRecord, scopes: tuple[str, ...], numbers: Any
) -> None:
    async def scenario(store: Store) -> None:
        key = replace(kind, scopes=scopes, numbers=numbers)
        key = replace(key, account_id=await seed(store)) if not key.is_operator else key
        await store.write(methodcaller("add_key", key))
        assert await store.read(methodcaller("key", key.id)) == key
        assert await store.write(methodcaller("key_for_change", key.id)) == key
        with pytest.raises(Conflict, match=key.id):
            await store.write(methodcaller("add_key", key))
        changed = replace(
            key,
            hash=OTHER_HASH,
            label="é'\N{TELEPHONE RECEIVER}",
            scopes=("keys:write",),
            numbers=None if numbers else frozenset({B}),
            expires_at_ms=None,
            previous_hash=None,
            previous_until_ms=None,
            revision=5,
        )
        await store.write(methodcaller("put_key", changed))
        assert await store.read(methodcaller("key", key.id)) == changed

    run(scenario)


def test_the_two_kinds_are_apart(run: Callable[[Scenario], None]) -> None:
    """An id says which kind is meant; lists of one kind have nothing of the other."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        of_account = replace(ACCOUNT_KEY, account_id=account_id)
        await store.write(methodcaller("add_key", of_account))
        assert await store.read(methodcaller("key", OPERATOR_KEY.id)) is None
        await store.write(methodcaller("put_key", OPERATOR_KEY))
        assert not await store.write(methodcaller("revoke_key", OPERATOR_KEY.id, 1))
        assert list(await store.read(methodcaller("keys", EVERY_ACCOUNT))) == []
        await store.write(methodcaller("add_key", OPERATOR_KEY))
        assert list(await store.read(methodcaller("keys"))) == [of_account]
        assert list(await store.read(methodcaller("keys", account_id))) == [of_account]
        assert list(await store.read(methodcaller("keys", EVERY_ACCOUNT))) == [OPERATOR_KEY]

    run(scenario)


@pytest.mark.parametrize("kind", [ACCOUNT_KEY, OPERATOR_KEY], ids=["account", "operator"])
def test_a_revoked_key_stays_so_since_the_first_time(run: Callable[[Scenario], None], kind: KeyRecord) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        key = kind if kind.is_operator else replace(kind, account_id=account_id)
        await store.write(methodcaller("add_key", key))
        assert await store.write(methodcaller("revoke_key", key.id, 50))
        assert await store.write(methodcaller("revoke_key", key.id, 60))
        found = await store.read(methodcaller("key", key.id))
        assert found == replace(key, revoked_at_ms=50, revision=key.revision + 1)

    run(scenario)


def test_keys_are_listed_in_pages_by_their_time(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "BE", 5))
        times = {"0c": 5, "0b": 5, "0a": 6, "0f": 4, "0d": 7}
        keys = {
            name: KeyRecord(name * 6, other.id if name == "0d" else account_id, HASH, "FR", created_at_ms=at_ms)
            for name, at_ms in times.items()
        }
        keys["0d"] = replace(keys["0d"], region="BE")
        for key in keys.values():
            await store.write(methodcaller("add_key", key))

        def check(reader: Reader) -> None:
            wanted = [keys[name] for name in ("0f", "0b", "0c", "0a")]
            assert list(reader.keys(account_id)) == wanted
            assert list(reader.keys()) == [*wanted, keys["0d"]]
            after = None
            seen: list[KeyRecord] = []
            while page := reader.keys(account_id, after, 1):
                seen += page
                after = page[-1].created_at_ms, page[-1].id
            assert seen == wanted
            assert list(reader.keys(account_id, (5, "0b" * 6), 2)) == wanted[2:]
            assert list(reader.keys(EVERY_ACCOUNT)) == []
            assert list(reader.keys(999)) == []

        await store.read(check)

    run(scenario)


def test_keys_go_with_their_account_and_some_time_after_they_were_revoked(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        other = await store.write(lambda writer: writer.add_account("other", "en", "BE", 5))
        revoked = {"0a": None, "0b": 10, "0c": 20, "0d": 10, "0e": None}
        for name, at_ms in revoked.items():
            owner = other.id if name in ("0d", "0e") else account_id
            await store.write(methodcaller("add_key", KeyRecord(name * 6, owner, HASH, "FR", revoked_at_ms=at_ms)))
        for name, at_ms in (("op_0a", None), ("op_0b", 10)):
            key = replace(OPERATOR_KEY, id=name, revoked_at_ms=at_ms)
            await store.write(methodcaller("add_key", key))
        everybody = ["0a" * 6, "0b" * 6, "0d" * 6, "op_0b"]
        await store.write(methodcaller("note_key_uses", dict.fromkeys(everybody, 9)))
        for owner, live in ((account_id, 1), (other.id, 1), (EVERY_ACCOUNT, 1), (999, 0)):
            assert await store.read(methodcaller("live_keys", owner, 10)) == live
        await store.write(methodcaller("add_key", KeyRecord("0f" * 6, other.id, HASH, "BE")))
        assert [await store.read(methodcaller("live_keys", other.id, limit)) for limit in (0, 1, 2, 3)] == [0, 1, 2, 2]
        assert await store.write(methodcaller("revoke_key", "0f" * 6, 25))
        assert await store.write(methodcaller("remove_revoked_keys", 20, 1)) == 2
        assert await store.write(methodcaller("remove_revoked_keys", 20, 5)) == 1
        assert await store.write(methodcaller("remove_revoked_keys", 20, 5)) == 0
        assert {key.id[:2] for key in await store.read(methodcaller("keys"))} == {"0a", "0c", "0e", "0f"}
        assert [key.id for key in await store.read(methodcaller("keys", EVERY_ACCOUNT))] == ["op_0a"]
        assert await store.read(methodcaller("key_uses", everybody)) == {"0a" * 6: 9}

    run(scenario)


FARTHEST = (1 << 63) - 1


@pytest.mark.parametrize("place", [(FARTHEST, "\U0010ffff" * 200), (-FARTHEST - 1, ""), (0, "'; --"), (5, "x" * 5000)])
def test_any_place_in_the_list_is_one(run: Callable[[Scenario], None], place: tuple[int, str]) -> None:
    """Cursors come from strangers."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        key = KeyRecord("0a" * 6, account_id, HASH, "FR", created_at_ms=1)
        await store.write(methodcaller("add_key", key))
        wanted = [key] if place < (1, key.id) else []
        for kind in (account_id, None, EVERY_ACCOUNT):
            found = list(await store.read(methodcaller("keys", kind, place, 5)))
            assert found == ([] if kind == EVERY_ACCOUNT else wanted)
        for revision in (FARTHEST, -FARTHEST - 1, 0):
            assert list(await store.read(methodcaller("key_changes", key.id, 5, revision))) == []

    run(scenario)


def test_the_latest_use_of_a_key_stands(run: Callable[[Scenario], None]) -> None:
    """Several nodes note the same key, in whatever order."""

    async def scenario(store: Store) -> None:
        await store.write(methodcaller("note_key_uses", {}))
        await store.write(methodcaller("note_key_uses", {"b": 20, "a": 10}))
        await asyncio.gather(
            store.write(methodcaller("note_key_uses", {"a": 30, "c": 1})),
            store.write(methodcaller("note_key_uses", {"b": 19, "a": 29})),
        )
        assert await store.read(methodcaller("key_uses", ["a", "b", "c", "d"])) == {"a": 30, "b": 20, "c": 1}
        assert await store.read(methodcaller("key_uses", [])) == {}
        many = {f"k{n}": n for n in range(450)}
        await store.write(methodcaller("note_key_uses", many))
        assert await store.read(methodcaller("key_uses", many)) == many

    run(scenario)


def test_the_trail_of_a_key(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        before = KeyState("ci", (), None, None, None, 0)
        after = KeyState("é", ("calls:read",), ("+33199001234",), 99, 98, 1, rotated=True)
        changes = [
            KeyChange(10, "0a0a0a0a0a0a", 1, None, "command line", None, before),
            KeyChange(20, "0a0a0a0a0a0a", 1, "0b0b0b0b0b0b", "192.0.2.7", before, after),
            KeyChange(30, "op_0a0a0a0a0a0a", 0, "op_0b0b0b0b0b0b", "2001:db8::1", None, before),
        ]
        for change in changes:
            await store.write(methodcaller("add_key_change", change))
        assert list(await store.read(methodcaller("key_changes", "0a0a0a0a0a0a"))) == [changes[1], changes[0]]
        assert list(await store.read(methodcaller("key_changes", "0a0a0a0a0a0a", 1))) == [changes[1]]
        assert list(await store.read(methodcaller("key_changes", "0a0a0a0a0a0a", 5, 1))) == [changes[0]]
        assert list(await store.read(methodcaller("key_changes", "0a0a0a0a0a0a", 5, 0))) == []
        assert list(await store.read(methodcaller("key_changes", "op_0a0a0a0a0a0a"))) == [changes[2]]
        assert await store.write(methodcaller("remove_old_key_changes", 30, 1)) == 1
        assert await store.write(methodcaller("remove_old_key_changes", 30, 5)) == 1
        assert await store.write(methodcaller("remove_old_key_changes", 30, 5)) == 0
        assert list(await store.read(methodcaller("key_changes", "0a0a0a0a0a0a"))) == []

    run(scenario)


CHANGE = KeyChange(1, "k", 1, None, "s", None, KeyState("", (), None, None, None, 0))
HOSTILE: dict[str, Callable[[Any], Any]] = {
    "label: NUL": methodcaller("add_key", replace(ACCOUNT_KEY, label="a\0")),
    "label: half a pair": methodcaller("add_key", replace(OPERATOR_KEY, label="a\ud800")),
    "scope: NUL": methodcaller("put_key", replace(ACCOUNT_KEY, scopes=("\0",))),
    "expiry: 64 bits": methodcaller("put_key", replace(ACCOUNT_KEY, expires_at_ms=2**63)),
    "previous: 64 bits": methodcaller("put_key", replace(OPERATOR_KEY, previous_until_ms=-(2**63) - 1)),
    "revision: 64 bits": methodcaller("put_key", replace(ACCOUNT_KEY, revision=2**63)),
    "made by: NUL": methodcaller("add_key", replace(ACCOUNT_KEY, made_by="\0")),
    "id: 1001 bytes": methodcaller("add_key", replace(ACCOUNT_KEY, id="x" * 1001)),
    "no such account": methodcaller("add_key", replace(ACCOUNT_KEY, account_id=404)),
    "use: NUL": methodcaller("note_key_uses", {"a": 1, "b\0": 2}),
    "use: 64 bits": methodcaller("note_key_uses", {"a": 1, "b": 2**63}),
    "trail: NUL": methodcaller("add_key_change", replace(CHANGE, source="\0")),
    "trail: 64 bits": methodcaller("add_key_change", replace(CHANGE, at_ms=2**63)),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_what_no_store_can_hold_is_refused_alone(
    run: Callable[[Scenario], None], hostile: Callable[[Any], Any]
) -> None:
    async def scenario(store: Store) -> None:
        await seed(store)
        results = await asyncio.gather(
            store.write(hostile), store.write(methodcaller("count", "neighbour")), return_exceptions=True
        )
        assert isinstance(results[0], StoreRefused)
        assert results[1] is None
        assert list(await store.read(methodcaller("keys"))) == []
        assert await store.read(methodcaller("key_uses", ["a"])) == {}
        assert list(await store.read(methodcaller("key_changes", "k"))) == []

    run(scenario)


@pytest.mark.parametrize("text", ["", "a\0", "\ud800", "x" * 5000, "op_", "op_\0", "'; DROP TABLE api_keys; --"])
def test_questions_for_odd_ids_find_nothing(run: Callable[[Scenario], None], text: str) -> None:
    async def scenario(store: Store) -> None:
        for question in (methodcaller("key", text), methodcaller("key_changes", text)):
            try:
                assert not await store.read(question)
            except StoreRefused:
                continue

    run(scenario)


def test_changes_of_a_key_follow_each_other(run: Callable[[Scenario], None]) -> None:
    """Of many at once none is lost, and each is in the trail; of a use that is noted meanwhile none waits."""

    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        operator, clock = operator_for(Account(account_id, "demo", "fr", "FR", 1)), FixedClock(1)
        made = await create_key(store, clock, operator, KeyWish())

        async def label(n: int) -> None:
            await change_key(store, clock, operator, made.key.id, lambda wish: replace(wish, label=f"{wish.label}{n}"))

        await asyncio.gather(
            *(label(n) for n in range(8)),
            *(store.write(methodcaller("note_key_uses", {made.key.id: n})) for n in range(8)),
        )
        key = await store.read(methodcaller("key", made.key.id))
        assert sorted(key.label) == list("01234567")
        trail = await store.read(methodcaller("key_changes", made.key.id))
        assert [change.after.revision for change in trail] == list(range(8, -1, -1))
        assert [change.before for change in trail[:-1]] == [change.after for change in trail[1:]]
        assert await store.read(methodcaller("key_uses", [made.key.id])) == {made.key.id: 7}

    run(scenario)
