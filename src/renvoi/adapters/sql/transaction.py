"""`Reader` and `Writer` of the store on one connection, the same for every database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sqlalchemy.sql.elements import CompilerElement

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql import statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.calls import CallReader, CallWriter
from renvoi.adapters.sql.compiled_statements import Connection, unique
from renvoi.adapters.sql.limit_notices import LimitNoticeReader, LimitNoticeWriter
from renvoi.adapters.sql.messages import MessageReader, MessageWriter
from renvoi.adapters.sql.node_counts import NodeCountsReader, NodeCountsWriter
from renvoi.adapters.sql.policies import PolicyReader, PolicyWriter
from renvoi.adapters.sql.rates import RateReader, RateWriter
from renvoi.adapters.sql.secrets import SecretReader, SecretWriter
from renvoi.adapters.sql.staging import StagingReader, StagingWriter
from renvoi.adapters.sql.usage import UsageReader, UsageWriter
from renvoi.application.forwarding import IDEMPOTENCY_WINDOW_MS
from renvoi.application.ports.accounts import (
    DEFAULT_RETENTION_DAYS,
    EVERY_CHANGE,
    Account,
    AuditEntry,
    AuditFilter,
    AuditPlace,
    RememberedAnswer,
)
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.trunks import Trunks
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.access.shared_key import SharedKey
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord, Rule
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from renvoi.routing_document import rule_values

_TRUNKS_REVISION = "trunks_revision"
_SHARED_KEYS = "shared_keys"
"""A counter that counts nothing: its row is the lock of those who change the shared keys."""
_INTERNAL = frozenset({_TRUNKS_REVISION, _SHARED_KEYS})
_AT_ONCE = 1000
"""Numbers that one round of statements adds."""


class SqlReader(
    StagingReader,
    CallReader,
    MessageReader,
    PolicyReader,
    SecretReader,
    UsageReader,
    LimitNoticeReader,
    RateReader,
    NodeCountsReader,
):
    """See `application.ports.Reader`."""

    def why_read_only(self) -> str | None:
        return None

    def account(self, ref: str) -> Account | None:
        row = self._connection.one(statements.account_by_name, name=ref)
        if row is None and ref.isascii() and ref.isdigit() and len(ref) < 19:
            row = self._connection.one(statements.account_by_id, id=int(ref))
        return tables.account(row) if row else None

    def accounts(self) -> Sequence[Account]:
        return [tables.account(row) for row in self._connection.all(statements.all_accounts)]

    def key(self, key_id: str) -> KeyRecord | None:
        row = self._connection.one(statements.key_by_id, id=key_id)
        return tables.key_record(row) if row else None

    def keys(self, account_id: int | None = None) -> Sequence[KeyRecord]:
        if account_id is None:
            found = self._connection.all(statements.all_keys)
        else:
            found = self._connection.all(statements.account_keys, account_id=account_id)
        return [tables.key_record(row) for row in found]

    def number(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number, number=number.digits)
        return tables.number_record(row) if row else None

    def numbers(
        self, account_id: int | None = None, after: E164 | None = None, limit: int = 100
    ) -> Sequence[NumberRecord]:
        first = after.digits if after else 0
        if account_id is None:
            found = self._connection.all(statements.numbers_after, after=first, limit=limit)
        else:
            found = self._connection.all(
                statements.account_numbers_after, account_id=account_id, after=first, limit=limit
            )
        return [tables.number_record(row) for row in found]

    def number_ahead(self, account_id: int, after: E164 | None, places: int) -> E164 | None:
        first = after.digits if after else 0
        row = self._connection.one(
            statements.account_number_ahead, account_id=account_id, after=first, offset=places - 1
        )
        return E164.from_digits(row[0]) if row else None

    def history(self, number: E164, limit: int = 100) -> Sequence[AuditEntry]:
        found = self._connection.all(statements.number_history, number=number.digits, limit=limit)
        return [tables.audit_entry(row) for row in found]

    def changes(self, limit: int = 100, only: AuditFilter = EVERY_CHANGE) -> Sequence[AuditEntry]:
        values = tables.filter_values(only)
        found = self._connection.all(statements.changes_where(*values), limit=limit, **values)
        return [tables.audit_entry(row) for row in found]

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        row = self._connection.one(statements.remembered, account_id=account_id, key=key)
        return RememberedAnswer(bytes(row[2]), *row[3:]) if row else None

    def trunks(self) -> Trunks:
        found = [side for row in self._connection.all(statements.all_trunks) for side in tables.trunk_sides(row)]
        row = self._connection.one(statements.counter, name=_TRUNKS_REVISION)
        return Trunks(
            row[0] if row else 0,
            tuple(side for side in found if isinstance(side, InboundTrunk)),
            tuple(side for side in found if isinstance(side, OutboundTrunk)),
        )

    def counts(self) -> Mapping[str, int]:
        found = self._connection.all(statements.all_counters)
        return {row[0]: row[1] for row in found if row[0] not in _INTERNAL}

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        return [(row[0], bytes(row[1]), row[2]) for row in self._connection.all(statements.all_shared_keys)]


class SqlWriter(
    SqlReader,
    StagingWriter,
    CallWriter,
    MessageWriter,
    PolicyWriter,
    SecretWriter,
    UsageWriter,
    LimitNoticeWriter,
    RateWriter,
    NodeCountsWriter,
):
    """See `application.ports.Writer`.

    `duplicate` recognises the driver's unique-constraint violation: it returns the key that was there already, or an
    empty text where the driver does not say; None for another error. `announce` is called with what others wait for
    whenever that changes. `analyze` runs when an import has ended.
    """

    def __init__(
        self,
        connection: Connection,
        duplicate: Callable[[Exception], str | None],
        announce: Callable[[Topic], None],
        analyze: CompilerElement | None = None,
    ) -> None:
        StagingWriter.__init__(self, connection, analyze)
        self._duplicate = duplicate
        self._announce = announce

    def number(self, number: E164) -> NumberRecord | None:
        # What a change was decided by stays as it is until the change is in force, or two of them could make a loop.
        row = self._connection.one(statements.number_held, number=number.digits)
        return tables.number_record(row) if row else None

    def number_for_change(self, number: E164) -> NumberRecord | None:
        row = self._connection.one(statements.number_for_change, number=number.digits)
        return tables.number_record(row) if row else None

    def put_rule(self, number: E164, rule: Rule, at_ms: int) -> None:
        self._connection.run(statements.put_rule, key=number.digits, updated_at_ms=at_ms, **rule_values(rule))

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

    def add_key(self, record: KeyRecord) -> None:
        self._connection.run(statements.add_key, **tables.key_values(record))

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        return self._connection.run(statements.revoke_key, id=key_id, at_ms=at_ms) > 0

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
            raise Conflict(f"number {number} exists already") from error

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

    def add_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int:
        values = tables.trunk_row(sides)
        with unique(f"trunk {values['name']}", self._duplicate):
            self._connection.run(statements.add_trunk, **values)
        return self._raise_trunks_revision()

    def set_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int | None:
        values = tables.trunk_row(sides)
        if not self._connection.run(statements.set_trunk, key=values.pop("name"), **values):
            return None
        return self._raise_trunks_revision()

    def remove_trunk(self, name: str) -> int | None:
        if not self._connection.run(statements.remove_trunk, key=name):
            return None
        return self._raise_trunks_revision()

    def _raise_trunks_revision(self) -> int:
        self.count(_TRUNKS_REVISION)
        row = self._connection.one(statements.counter, name=_TRUNKS_REVISION)
        assert row is not None
        self._announce("trunks")
        return int(row[0])

    def remove_old_audit(self, before_ms: int, after: AuditPlace, limit: int) -> AuditPlace | None:
        place = {"after_number": after[0], "after_revision": after[1]}
        found = self._connection.all(statements.audit_places, limit=limit, **place)
        if not found:
            return None
        last = {"last_number": found[-1][0], "last_revision": found[-1][1]}
        self._connection.run(statements.remove_old_audit, before_ms=before_ms, **place, **last)
        return found[-1][0], found[-1][1]

    def count(self, name: str, by: int = 1) -> None:
        self._connection.run(statements.raise_counter, name=name, value=by)

    def shared_keys_for_change(self) -> Sequence[tuple[str, bytes, int]]:
        # Where there is no key yet there is no row of one that could be locked.
        self.count(_SHARED_KEYS, 0)
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
