"""What the operator allows accounts, and who changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from renvoi.application.ports.errors import UnreadablePolicy
from renvoi.domain.access.account_policy import AccountPolicy


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One change of an account's policy: when, by which key (None: the command line), from which address.

    `id` is where it is in the history, once it is stored.
    """

    at_ms: int
    account_id: int
    key_id: str | None
    source: str
    before: AccountPolicy
    after: AccountPolicy
    id: int = field(default=0, compare=False)


class PolicyReader(Protocol):
    """What can be read of policies."""

    def policy(self, account_id: int) -> AccountPolicy:
        """Return an account's policy; the default one for an account that has none, or does not exist.

        Raises:
            NotUnderstood: it is damaged, or a newer program's.
        """

    def policies(self) -> Mapping[int, AccountPolicy | UnreadablePolicy]:
        """Return the policies of the accounts that have one, by the accounts' ids; one that cannot be read as such."""

    def policy_changes(
        self, limit: int = 100, account_id: int | None = None, before: int | None = None
    ) -> Sequence[PolicyChange]:
        """Return up to `limit` of the latest changes, newest first, of one account or all; those before `before`."""


class PolicyWriter(Protocol):
    """Changes policies, each with an entry of what was changed."""

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        """Return an account's policy and keep everybody else from changing it until the transaction ends.

        Raises:
            NotUnderstood: it is damaged, or a newer program's. Nobody else can change it then either.
        """

    def put_policy(self, change: PolicyChange) -> None:
        """Give an account the policy `change.after`, in force with the next call, and note the change."""

    def remove_old_policy_changes(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` changes older than `before_ms`; return how many."""
