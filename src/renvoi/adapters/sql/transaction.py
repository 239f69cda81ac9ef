"""`Reader` and `Writer` of the store on one connection, the same for every database."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar

from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.answers import ApiAnswerReader, ApiAnswerWriter
from renvoi.adapters.sql.calls import CallReader, CallWriter
from renvoi.adapters.sql.compiled_statements import Connection, unique
from renvoi.adapters.sql.events import EventReader, EventWriter
from renvoi.adapters.sql.keys import KeyReader, KeyWriter
from renvoi.adapters.sql.limit_notices import LimitNoticeReader, LimitNoticeWriter
from renvoi.adapters.sql.limits import (
    NodeCountsReader,
    NodeCountsWriter,
    RateReader,
    RateWriter,
    UsageReader,
    UsageWriter,
)
from renvoi.adapters.sql.messages import MessageReader, MessageWriter
from renvoi.adapters.sql.missed_calls import MissedCallReader, MissedCallWriter
from renvoi.adapters.sql.number_lists import BEHIND_ALL, NumberListReader
from renvoi.adapters.sql.people import PersonReader, PersonWriter
from renvoi.adapters.sql.policies import PolicyReader, PolicyWriter
from renvoi.adapters.sql.removals import RemovalReader, RemovalWriter
from renvoi.adapters.sql.renewals import RenewalReader, RenewalWriter
from renvoi.adapters.sql.row_repair import RowRepair, is_number
from renvoi.adapters.sql.rule_rows import RuleWriter
from renvoi.adapters.sql.schema import idempotency, shared_keys
from renvoi.adapters.sql.secrets import SecretReader, SecretWriter
from renvoi.adapters.sql.staging import StagingReader, StagingWriter
from renvoi.adapters.sql.trunks import REVISION as TRUNKS_REVISION
from renvoi.adapters.sql.trunks import TrunkReader, TrunkWriter
from renvoi.adapters.sql.webhook_changes import WebhookChangeReader, WebhookChangeWriter
from renvoi.adapters.sql.webhooks import WebhookReader, WebhookWriter
from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS
from renvoi.application.ports.accounts import (
    DEFAULT_RETENTION_DAYS,
    EVERY_CHANGE,
    Account,
    AuditEntry,
    AuditFilter,
    AuditPlace,
    ChangePlace,
    NamedAccount,
    RememberedAnswer,
)
from renvoi.application.ports.errors import number_exists
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import ChangeWriter
from renvoi.documents.number_row import rule_values
from renvoi.domain.numbers.number import E164, LEAST_DIGITS
from renvoi.domain.rules.rule import NumberRecord, Rule
from renvoi.domain.shared_key import SharedKey
from renvoi.domain.text import folded

T = TypeVar("T")

_SHARED_KEYS = "shared_keys"
"""A counter that counts nothing: its row is the lock of those who change the shared keys."""
_INTERNAL = frozenset({TRUNKS_REVISION, _SHARED_KEYS})
_repair_key = RowRepair(tuple(shared_keys.c), any_time=True)
_repair_answer = RowRepair(tuple(idempotency.c))
_LAST = (1 << 63) - 1
"""Above all revisions."""
_AT_ONCE = 1000
"""Numbers that one round of statements adds."""


class SqlReader(
    RemovalReader,
    NumberListReader,
    StagingReader,
    RenewalReader,
    CallReader,
    MessageReader,
    KeyReader,
    PolicyReader,
    SecretReader,
    TrunkReader,
    UsageReader,
    LimitNoticeReader,
    MissedCallReader,
    RateReader,
    NodeCountsReader,
    ApiAnswerReader,
    EventReader,
    WebhookReader,
    WebhookChangeReader,
    PersonReader,
):
    """See `application.ports.Reader`."""

    def why_read_only(self) -> str | None:
        return None

    def account(self, ref: str) -> Account | None:
        return self._account(ref, statements.account_by_name, statements.account_by_id)

    def _account(self, ref: str, by_name: CompilerElement, by_id: CompilerElement) -> Account | None:
        row = self._connection.one(by_name, name=ref)
        if row is None and ref.isascii() and ref.isdigit() and len(ref) < 19:
            row = self._connection.one(by_id, id=int(ref))
        return tables.account(row) if row else None

    def accounts(self) -> Sequence[Account]:
        return [tables.account(row) for row in self._connection.all(statements.all_accounts)]

    def accounts_after(self, after: int, limit: int, *, closed: bool | None = None) -> Sequence[Account]:
        of_state = {True: statements.closed_accounts_after, False: statements.open_accounts_after}
        statement = statements.accounts_after if closed is None else of_state[closed]
        return [tables.account(row) for row in self._connection.all(statement, after=after, limit=limit)]

    def accounts_named(self, prefix: str, after: tuple[str, int] | None, limit: int) -> Sequence[NamedAccount]:
        first = folded(prefix)
        # No account is 0, so the place in front of all names that begin so is behind that.
        key, account_id = max((first, 0), after or ("", 0))
        found = self._connection.all_planned(
            statements.accounts_named, last=first + BEHIND_ALL, after_key=key, after=account_id, limit=limit
        )
        return [NamedAccount(row[0], tables.account(row[1:])) for row in found]

    def number(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number, number=number.digits)
        return tables.number_record(row) if row else None

    def listed_number(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number, number=number.digits)
        return tables.listed_number(row) if row else None

    def numbers(
        self, account_id: int | None = None, after: E164 | None = None, limit: int = 100
    ) -> Sequence[NumberRecord]:
        first = after.digits if after else LEAST_DIGITS
        if account_id is None:
            found = self._connection.all(statements.numbers_after, after=first, limit=limit)
        else:
            found = self._connection.all(
                statements.account_numbers_after, account_id=account_id, after=first, limit=limit
            )
        return [tables.listed_number(row) for row in found]

    def number_ahead(self, account_id: int, after: E164 | None, places: int) -> E164 | None:
        first = after.digits if after else LEAST_DIGITS
        row = self._connection.one(
            statements.account_number_ahead, account_id=account_id, after=first, offset=places - 1
        )
        return E164.from_digits(row[0]) if row else None

    def history(self, number: E164, limit: int = 100, before: int | None = None) -> Sequence[AuditEntry]:
        last = _LAST if before is None else before - 1
        found = self._connection.all(statements.number_history, number=number.digits, last=last, limit=limit)
        return [tables.audit_entry(row) for row in found]

    def changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        values = tables.filter_values(only) | statements.place_values(after)
        wanted = statements.changes_where(*statements.filters_of(values))
        found = self._connection.all(wanted, limit=limit, **values)
        return [tables.audit_entry(row) for row in found]

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        row = self._connection.one(statements.remembered, account_id=account_id, key=key)
        if row is None:
            return None
        _, _, digest, outcome, revision, at_ms = _repair_answer(row)
        return RememberedAnswer(bytes(digest), outcome, revision, at_ms)

    def counts(self) -> Mapping[str, int]:
        # Those that programs of schema 0006 raise, for all nodes together, and those of each node.
        found: Counter[str] = Counter()
        for counters in (statements.all_counters, statements.all_node_counters):
            for name, value in self._connection.all(counters):
                if name not in _INTERNAL and isinstance(name, str) and is_number(value):
                    found[name] += int(value)
        return found

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        # Any time counts here, also one that no calendar has: who has set a clock wrong must not lose calls for that.
        found = map(_repair_key, self._connection.all(statements.all_shared_keys))
        return [(row[0], bytes(row[1]), row[2]) for row in found]


class SqlWriter(
    SqlReader,
    RuleWriter,
    RemovalWriter,
    StagingWriter,
    RenewalWriter,
    CallWriter,
    MessageWriter,
    KeyWriter,
    PolicyWriter,
    SecretWriter,
    TrunkWriter,
    UsageWriter,
    LimitNoticeWriter,
    MissedCallWriter,
    RateWriter,
    NodeCountsWriter,
    ApiAnswerWriter,
    EventWriter,
    WebhookWriter,
    WebhookChangeWriter,
    PersonWriter,
):
    """See `application.ports.Writer`.

    `duplicate` recognises the driver's unique-constraint violation: it returns the key that was there already, or an
    empty text where the driver does not say; None for another error. `announce` is called with what others wait for
    whenever that changes. `analyze` runs when an import has ended. `node` is whose counters are raised.
    """

    def __init__(
        self,
        connection: Connection,
        duplicate: Callable[[Exception], str | None],
        announce: Callable[[Topic], None],
        analyze: CompilerElement | None = None,
        node: str = "",
    ) -> None:
        StagingWriter.__init__(self, connection, analyze)
        self._node = node
        self._duplicate = duplicate
        self._announce = announce

    def account(self, ref: str) -> Account | None:
        return self._account(ref, statements.account_by_name_held, statements.account_by_id_held)

    def number(self, number: E164) -> NumberRecord | None:
        # What a change was decided by stays as it is until the change is in force, or two of them could make a loop.
        row = self._connection.one(statements.number_held, number=number.digits)
        return tables.number_record(row) if row else None

    def number_for_change(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number_for_change, number=number.digits)
        return tables.number_record(row) if row else None

    def number_to_remove(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number_for_change, number=number.digits)
        return tables.listed_number(row) if row else None

    def change_rules(self, numbers: Collection[E164], work: Callable[[ChangeWriter], T]) -> T:  # noqa: ARG002
        # Of no use to SQLite: a statement has no way to go there, and nobody else writes.
        return work(self)

    def add_audit(self, entry: AuditEntry) -> None:
        self._connection.run(statements.add_audit, **tables.audit_values(entry))

    def remember(self, account_id: int, key: str, answer: RememberedAnswer) -> None:
        before_ms = answer.at_ms - IDEMPOTENCY_WINDOW_MS
        self._connection.run(statements.forget, account_id=account_id, key=key, before_ms=before_ms)
        self._connection.run(
            statements.remember,
            account_id=account_id,
            key=key,
            request_hash=answer.request_hash,
            outcome=answer.outcome,
            revision=answer.revision,
            at_ms=answer.at_ms,
        )

    def forget_answers(self, before_ms: int, limit: int) -> int:
        expired = self._connection.all(statements.expired_answers, before_ms=before_ms, limit=limit)
        forget, values = statements.forget, {"before_ms": before_ms}
        return sum(self._connection.run(forget, account_id=row[0], key=row[1], **values) for row in expired)

    def add_account(self, name: str, locale: str, region: str, at_ms: int) -> Account:
        values = {"name": name, "locale": locale, "region": region, "created_at_ms": at_ms}
        values |= {"time_zone": None, "retention_days": DEFAULT_RETENTION_DAYS}
        with unique(f"account {name}", self._duplicate):
            self._connection.run(statements.add_account, **values)
        row = self._connection.one(statements.account_by_name, name=name)
        assert row is not None
        return tables.account(row)

    def put_account(self, account: Account) -> None:
        self._connection.run(
            statements.put_account,
            key=account.id,
            locale=account.locale,
            region=account.region,
            time_zone=account.time_zone,
            retention_days=account.retention_days,
            email=None if account.email is None else account.email.value,
        )

    def add_number(self, account_id: int, row: NumberRow, at_ms: int) -> None:
        self.add_numbers(account_id, [row], at_ms)

    def add_numbers(self, account_id: int, rows: Iterable[NumberRow], at_ms: int) -> int:
        count, each = 0, iter(rows)
        while some := list(islice(each, _AT_ONCE)):
            self.reserve(some)
            count += self._add_some(account_id, some, at_ms)
            self.release(some)
        return count

    def _add_some(self, account_id: int, rows: Sequence[NumberRow], at_ms: int) -> int:
        current: list[NumberRow] = []

        def values() -> Iterator[Mapping[str, object]]:
            for row in rows:
                current[:] = [row]
                yield _number_values(account_id, row, at_ms)

        try:
            return self._connection.run_many(statements.add_number, values())
        except Exception as error:
            key = self._duplicate(error)
            if key is None:
                raise
            # A driver that sends many rows at once has taken more of them by then than the one that it fails at.
            number = f"+{key}" if key else current[0].number
            raise number_exists(number) from error

    def set_number_state(
        self, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
    ) -> bool:
        changed = 0
        if active is not None:
            changed += self._connection.run(statements.set_active, key=number.digits, active=active)
        if forwarding_enabled is not None:
            changed += self._connection.run(
                statements.set_forwarding_enabled, key=number.digits, forwarding_enabled=forwarding_enabled
            )
        return changed > 0

    def set_label(self, number: E164, label: str) -> None:
        self._connection.run(statements.set_label, key=number.digits, label=label)

    def remove_old_audit(self, before_ms: int, after: AuditPlace, limit: int) -> AuditPlace | None:
        place = {"after_number": after[0], "after_revision": after[1]}
        found = self._connection.all(statements.audit_places, limit=limit, **place)
        if not found:
            return None
        last = {"last_number": found[-1][0], "last_revision": found[-1][1]}
        self._connection.run(statements.remove_old_audit, before_ms=before_ms, **place, **last)
        return found[-1][0], found[-1][1]

    def count(self, name: str, by: int = 1) -> None:
        self._connection.run(statements.raise_node_counter, name=name, node=self._node, value=by)

    def _raise(self, name: str, by: int) -> None:
        """Raise what all nodes share, whose row is a lock, too."""
        self._connection.run(statements.raise_counter, name=name, value=by)

    def shared_keys_for_change(self) -> Sequence[tuple[str, bytes, int]]:
        # Where there is no key yet there is no row of one that could be locked.
        self._raise(_SHARED_KEYS, 0)
        return self.shared_keys()

    def add_shared_key(self, key: SharedKey) -> None:
        values = {"id": key.id, "secret": key.secret, "created_at_ms": key.created_at_ms}
        with unique(f"shared key {key.id}", self._duplicate):
            self._connection.run(statements.add_shared_key, **values)

    def remove_shared_key(self, key_id: str) -> None:
        self._connection.run(statements.remove_shared_key, key=key_id)


def _number_values(account_id: int, row: NumberRow, at_ms: int) -> dict[str, object]:
    return {
        "number": row.number.digits,
        "account_id": account_id,
        "label": row.label,
        "active": True,
        "forwarding_enabled": row.forwarding_enabled,
        "updated_at_ms": None,
        "created_at_ms": at_ms,
        **rule_values(Rule()),
    }
