"""People who sign in, and a clock that tests set."""

import asyncio
from collections.abc import Awaitable, Callable
from operator import methodcaller

from renvoi.adapters.passwords import Argon2Passwords
from renvoi.application.ports.unit_of_work import Store
from renvoi.application.sessions import Session, Visitor, session_of
from renvoi.application.sign_in import NewSession, begin_session_of_person
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.person import Person
from renvoi.domain.email_address import EmailAddress
from tests.support.http_api import FixedClock
from tests.support.memory_store import MemoryStore

OLIVE, OSCAR = "olive@example.com", "oscar@example.com"
PASSWORD = "correct horse battery"
HOME, AWAY = Visitor("192.0.2.7", "Firefox"), Visitor("203.0.113.9", "curl")


def cheap_passwords() -> Argon2Passwords:
    """Return what hashes passwords with as little work as argon2 allows."""
    return Argon2Passwords(passes=1, memory_kib=8)


async def add_person(
    store: Store, passwords: Argon2Passwords, email: str = OLIVE, account_id: int = EVERY_ACCOUNT
) -> Person:
    """Add somebody who has the password `PASSWORD`."""
    person_id = "usr_" + email.encode().hex()[:12]
    person = Person(person_id, account_id, EmailAddress(email), 1, await passwords.hash(PASSWORD))
    await store.write(methodcaller("add_person", person))
    found = await store.read(methodcaller("person", person_id))
    assert isinstance(found, Person)
    return found


PASSWORDS = cheap_passwords()


def in_store(scenario: Callable[[Store, FixedClock], Awaitable[None]]) -> None:
    """Run a scenario on a new store."""

    async def main() -> None:
        await scenario(MemoryStore(), FixedClock())

    asyncio.run(main())


async def seen(store: Store, clock: FixedClock, begun: NewSession) -> Session | None:
    """Return the session that a browser with its cookie has now."""
    return await session_of(store, clock, begun.token.reveal(), "192.0.2.99")


async def by_password(store: Store, clock: FixedClock, visitor: Visitor = HOME, password: str = PASSWORD) -> NewSession:
    """Sign in as Olive."""
    return await begin_session_of_person(store, clock, PASSWORDS, OLIVE, password, visitor)
