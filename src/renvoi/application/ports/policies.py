"""What the operator allows accounts, and who changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.access.account_policy import AccountPolicy


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change of an account's policy: when, by which key (None: the command line), from which address."""

    at_ms: int
    account_id: int
    key_id: str | None
    source: str
    before: AccountPolicy
    after: AccountPolicy


class PolicyReader(Protocol):
    """What can be read of policies; one that is damaged or a newer program's is a `StoreUnavailable`."""

    def policy(self, account_id: int) -> AccountPolicy:
        """Return an account's policy; the default one for an account that has none, or does not exist."""

    def policies(self) -> Mapping[int, AccountPolicy]:
        """Return the policies of the accounts that have one, by the accounts' ids."""

    def policy_changes(self, limit: int = 100, account_id: int | None = None) -> Sequence[PolicyChange]:
        """Return up to `limit` of the latest changes, newest first, of one account or all."""


class PolicyWriter(Protocol):
    """Changes policies, each with an entry of what was changed."""

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        """Return an account's policy and keep everybody else from changing it until the transaction ends."""

    def put_policy(self, change: PolicyChange) -> None:
        """Give an account the policy `change.after`, in force with the next call, and note the change."""

    def remove_old_policy_changes(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` changes older than `before_ms`; return how many."""
