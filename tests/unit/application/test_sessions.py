"""Sessions: what they stand on, and how they end."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from operator import methodcaller

import pytest

from renvoi.application.auth import operator_for
from renvoi.application.keys import KeyWish, change_key, create_key, revoke_key, rotate_key
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.removals import close_account
from renvoi.application.sessions import (
    MAX_SESSIONS,
    end_session,
    end_sessions,
    session_of,
    sessions_like,
    set_choice,
)
from renvoi.application.sign_in import (
    SignInRefused,
    begin_session_of_key,
    begin_session_of_person,
)
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.access.session import OF_ACCOUNTS, OF_OPERATORS, Lifetime
from renvoi.domain.problem import Problem
from tests.support.http_api import FixedClock
from tests.support.sign_in import AWAY, HOME, OLIVE, OSCAR, PASSWORD, PASSWORDS, add_person, by_password, in_store, seen
from tests.support.stores import seed

SOURCE = "192.0.2.99"


def ms(lifetime: Lifetime) -> tuple[int, int]:
    """Return how long a session lasts without use, and at the most."""
    return int(lifetime.idle.total_seconds() * 1000), int(lifetime.most.total_seconds() * 1000)


async def seeded(store: Store) -> tuple[int, Principal]:
    """Make an account; return its id, and who may do everything to it."""
    account_id = await seed(store)
    account = await store.read(lambda reader: reader.account(str(account_id)))
    assert account is not None
    return account_id, operator_for(account)


def test_a_session_of_a_key_may_what_the_key_may() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id, operator = await seeded(store)
        wish = KeyWish("desk", ("numbers:read",), expires_at_ms=clock.now + 1000)
        made = await create_key(store, clock, operator, wish)
        begun = await begin_session_of_key(store, clock, made.key.reveal(), HOME)
        session = await seen(store, clock, begun)
        assert session is not None
        who = session.principal
        assert (who.account_id, who.region, who.key_id, who.source) == (account_id, "FR", made.key.id, SOURCE)
        assert (who.scopes, who.expires_at_ms, session.name) == (("numbers:read",), clock.now + 1000, "desk")
        # What it may is asked at each request.
        await change_key(store, clock, operator, made.key.id, partial(replace, scopes=("calls:read",)))
        session = await seen(store, clock, begun)
        assert session is not None
        assert session.principal.scopes == ("calls:read",)

    in_store(scenario)


@pytest.mark.parametrize("how", ["revoked", "expired", "rotated", "closed"])
def test_a_session_ends_with_its_key(how: str) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id, who = await seeded(store)
        made = await create_key(store, clock, who, KeyWish(expires_at_ms=clock.now + 10**9))
        begun = await begin_session_of_key(store, clock, made.key.reveal(), HOME)
        assert await seen(store, clock, begun) is not None
        if how == "revoked":
            await revoke_key(store, clock, who, made.key.id)
        elif how == "rotated":
            await rotate_key(store, clock, who, made.key.id)
            assert await seen(store, clock, begun) is not None, "the secret before is good for a day"
            clock.now += 24 * 3600 * 1000
        elif how == "closed":
            await close_account(store, clock, str(account_id))
        else:
            clock.now += 10**9
            await store.write(methodcaller("touch_session", begun.record.id, clock.now, clock.now + 10))
        assert await seen(store, clock, begun) is None

    in_store(scenario)


def test_a_session_belongs_to_the_secret_that_it_began_with() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        _, who = await seeded(store)
        made = await create_key(store, clock, who, KeyWish())
        first = await begin_session_of_key(store, clock, made.key.reveal(), HOME)
        second_secret = await rotate_key(store, clock, who, made.key.id)
        second = await begin_session_of_key(store, clock, second_secret.key.reveal(), AWAY)
        seen_first, seen_second = await seen(store, clock, first), await seen(store, clock, second)
        assert seen_first is not None
        assert seen_second is not None
        # It ends with its secret, and the other one with the key alone.
        assert seen_first.principal.expires_at_ms == clock.now + 24 * 3600 * 1000
        assert seen_second.principal.expires_at_ms is None
        for session in (seen_first, seen_second):
            listed = await sessions_like(store, clock, session)
            assert {each.id for each in listed} == {first.record.id, second.record.id}
        clock.now += 24 * 3600 * 1000
        assert await seen(store, clock, first) is None
        assert [each.id for each in await sessions_like(store, clock, seen_second)] == [second.record.id]
        # A secret that is not kept ends at once, and so do the sessions that began with it.
        await rotate_key(store, clock, who, made.key.id, timedelta(0))
        assert await seen(store, clock, second) is None

    in_store(scenario)


def test_another_rotation_ends_the_sessions_of_the_secret_before_the_last() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        _, who = await seeded(store)
        made = await create_key(store, clock, who, KeyWish())
        begun = await begin_session_of_key(store, clock, made.key.reveal(), HOME)
        await rotate_key(store, clock, who, made.key.id)
        assert await seen(store, clock, begun) is not None
        await rotate_key(store, clock, who, made.key.id)
        assert await seen(store, clock, begun) is None

    in_store(scenario)


@pytest.mark.parametrize("how", ["removed", "closed", "another password"])
def test_a_session_ends_with_its_person(how: str) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        person = await add_person(store, PASSWORDS, account_id=account_id)
        begun = await by_password(store, clock)
        session = await seen(store, clock, begun)
        assert session is not None
        assert (session.principal.key_id, session.principal.account_id) == (person.id, account_id)
        assert (session.name, session.principal.is_operator) == (OLIVE, False)
        if how == "removed":
            await store.write(methodcaller("remove_person", person.id))
        elif how == "closed":
            await close_account(store, clock, str(account_id))
        else:
            await store.write(methodcaller("put_person", replace(person, password="$argon2id$other")))
        assert await seen(store, clock, begun) is None
        with pytest.raises(SignInRefused):
            await by_password(store, clock)

    in_store(scenario)


@pytest.mark.parametrize("cookie", ["", "x", "0a0a0a0a0a0a_", "0a0a0a0a0a0a_" + "k" * 43, "é" * 56, "\0" * 56])
def test_what_is_no_session_is_none(cookie: str) -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        begun = await by_password(store, clock)
        for text in (cookie, begun.token.id + cookie[12:], begun.token.reveal()[:-1] + "é"):
            assert await session_of(store, clock, text, SOURCE) is None

    in_store(scenario)


def test_only_the_hash_of_a_session_is_stored() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        begun = await by_password(store, clock)
        stored = await store.read(methodcaller("session", begun.token.id))
        assert begun.token.secret not in repr(vars(type(stored))) + repr(stored) + repr(begun)
        assert stored.hash == begun.token.hash()
        assert begun.token.secret.encode() not in stored.hash + stored.proof

    in_store(scenario)


@pytest.mark.parametrize(
    ("account", "lifetime"), [(True, OF_ACCOUNTS), (False, OF_OPERATORS)], ids=["user", "operator"]
)
def test_a_session_ends_without_use_and_at_the_latest(account: bool, lifetime: Lifetime) -> None:
    idle, most = ms(lifetime)

    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS, account_id=await seed(store) if account else EVERY_ACCOUNT)
        began = clock.now
        begun = await by_password(store, clock)
        clock.now += idle - 1
        assert await seen(store, clock, begun) is not None, "used in time"
        clock.now += idle - 1
        assert await seen(store, clock, begun) is not None, "the use before counts"
        clock.now += idle
        assert await seen(store, clock, begun) is None, "not used for long"
        begun, began = await by_password(store, clock), clock.now
        while clock.now < began + most - idle:
            clock.now += idle - 1
            assert await seen(store, clock, begun) is not None
        clock.now = began + most - 1
        assert await seen(store, clock, begun) is not None
        clock.now += 1
        assert await seen(store, clock, begun) is None, "as long as it may last"

    in_store(scenario)


def test_signing_in_ends_the_session_before() -> None:
    """Whoever planted or knew that cookie has nothing of the sign-in (fixation)."""

    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        first = await by_password(store, clock)
        other = await by_password(store, clock, AWAY)
        again = await by_password(store, clock, replace(HOME, cookie=first.token.reveal()))
        assert again.token.reveal() != first.token.reveal()
        assert await seen(store, clock, first) is None
        assert await seen(store, clock, again) is not None
        # Who knows the id of a session alone cannot end it.
        await by_password(store, clock, replace(HOME, cookie=f"{other.token.id}_{'k' * 43}"))
        assert await seen(store, clock, other) is not None

    in_store(scenario)


def test_each_session_has_form_tokens_of_its_own() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        one, two = [await seen(store, clock, await by_password(store, clock)) for _ in range(2)]
        assert one is not None
        assert two is not None
        assert one.admits_csrf(one.csrf)
        assert one.token.secret not in one.csrf
        for wrong in (two.csrf, "", one.csrf[1:], "é"):
            assert not one.admits_csrf(wrong)

    in_store(scenario)


def test_sessions_are_listed_and_ended_by_their_holder() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        await add_person(store, PASSWORDS)
        await add_person(store, PASSWORDS, OSCAR)
        begun = []
        for visitor in (HOME, AWAY, replace(HOME, agent="Safari\x1b[2J" + "x" * 999)):
            begun.append(await by_password(store, clock, visitor))
            clock.now += 1
        theirs = await begin_session_of_person(store, clock, PASSWORDS, OSCAR, PASSWORD, HOME)
        session = await seen(store, clock, begun[0])
        assert session is not None
        listed = await sessions_like(store, clock, session)
        assert [each.id for each in listed] == [each.token.id for each in reversed(begun)]
        assert (listed[1].source, listed[1].agent, len(listed[0].agent)) == (AWAY.source, "curl", 200)
        assert "\x1b" not in listed[0].agent
        assert not await end_session(store, session, theirs.token.id)
        assert await end_session(store, session, begun[1].token.id)
        assert await seen(store, clock, begun[1]) is None
        assert await end_sessions(store, session, others_only=True) == 1
        assert await seen(store, clock, begun[0]) is not None
        assert await end_sessions(store, session) == 1
        assert await seen(store, clock, begun[0]) is None
        assert await seen(store, clock, theirs) is not None

    in_store(scenario)


def test_of_too_many_sessions_the_one_used_longest_ago_ends() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        _, operator = await seeded(store)
        made = await create_key(store, clock, operator, KeyWish())
        begun = []
        for _ in range(MAX_SESSIONS + 1):
            clock.now += 1
            begun.append(await begin_session_of_key(store, clock, made.key.reveal(), HOME))
        assert await seen(store, clock, begun[0]) is None
        assert await seen(store, clock, begun[1]) is not None

    in_store(scenario)


def test_choices_are_kept_and_those_of_a_person_for_later_sessions() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        await add_person(store, PASSWORDS)
        begun = await by_password(store, clock)
        session = await seen(store, clock, begun)
        assert session is not None
        assert session.principal.account_id == EVERY_ACCOUNT
        await set_choice(store, session, "language", "fr")
        await set_choice(store, session, "scheme", "dark")
        await set_choice(store, session, "acting_for", account_id)
        with pytest.raises(Problem):
            await set_choice(store, session, "acting_for", 99)
        session = await seen(store, clock, begun)
        assert session is not None
        assert (session.language, session.scheme) == ("fr", "dark")
        assert (session.principal.account_id, session.principal.region) == (account_id, "FR")
        later = await seen(store, clock, await by_password(store, clock))
        assert later is not None
        assert (later.language, later.scheme, later.principal.account_id) == ("fr", "dark", EVERY_ACCOUNT)
        await close_account(store, clock, str(account_id))
        session = await seen(store, clock, begun)
        assert session is not None
        assert session.principal.account_id == EVERY_ACCOUNT

    in_store(scenario)


def test_only_operators_act_for_others() -> None:
    async def scenario(store: Store, clock: FixedClock) -> None:
        account_id = await seed(store)
        await add_person(store, PASSWORDS, account_id=account_id)
        begun = await by_password(store, clock)
        session = await seen(store, clock, begun)
        assert session is not None
        with pytest.raises(Problem):
            await set_choice(store, session, "acting_for", account_id)
        await store.write(methodcaller("put_choice", session.id, "acting_for", 99))
        session = await seen(store, clock, begun)
        assert session is not None
        assert session.principal.account_id == account_id

    in_store(scenario)
