"""What a store in memory holds, and how it is read."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field

from sqlalchemy import Table

from renvoi.adapters.sql import fit, schema
from renvoi.adapters.sql import mappers as rows
from renvoi.application.ports.accounts import (
    EVERY_CHANGE,
    Account,
    AuditEntry,
    AuditFilter,
    RememberedAnswer,
)
from renvoi.application.ports.calls import EVERY_CALL, CallFilter
from renvoi.application.ports.mails import MAX_SKIPPED, MailQueue
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.node_counts import NodeCounts
from renvoi.application.ports.numbers import Greeting, Import, ImportPage, NumberRow, StagedNumber
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.trunks import Trunks
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.access.limit_notice import LimitNotice
from renvoi.domain.access.shared_key import SharedKey
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.calls.rates import Rate, prefixes_of
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, Mail, MailState, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.numbers.rule import NumberRecord
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@dataclass
class State:
    """All there is. The values are frozen, so copies of the containers make a snapshot."""

    accounts: dict[int, Account] = field(default_factory=dict)
    policies: dict[int, AccountPolicy] = field(default_factory=dict)
    policy_changes: list[PolicyChange] = field(default_factory=list)
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    numbers: dict[E164, NumberRecord] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    answers: dict[tuple[int, str], RememberedAnswer] = field(default_factory=dict)
    trunks: dict[str, tuple[InboundTrunk | OutboundTrunk, ...]] = field(default_factory=dict)
    trunks_revision: int = 0
    shared_keys: dict[str, SharedKey] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    node_leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: dict[CallKey, CallRecord] = field(default_factory=dict)
    ladders: dict[CallKey, Ladder] = field(default_factory=dict)
    call_counts: dict[tuple[str, int], int] = field(default_factory=dict)
    usages: dict[tuple[str, int], Usage] = field(default_factory=dict)
    node_counts: dict[str, NodeCounts] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    limit_notices: dict[tuple[int, int], tuple[LimitNotice, int | None]] = field(default_factory=dict)
    spool_offsets: dict[str, int] = field(default_factory=dict)
    messages: dict[str, StoredMessage] = field(default_factory=dict)
    audio: dict[str, bytes] = field(default_factory=dict)
    leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    greetings: dict[E164, Greeting] = field(default_factory=dict)
    imports: dict[int, tuple[Import, int]] = field(default_factory=dict)
    staged: dict[E164, tuple[StagedNumber, NumberRow]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def snapshot(self) -> "State":
        return State(**{name: copy(value) for name, value in vars(self).items()})


def is_within(at_ms: int, only: CallFilter | AuditFilter) -> bool:
    return (only.since_ms is None or at_ms >= only.since_ms) and (only.until_ms is None or at_ms < only.until_ms)


def check_filter(table: Table, only: CallFilter | AuditFilter) -> None:
    fit.check_row(table, rows.filter_values(only))


class MemoryReader:
    """See `application.ports.Reader`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def account(self, ref: str) -> Account | None:
        named = next((account for account in self._state.accounts.values() if account.name == ref), None)
        return named or (self._state.accounts.get(int(ref)) if ref.isascii() and ref.isdigit() else None)

    def accounts(self) -> Sequence[Account]:
        return [self._state.accounts[account_id] for account_id in sorted(self._state.accounts)]

    def policy(self, account_id: int) -> AccountPolicy:
        return self._state.policies.get(account_id, NO_POLICY)

    def policies(self) -> Mapping[int, AccountPolicy]:
        return {key: value for key, value in self._state.policies.items() if value != NO_POLICY}

    def policy_changes(self, limit: int = 100, account_id: int | None = None) -> Sequence[PolicyChange]:
        found = [each for each in self._state.policy_changes if account_id in (None, each.account_id)]
        return found[::-1][:limit]

    def why_read_only(self) -> str | None:
        return None

    def key(self, key_id: str) -> KeyRecord | None:
        return self._state.keys.get(key_id)

    def keys(self, account_id: int | None = None) -> Sequence[KeyRecord]:
        found = [key for key in self._state.keys.values() if account_id in (None, key.account_id)]
        return sorted(found, key=lambda key: key.created_at_ms)

    def number(self, number: E164) -> NumberRecord | None:
        return self._state.numbers.get(number)

    def numbers(
        self, account_id: int | None = None, after: E164 | None = None, limit: int = 100
    ) -> Sequence[NumberRecord]:
        first = after.digits if after is not None else 0
        found = [
            record
            for record in self._state.numbers.values()
            if account_id in (None, record.account_id) and record.number.digits > first
        ]
        return sorted(found, key=lambda record: record.number.digits)[:limit]

    def imports(self) -> Sequence[Import]:
        return [each for _, (each, _) in sorted(self._state.imports.items())]

    def staged(self, number: E164) -> StagedNumber | None:
        found = self._state.staged.get(number)
        return found[0] if found is not None else None

    def _rows_of(self, import_id: int) -> list[E164]:
        own = [number for number, (staged, _) in self._state.staged.items() if staged.import_id == import_id]
        return sorted(own, key=lambda number: number.digits)

    def import_page(self, import_id: int, after: E164 | None, limit: int) -> ImportPage:
        first = after.digits if after is not None else 0
        page = [number for number in self._rows_of(import_id) if number.digits > first][:limit]
        existing = [(self._state.staged[number][0].line, number) for number in page if number in self._state.numbers]
        return ImportPage(tuple(sorted(existing)), page[-1] if len(page) == limit else None)

    def number_ahead(self, account_id: int, after: E164 | None, places: int) -> E164 | None:
        found = self.numbers(account_id, after, places)
        return found[-1].number if len(found) == places else None

    def history(self, number: E164, limit: int = 100) -> Sequence[AuditEntry]:
        return [entry for entry in reversed(self._state.audit) if entry.number == number][:limit]

    def changes(self, limit: int = 100, only: AuditFilter = EVERY_CHANGE) -> Sequence[AuditEntry]:
        check_filter(schema.audit, only)
        found = [
            entry
            for entry in self._state.audit
            if only.number in (None, entry.number)
            and only.account_id in (None, entry.account_id)
            and is_within(entry.at_ms, only)
        ]
        return sorted(found, key=lambda e: (-e.at_ms, e.number.digits, -e.after.revision))[:limit]

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        return self._state.answers.get((account_id, key))

    def trunks(self) -> Trunks:
        found = [side for name in sorted(self._state.trunks) for side in self._state.trunks[name]]
        return Trunks(
            self._state.trunks_revision,
            tuple(trunk for trunk in found if isinstance(trunk, InboundTrunk)),
            tuple(trunk for trunk in found if isinstance(trunk, OutboundTrunk)),
        )

    def calls(self, limit: int = 100, only: CallFilter = EVERY_CALL) -> Sequence[CallRecord]:
        check_filter(schema.calls, only)
        found = [
            record
            for record in self._state.calls.values()
            if only.call_id in (None, record.key.call_id)
            and (only.number is None or record.number == only.number.value)
            and is_within(record.setup_at_ms, only)
            and only.status in (None, record.status)
            and only.decision in (None, record.decision)
            and only.caller in (None, record.caller)
        ]
        return sorted(found, key=lambda record: record.setup_at_ms, reverse=True)[:limit]

    def call(self, key: CallKey) -> CallRecord | None:
        return self._state.calls.get(key)

    def answered_call(self, call_id: str, from_tag: str) -> CallRecord | None:
        found = (
            record for key, record in self._state.calls.items() if (key.call_id, key.from_tag) == (call_id, from_tag)
        )
        return next((record for record in found if record.answer_at_ms is not None), None)

    def ladder(self, key: CallKey) -> Ladder | None:
        return self._state.ladders.get(key)

    def node_counts(self) -> Mapping[str, NodeCounts]:
        return self._state.node_counts

    def rates(self) -> Sequence[Rate]:
        return [rate for _, rate in sorted(self._state.rates.items())]

    def rate(self, target: E164) -> Rate | None:
        found = (self._state.rates.get(prefix) for prefix in prefixes_of(str(target.digits)))
        return next((rate for rate in found if rate is not None), None)

    def due_limit_notices(self, now_ms: int, limit: int) -> Sequence[LimitNotice]:
        found = [
            notice
            for notice, due_at_ms in self._state.limit_notices.values()
            if due_at_ms is not None and not now_ms < due_at_ms <= now_ms + FARTHEST_MS
        ]
        return sorted(found, key=lambda notice: notice.at_ms)[:limit]

    def usages(self, names: Collection[str], since_day: int) -> Usages:
        return {key: usage for key, usage in self._state.usages.items() if key[0] in names and key[1] >= since_day}

    def call_counts(self) -> Mapping[tuple[str, int], int]:
        return self._state.call_counts

    def spool_offsets(self) -> Mapping[str, int]:
        return self._state.spool_offsets

    def message(self, message_id: str) -> StoredMessage | None:
        return self._state.messages.get(message_id)

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        found = [stored for stored in self._state.messages.values() if number in (None, stored.message.number)]
        return sorted(found, key=lambda stored: (-stored.message.received_at_ms, stored.message.id))[:limit]

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        def expired(message: Message) -> bool:
            kept_ms = self._state.accounts[message.account_id].retention_days * 24 * 3600 * 1000
            return message.received_at_ms < now_ms - kept_ms

        found = [stored.message for stored in self._state.messages.values() if expired(stored.message)]
        return sorted(found, key=lambda message: (message.account_id, message.received_at_ms))[:limit]

    def _pending(self) -> list[Mail]:
        mails = [stored.mail for stored in self._state.messages.values()]
        return sorted((mail for mail in mails if mail.state is MailState.PENDING), key=place_of)

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        def free(mail: Mail) -> bool:
            _, until_ms = self._state.leases.get(mail.message_id, ("", 0))
            is_due = has_come(mail.due_at_ms) or (mail.scheduled_at_ms or 0) > now_ms + CLOCKS_AGREE_MS
            return is_due and has_come(until_ms) and mail.recipient.domain not in list(skipped)[:MAX_SKIPPED]

        def has_come(at_ms: int) -> bool:
            return not now_ms < at_ms <= now_ms + FARTHEST_MS

        return [mail for mail in self._pending() if free(mail)][:limit]

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        due = [name for name, at_ms in self._state.reports.items() if not now_ms < at_ms <= now_ms + FARTHEST_MS]
        mails = [self._state.messages[name].mail for name in due]
        return sorted(mails, key=lambda mail: (-(mail.ended_at_ms or 0), mail.message_id))[:limit]

    def message_audio(self, message_id: str) -> bytes | None:
        return self._state.audio.get(message_id)

    def mail_queue(self) -> MailQueue:
        pending = self._pending()
        return MailQueue(len(pending), min((mail.queued_at_ms for mail in pending), default=None))

    def greeting(self, number: E164) -> Greeting | None:
        return self._state.greetings.get(number)

    def greeting_version(self, number: E164) -> int | None:
        greeting = self.greeting(number)
        return greeting.version if greeting is not None else None

    def counts(self) -> Mapping[str, int]:
        return self._state.counts

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        found = [(key.id, key.secret, key.created_at_ms) for key in self._state.shared_keys.values()]
        return sorted(found, key=lambda key: (key[2], key[0]))

    def secrets(self) -> Mapping[str, bytes]:
        return dict(sorted(self._state.secrets.items()))


def place_of(mail: Mail) -> tuple[int, str]:
    return mail.due_at_ms, mail.message_id
