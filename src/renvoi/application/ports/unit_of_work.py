"""The store as a whole, and the clock.

A `Store` keeps everything. Its work is done by functions that get a `Reader` or a `Writer` and run to their end in one
transaction, so a use case reads like plain code and the adapter alone knows how transactions, threads and connections
go together. `tests/contract` holds what every adapter must do.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar

from renvoi.application.ports.accounts import AccountReader, AccountWriter, AuditEntry
from renvoi.application.ports.answers import AnswerReader, AnswerWriter
from renvoi.application.ports.calls import CallReader, CallWriter
from renvoi.application.ports.events import EventReader, EventWriter
from renvoi.application.ports.keys import KeyReader, KeyWriter
from renvoi.application.ports.limits import (
    LimitNoticeReader,
    LimitNoticeWriter,
    NodeCountsReader,
    NodeCountsWriter,
    RateReader,
    RateWriter,
    UsageReader,
    UsageWriter,
)
from renvoi.application.ports.mails import MailReader, MailWriter, MissedCallReader, MissedCallWriter
from renvoi.application.ports.messages import MessageReader, MessageWriter
from renvoi.application.ports.number_lists import NumberListReader
from renvoi.application.ports.numbers import NumberReader, NumberWriter
from renvoi.application.ports.people import PersonReader, PersonWriter
from renvoi.application.ports.policies import PolicyChange, PolicyReader, PolicyWriter
from renvoi.application.ports.removals import RemovalReader, RemovalWriter
from renvoi.application.ports.secrets import SecretReader, SecretWriter
from renvoi.application.ports.trunks import TrunkReader, TrunkWriter
from renvoi.application.ports.webhook_changes import WebhookChangeReader, WebhookChangeWriter
from renvoi.application.ports.webhooks import WebhookReader, WebhookWriter
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule


class LeaseWriter(Protocol):
    """What a transaction can do with leases."""

    def take_lease(self, name: str, owner: str, now_ms: int, until_ms: int) -> bool:
        """Take or renew a lease until then; False while another node has it."""

    def release_lease(self, name: str, owner: str) -> None:
        """Let another node take a lease, if `owner` has it."""


T = TypeVar("T")


class Reader(
    AccountReader,
    KeyReader,
    PolicyReader,
    NumberReader,
    NumberListReader,
    CallReader,
    MessageReader,
    MailReader,
    TrunkReader,
    SecretReader,
    UsageReader,
    LimitNoticeReader,
    MissedCallReader,
    RateReader,
    NodeCountsReader,
    AnswerReader,
    EventReader,
    WebhookReader,
    WebhookChangeReader,
    RemovalReader,
    PersonReader,
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
    KeyWriter,
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
    MissedCallWriter,
    RateWriter,
    NodeCountsWriter,
    AnswerWriter,
    EventWriter,
    WebhookWriter,
    WebhookChangeWriter,
    RemovalWriter,
    PersonWriter,
    Protocol,
):
    """A transaction. Nothing it does is seen by anybody before it ends, and all of it after.

    A number or the record of a call that it has read does not change until it ends.
    """

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""

    def change_rules(self, numbers: Collection[E164], work: "Callable[[ChangeWriter], T]") -> T:
        """Return what `work` does, which changes many rules: with a few statements for all of them, if the store can.

        `numbers` are those that it changes, and those that it looks at as far as is known before: nobody else changes
        any of them until the transaction ends. They are taken in ascending order, so that no two of such transactions
        wait for each other. `work` may be run several times, and keeps nothing from one to the next.
        """


class Committed(Protocol):
    """What a store calls after each commit, from any thread."""

    def __call__(self, changes: int, rules: int, /) -> None:
        """Note how many pieces of work shared the commit, and how many rules they wrote."""


class LongWork(Generic[T]):
    """Work for `Store.write` that takes more than some milliseconds: no event loop is to wait for it."""

    def __init__(self, work: Callable[[Writer], T]) -> None:
        self._work = work

    def __call__(self, writer: Writer) -> T:
        return self._work(writer)


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

    def put_rule(
        self, number: E164, rule: Rule, at_ms: int, event: Event | None = None, before: Rule | None = None
    ) -> None:
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
