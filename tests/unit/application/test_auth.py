"""Who asks becomes one value, whichever way the question came."""

import asyncio
import hmac
from dataclasses import replace
from typing import Any

import pytest

from renvoi.application.auth import authenticate, operator_for
from renvoi.application.ports.accounts import Account
from renvoi.application.write_behind import KeyUses
from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, KeyRecord, Principal
from renvoi.domain.access.rights import SCOPES
from renvoi.domain.numbers.number import E164, NO_REGION
from tests.support.http_api import FOREIGN_KEY, KEY, START_MS, FixedClock, seed
from tests.support.memory_state import MemoryReader
from tests.support.memory_store import MemoryStore

SOURCE = "192.0.2.7"


def ask(api_key: str, **changed: Any) -> Principal | None:
    """Authenticate on a store that has KEY, its record changed."""

    async def scenario() -> Principal | None:
        store = MemoryStore()
        await store.write(seed)
        record = await store.read(lambda reader: reader.key(KEY.id))
        assert record is not None
        other = replace(record, id="0c0c0c0c0c0c", **changed)
        await store.write(lambda writer: writer.add_key(other))
        return await authenticate(store, FixedClock(), api_key, SOURCE)

    return asyncio.run(scenario())


CHANGED = ApiKey("0c0c0c0c0c0c", KEY.secret).reveal()


def test_a_good_key_gives_its_account_and_scopes() -> None:
    assert ask(CHANGED, scopes=("calls:read",)) == Principal(1, "FR", "0c0c0c0c0c0c", SOURCE, ("calls:read",))


@pytest.mark.parametrize(
    "api_key",
    ["", "no key", "rv_", KEY.id, ApiKey(KEY.id, "x" * 43).reveal(), ApiKey("ffffffffffff", KEY.secret).reveal()],
    ids=["empty", "no key", "its beginning", "an id", "wrong secret", "unknown id"],
)
def test_what_is_no_good_key_is_nobody(api_key: str) -> None:
    assert ask(api_key) is None


def test_a_key_is_good_until_it_expires_or_is_revoked() -> None:
    assert ask(CHANGED, expires_at_ms=START_MS + 1) is not None
    assert ask(CHANGED, expires_at_ms=START_MS) is None
    assert ask(CHANGED, revoked_at_ms=START_MS) is None


