"""The store as a whole, and the clock.

A `Store` keeps everything. Its work is done by functions that get a `Reader` or a `Writer` and run to their end in one
transaction, so a use case reads like plain code and the adapter alone knows how transactions, threads and connections
go together. `tests/contract` holds what every adapter must do.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from renvoi.application.ports.accounts import AccountReader, AccountWriter, AuditEntry
from renvoi.application.ports.calls import CallReader, CallWriter
from renvoi.application.ports.leases import LeaseWriter
from renvoi.application.ports.limit_notices import LimitNoticeReader, LimitNoticeWriter
from renvoi.application.ports.mails import MailReader, MailWriter
from renvoi.application.ports.messages import MessageReader, MessageWriter
from renvoi.application.ports.node_counts import NodeCountsReader, NodeCountsWriter
from renvoi.application.ports.numbers import NumberReader, NumberWriter
from renvoi.application.ports.policies import PolicyChange, PolicyReader, PolicyWriter
from renvoi.application.ports.rates import RateReader, RateWriter
from renvoi.application.ports.secrets import SecretReader, SecretWriter
from renvoi.application.ports.trunks import TrunkReader, TrunkWriter
from renvoi.application.ports.usage import UsageReader, UsageWriter
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord, Rule

T = TypeVar("T")


class Reader(
    AccountReader,
    PolicyReader,
    NumberReader,
    CallReader,
    MessageReader,
    MailReader,
    TrunkReader,
    SecretReader,
    UsageReader,
    LimitNoticeReader,
    RateReader,
    NodeCountsReader,
    Protocol,
):
    """A consistent view of the store."""

    def why_read_only(self) -> str | None:
        """Return why the store says of itself that it takes no changes; None when it does not say so.

        Only a change tells for sure: a full disk, say, is not known before.
        """

    def counts(self) -> Mapping[str, int]:
        """Return the counters that `Writer.count` adds to, by name."""


class Writer(
    Reader,
    AccountWriter,
    PolicyWriter,
    NumberWriter,
    CallWriter,
    MessageWriter,
    MailWriter,
    TrunkWriter,
    SecretWriter,
    LeaseWriter,
    UsageWriter,
    LimitNoticeWriter,
    RateWriter,
    NodeCountsWriter,
    Protocol,
):
    """A transaction. Nothing it does is seen by anybody before it ends, and all of it after.

    A number or the record of a call that it has read does not change until it ends.
    """

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""


class RuleWriter(Protocol):
    """What of a `Writer` a change of one rule uses, and no more.

    A store may do these calls for many changes at once (on PostgreSQL: `adapters/sql/batch.py`). A change that makes
    any other call is run in a transaction of its own, which is right but costs several ways to the server and back; so
    whoever needs one more here adds it there too. Each call is documented at its own port.
    """

    def number(self, number: E164) -> NumberRecord | None:
        """See `NumberReader.number`."""

    def policy(self, account_id: int) -> AccountPolicy:
        """See `PolicyReader.policy`."""

    def number_for_change(self, number: E164) -> NumberRecord | None:
        """See `NumberWriter.number_for_change`."""

    def put_rule(self, number: E164, rule: Rule, at_ms: int) -> None:
        """See `NumberWriter.put_rule`."""

    def add_audit(self, entry: AuditEntry) -> None:
        """See `AccountWriter.add_audit`."""


class ChangeWriter(RuleWriter, Protocol):
    """What a change of a rule uses of a `Writer` besides when it is the account's first one for a country.

    That is rare: no batch does these calls.
    """

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        """See `PolicyWriter.policy_for_change`."""

    def put_policy(self, change: PolicyChange) -> None:
        """See `PolicyWriter.put_policy`."""


class Store(Protocol):
    """Keeps everything, durably."""

    @property
    def keeps_audio(self) -> bool:
        """Whether recordings belong into the store, as other machines than the one that made them need them."""

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on a consistent view. Never waits for a writer. No error of a database or driver leaves it.

        Raises:
            StoreUnavailable: the store does not answer.
            StoreRefused: `work` asked for what cannot be in the store, such as a text with NUL.
        """

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; return when its effects are durable, or raise what it raised with none of them.

        Concurrent calls may share one commit; each is all or nothing by itself. After a conflict with another
        transaction `work` is run again, so it keeps nothing from one run to the next. No error of a database or driver
        leaves it: one that says that the store is away, full, read-only or without rights is a `StoreUnavailable`.

        Raises:
            StoreUnavailable: nothing was changed.
            StoreRefused: nothing was changed, as the store cannot hold what `work` gave it.
        """

    async def close(self) -> None:
        """End running work and release everything."""


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC; people and programs may set this clock, also back."""

    def monotonic_ms(self) -> int:
        """Return milliseconds since some moment before this process began; nobody can set this clock."""
