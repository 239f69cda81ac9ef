"""The ports: what the use cases need from the outside, in their own words.

A `Store` keeps everything. Its work is done by functions that get a `Reader` or a `Writer` and run to their end in one
transaction, so a use case reads like plain code and the adapter alone knows how transactions, threads and connections
go together. `tests/contract` holds what every adapter must do.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from renvoi.domain.apikey import KeyRecord
from renvoi.domain.callrecord import CallKey, CallRecord
from renvoi.domain.message import Mail, Message
from renvoi.domain.number import E164
from renvoi.domain.rule import NumberRecord, Rule
from renvoi.domain.sharedkey import SharedKey
from renvoi.domain.trunk import InboundTrunk, OutboundTrunk

T = TypeVar("T")

AuditPlace = tuple[int, int]
"""A place in the audit trail, whose order is that of numbers and their revisions."""

DEFAULT_RETENTION_DAYS = 30
"""How long an account's messages are kept (`docs/calls.md §4`)."""


class StoreUnavailable(Exception):
    """The store cannot do this now; nothing was changed. Trying again later may help."""


class StoreRefused(Exception):
    """The store cannot hold what it was given; the text says why. Nothing was changed, and no later try will do."""


class StoreMismatch(Exception):
    """The store's schema is not one that this program can use; the text says what to do."""


class Conflict(Exception):
    """Something of that name exists already; the text names it."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer: owner of numbers and keys. `locale` is `en` or `fr`, `region` how it writes numbers.

    `time_zone` (IANA) is None for the region's own; messages are kept for `retention_days` (1 to 3650).
    """

    id: int
    name: str
    locale: str
    region: str
    created_at_ms: int
    time_zone: str | None = None
    retention_days: int = DEFAULT_RETENTION_DAYS


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
class CallFilter:
    """Which call records are wanted: those to which all of it applies; None is any.

    `since_ms` and `until_ms` (ms UTC, the latter excluded) are about the set-up of a call; `caller` is the whole text
    that the record has, `status` the final SIP status.
    """

    number: E164 | None = None
    call_id: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    status: int | None = None
    decision: str | None = None
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which changes are wanted, as `CallFilter` does; the times are those of the changes."""

    number: E164 | None = None
    account_id: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None


EVERY_CALL, EVERY_CHANGE = CallFilter(), AuditFilter()


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


class ImportState(Enum):
    """Where an import is: its rows are staged, will all become numbers, or will all be removed."""

    STAGING = "staging"
    COMMITTED = "committed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Import:
    """An import that has rows staged; one that is being staged renews its lease, which ends at `alive_until_ms`."""

    id: int
    state: ImportState
    alive_until_ms: int


@dataclass(frozen=True, slots=True)
class StagedNumber:
    """Which import holds a number, and the line of its file."""

    import_id: int
    line: int


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Staged rows whose numbers exist already, by line, and where the page ends; None when it was the last one."""

    existing: Sequence[tuple[int, E164]]
    last: E164 | None


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks, and a revision that grows with each change of any."""

    revision: int
    inbound: tuple[InboundTrunk, ...]
    outbound: tuple[OutboundTrunk, ...]


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message with its mail."""

    message: Message
    mail: Mail


@dataclass(frozen=True, slots=True)
class MailQueue:
    """The mails that wait to be sent: how many, and since when (ms UTC) the oldest; None without any."""

    length: int
    oldest_at_ms: int | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """How the mailbox of a number greets: `audio` is a WAV of its own, None for the default greeting.

    `spoken` tells whether the default greeting says the number. `version` changes with every change.
    """

    number: E164
    version: int
    audio: bytes | None = None
    spoken: bool = False


class Reader(Protocol):
    """A consistent view of the store."""

    def why_read_only(self) -> str | None:
        """Return why the store says of itself that it takes no changes; None when it does not say so.

        Only a change tells for sure: a full disk, say, is not known before.
        """

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

    def number_ahead(self, account_id: int, after: E164 | None, places: int) -> E164 | None:
        """Return the account's number that is so many places (1 or more) behind `after`, None when there are less.

        It costs an index entry for each place: callers take steps that others can wait for.
        """

    def history(self, number: E164, limit: int = 100) -> Sequence[AuditEntry]:
        """Return the latest changes of a number's rule, newest first."""

    def changes(self, limit: int = 100, only: AuditFilter = EVERY_CHANGE) -> Sequence[AuditEntry]:
        """Return up to `limit` of the latest changes of rules that are wanted, newest first."""

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        """Return the answer that was remembered for an `Idempotency-Key`."""

    def trunks(self) -> Trunks:
        """Return all trunks by name."""

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        """Return up to `limit` of the latest call records that are wanted, newest first."""

    def call(self, key: CallKey) -> CallRecord | None:
        """Return one call's record."""

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        """Return the record of the call that a BYE ends."""

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        """Return how many calls ended, by decision and final SIP status, since the store exists."""

    def spool_offsets(self) -> Mapping[str, int]:
        """Return up to which byte each spool file is stored."""

    def message(self, message_id: str) -> StoredMessage | None:
        """Return a message with its mail."""

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        """Return the latest messages, newest first."""

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        """Return up to `limit` messages that are older than their account keeps them, by one look at all accounts."""

    def due_mails(self, now_ms: int, limit: int, after: Mail | None = None) -> Sequence[Mail]:
        """Return up to `limit` mails that are due and leased by nobody, the longest due first, from behind `after`.

        One scheduled in the future, or due further ahead than `message.FARTHEST_MS`, is due: the clock was set back.
        """

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        """Return up to `limit` mails that failed and are to be told the operator now, the latest first.

        That is so from their failure until `Writer.end_reports`, apart from the time that `Writer.claim_reports` gave.
        """

    def message_audio(self, message_id: str) -> bytes | None:
        """Return the recording of a message (a WAV); None when it is not kept in the store."""

    def mail_queue(self) -> MailQueue:
        """Return how many mails wait, and since when."""

    def greeting(self, number: E164) -> Greeting | None:
        """Return a number's greeting; None for the default one."""

    def greeting_version(self, number: E164) -> int | None:
        """Return the version of a number's greeting without reading its audio; None for the default one."""

    def counts(self) -> Mapping[str, int]:
        """Return the counters that `Writer.count` adds to, by name."""

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        """Return id, secret and time of creation of the keys that nodes share, oldest first, as they are stored."""

    def imports(self) -> Sequence[Import]:
        """Return all imports that have not ended."""

    def staged(self, number: E164) -> StagedNumber | None:
        """Return what a number is staged by."""

    def import_page(self, import_id: int, after: E164 | None, limit: int) -> ImportPage:
        """Look among the `limit` staged rows of an import behind `after` for numbers that exist already."""