def test_an_unknown_id_costs_the_same_comparison(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the time of an answer would tell which ids there are."""
    compared: list[str] = []
    admits = KeyRecord.admits

    def count(record: KeyRecord, key: ApiKey, now_ms: int) -> bool:
        compared.append(record.id)
        return admits(record, key, now_ms)

    monkeypatch.setattr(KeyRecord, "admits", count)
    assert ask(ApiKey("ffffffffffff", KEY.secret).reveal()) is None
    assert ask(ApiKey(KEY.id, "x" * 43).reveal()) is None
    assert compared == ["", KEY.id]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_principal_may_do_what_its_scopes_say(scope: str) -> None:
    assert Principal(1, "FR", "0a0a0a0a0a0a", SOURCE).may(scope)
    assert Principal(1, "FR", "0a0a0a0a0a0a", SOURCE, (scope,)).may(scope)
    assert not Principal(1, "FR", "0a0a0a0a0a0a", SOURCE, ("written by a later version",)).may(scope)


def test_no_scope_of_a_key_makes_an_operator() -> None:
    principal = ask(CHANGED, scopes=("operator",))
    assert principal is not None
    assert not principal.is_operator
    assert not principal.may("numbers:read")


def test_the_command_line_is_an_operator_without_a_key() -> None:
    operator = operator_for(Account(7, "acme", "fr", "BE", START_MS))
    assert (operator.account_id, operator.region, operator.key_id) == (7, "BE", None)
    assert operator.is_operator
    assert all(operator.may(scope) for scope in SCOPES)


OPERATOR = ApiKey("op_0d0d0d0d0d0d", "o" * 43)


@pytest.mark.parametrize(
    ("changed", "secret"),
    [
        ({}, KEY.secret),
        ({}, "x" * 43),
        ({"expires_at_ms": 1}, KEY.secret),
        ({"revoked_at_ms": 1}, KEY.secret),
        ({"numbers": frozenset()}, KEY.secret),
        ({"previous_hash": b"p" * 32, "previous_until_ms": START_MS + 1}, "x" * 43),
        ({"previous_hash": KEY.hash(), "hash": b"n" * 32, "previous_until_ms": 1}, KEY.secret),
        ({"id": "0d0d0d0d0d0d"}, KEY.secret),
        ({"id": OPERATOR.id, "account_id": EVERY_ACCOUNT}, "x" * 43),
    ],
)
def test_every_key_costs_the_same_work(monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], secret: str) -> None:
    """One look-up and two comparisons, whatever is wrong, and where there is no second secret, too."""
    compared: list[bytes] = []
    looked_up: list[str] = []
    compare, find = hmac.compare_digest, MemoryReader.key

    def noting(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return compare(one, other)

    def finding(reader: MemoryReader, key_id: str) -> KeyRecord | None:
        looked_up.append(key_id)
        return find(reader, key_id)

    key_id = str(changed.get("id", "0c0c0c0c0c0c"))
    asked = OPERATOR.id if key_id == OPERATOR.id else "0c0c0c0c0c0c"

    async def scenario() -> None:
        store = MemoryStore()
        await store.write(seed)
        record = await store.read(lambda reader: reader.key(KEY.id))
        assert record is not None
        other = replace(record, **{"id": key_id, **changed})
        await store.write(lambda writer: writer.add_key(other))
        monkeypatch.setattr(hmac, "compare_digest", noting)
        monkeypatch.setattr(MemoryReader, "key", finding)
        await authenticate(store, FixedClock(), ApiKey(asked, secret).reveal(), SOURCE)

    asyncio.run(scenario())
    assert len(compared) == 2
    assert len(looked_up) == 1


def test_a_secret_that_was_replaced_is_a_key_that_ends_with_its_time() -> None:
    old = ApiKey("0c0c0c0c0c0c", "o" * 43)
    replaced = {"previous_hash": old.hash(), "previous_until_ms": START_MS + 5}
    for expiry, wanted in ((None, START_MS + 5), (START_MS + 9, START_MS + 5), (START_MS + 1, START_MS + 1)):
        found = ask(old.reveal(), expires_at_ms=expiry, **replaced)
        assert found is not None
        assert found.expires_at_ms == wanted
        found = ask(CHANGED, expires_at_ms=expiry, **replaced)
        assert found is not None
        assert found.expires_at_ms == expiry
    assert ask(old.reveal(), previous_hash=old.hash(), previous_until_ms=START_MS) is None
    assert ask(old.reveal(), previous_hash=old.hash()) is None


def test_an_operators_key_acts_for_no_account_until_one_is_named() -> None:
    record = KeyRecord(OPERATOR.id, EVERY_ACCOUNT, OPERATOR.hash(), NO_REGION, scopes=("operator", "calls:read"))

    async def scenario() -> Principal | None:
        store = MemoryStore()
        await store.write(lambda writer: writer.add_key(record))
        return await authenticate(store, FixedClock(), OPERATOR.reveal(), SOURCE)

    found = asyncio.run(scenario())
    assert found == Principal(
        EVERY_ACCOUNT, NO_REGION, OPERATOR.id, SOURCE, ("operator", "calls:read"), is_operator=True
    )
    assert found.may("operator")
    assert not found.may("numbers:read")
    assert found.acting_for(7, "BE") == replace(found, account_id=7, region="BE")
    with pytest.raises(ValueError, match="only an operator"):
        Principal(1, "FR", KEY.id, SOURCE).acting_for(2, "FR")


def test_good_keys_alone_are_noted_as_used() -> None:
    uses = KeyUses()

    async def scenario() -> None:
        store = MemoryStore()
        await store.write(seed)
        for text in (KEY.reveal(), ApiKey(FOREIGN_KEY.id, "x" * 43).reveal(), "rv_ffffffffffff_" + "x" * 43):
            await authenticate(store, FixedClock(), text, SOURCE, uses)
        await uses.write(store)
        found = await store.read(lambda reader: reader.key_uses([KEY.id, FOREIGN_KEY.id, "ffffffffffff"]))
        assert found == {KEY.id: START_MS}

    asyncio.run(scenario())


def test_answers_are_kept_apart_for_keys_that_see_less() -> None:
    whole = Principal(1, "FR", KEY.id, SOURCE)
    limited = replace(whole, numbers=frozenset[E164]())
    operator = replace(whole, key_id=OPERATOR.id, is_operator=True)
    assert whole.idempotency_key("k") == "k"
    assert replace(whole, key_id="0e0e0e0e0e0e").idempotency_key("k") == "k"
    own = {each.idempotency_key("k") for each in (whole, limited, operator, replace(limited, key_id="0e0e0e0e0e0e"))}
    assert len(own) == 4
