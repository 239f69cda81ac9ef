"""People who sign in, their sessions, tokens and attempts: what every adapter of the `Store` port does with them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from operator import methodcaller

import pytest

from renvoi.application.ports.errors import Conflict, StoreRefused
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.people import NamedActor
from renvoi.application.ports.unit_of_work import Store, Writer
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import SessionRecord, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import Allowance, attempt
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import FARTHEST_MS, Mail, Message
from renvoi.domain.numbers.number import NO_REGION
from tests.support.stores import A, Scenario, seed

OWNER, OTHER = EmailAddress("Olive@example.com"), EmailAddress("zoé@example.com")
PERSON = Person(
    "usr_0a0a0a0a0a0a",
    1,
    OWNER,
    7,
    "$argon2id$v=19$m=8,t=1,p=1$x$y",
    "op_0b0b0b0b0b0b",
    ("192.0.2.0/24", "2001:db8::/48"),
    "fr",
    "dark",
    9,
    region="FR",
    locale="fr",
)
OPERATOR = Person("usr_0c0c0c0c0c0c", EVERY_ACCOUNT, OTHER, 8)
SESSION = SessionRecord(
    "0d0d0d0d0d0d", b"\0\xff" * 16, PERSON.id, b"\xfe" * 32, 10, 10, 50, 90, "192.0.2.7", "Firefox", 3, "en", "light"
)
TOKEN = TokenRecord("0e0e0e0e0e0e", TokenKind.RESET, PERSON.id, 10, 99, None, 20)


async def two(store: Store) -> Person:
    """Add an account's user, who is returned, and an operator."""
    person = replace(PERSON, account_id=await seed(store))
    for each in (person, OPERATOR):
        await store.write(methodcaller("add_person", each))
    return person