class Writer(Reader, Protocol):
    """A transaction. Nothing it does is seen by anybody before it ends, and all of it after.

    A number or the record of a call that it has read does not change until it ends.
    """

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

    def put_account(self, account: Account) -> None:
        """Replace an account's language, region, time zone and retention."""

    def add_key(self, record: KeyRecord) -> None:
        """Add an API key."""

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        """Revoke a key; False when there is no such key."""

    def add_number(self, account_id: int, row: NumberRow, at_ms: int) -> None:
        """Add a virtual number, with calls disabled.

        Raises:
            Conflict: the number exists already, in whichever account, or an import that is under way holds it.
        """

    def add_numbers(self, account_id: int, rows: Iterable[NumberRow], at_ms: int) -> int:
        """Add many numbers in this one transaction, all or none; return how many.

        Raises:
            Conflict: one of them exists already, or an import that is under way holds it.
        """

    def begin_import(self, import_id: int, account_id: int, at_ms: int, alive_until_ms: int) -> None:
        """Begin to stage numbers of an account; `import_id` is random (63 bits), not 0."""

    def stage_numbers(self, import_id: int, staged: Sequence[tuple[int, NumberRow]], alive_until_ms: int) -> int | None:
        """Stage rows with their lines, so that nobody else can add their numbers, and renew the import's lease.

        Returns how many were staged, less than given where numbers are staged already; None when the import was
        abandoned.
        """

    def commit_import(self, import_id: int) -> bool:
        """Decide that all of its rows become numbers; False when it was abandoned."""

    def abandon_import(self, import_id: int) -> bool:
        """Decide that none of its rows becomes a number; False when that is decided already, either way."""

    def advance_import(self, import_id: int, limit: int) -> int:
        """Move up to `limit` rows of a decided import among the numbers, or remove them; return how many.

        A number that an older program added meanwhile stays as it is. Without rows left the import ends: returns 0.
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

    def unfinished_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        """Return calls set up before `before_ms` that are being forwarded and have no final answer.

        Those that another transaction holds are left out, so of several nodes one gives a call up.
        """

    def unended_calls(self, before_ms: int, limit: int) -> Sequence[CallRecord]:
        """Return calls set up before `before_ms` that were answered and have no end, likewise."""

    def put_call(self, record: CallRecord) -> None:
        """Add or replace a call's record."""

    def remove_old_calls(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` records of calls set up before `before_ms`, the oldest first; return how many."""

    def remove_old_audit(self, before_ms: int, after: AuditPlace, limit: int) -> AuditPlace | None:
        """Look at the `limit` entries of the audit trail behind `after`, and remove those older than `before_ms`.

        Returns the place of the last one, behind which the next look begins; None when there is none.
        """

    def count_calls(self, counts: Mapping[tuple[str, int], int]) -> None:
        """Add to the counters of calls that ended, by decision and final SIP status."""

    def put_spool_offset(self, file: str, offset: int | None) -> None:
        """Note up to which byte a spool file is stored; None forgets the file."""

    def add_message(self, message: Message, mail: Mail, audio: bytes | None = None) -> None:
        """Add a message and the mail that brings it, and its recording (a WAV) where the store keeps that.

        Raises:
            Conflict: there is a message of that id already.
        """

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        """Replace the mail of a message, which ends its lease; False when the message is gone.

        With `owner` False as well when the lease is not, or no longer, that one's.
        """

    def lease_mails(self, message_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        """Keep pending mails for `owner` until then; return those that nobody else has, or is just taking."""

    def release_mails(self, owner: str) -> int:
        """End all leases of `owner`, who begins anew; return how many there were."""

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        """Keep up to `limit` of `unreported_mails` for who asks, until then; return how many."""

    def end_reports(self, until_ms: int, limit: int) -> int:
        """Note of up to `limit` mails that were claimed until then that the operator was told; return how many."""

    def remove_message(self, message_id: str) -> bool:
        """Remove a message and its mail; False when there is no such message."""

    def put_greeting(self, number: E164, audio: bytes | None, at_ms: int, *, spoken: bool = False) -> None:
        """Give a number's mailbox a greeting of its own, or one that says the number."""

    def remove_greeting(self, number: E164) -> bool:
        """Have a number's mailbox greet as all others do; False when it did already."""

    def count(self, name: str, by: int = 1) -> None:
        """Add to a counter."""

    def shared_keys_for_change(self) -> Sequence[tuple[str, bytes, int]]:
        """Return what `shared_keys` does; of several nodes one does so at a time, and sees what those before added."""

    def add_shared_key(self, key: SharedKey) -> None:
        """Add a key that nodes share."""

    def remove_shared_key(self, key_id: str) -> None:
        """Remove one, if it is there."""


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
