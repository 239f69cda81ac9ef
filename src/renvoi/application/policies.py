"""Policies of accounts, shown and changed by the operator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from renvoi.application.accounts import find_account
from renvoi.application.auth import COMMAND_LINE
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy, Owner


def owner_of(reader: Reader, account_id: int) -> Owner:
    """Return what calls of an account's numbers depend on."""
    account = reader.account(str(account_id))
    return Owner("" if account is None else account.region, reader.policy(account_id))


@dataclass(frozen=True, slots=True)
class Held:
    """An account and its policy."""

    account: Account
    policy: AccountPolicy


async def list_policies(store: Store, ref: str | None = None) -> Sequence[Held]:
    """Return the policies of all accounts by id, or of the one with that id or name.

    Raises:
        OperatorError: there is no such account.
    """

    def work(reader: Reader) -> Sequence[Held]:
        wanted = reader.accounts() if ref is None else [find_account(reader, ref)]
        policies = reader.policies() if ref is None else {wanted[0].id: reader.policy(wanted[0].id)}
        return [Held(account, policies.get(account.id, NO_POLICY)) for account in wanted]

    return await store.read(work)


async def change_policy(store: Store, clock: Clock, ref: str, change: Callable[[Held], AccountPolicy]) -> PolicyChange:
    """Give the account with that id or name what `change` makes of it and its policy, in force with the next call.

    Returns what was before and after; one that changes nothing is not written.

    Raises:
        OperatorError: there is no such account.
        ValueError: from `change`, for what is not allowed.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> PolicyChange:
        account = find_account(writer, ref)
        before = writer.policy_for_change(account.id)
        made = PolicyChange(now_ms, account.id, None, COMMAND_LINE, before, change(Held(account, before)))
        if made.before != made.after:
            writer.put_policy(made)
        return made

    return await store.write(work)


async def list_policy_changes(store: Store, limit: int, ref: str | None = None) -> Sequence[PolicyChange]:
    """Return up to `limit` of the latest changes of policies, newest first, of all accounts or one.

    Raises:
        OperatorError: there is no such account.
    """
    return await store.read(
        lambda reader: reader.policy_changes(limit, None if ref is None else find_account(reader, ref).id)
    )
