"""What a store in memory holds, and how it is read."""

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import TypeVar

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import mappers as rows
from renvoi.application.ports.accounts import (
    EVERY_CHANGE,
    Account,
    AuditEntry,
    AuditFilter,
    ChangePlace,
    NamedAccount,
    RememberedAnswer,
)
from renvoi.application.ports.answers import ApiAnswer
from renvoi.application.ports.errors import NotUnderstood, UnreadablePolicy, UnreadableTrunk
from renvoi.application.ports.keys import KeyChange
from renvoi.application.ports.limits import NodeCounts
from renvoi.application.ports.mails import MAX_SKIPPED, MailQueue
from renvoi.application.ports.messages import MessageQuery, StoredMessage
from renvoi.application.ports.numbers import Greeting, Import, ImportPage, NumberRow, StagedNumber
from renvoi.application.ports.pages import Page, Place
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.removals import Removal
from renvoi.application.ports.trunks import Trunks
from renvoi.application.ports.webhook_changes import WebhookChange
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy
from renvoi.domain.access.api_key import KeyRecord
from renvoi.domain.access.limits import LimitNotice
from renvoi.domain.access.person import Person
from renvoi.domain.access.session import SessionRecord, TokenRecord
from renvoi.domain.calls.call_record import CallKey, CallRecord
from renvoi.domain.calls.ladder import Ladder
from renvoi.domain.calls.missed_call import MissedCallMail
from renvoi.domain.calls.rates import Rate, prefixes_of
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.events.event import StoredEvent
from renvoi.domain.events.webhook import Delivery, Webhook
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, Mail, MailState, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord
from renvoi.domain.shared_key import SharedKey
from renvoi.domain.text import folded
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk
from tests.support.memory_call_lists import MemoryCallLists, check_filter, check_place, is_within, page_of
from tests.support.memory_key_reader import MemoryKeyReader
from tests.support.memory_missed_calls import MissedCallPart, MissedCalls
from tests.support.memory_number_lists import MemoryNumberLists

T = TypeVar("T")


