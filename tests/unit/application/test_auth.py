"""Who asks becomes one value, whichever way the question came."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from renvoi.application.auth import SCOPES, authenticate, operator_for
from renvoi.application.ports.accounts import Account
from renvoi.domain.access.api_key import ApiKey, KeyRecord, Principal
from tests.support.http_api import KEY, START_MS, FixedClock, seed
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