def test_who_did_something_is_known_by_a_label_or_an_address(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        person = await two(store)
        mine = KeyRecord("0a1b2c3d4e5f", person.account_id, b"h" * 32, "FR", label="the shop")
        theirs = KeyRecord("op_0b1b2c3d4e5f", EVERY_ACCOUNT, b"h" * 32, NO_REGION)
        for key in (mine, theirs):
            await store.write(methodcaller("add_key", key))
        named = {
            mine.id: NamedActor(person.account_id, "the shop"),
            theirs.id: NamedActor(EVERY_ACCOUNT, ""),
            person.id: NamedActor(person.account_id, "Olive@example.com"),
            OPERATOR.id: NamedActor(EVERY_ACCOUNT, OTHER.value),
        }
        assert await store.read(methodcaller("actors", [*named, "gone"])) == named
        assert await store.read(methodcaller("actors", [mine.id])) == {mine.id: named[mine.id]}
        assert await store.read(methodcaller("actors", [])) == {}

    run(scenario)


def test_a_person_comes_back_whole(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        person = await two(store)
        for each in (person, OPERATOR):
            assert await store.read(methodcaller("person", each.id)) == each
            assert await store.write(methodcaller("person_for_change", each.id)) == each
        assert await store.read(methodcaller("person_of_email", "olive@example.com")) == person
        assert await store.read(methodcaller("person_of_email", "Olive@example.com")) is None
        changed = replace(
            person, email=EmailAddress("o@example.org"), password=None, networks=(), language=None, scheme=None
        )
        await store.write(methodcaller("put_person", changed))
        assert await store.read(methodcaller("person", person.id)) == changed
        assert await store.read(methodcaller("person", OPERATOR.id)) == OPERATOR

    run(scenario)


def test_an_address_is_of_one_person(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await two(store)
        twice = replace(OPERATOR, id="usr_0f0f0f0f0f0f", email=EmailAddress("OLIVE@example.com"))
        with pytest.raises(Conflict, match="OLIVE"):
            await store.write(methodcaller("add_person", twice))
        assert await store.read(methodcaller("person", twice.id)) is None
        with pytest.raises(StoreRefused):
            await store.write(methodcaller("put_person", replace(OPERATOR, language="\0")))

    run(scenario)


def test_people_are_listed_by_account_and_address(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        person = await two(store)
        first = replace(person, id="usr_1", email=EmailAddress("anne@example.com"), networks=())
        await store.write(methodcaller("add_person", first))
        assert list(await store.read(methodcaller("people"))) == [OPERATOR, first, person]
        assert list(await store.read(methodcaller("people", person.account_id))) == [first, person]
        assert list(await store.read(methodcaller("people", EVERY_ACCOUNT))) == [OPERATOR]
        assert list(await store.read(methodcaller("people", person.account_id, 1))) == [first]

    run(scenario)


def test_who_is_removed_leaves_nothing(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        person = await two(store)
        for holder in (person.id, OPERATOR.id):
            await store.write(methodcaller("add_session", replace(SESSION, id=f"s{holder}", holder=holder)))
            await store.write(methodcaller("add_token", replace(TOKEN, id=f"t{holder}", holder=holder)))
        assert await store.write(methodcaller("remove_person", person.id))
        assert not await store.write(methodcaller("remove_person", person.id))
        assert await store.read(methodcaller("session", f"s{person.id}")) is None
        assert await store.read(methodcaller("token", f"t{person.id}")) is None
        assert await store.write(methodcaller("remove_people", person.account_id, 10)) == 0
        assert await store.read(methodcaller("session", f"s{OPERATOR.id}")) is not None
        assert await store.write(methodcaller("remove_people", EVERY_ACCOUNT, 10)) == 1
        assert await store.read(methodcaller("token", f"t{OPERATOR.id}")) is None

    run(scenario)


def test_a_session_comes_back_whole_and_is_changed(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(methodcaller("add_session", SESSION))
        assert await store.read(methodcaller("session", SESSION.id)) == SESSION
        for choice, value in (("acting_for", None), ("language", "fr"), ("scheme", None)):
            await store.write(methodcaller("put_choice", SESSION.id, choice, value))
        await store.write(methodcaller("touch_session", SESSION.id, 30, 70))
        # Another node's note of an earlier use comes late.
        await store.write(methodcaller("touch_session", SESSION.id, 20, 60))
        await store.write(methodcaller("prove_session", SESSION.id, b"new"))
        changed = replace(SESSION, acting_for=None, language="fr", scheme=None, used_at_ms=30, ends_at_ms=70)
        assert await store.read(methodcaller("session", SESSION.id)) == replace(changed, proof=b"new")

    run(scenario)


def test_sessions_are_listed_and_removed_by_holder(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        mine = [replace(SESSION, id=f"m{n}", used_at_ms=10 + n, ends_at_ms=50 + n) for n in range(3)]
        other = replace(SESSION, id="other", holder="0b0b0b0b0b0b")
        for each in (*mine, other):
            await store.write(methodcaller("add_session", each))
        assert list(await store.read(methodcaller("sessions", SESSION.holder, 2))) == [mine[2], mine[1]]
        assert not await store.write(methodcaller("remove_session", "m0", other.holder))
        assert await store.write(methodcaller("remove_sessions", SESSION.holder, "m1")) == 2
        assert await store.write(methodcaller("remove_old_sessions", 50, 10)) == 1
        assert await store.read(methodcaller("session", "m1")) == mine[1]
        assert await store.write(methodcaller("remove_session", "m1", SESSION.holder))
        assert not await store.write(methodcaller("remove_session", "m1"))

    run(scenario)


def test_tokens_come_back_whole_and_are_removed(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        invitation = replace(TOKEN, id="i", kind=TokenKind.INVITATION, hash=b"\0\xff", due_at_ms=None, acting_for=4)
        for each in (TOKEN, invitation, replace(TOKEN, id="later"), replace(TOKEN, id="other", holder="usr_x")):
            await store.write(methodcaller("add_token", each))
        assert await store.write(methodcaller("remove_tokens", "usr_x", TokenKind.INVITATION)) == 0
        assert await store.write(methodcaller("remove_tokens", "usr_x", TokenKind.RESET)) == 1
        assert await store.read(methodcaller("token", TOKEN.id)) == TOKEN
        assert await store.write(methodcaller("remove_token", TOKEN.id))
        assert await store.write(methodcaller("token_for_change", "i")) == invitation
        assert await store.write(methodcaller("remove_old_tokens", 98, 10)) == 0
        assert await store.write(methodcaller("remove_token", "i"))
        assert await store.write(methodcaller("remove_old_tokens", 99, 10)) == 1
        assert not await store.write(methodcaller("remove_token", "later"))

    run(scenario)


def test_the_mail_of_a_token_is_claimed_by_one(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        await store.write(methodcaller("add_token", TOKEN))
        assert not list(await store.read(methodcaller("due_tokens", 19, 10)))
        assert not await store.write(methodcaller("claim_token", TOKEN.id, b"1", 19, 1000))
        assert list(await store.read(methodcaller("due_tokens", 20, 10))) == [TOKEN]
        claims = [store.write(methodcaller("claim_token", TOKEN.id, bytes([n]), 20, 1000)) for n in range(4)]
        won = await asyncio.gather(*claims)
        assert won.count(True) == 1
        claimed = replace(TOKEN, hash=bytes([won.index(True)]), due_at_ms=1000)
        assert await store.read(methodcaller("token", TOKEN.id)) == claimed
        assert not list(await store.read(methodcaller("due_tokens", 999, 10)))
        # Its clock was ahead, and was set back since.
        assert list(await store.read(methodcaller("due_tokens", 999 - FARTHEST_MS, 10))) == [claimed]
        await store.write(methodcaller("end_token_mail", TOKEN.id))
        assert not list(await store.read(methodcaller("due_tokens", 10**9, 10)))

    run(scenario)


FEW = Allowance("t", 3, 100)


def test_attempts_are_counted_and_come_back(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        mine, other = attempt(FEW, "olive"), attempt(FEW, "zoé")
        assert mine.name != other.name
        now_ms = 10**6
        # As many as there are, however many come at once.
        taken = await asyncio.gather(*(store.write(methodcaller("take_attempt", mine, now_ms)) for _ in range(6)))
        assert sorted(taken) == [0, 0, 0, 100, 100, 100]
        assert await store.write(methodcaller("take_attempt", other, now_ms)) == 0
        assert await store.write(methodcaller("take_attempt", mine, now_ms + 99)) == 1
        assert await store.write(methodcaller("take_attempt", mine, now_ms + 100)) == 0
        assert await store.write(methodcaller("take_attempt", mine, now_ms + 150)) == 50
        await store.write(methodcaller("give_attempt_back", mine))
        assert await store.write(methodcaller("take_attempt", mine, now_ms + 150)) == 0
        await store.write(methodcaller("forget_attempts", mine))
        assert [await store.write(methodcaller("take_attempt", mine, now_ms + 150)) for _ in range(4)] == [0, 0, 0, 100]
        # The clock was set back: what it has counted would keep everybody out until it has caught up.
        assert await store.write(methodcaller("take_attempt", mine, 5000)) == 0
        assert await store.write(methodcaller("remove_old_attempts", 5099, 10)) == 0
        assert await store.write(methodcaller("remove_old_attempts", 5100, 10)) == 1
        assert await store.write(methodcaller("remove_old_attempts", now_ms + 100, 10)) == 1

    run(scenario)


def test_the_picture_of_a_message_comes_back(run: Callable[[Scenario], None]) -> None:
    async def scenario(store: Store) -> None:
        account_id = await seed(store)
        message = Message("m", A, account_id, 1, "+331", "c", 8, 4200, peaks=bytes(range(200)))
        mail = Mail("m", OWNER, 8, 10)

        def work(writer: Writer) -> None:
            writer.add_message(message, mail)

        await store.write(work)
        assert await store.read(methodcaller("message", "m")) == StoredMessage(message, mail)

    run(scenario)