@dataclass
class State:
    """All there is. The values are frozen, so copies of the containers make a snapshot."""

    accounts: dict[int, Account] = field(default_factory=dict)
    policies: dict[int, AccountPolicy | UnreadablePolicy] = field(default_factory=dict)
    policy_changes: list[PolicyChange] = field(default_factory=list)
    keys: dict[str, KeyRecord] = field(default_factory=dict)
    key_uses: dict[str, int] = field(default_factory=dict)
    key_changes: list[KeyChange] = field(default_factory=list)
    webhook_changes: list[WebhookChange] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    tokens: dict[str, TokenRecord] = field(default_factory=dict)
    attempts: dict[str, int] = field(default_factory=dict)
    numbers: dict[E164, NumberRecord] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)
    answers: dict[tuple[int, str], RememberedAnswer] = field(default_factory=dict)
    api_answers: dict[tuple[int, str], ApiAnswer] = field(default_factory=dict)
    trunks: dict[str, tuple[InboundTrunk | OutboundTrunk, ...]] = field(default_factory=dict)
    unreadable_trunks: dict[str, UnreadableTrunk] = field(default_factory=dict)
    trunks_revision: int = 0
    shared_keys: dict[str, SharedKey] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)
    node_leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: dict[CallKey, CallRecord] = field(default_factory=dict)
    call_ids: dict[CallKey, tuple[int, int | None]] = field(default_factory=dict)
    ladders: dict[CallKey, Ladder] = field(default_factory=dict)
    call_counts: dict[tuple[str, int], int] = field(default_factory=dict)
    hour_counts: dict[tuple[int, str], int] = field(default_factory=dict)
    usages: dict[tuple[str, int], Usage] = field(default_factory=dict)
    node_counts: dict[str, NodeCounts] = field(default_factory=dict)
    rates: dict[str, Rate] = field(default_factory=dict)
    limit_notices: dict[tuple[int, int], tuple[LimitNotice, int | None]] = field(default_factory=dict)
    spool_offsets: dict[str, int] = field(default_factory=dict)
    messages: dict[str, StoredMessage] = field(default_factory=dict)
    audio: dict[str, bytes] = field(default_factory=dict)
    leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    reports: dict[str, int] = field(default_factory=dict)
    missed_calls: dict[str, MissedCallMail] = field(default_factory=dict)
    missed_leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    greetings: dict[E164, Greeting] = field(default_factory=dict)
    imports: dict[int, tuple[Import, int]] = field(default_factory=dict)
    staged: dict[E164, tuple[StagedNumber, NumberRow]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    events: dict[int, StoredEvent] = field(default_factory=dict)
    event_seqs: dict[tuple[int, E164 | None], int] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    webhook_notices: dict[str, int] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    removals: dict[int, Removal] = field(default_factory=dict)
    past_changes: list[tuple[int, AuditEntry]] = field(default_factory=list)

    def snapshot(self) -> "State":
        return State(**{name: copy(value) for name, value in vars(self).items()})


def latest_changes(found: Sequence[AuditEntry], after: ChangePlace | None) -> Sequence[AuditEntry]:
    """Return changes in the order in which the latest are told, from behind a place."""

    def place(at_ms: int, digits: int, revision: int) -> tuple[int, int, int]:
        return -at_ms, digits, -revision

    places = [(place(each.at_ms, each.number.digits, each.after.revision), each) for each in found]
    first = None if after is None else place(*after)
    return [each for where, each in sorted(places, key=lambda item: item[0]) if first is None or where > first]


class MemoryReader(MissedCallPart, MemoryNumberLists, MemoryCallLists, MemoryKeyReader):
    """See `application.ports.Reader`."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._missed = MissedCalls(state.missed_calls, state.missed_leases)

    def account(self, ref: str) -> Account | None:
        named = next((account for account in self._state.accounts.values() if account.name == ref), None)
        return named or (self._state.accounts.get(int(ref)) if ref.isascii() and ref.isdigit() else None)

    def accounts(self) -> Sequence[Account]:
        return [self._state.accounts[account_id] for account_id in sorted(self._state.accounts)]

    def accounts_after(self, after: int, limit: int, *, closed: bool | None = None) -> Sequence[Account]:
        found = [each for each in self.accounts() if each.id > after]
        return [each for each in found if closed in (None, each.closed_at_ms is not None)][:limit]

    def accounts_named(self, prefix: str, after: tuple[str, int] | None, limit: int) -> Sequence[NamedAccount]:
        found = sorted((folded(each.name), each.id) for each in self.accounts())
        begins = [each for each in found if each[0].startswith(folded(prefix)) and (after is None or each > after)]
        return [NamedAccount(key, self._state.accounts[account_id]) for key, account_id in begins[:limit]]

    def policy(self, account_id: int) -> AccountPolicy:
        found = self._state.policies.get(account_id, NO_POLICY)
        if isinstance(found, UnreadablePolicy):
            raise NotUnderstood(f"the policy of account {account_id} cannot be read", row=found)
        return found

    def policies(self) -> Mapping[int, AccountPolicy | UnreadablePolicy]:
        return {key: value for key, value in self._state.policies.items() if value != NO_POLICY}

    def policy_changes(
        self, limit: int = 100, account_id: int | None = None, before: int | None = None
    ) -> Sequence[PolicyChange]:
        found = [each for each in self._state.policy_changes if account_id in (None, each.account_id)]
        found = [each for each in found if before is None or each.id < before]
        return found[::-1][:limit]

    def why_read_only(self) -> str | None:
        return None

    def api_answer(self, account_id: int, key: str) -> ApiAnswer | None:
        return self._state.api_answers.get((account_id, key))

    def number(self, number: E164) -> NumberRecord | None:
        record = self.listed_number(number)
        if record is not None and record.unreadable is not None:
            raise NotUnderstood(f"the row of {number} does not hold a rule", record)
        return record

    def listed_number(self, number: E164) -> NumberRecord | None:
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

    def history(self, number: E164, limit: int = 100, before: int | None = None) -> Sequence[AuditEntry]:
        found = (entry for entry in reversed(self._state.audit) if entry.number == number)
        return [entry for entry in found if before is None or entry.after.revision < before][:limit]

    def changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        check_filter(schema.audit, only)
        found = [
            entry
            for entry in self._state.audit
            if only.number in (None, entry.number)
            and only.account_id in (None, entry.account_id)
            and is_within(entry.at_ms, only)
        ]
        return latest_changes(found, after)[:limit]

    def remembered(self, account_id: int, key: str) -> RememberedAnswer | None:
        return self._state.answers.get((account_id, key))

    def trunks(self) -> Trunks:
        found = self.listed_trunks()
        for row in found.unreadable:
            raise NotUnderstood(f"the row of trunk {row.name} cannot be read", row=row)
        return found

    def listed_trunks(self) -> Trunks:
        found = [side for name in sorted(self._state.trunks) for side in self._state.trunks[name]]
        return Trunks(
            self._state.trunks_revision,
            tuple(trunk for trunk in found if isinstance(trunk, InboundTrunk)),
            tuple(trunk for trunk in found if isinstance(trunk, OutboundTrunk)),
            tuple(self._state.unreadable_trunks.values()),
        )

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

    def hour_counts(self, first: int) -> Mapping[tuple[int, str], int]:
        return {key: value for key, value in self._state.hour_counts.items() if key[0] >= first}

    def spool_offsets(self) -> Mapping[str, int]:
        return self._state.spool_offsets

    def message(self, message_id: str) -> StoredMessage | None:
        return self._state.messages.get(message_id)

    def messages(self, limit: int = 100, number: E164 | None = None) -> Sequence[StoredMessage]:
        found = [stored for stored in self._state.messages.values() if number in (None, stored.message.number)]
        return sorted(found, key=lambda stored: (-stored.message.received_at_ms, stored.message.id))[:limit]

    def message_page(self, only: MessageQuery, after: Place | None, limit: int) -> Page[StoredMessage]:
        column_limits.check_row(schema.messages, rows.filter_values(only))
        check_place(schema.messages, after, "received_at_ms")
        found = [
            stored
            for stored in self._state.messages.values()
            if only.account_id in (None, stored.message.account_id)
            and only.number in (None, stored.message.number)
            and only.caller in (None, stored.message.caller)
            and (only.since_ms is None or stored.message.received_at_ms >= only.since_ms)
            and only.heard in (None, stored.message.heard_at_ms is not None)
        ]
        return page_of(found, lambda stored: Place(stored.message.received_at_ms, stored.message.id), after, limit)

    def unheard_messages(self, account_id: int, limit: int) -> int:
        messages = (stored.message for stored in self._state.messages.values())
        return min(limit, sum(each.account_id == account_id and each.heard_at_ms is None for each in messages))

    def expired_messages(self, now_ms: int, limit: int) -> Sequence[Message]:
        def expired(message: Message) -> bool:
            kept_ms = self._state.accounts[message.account_id].retention_days * 24 * 3600 * 1000
            return message.received_at_ms < now_ms - kept_ms

        found = [stored.message for stored in self._state.messages.values() if expired(stored.message)]
        return sorted(found, key=lambda message: (message.account_id, message.received_at_ms))[:limit]

    def _pending(self) -> list[Mail]:
        return sorted((mail for mail in self._mails() if mail.state is MailState.PENDING), key=place_of)

    def _mails(self) -> list[Mail]:
        return [mail for stored in self._state.messages.values() for mail in stored.mails]

    def due_mails(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[Mail]:
        def free(mail: Mail) -> bool:
            _, until_ms = self._state.leases.get(mail.id, ("", 0))
            is_due = has_come(mail.due_at_ms) or (mail.scheduled_at_ms or 0) > now_ms + CLOCKS_AGREE_MS
            return is_due and has_come(until_ms) and mail.recipient.domain not in list(skipped)[:MAX_SKIPPED]

        def has_come(at_ms: int) -> bool:
            return not now_ms < at_ms <= now_ms + FARTHEST_MS

        return [mail for mail in self._pending() if free(mail)][:limit]

    def unreported_mails(self, now_ms: int, limit: int) -> Sequence[Mail]:
        due = [name for name, at_ms in self._state.reports.items() if not now_ms < at_ms <= now_ms + FARTHEST_MS]
        mails = [mail for mail in self._mails() if mail.id in due]
        return sorted(mails, key=lambda mail: (-(mail.ended_at_ms or 0), mail.id))[:limit]

    def failed_mails(self, limit: int) -> Sequence[Mail]:
        found = [mail for mail in self._mails() if mail.state is MailState.FAILED]
        return sorted(found, key=lambda mail: (mail.ended_at_ms or 0, mail.id), reverse=True)[:limit]

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

    def events(self, account_id: int, after: int, limit: int) -> Sequence[StoredEvent]:
        known = self._state.events.get(after)
        first = after if known is not None and known.account_id == account_id else 0
        found = [each for each in self._state.events.values() if each.account_id == account_id]
        return [each for each in found if each.position > first][:limit]

    def event(self, position: int) -> StoredEvent | None:
        return self._state.events.get(position)

    def last_event(self, account_id: int) -> int:
        return max((e.position for e in self._state.events.values() if e.account_id == account_id), default=0)

    def shared_keys(self) -> Sequence[tuple[str, bytes, int]]:
        found = [(key.id, key.secret, key.created_at_ms) for key in self._state.shared_keys.values()]
        return sorted(found, key=lambda key: (key[2], key[0]))

    def secret(self, name: str) -> bytes | None:
        return self._state.secrets.get(name)

    def secrets(self) -> Mapping[str, bytes]:
        return dict(sorted(self._state.secrets.items()))


def place_of(mail: Mail) -> tuple[int, str]:
    return mail.due_at_ms, mail.id
