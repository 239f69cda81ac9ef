"""Accounts are made here, with limits from their first call on."""

from renvoi.application.accounts import check_place
from renvoi.application.auth import OPERATOR, Actor
from renvoi.application.errors import OperatorError
from renvoi.application.policies import first_policy
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.access.account_policy import NO_POLICY
from renvoi.domain.access.limits import AccountLimits
from renvoi.domain.ids import reads_as_account

MAX_NAME_LENGTH = 100
"""Characters of an account's name."""


async def add_account(
    store: Store,
    clock: Clock,
    name: str,
    locale: str,
    region: str,
    limits: AccountLimits,
    actor: Actor = OPERATOR,
) -> Account:
    """Add an account; its name is 1 to 100 printable characters, and does not read as an id (`2`, `acc_2`).

    Raises:
        OperatorError: the name, locale or region is not allowed, or the name is taken.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise OperatorError(f"this account name is not allowed: give 1 to {MAX_NAME_LENGTH} printable characters")
    if reads_as_account(name):
        raise OperatorError(f"{name!r} would read as an account's id: give another name")
    check_place(locale, region)
    now_ms = clock.now_ms()
    try:
        return await store.write(lambda writer: make_account(writer, name, locale, region, limits, now_ms, actor))
    except Conflict as error:
        raise OperatorError(f"there is an account {name!r} already: give another name") from error


def make_account(
    writer: Writer,
    name: str,
    locale: str,
    region: str,
    limits: AccountLimits,
    now_ms: int,
    actor: Actor = OPERATOR,
) -> Account:
    """Add an account with these limits; they are the first entry of its policy's history.

    Raises:
        Conflict: the name is taken.
    """
    account = writer.add_account(name, locale, region, now_ms)
    if limits:
        after = first_policy(limits)
        writer.put_policy(PolicyChange(now_ms, account.id, actor.key_id, actor.source, NO_POLICY, after))
    return account
