"""Limits of accounts, shown and changed by the operator."""

from collections.abc import Mapping
from dataclasses import replace

from renvoi.application.errors import OperatorError
from renvoi.application.policies import Held, change_policy
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.access.limits import AccountLimits, LimitsInvalid

SCOPES = ("account", "number", "target")
"""What has limits: the parts of `AccountLimits`."""


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
