"""Policies of accounts, and the limits in them, shown and changed by the operator."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from renvoi.application.accounts import find_account, find_any_account
from renvoi.application.auth import OPERATOR, Actor
from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.errors import NotUnderstood, UnreadablePolicy
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.unreadable_rows import row_problem
from renvoi.domain.access.account_policy import NO_POLICY, NOTHING_ALLOWED, AccountPolicy, Owner
from renvoi.domain.access.limits import AccountLimits, LimitsInvalid, Used, account_name
from renvoi.domain.calls.usage import Usage, day_of, used_today
from renvoi.domain.problem import Problem
from renvoi.domain.rules.rule import Unreadable


def owner_of(reader: Reader, account_id: int) -> Owner:
    """Return what calls of an account's numbers depend on.

    Raises:
        NotUnderstood: its policy cannot be read.
    """
    account = reader.account(str(account_id))
    return Owner("" if account is None else account.region, reader.policy(account_id))


@dataclass(frozen=True, slots=True)
class Held:
    """An account and its policy, which is `NOTHING_ALLOWED` where that of the account cannot be read."""

    account: Account
    policy: AccountPolicy
    unreadable: Unreadable | None = None

    @property
    def problem(self) -> Problem | None:
        """What is to be said of a policy that cannot be read; None for one that can."""
        return None if self.unreadable is None else row_problem(UnreadablePolicy(self.account.id, self.unreadable))


def readable(held: Held) -> Held:
    """Return an account with a policy that can be read.

    Raises:
        Problem: it cannot.
    """
    if held.problem is not None:
        raise held.problem
    return held


def held_by(reader: Reader, account: Account) -> Held:
    """Return an account with its policy, whether that can be read or not."""
    return _held(account, listed_policy(reader.policy, account.id))


def listed_policy(find: Callable[[int], AccountPolicy], account_id: int) -> AccountPolicy | UnreadablePolicy:
    """Return what `find` does; a policy that cannot be read as lists have it."""
    try:
        return find(account_id)
    except NotUnderstood as error:
        if not isinstance(error.row, UnreadablePolicy):
            raise
        return error.row


def readable_policy(find: Callable[[int], AccountPolicy], account_id: int) -> AccountPolicy:
    """Return what `find` does.

    Raises:
        Problem: the policy cannot be read.
    """
    found = listed_policy(find, account_id)
    if isinstance(found, UnreadablePolicy):
        raise row_problem(found)
    return found


def _held(account: Account, found: AccountPolicy | UnreadablePolicy) -> Held:
    if isinstance(found, UnreadablePolicy):
        return Held(account, NOTHING_ALLOWED, found.why)
    return Held(account, found)


async def list_policies(store: Store, ref: str | None = None) -> Sequence[Held]:
    """Return the policies of all accounts by id, or of the one with that id or name.

    Raises:
        OperatorError: there is no such account.
    """

    def work(reader: Reader) -> Sequence[Held]:
        if ref is not None:
            return [held_by(reader, find_any_account(reader, ref))]
        policies = reader.policies()
        return [_held(account, policies.get(account.id, NO_POLICY)) for account in reader.accounts()]

    return await store.read(work)


async def change_policy(
    store: Store,
    clock: Clock,
    ref: str,
    change: Callable[[Held], AccountPolicy],
    new_limits: AccountLimits,
    actor: Actor = OPERATOR,
) -> PolicyChange:
    """Give the account with that id or name what `change` makes of it and its policy, in force with the next call.

    Of a policy that is damaged, nothing can stay: `change` gets that of a new account, with `new_limits`, and the
    history has `NOTHING_ALLOWED` before. Returns what was before and after; what changes nothing is not written.

    Raises:
        OperatorError: there is no such account.
        Problem: a newer program wrote the policy, and it may limit what this one knows nothing of.
        ValueError: from `change`, for what is not allowed.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> PolicyChange:
        account = find_account(writer, ref)
        held = _held(account, listed_policy(writer.policy_for_change, account.id))
        if held.unreadable is Unreadable.NEWER:
            raise row_problem(UnreadablePolicy(account.id, held.unreadable))
        after = change(replaceable(held, new_limits))
        made = PolicyChange(now_ms, account.id, actor.key_id, actor.source, held.policy, after)
        if held.unreadable is not None or made.before != made.after:
            writer.put_policy(made)
        return made

    return await store.write(work)


def replaceable(held: Held, new_limits: AccountLimits) -> Held:
    """Return what a change begins with: an account's policy, or in place of one that cannot be read a new account's."""
    return held if held.unreadable is None else replace(held, policy=first_policy(new_limits))


def first_policy(limits: AccountLimits) -> AccountPolicy:
    """Return the policy of a new account, for which these limits are set."""
    return AccountPolicy(limits=limits)


async def list_policy_changes(store: Store, limit: int, ref: str | None = None) -> Sequence[PolicyChange]:
    """Return up to `limit` of the latest changes of policies, newest first, of all accounts or one.

    Raises:
        OperatorError: there is no such account.
    """
    return await store.read(
        lambda reader: reader.policy_changes(limit, None if ref is None else find_any_account(reader, ref).id)
    )


LIMIT_SCOPES = ("account", "number", "target")
"""What has limits: the parts of `AccountLimits`."""


async def used_by_accounts(store: Store, clock: Clock, account_ids: Collection[int]) -> Mapping[int, Used]:
    """Return what the calls of these accounts have used up today until now; nothing where calls are not counted."""
    now_ms = clock.now_ms()
    names = {account_name(account_id): account_id for account_id in account_ids}
    found = await store.read(lambda reader: reader.usages(names, day_of(now_ms) - 1))
    rows: dict[int, list[tuple[int, Usage]]] = {account_id: [] for account_id in account_ids}
    for (name, day), usage in found.items():
        rows[names[name]].append((day, usage))
    return {account_id: used_today(of_account, now_ms) for account_id, of_account in rows.items()}


async def change_limits(
    store: Store,
    clock: Clock,
    ref: str,
    changes: Mapping[str, Mapping[str, int]],
    new_limits: AccountLimits,
    actor: Actor = OPERATOR,
) -> tuple[int, AccountLimits]:
    """Change limits of the account with that id or name, in force with the next call; what is not given stays.

    `changes` has, by scope (`LIMIT_SCOPES`), new values of fields of `Limits`; `new_limits` are those of new accounts
    (see `change_policy`). Returns the account's id and its limits as they are then.

    Raises:
        OperatorError: there is no such account, or a limit is out of its range.
        Problem: see `change_policy`.
    """

    def change(held: Held) -> AccountPolicy:
        return replace(held.policy, limits=_changed_limits(held.policy.limits, changes))

    made = await change_policy(store, clock, ref, change, new_limits, actor)
    return made.account_id, made.after.limits


def _changed_limits(limits: AccountLimits, changes: Mapping[str, Mapping[str, int]]) -> AccountLimits:
    try:
        return replace(limits, **{scope: replace(getattr(limits, scope), **changes[scope]) for scope in changes})
    except LimitsInvalid as error:
        raise OperatorError(str(error)) from error
