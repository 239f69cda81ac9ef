"""What is taken away: numbers from their accounts, and accounts as a whole; in steps, and with a record of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from renvoi.application.ports.accounts import EVERY_CHANGE, AuditEntry, AuditFilter, ChangePlace
from renvoi.domain.messages.message import Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule


class RemovalKind(Enum):
    """What was taken away: a number, a number that another account has now, or an account with all that it had."""

    NUMBER = "number"
    MOVE = "move"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Removal:
    """What was taken from which account, when, by which key (None: the command line), from which address.

    `id` is random (56 bits), not 0. `revision` is that of the number's rule. `closing_id` is the removal of the account
    that this one is a part of. `keeps_messages`: those of the number stay with the account; `keeps_rule`: it went
    along. `numbers` and `messages` are how many are gone so far; `ended_at_ms` is None while it is under way.
    """

    id: int
    kind: RemovalKind
    account_id: int
    at_ms: int
    key_id: str | None
    source: str
    number: E164 | None = None
    revision: int | None = None
    to_account_id: int | None = None
    closing_id: int | None = None
    keeps_messages: bool = False
    keeps_rule: bool = False
    numbers: int = 0
    messages: int = 0
    ended_at_ms: int | None = None
    row_place: tuple[int, int] | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> tuple[int, int]:
        """Where it is in lists of the latest ones; `row_place` says so where the row may be damaged."""
        return self.row_place or (self.at_ms, self.id)


@dataclass(frozen=True, slots=True)
class Doomed:
    """A message that goes with the removal of that id."""

    removal_id: int
    message: Message


class RemovalReader(Protocol):
    """What can be read of removals, and of the changes that former owners of numbers made."""

    def removal(self, removal_id: int) -> Removal | None: ...

    def removals(
        self,
        limit: int = 100,
        number: E164 | None = None,
        account_id: int | None = None,
        before: tuple[int, int] | None = None,
    ) -> Sequence[Removal]:
        """Return up to `limit` of the latest removals, newest first: of a number, of what an account lost, or all.

        Those of the numbers of a closed account are a part of its own, and not among what it lost.

        `before` is the place (time, id) of the last one that was seen; what follows is behind it.
        """

    def open_removals(self, limit: int) -> Sequence[Removal]:
        """Return up to `limit` removals that are under way, the oldest first; those of whole accounts last."""

    def removals_since(self, at_ms: int, limit: int) -> Sequence[Removal]:
        """Return up to `limit` of the latest removals from that time on, without those that are a part of another."""

    def removal_after(self, number: E164, at_ms: int) -> Removal | None:
        """Return the first removal of a number after that time: whose the number was then."""

    def doomed_messages(self, limit: int) -> Sequence[Doomed]:
        """Return up to `limit` messages that go with removals that are under way."""

    def has_doomed_messages(self, removal: Removal) -> bool:
        """Tell whether messages are there that go with this removal."""

    def past_changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        """Return up to `limit` of the latest changes that former owners of numbers made, as `changes` does."""


class RemovalWriter(Protocol):
    """Takes away. What a removal has begun is carried on by whoever comes, several at a time if need be."""

    def remove_number(self, removal: Removal) -> None:
        """Take a number away with its rule and greeting; it stays reserved until the removal has ended.

        Raises:
            Conflict: an import that is under way holds the number.
        """

    def move_number(self, removal: Removal, rule: Rule | None) -> None:
        """Give a number to the account `removal.to_account_id`, with the rule, greeting and label that it has.

        With `rule` that takes their place: the greeting is the default one, the label empty.
        """

    def close_account(self, removal: Removal, name: str) -> None:
        """Close an account, which is called `name` from now on: its keys end, and so do imports that are not decided.

        Raises:
            Conflict: the name is taken.
        """

    def remove_numbers_of(self, closing: Removal, ids: Sequence[int]) -> int:
        """Take up to as many numbers as there are ids from an account; each is a removal of its own. Returns how many.

        One that an import holds is passed over.
        """

    def hold_removal(self, removal_id: int) -> Removal | None:
        """Return a removal under way and keep others from it until the transaction ends; None: another one has it."""

    def archive_changes(self, removal: Removal, limit: int) -> int:
        """Move up to `limit` of the changes up to its revision to those of former owners; return how many."""

    def forget_account(self, account_id: int, limit: int) -> int:
        """Remove up to `limit` remembered answers and sums of usage of an account; return how many."""

    def owns_anything(self, account_id: int) -> bool:
        """Tell whether an account has numbers, or an import that will add some, or removals of numbers under way."""

    def note_removed(self, removal_id: int, messages: int) -> None:
        """Add to how many messages have gone."""

    def end_removal(self, removal: Removal, at_ms: int) -> None:
        """Note that it is complete; a number that was reserved is free, and what its calls used up is forgotten.

        Sums that calls under way still add to stay until those end.
        """

    def remove_old_removals(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` records of removals that ended before `before_ms`; return how many."""

    def remove_old_past_changes(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` changes of former owners older than `before_ms`; return how many."""
