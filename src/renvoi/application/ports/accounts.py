"""Accounts, the audit trail of changes, and the keys that nodes share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from renvoi.domain.rules.rule_change import OptionChange
from renvoi.domain.shared_key import SharedKey

AuditPlace = tuple[int, int]
"""A place in the audit trail, whose order is that of numbers and their revisions."""
ChangePlace = tuple[int, int, int]
"""A place among the latest changes: time, digits of the number, revision."""

DEFAULT_RETENTION_DAYS = 30
"""How long an account's messages are kept (`docs/calls.md §4`)."""
MAX_RETENTION_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: owner of numbers and keys. `locale` is `en` or `fr`, `region` how it writes numbers.

    `time_zone` (IANA) is None for the region's own; messages are kept for `retention_days` (1 to 3650). `email` is
    notified of limits that are reached; None: nobody is. One with `closed_at_ms` is closed: it owns nothing any more,
    or will not in a moment, and cannot be changed.
    """

    id: int
    name: str
    locale: str
    region: str
    created_at_ms: int
    time_zone: str | None = None
    retention_days: int = DEFAULT_RETENTION_DAYS
    email: EmailAddress | None = None
    closed_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account with what it is ordered by in lists by name: that with its letters of ASCII in lower case."""

    key: str
    account: Account


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of one rule: when, by which key (None: the command line), from which address, before and after.

    Of `before` the trail has type, target and revision, and of `after` all; of that, too, only these three in an entry
    of a program before schema 0006, which is not `is_whole`. `options` are those that changed, none in an entry that
    was made before they were recorded.
    """

    at_ms: int
    number: E164
    account_id: int
    key_id: str | None
    source: str
    before: Rule
    after: Rule
    options: tuple[OptionChange, ...] = ()
    is_whole: bool = field(default=True, compare=False)
    row_place: ChangePlace | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> ChangePlace:
        """Where it is among the latest changes; `row_place` says so where the row may be damaged."""
        return self.row_place or (self.at_ms, self.number.digits, self.after.revision)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which changes are wanted, as `CallFilter` does; the times are those of the changes."""

    number: E164 | None = None
    account_id: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None


EVERY_CHANGE = AuditFilter()


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """The first answer to an `Idempotency-Key`: the request it answered, its outcome, and the revision if any."""

    request_hash: bytes
    outcome: str
    revision: int | None
    at_ms: int


class AccountReader(Protocol):
    """What can be read of accounts, the audit trail of changes, and the keys that nodes share."""

    def account(self, ref: str) -> Account | None:
        """Return the account with that id or name."""

    def accounts(self) -> Sequence[Account]:
        """Return all accounts by id."""

    def accounts_named(self, prefix: str, after: tuple[str, int] | None, limit: int) -> Sequence[NamedAccount]:
        """Return up to `limit` accounts whose names begin so, whatever the case of letters of ASCII, by name.

        `after` is the key and the id of the one before.
        """

    def accounts_after(self, after: int, limit: int, *, closed: bool | None = None) -> Sequence[Account]:
        """Return up to `limit` accounts by id from the one behind `after`: all, or only those closed, or open."""

    def history(self, number: E164, limit: int = 100, before: int | None = None) -> Sequence[AuditEntry]:
        """Return the latest changes of a number's rule, newest first: those that led to a revision below `before`."""

    def changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        """Return up to `limit` of the latest changes of rules that are wanted, newest first, from behind `after`."""

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        """Return the answer that was remembered for an `Idempotency-Key`."""

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        """Return id, secret and time of creation of the keys that nodes share, oldest first, as they are stored."""


class AccountWriter(Protocol):
    """Changes accounts and the keys that nodes share, and notes changes."""

    def add_audit(self, entry: AuditEntry) -> None:
        """Add to the audit trail."""

    def remember(self, account_id: int, key: str, answer: RememberedAnswer) -> None:
        """Remember the answer to an `Idempotency-Key`, in place of an expired one."""

    def forget_answers(self, before_ms: int, limit: int) -> int:
        """Drop up to `limit` remembered answers older than `before_ms`; return how many."""

    def add_account(self, name: str, locale: str, region: str, at_ms: int) -> Account:
        """Add an account.

        Raises:
            Conflict: the name is taken.
        """

    def put_account(self, account: Account) -> None:
        """Replace an account's language, region, time zone, retention and address."""

    def remove_old_audit(self, before_ms: int, after: AuditPlace, limit: int) -> AuditPlace | None:
        """Look at the `limit` entries of the audit trail behind `after`, and remove those older than `before_ms`.

        Returns the place of the last one, behind which the next look begins; None when there is none.
        """

    def shared_keys_for_change(self) -> Sequence[tuple[str, bytes, int]]:
        """Return what `shared_keys` does; of several nodes one does so at a time, and sees what those before added."""

    def add_shared_key(self, key: SharedKey) -> None:
        """Add a key that nodes share."""

    def remove_shared_key(self, key_id: str) -> None:
        """Remove one, if it is there."""
