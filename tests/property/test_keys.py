"""Whatever who holds a limited key does with the API of keys, nothing that he holds may do more than it could."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from renvoi.application import keys
from renvoi.application.auth import authenticate, operator_everywhere
from renvoi.application.keys import KeyWish
from renvoi.domain.access.api_key import ApiKey, Principal
from renvoi.domain.access.rights import OPERATOR, Rights
from renvoi.domain.problem import Problem
from tests.support.http_api import FOREIGN_KEY, KEY, NUMBER, SECOND, START_MS, FixedClock, seed
from tests.support.memory_store import MemoryStore
from tests.unit.domain.test_rights import deeds

STEPS = 80
HOUR_MS = 3600 * 1000
END_MS = START_MS + 10 * HOUR_MS
SCOPES = [
    (),
    ("keys:write",),
    ("keys:write", "numbers:read"),
    ("keys:write", "calls:read"),
    ("numbers:read",),
    (OPERATOR,),
]
NUMBERS = [None, frozenset({NUMBER}), frozenset({SECOND}), frozenset({NUMBER, SECOND})]
EXPIRIES = [None, START_MS + HOUR_MS, END_MS, END_MS + 1]
START = Rights(("keys:write", "numbers:read"), frozenset({NUMBER}), END_MS)


class Theft:
    """A store, its owner, and somebody who holds what a limited key has given him."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.store = MemoryStore()
        self.clock = FixedClock()
        self.held: list[ApiKey] = []
        self.ids = [KEY.id, FOREIGN_KEY.id]
        self.done = 0

    async def begin(self) -> None:
        await self.store.write(seed)
        wish = KeyWish("", START.scopes, START.numbers, START.expires_at_ms)
        first = await keys.create_key(self.store, self.clock, await self.owner(), wish)
        mighty = await keys.create_key(self.store, self.clock, await self.owner(), KeyWish())
        operator = await keys.create_key(self.store, self.clock, operator_everywhere(), KeyWish(), of_operator=True)
        self.held.append(first.key)
        self.ids += [made.key.id for made in (first, mighty, operator)]

    async def owner(self) -> Principal:
        found = await authenticate(self.store, self.clock, KEY.reveal(), "192.0.2.1")
        assert found is not None
        return found

    def wish(self) -> KeyWish:
        """Return something near to what the first key may do, and more than that quite often."""
        wish = KeyWish("", START.scopes, START.numbers, START.expires_at_ms)
        options: dict[str, Any] = {"scopes": SCOPES, "numbers": NUMBERS, "expires_at_ms": EXPIRIES}
        for name, values in options.items():
            if self.chance.random() < 0.3:
                change: dict[str, Any] = {name: self.chance.choice(values)}
                wish = replace(wish, **change)
        return wish

    def some_id(self) -> str:
        # Not in the order of the store, which is that of random ids: the same seed shall do the same.
        return self.chance.choice(self.ids)

    def keep(self) -> timedelta:
        return timedelta(hours=self.chance.choice([0, 1, 24]))

    async def step(self) -> None:
        """Let time pass, or the owner or the other one do something."""
        who: Principal | None = await self.owner()
        is_owner = self.chance.random() < 0.1
        if not is_owner:
            who = await authenticate(self.store, self.clock, self.chance.choice(self.held).reveal(), "192.0.2.66")
        if who is None or self.chance.random() < 0.1:
            self.clock.now += self.chance.choice([1, HOUR_MS // 4])
            return
        act: Callable[..., Awaitable[Any]] = self.chance.choice(
            [*[self.create] * 4, *[self.change] * 3, *[self.rotate] * 2, self.revoke]
        )
        try:
            made = await act(who, is_owner=is_owner)
        except Problem:
            return
        if not is_owner:
            self.done += 1
            if made is not None:
                self.held.append(made)

    async def create(self, who: Principal, **_: bool) -> ApiKey | None:
        of_operator = self.chance.random() < 0.1
        made = await keys.create_key(self.store, self.clock, who, self.wish(), of_operator=of_operator)
        self.ids.append(made.key.id)
        return made.key

    async def change(self, who: Principal, *, is_owner: bool) -> None:
        key_id, wish = self.some_id(), self.wish()
        if is_owner and Rights(wish.scopes, wish.numbers, wish.expires_at_ms).beyond(START):
            return  # The owner gives nothing away.
        names = self.chance.sample(["scopes", "numbers", "expires_at_ms"], self.chance.randint(1, 3))
        some = {name: getattr(wish, name) for name in names}
        if is_owner and key_id == KEY.id:
            return
        if is_owner:
            some = {"scopes": wish.scopes, "numbers": wish.numbers, "expires_at_ms": wish.expires_at_ms}
        await keys.change_key(self.store, self.clock, who, key_id, lambda before: replace(before, **some))

    async def rotate(self, who: Principal, *, is_owner: bool) -> ApiKey | None:
        key_id = self.some_id()
        if is_owner and key_id == KEY.id:
            return None
        made = await keys.rotate_key(self.store, self.clock, who, key_id, self.keep())
        return made.key

    async def revoke(self, who: Principal, *, is_owner: bool) -> None:
        key_id = self.some_id()
        if not (is_owner and key_id == KEY.id):
            await keys.revoke_key(self.store, self.clock, who, key_id)

    async def check(self) -> None:
        """Check that nothing that is held may do what the first key could not, and that its victims are unharmed."""
        allowed = deeds(START)
        for key in self.held:
            found = await authenticate(self.store, self.clock, key.reveal(), "192.0.2.66")
            if found is not None:
                assert found.account_id == 1
                assert deeds(found.rights) <= allowed, key.id
                assert found.expires_at_ms is not None
                assert found.expires_at_ms <= END_MS
        for key in (KEY, FOREIGN_KEY):
            assert await authenticate(self.store, self.clock, key.reveal(), "192.0.2.1") is not None


@pytest.mark.parametrize("chance", range(20))
def test_a_limited_key_leads_to_nothing_more(chance: int) -> None:
    async def scenario() -> int:
        theft = Theft(random.Random(chance))
        await theft.begin()
        for _ in range(STEPS):
            await theft.step()
            await theft.check()
        return theft.done

    # Else it would prove nothing.
    assert asyncio.run(scenario()) > 0
