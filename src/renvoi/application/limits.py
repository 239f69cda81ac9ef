"""Limits of accounts, shown and changed by the operator."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from renvoi.application.errors import OperatorError
from renvoi.application.policies import Held, change_policy
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.access.limits import AccountLimits, LimitsInvalid, account_name
from renvoi.domain.calls.usage import Usage, Used, day_of, used_today

SCOPES = ("account", "number", "target")
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
    store: Store, clock: Clock, ref: str, changes: Mapping[str, Mapping[str, int]]
) -> tuple[int, AccountLimits]:
    """Change limits of the account with that id or name, in force with the next call; what is not given stays.

    `changes` has, by scope (`SCOPES`), new values of fields of `Limits`. Returns the account's id and its limits as
    they are then.

    Raises:
        OperatorError: there is no such account, or a limit is out of its range.
    """

    def change(held: Held) -> AccountPolicy:
        return replace(held.policy, limits=_changed(held.policy.limits, changes))

    made = await change_policy(store, clock, ref, change)
    return made.account_id, made.after.limits


def _changed(limits: AccountLimits, changes: Mapping[str, Mapping[str, int]]) -> AccountLimits:
    try:
        return replace(limits, **{scope: replace(getattr(limits, scope), **changes[scope]) for scope in changes})
    except LimitsInvalid as error:
        raise OperatorError(str(error)) from error
