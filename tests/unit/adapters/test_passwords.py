"""Passwords by argon2id: as much work as we say, beside the event loop, and no more of them than there is room for."""

import asyncio

import pytest

from renvoi.adapters.passwords import AT_ONCE, WAITING, Argon2Passwords
from renvoi.application.ports.people import PasswordsBusy
from tests.support.sign_in import PASSWORD, cheap_passwords


def test_a_password_is_hashed_with_the_work_that_is_asked_for() -> None:
    async def main() -> None:
        passwords = Argon2Passwords()
        stored = await passwords.hash(PASSWORD)
        assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert stored != await passwords.hash(PASSWORD)
        assert await passwords.verify(PASSWORD, stored)
        assert not await passwords.verify(PASSWORD + "!", stored)
        assert not passwords.is_outdated(stored)
        assert passwords.is_outdated(await cheap_passwords().hash(PASSWORD))

    asyncio.run(main())


@pytest.mark.parametrize("stored", [None, "", "not a hash", "$argon2id$v=19$m=8,t=1,p=1$x$y"])
def test_what_is_no_hash_is_of_no_password(stored: str | None) -> None:
    for password in ("", PASSWORD, "nobody"):
        assert not asyncio.run(cheap_passwords().verify(password, stored))


def test_more_than_there_is_room_for_are_turned_away() -> None:
    async def main() -> None:
        passwords = cheap_passwords()
        stored = await passwords.hash(PASSWORD)
        room = AT_ONCE + WAITING
        asked = [passwords.verify(PASSWORD, stored) for _ in range(room + 5)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in found] == [bool] * room + [PasswordsBusy] * 5
        assert await passwords.verify(PASSWORD, stored)

    asyncio.run(main())
