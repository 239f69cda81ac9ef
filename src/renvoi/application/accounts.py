"""Accounts: the customers that own numbers and keys."""

from collections.abc import Sequence

from renvoi.application.ports import Account, Clock, Conflict, Reader, Store
from renvoi.application.refused import Refused
from renvoi.domain.codes import LANGUAGES
from renvoi.domain.number import is_region

MAX_NAME_LENGTH = 100
"""Characters of an account's name."""


async def add_account(store: Store, clock: Clock, name: str, locale: str, region: str) -> Account:
    """Add an account; its name is 1 to 100 printable characters and not only digits, which would read as an id.

    Raises:
        Refused: the name, locale or region is not allowed, or the name is taken.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise Refused(f"an account's name has 1 to {MAX_NAME_LENGTH} printable characters")
    if name.isdecimal():
        raise Refused(f"{name!r} would read as an account's id: give a name with a letter in it")
    if locale not in LANGUAGES:
        raise Refused(f"{locale!r} is no locale: give {' or '.join(LANGUAGES)}")
    if not is_region(region):
        raise Refused(f"{region!r} is no region: give two capital letters, such as FR")
    now_ms = clock.now_ms()
    try:
        return await store.write(lambda writer: writer.add_account(name, locale, region, now_ms))
    except Conflict as error:
        raise Refused(f"there is an account {name!r} already") from error


async def list_accounts(store: Store) -> Sequence[Account]:
    """Return all accounts by id."""
    return await store.read(lambda reader: reader.accounts())


def find_account(reader: Reader, ref: str) -> Account:
    """Return the account with that id or name.

    Raises:
        Refused: there is none.
    """
    account = reader.account(ref)
    if account is None:
        raise Refused(f"there is no account {ref!r}: `renvoi account list` shows them")
    return account
