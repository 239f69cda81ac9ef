"""Signing in: by links and passwords, and how guessing ends."""

import asyncio
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application.auth import operator_everywhere
from renvoi.application.keys import KeyWish, create_key
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.sessions import Visitor
from renvoi.application.sign_in import (
    SignInRefused,
    TooManyAttempts,
    begin_session_of_key,
    begin_session_of_link,
    begin_session_of_person,
    make_link,
)
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.session import TokenKind
from renvoi.domain.access.sign_in_limits import NETWORK, STRANGER
from tests.support.http_api import FixedClock
from tests.support.sign_in import (
    AWAY,
    HOME,
    OLIVE,
    OSCAR,
    PASSWORD,
    PASSWORDS,
    add_person,
    by_password,
    cheap_passwords,
    in_store,
    seen,
)
from tests.support.stores import seed


def test_a_link_signs_in_once_as_the_operator() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        link = (await make_link(store, clock, "demo")).reveal()
        begun = await begin_session_of_link(store, clock, link, HOME)
        session = await seen(store, clock, begun)
        assert session is not None
        who = session.principal
        assert (who.account_id, who.is_operator, who.key_id, session.name) == (account_id, True, None, "")
        with pytest.raises(SignInRefused):
            await begin_session_of_link(store, clock, link, HOME)
        late = (await make_link(store, clock, None)).reveal()
        replaced, late = late, (await make_link(store, clock, None)).reveal()
        clock.now += TokenKind.LINK.lasts_ms
        for text in (link, link[:-1] + "x", "", replaced, late):
            with pytest.raises(SignInRefused):
                await begin_session_of_link(store, clock, text, HOME)
        fresh = (await make_link(store, clock, None)).reveal()
        session = await seen(store, clock, await begin_session_of_link(store, clock, fresh, HOME))
        assert session is not None
        assert session.principal.account_id == EVERY_ACCOUNT

    in_store(scenario)


@pytest.mark.parametrize(
    "email", [OLIVE, OLIVE.upper(), " Olive@Example.com ", "nobody@example.com", "x\0y", "\ud800", ""]
)
def test_whoever_is_wrong_learns_the_same(email: str) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        looked_at: list[bool] = []
        passwords = cheap_passwords()
        verify = passwords.verify

        async def counting(password: str, stored: str | None) -> bool:
            looked_at.append(stored is not None)
            return await verify(password, stored)

        passwords.verify = counting  # type: ignore[method-assign]  # to see that the same work is done
        with pytest.raises(SignInRefused):
            await begin_session_of_person(store, clock, passwords, email, "wrong", HOME)
        assert looked_at == ["olive" in email.lower()]

    in_store(scenario)


def test_an_address_is_known_however_it_is_written() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        for email in (OLIVE.upper(), f" {OLIVE} "):
            await begin_session_of_person(store, clock, PASSWORDS, email, PASSWORD, HOME)

    in_store(scenario)


async def wrong_times(store: Store, clock: FixedClock, visitor: Visitor) -> int:
    """Be wrong as Olive until that is not allowed any more; return how often that was."""
    for count in range(1000):
        try:
            await by_password(store, clock, visitor, "wrong")
        except SignInRefused:
            continue
        except TooManyAttempts as error:
            return count if 0 < error.wait_ms <= STRANGER.interval_ms else -1
    raise AssertionError("no end")


def test_guessing_ends_and_goes_on_with_time() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        assert await wrong_times(store, clock, AWAY) == STRANGER.burst
        # From elsewhere too, and with the right password; but others are not concerned.
        for visitor in (AWAY, Visitor("198.51.100.1")):
            with pytest.raises(TooManyAttempts):
                await by_password(store, clock, visitor)
        await add_person(store, PASSWORDS, OSCAR)
        await begin_session_of_person(store, clock, PASSWORDS, OSCAR, PASSWORD, AWAY)
        clock.now += STRANGER.interval_ms
        await by_password(store, clock, Visitor("198.51.100.1"))
        # Who was right once has all attempts again.
        assert await wrong_times(store, clock, Visitor("198.18.0.1")) == STRANGER.burst

    in_store(scenario)


def test_many_guesses_at_once_are_as_many() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        guesses = [by_password(store, clock, AWAY, f"wrong {n}") for n in range(2 * STRANGER.burst)]
        found = await asyncio.gather(*guesses, return_exceptions=True)
        assert [type(each) for each in found].count(SignInRefused) == STRANGER.burst

    in_store(scenario)


def test_strangers_do_not_lock_out_who_signed_in_before() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        await by_password(store, clock, HOME)
        assert await wrong_times(store, clock, AWAY) == STRANGER.burst
        await by_password(store, clock, replace(HOME, source="192.0.2.200"))
        # Nor do others behind the same address who try other people.
        for n in range(NETWORK.burst):
            with pytest.raises(SignInRefused):
                await begin_session_of_person(store, clock, PASSWORDS, f"n{n}@example.com", "wrong", HOME)
        with pytest.raises(TooManyAttempts):
            await begin_session_of_person(store, clock, PASSWORDS, "n@example.com", "wrong", HOME)
        await by_password(store, clock, HOME)

    in_store(scenario)


def test_guessing_of_keys_ends_too_and_a_good_one_is_let_in_whatever_others_do() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        made = await create_key(store, clock, operator_everywhere(), KeyWish(), of_operator=True)
        for _ in range(3):
            await begin_session_of_key(store, clock, made.key.reveal(), HOME)
        for n in range(NETWORK.burst):
            with pytest.raises(SignInRefused):
                await begin_session_of_key(store, clock, f"rv_{n:012x}_{'k' * 43}", HOME)
        with pytest.raises(TooManyAttempts):
            await begin_session_of_key(store, clock, f"rv_{'f' * 12}_{'k' * 43}", HOME)
        await begin_session_of_key(store, clock, made.key.reveal(), HOME)

    in_store(scenario)


def test_a_password_that_was_hashed_with_less_work_is_hashed_again() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        person = await add_person(store, PASSWORDS)
        stronger = cheap_passwords().__class__(passes=2, memory_kib=8)
        begun = await begin_session_of_person(store, clock, stronger, OLIVE, PASSWORD, HOME)
        after = await store.read(methodcaller("person", person.id))
        assert after.password != person.password
        assert not stronger.is_outdated(after.password)
        assert await seen(store, clock, begun) is not None

    in_store(scenario)
