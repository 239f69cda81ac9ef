"""The ports: what the use cases need from the outside, in their own words.

A `Store` keeps everything. Its work is done by functions that get a `Reader` or a `Writer` and run to their end in one
transaction, so a use case reads like plain code and the adapter alone knows how transactions, threads and connections
go together. `tests/contract` holds what every adapter must do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from renvoi.domain.apikey import KeyRecord
from renvoi.domain.callrecord import CallKey, CallRecord
from renvoi.domain.number import E164
from renvoi.domain.rule import NumberRecord, Rule
from renvoi.domain.trunk import InboundTrunk, OutboundTrunk

T = TypeVar("T")


class StoreUnavailable(Exception):
    """The store cannot do this now; nothing was changed. Trying again later may help."""


class StoreMismatch(Exception):
    """The store's schema is not one that this program can use; the text says what to do."""


class Conflict(Exception):
    """Something of that name exists already; the text names it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: owner of numbers and keys. `locale` is `en` or `fr`, `region` how it writes numbers."""

    id: int
    name: str
    locale: str
    region: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One change of one rule: when, by which key (None: the command line), from which address, before and after."""

    at_ms: int
    number: E164
    account_id: int
    key_id: str | None
    source: str
    before: Rule
    after: Rule


@dataclass(frozen=True, slots=True)
class RememberedAnswer:
    """The first answer to an `Idempotency-Key`: the request it answered, its outcome, and the revision if any."""

    request_hash: bytes
    outcome: str
    revision: int | None
    at_ms: int


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One row of an import."""

    number: E164
    label: str = ""
    forwarding_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks, and a revision that grows with each change of any."""

    revision: int
    inbound: tuple[InboundTrunk, ...]
    outbound: tuple[OutboundTrunk, ...]


class Reader(Protocol):
    """A consistent view of the store."""

    def account(self, ref: str) -> Account | None:
        """Return the account with that id or name."""

    def accounts(self) -> Sequence[Account]:
        """Return all accounts by id."""

    def key(self, key_id: str) -> KeyRecord | None:
        """Return an API key's record."""

    def keys(self, account_id: int | None = None) -> Sequence[KeyRecord]:
        """Return the keys, of one account or all, by time of creation."""

    def number(self, number: E164) -> NumberRecord | None:
        """Return a virtual number's record."""

    def numbers(
        self, account_id: int | None = None, after: E164 | None = None, limit: int = 100
    ) -> Sequence[NumberRecord]:
        """Return up to `limit` numbers in ascending order, from the one behind `after`."""

    def numbers_page(self, account_id: int, page: int, size: int) -> Sequence[NumberRecord]:
        """Return page `page` (from 1) of an account's numbers in ascending order."""

    def history(self, number: E164, limit: int = 100) -> Sequence[AuditEntry]:
        """Return the latest changes of a number's rule, newest first."""

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        """Return the answer that was remembered for an `Idempotency-Key`."""

    def trunks(self) -> Trunks:
        """Return all trunks by name."""

    def calls(self, limit: int = 100, number: E164 | None = None, call_id: str | None = None) -> Sequence[CallRecord]:
        """Return the latest call records, newest first."""

    def call(self, key: CallKey) -> CallRecord | None:
        """Return one call's record."""

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        """Return the record of the call that a BYE ends."""

    def unfinished_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        """Return calls set up before `before_ms` that are being forwarded and have no final answer."""

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        """Return how many calls ended, by decision and final SIP status, since the store exists."""

    def spool_offsets(self) -> Mapping[str, int]:
        """Return up to which byte each spool file is stored."""


class Writer(Reader, Protocol):
    """A transaction. Nothing it does is seen by anybody before it ends, and all of it after."""

    def number_for_change(self, number: E164) -> NumberRecord | None:
        """Return a number's record and keep everybody else from changing it until the transaction ends."""

    def put_rule(self, number: E164, rule: Rule, at_ms: int) -> None:
        """Replace a number's rule."""

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

    def add_key(self, record: KeyRecord) -> None:
        """Add an API key."""

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        """Revoke a key; False when there is no such key."""

    def add_number(self, account_id: int, row: NumberRow, at_ms: int) -> None:
        """Add a virtual number, with calls disabled.

        Raises:
            Conflict: the number exists already, in whichever account.
        """

    def add_numbers(self, account_id: int, rows: Iterable[NumberRow], at_ms: int) -> int:
        """Add many numbers, all or none; return how many.

        Raises:
            Conflict: one of them exists already.
        """

    def set_number_state(
        self, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
    ) -> bool:
        """Activate or deactivate a number, or switch its call-forwarding option; False when there is no such number."""

    def set_label(self, number: E164, label: str) -> None:
        """Name a number."""

    def add_trunk(self, trunk: InboundTrunk | OutboundTrunk) -> int:
        """Add a trunk; return the new revision of the trunks.

        Raises:
            Conflict: the name is taken.
        """

    def remove_trunk(self, name: str) -> int | None:
        """Remove a trunk; return the new revision of the trunks, None when there is no such trunk."""

    def put_call(self, record: CallRecord) -> None:
        """Add or replace a call's record."""

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        """Add to the counters of calls that ended, by decision and final SIP status."""

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        """Note up to which byte a spool file is stored; None forgets the file."""


class Store(Protocol):
    """Keeps everything, durably."""

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on a consistent view. Never waits for a writer.

        Raises:
            StoreUnavailable: the store does not answer.
        """

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` in a transaction; return when its effects are durable, or raise what it raised with none of them.

        Concurrent calls may share one commit; each is all or nothing by itself.

        Raises:
            StoreUnavailable: nothing was changed.
        """

    async def close(self) -> None:
        """End running work and release everything."""


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970-01-01 UTC."""
