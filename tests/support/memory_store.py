"""A `Store` in memory, for tests of what stands on one. It passes `tests/contract` like the others."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from renvoi.adapters.sql import column_limits, schema
from renvoi.adapters.sql import mappers as rows
from renvoi.application.ports.accounts import (
    Account,
    AuditEntry,
    AuditPlace,
    RememberedAnswer,
)
from renvoi.application.ports.errors import (
    Conflict,
    StoreRefused,
    StoreUnavailable,
    UnreadablePolicy,
    number_exists,
    number_removing,
    number_staged,
)
from renvoi.application.ports.messages import StoredMessage
from renvoi.application.ports.numbers import REMOVING, Greeting, Import, ImportState, NumberRow, StagedNumber
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, Reader, Writer
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.calls.usage import NOTHING, Usages
from renvoi.domain.events.event import Event
from renvoi.domain.messages.message import FARTHEST_MS, Mail, MailState, Message
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule, Unreadable
from renvoi.domain.shared_key import SharedKey
from tests.support.memory_answers import MemoryAnswers
from tests.support.memory_calls import MemoryCalls
from tests.support.memory_events import MemoryEvents
from tests.support.memory_keys import MemoryKeys
from tests.support.memory_people import MemoryPeople, MemoryPersonReader
from tests.support.memory_removals import MemoryRemovalReader, MemoryRemovals
from tests.support.memory_renewals import MemoryRenewalReader, MemoryRenewals
from tests.support.memory_state import State
from tests.support.memory_trunks import MemoryTrunks
from tests.support.memory_webhooks import MemoryWebhookReader, MemoryWebhooks

T = TypeVar("T")


class MemoryStoreReader(MemoryRemovalReader, MemoryRenewalReader, MemoryWebhookReader, MemoryPersonReader):
    """See `application.ports.Reader`."""


class MemoryWriter(
    MemoryTrunks,
    MemoryRemovals,
    MemoryRenewals,
    MemoryCalls,
    MemoryKeys,
    MemoryAnswers,
    MemoryEvents,
    MemoryWebhooks,
    MemoryPeople,
):
    """See `application.ports.Writer`."""

    def shared_keys_for_change(self) -> Sequence[tuple[str, bytes, int]]:
        return self.shared_keys()

    def number_for_change(self, number: E164) -> NumberRecord | None:
        return self.number(number)

    def number_to_remove(self, number: E164) -> NumberRecord | None:
        return self.listed_number(number)

    def make_unreadable(self, number: E164, why: Unreadable) -> None:
        """Have lists show a number without its rule, as those of a real store may."""
        self._state.numbers[number] = replace(self._state.numbers[number], rule=Rule(), unreadable=why)

    def make_policy_unreadable(self, account_id: int, why: Unreadable) -> None:
        """Have lists show the policy of an account as one that cannot be read, as those of a real store may."""
        self._state.policies[account_id] = UnreadablePolicy(account_id, why)

    def put_rule(
        self, number: E164, rule: Rule, at_ms: int, event: Event | None = None, before: Rule | None = None
    ) -> None:
        assert before in (None, self._state.numbers[number].rule)
        self._state.numbers[number] = replace(self._state.numbers[number], rule=rule, updated_at_ms=at_ms)
        if event is not None:
            self.add_event(event)

    def add_audit(self, entry: AuditEntry) -> None:
        column_limits.check_row(schema.audit, rows.audit_values(entry))
        self._state.audit.append(entry)

    def remember(self, account_id: int, key: str, answer: RememberedAnswer) -> None:
        self._state.answers[account_id, key] = answer

    def forget_answers(self, before_ms: int, limit: int) -> int:
        expired = [key for key, answer in self._state.answers.items() if answer.at_ms <= before_ms][:limit]
        for key in expired:
            del self._state.answers[key]
        return len(expired)

    def add_account(self, name: str, locale: str, region: str, at_ms: int) -> Account:
        if any(account.name == name for account in self._state.accounts.values()):
            raise Conflict(f"account {name} exists already")
        account = Account(len(self._state.accounts) + 1, name, locale, region, at_ms)
        self._state.accounts[account.id] = account
        return account

    def put_account(self, account: Account) -> None:
        self._state.accounts[account.id] = account

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return self.policy(account_id)

    def put_policy(self, change: PolicyChange) -> None:
        self._state.policies[change.account_id] = change.after
        last = max((each.id for each in self._state.policy_changes), default=0)
        self._state.policy_changes.append(replace(change, id=last + 1))

    def remove_old_policy_changes(self, before_ms: int, limit: int) -> int:
        old = [each for each in self._state.policy_changes if each.at_ms < before_ms][:limit]
        self._state.policy_changes = [each for each in self._state.policy_changes if each not in old]
        return len(old)

    def add_number(self, account_id: int, row: NumberRow, at_ms: int) -> None:
        column_limits.check_row(schema.numbers, {"label": row.label, "created_at_ms": at_ms})
        if row.number in self._state.numbers:
            raise number_exists(row.number)
        held = self._state.staged.get(row.number)
        if held is not None and held[0].import_id == REMOVING:
            raise number_removing(row.number)
        if held is not None:
            raise number_staged(row.number)
        self._state.numbers[row.number] = NumberRecord(
            row.number, account_id, forwarding_enabled=row.forwarding_enabled, label=row.label
        )

    def add_numbers(self, account_id: int, rows: Iterable[NumberRow], at_ms: int) -> int:
        count = 0
        for row in rows:
            self.add_number(account_id, row, at_ms)
            count += 1
        return count

    def begin_import(self, import_id: int, account_id: int, at_ms: int, alive_until_ms: int) -> None:
        if account_id not in self._state.accounts:
            raise StoreRefused(f"there is no account {account_id}")
        column_limits.check_row(schema.imports, {"created_at_ms": at_ms, "alive_until_ms": alive_until_ms})
        self._state.imports[import_id] = Import(import_id, ImportState.STAGING, alive_until_ms), account_id

    def stage_numbers(self, import_id: int, staged: Sequence[tuple[int, NumberRow]], alive_until_ms: int) -> int | None:
        if not self._change_import(import_id, alive_until_ms=alive_until_ms):
            return None
        before = len(self._state.staged)
        for line, row in staged:
            column_limits.check_row(schema.import_rows, {"label": row.label, "line": line})
            self._state.staged.setdefault(row.number, (StagedNumber(import_id, line), row))
        return len(self._state.staged) - before

    def commit_import(self, import_id: int) -> bool:
        _, account_id = self._state.imports.get(import_id, (None, 0))
        account = self._state.accounts.get(account_id)
        if account is not None and account.closed_at_ms is not None:
            return False
        return self._change_import(import_id, state=ImportState.COMMITTED)

    def abandon_import(self, import_id: int) -> bool:
        return self._change_import(import_id, state=ImportState.ABANDONED)

    def _change_import(self, import_id: int, **changes: Any) -> bool:
        found, account_id = self._state.imports.get(import_id, (None, 0))
        if found is None or found.state != ImportState.STAGING:
            return False
        self._state.imports[import_id] = replace(found, **changes), account_id
        return True

    def advance_import(self, import_id: int, limit: int) -> int:
        found, account_id = self._state.imports.get(import_id, (None, 0))
        if found is None or found.state == ImportState.STAGING:
            return 0
        taken = self._rows_of(import_id)[:limit]
        for number in taken:
            _, row = self._state.staged.pop(number)
            if found.state == ImportState.COMMITTED and number not in self._state.numbers:
                self.add_number(account_id, row, 0)
        if not taken:
            del self._state.imports[import_id]
        return len(taken)

    def set_number_state(
        self, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
    ) -> bool:
        record = self._state.numbers.get(number)
        if record is None:
            return False
        self._state.numbers[number] = replace(
            record,
            active=record.active if active is None else active,
            forwarding_enabled=record.forwarding_enabled if forwarding_enabled is None else forwarding_enabled,
        )
        return True

    def set_label(self, number: E164, label: str) -> None:
        column_limits.check_row(schema.numbers, {"label": label})
        self._state.numbers[number] = replace(self._state.numbers[number], label=label)

    def remove_old_audit(self, before_ms: int, after: AuditPlace, limit: int) -> AuditPlace | None:
        places = sorted({(entry.number.digits, entry.after.revision) for entry in self._state.audit})
        seen = [place for place in places if place > after][:limit]
        self._state.audit = [
            entry
            for entry in self._state.audit
            if entry.at_ms >= before_ms or (entry.number.digits, entry.after.revision) not in seen
        ]
        return seen[-1] if seen else None

    def add_message(
        self, message: Message, mail: Mail, audio: bytes | None = None, others: Sequence[Mail] = ()
    ) -> None:
        if message.id in self._state.messages:
            raise Conflict(f"message {message.id} exists already")
        column_limits.check_row(schema.messages, rows.message_values(message))
        for each in (mail, *others):
            column_limits.check_row(schema.mails, rows.mail_values(each))
        if message.account_id not in self._state.accounts:
            raise StoreRefused(f"there is no account {message.account_id}")
        self._state.messages[message.id] = StoredMessage(message, mail, tuple(others))
        for each in (mail, *others):
            self._report(each)
        if audio is not None:
            self._state.audio[message.id] = audio

    def put_mail(self, mail: Mail, owner: str | None = None) -> bool:
        stored = self._state.messages.get(mail.message_id)
        known = stored is not None and mail.id in {each.id for each in stored.mails}
        if stored is None or not known or (owner is not None and self._holder(mail) != owner):
            return False
        column_limits.check_row(schema.mails, rows.mail_values(mail))
        first, *others = (mail if each.id == mail.id else each for each in stored.mails)
        self._state.messages[mail.message_id] = replace(stored, mail=first, others=tuple(others))
        self._report(mail)
        self._state.leases.pop(mail.id, None)
        return True

    def _holder(self, mail: Mail) -> str:
        return self._state.leases.get(mail.id, ("", 0))[0]

    def _report(self, mail: Mail) -> None:
        self._state.reports.pop(mail.id, None)
        report_at_ms = rows.mail_values(mail)["report_at_ms"]
        if report_at_ms is not None:
            self._state.reports[mail.id] = report_at_ms

    def claim_reports(self, now_ms: int, until_ms: int, limit: int) -> int:
        claimed = self.unreported_mails(now_ms, limit)
        self._state.reports.update((mail.id, until_ms) for mail in claimed)
        return len(claimed)

    def end_reports(self, until_ms: int, limit: int) -> int:
        told = [name for name, at_ms in self._state.reports.items() if at_ms == until_ms][:limit]
        for name in told:
            del self._state.reports[name]
        return len(told)

    def lease_mails(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        pending = {mail.id for mail in self._pending()}
        leased = set()
        for mail_id in pending.intersection(mail_ids):
            held_by, held_until_ms = self._state.leases.get(mail_id, (owner, 0))
            if held_by == owner or not now_ms < held_until_ms <= now_ms + FARTHEST_MS:
                self._state.leases[mail_id] = owner, until_ms
                leased.add(mail_id)
        return leased

    def release_mails(self, owner: str) -> int:
        own = [mail.id for mail in self._pending() if self._holder(mail) == owner]
        for mail_id in own:
            del self._state.leases[mail_id]
        return len(own)

    def set_heard(self, message_id: str, at_ms: int | None) -> bool:
        column_limits.check_row(schema.messages, {"heard_at_ms": at_ms})
        stored = self._state.messages.get(message_id)
        if stored is None:
            return False
        self._state.messages[message_id] = replace(stored, message=replace(stored.message, heard_at_ms=at_ms))
        return True

    def queue_mail(self, mail: Mail, now_ms: int) -> bool:
        stored = self._state.messages.get(mail.message_id)
        until_ms = self._state.leases.get(mail.id, ("", 0))[1]
        is_under_way = now_ms < until_ms <= now_ms + FARTHEST_MS
        present = next((each for each in stored.mails if each.id == mail.id), None) if stored is not None else None
        if present is None or (present.state is MailState.PENDING and is_under_way):
            return False
        return self.put_mail(mail)

    def remove_message(self, message_id: str) -> bool:
        self._state.audio.pop(message_id, None)
        stored = self._state.messages.pop(message_id, None)
        for mail in stored.mails if stored is not None else ():
            self._state.leases.pop(mail.id, None)
            self._state.reports.pop(mail.id, None)
        return stored is not None

    def put_greeting(self, number: E164, audio: bytes | None, at_ms: int, *, spoken: bool = False) -> None:
        version = max(at_ms, (self.greeting_version(number) or 0) + 1)
        self._state.greetings[number] = Greeting(number, version, audio, spoken)

    def remove_greeting(self, number: E164) -> bool:
        return self._state.greetings.pop(number, None) is not None

    def add_usages(self, usages: Usages) -> None:
        for key, usage in usages.items():
            self._state.usages[key] = self._state.usages.get(key, NOTHING).plus(usage)

    def change_rules(self, numbers: Collection[E164], work: Callable[[ChangeWriter], T]) -> T:  # noqa: ARG002
        # There is nothing to be gained.
        return work(self)

    def count(self, name: str, by: int = 1) -> None:
        column_limits.check_row(schema.counters, {"name": name, "value": by})
        self._state.counts[name] = self._state.counts.get(name, 0) + by

    def add_shared_key(self, key: SharedKey) -> None:
        values = {"id": key.id, "secret": key.secret, "created_at_ms": key.created_at_ms}
        column_limits.check_row(schema.shared_keys, values)
        if key.id in self._state.shared_keys:
            raise Conflict(f"shared key {key.id} exists already")
        self._state.shared_keys[key.id] = key

    def remove_shared_key(self, key_id: str) -> None:
        self._state.shared_keys.pop(key_id, None)

    def put_secret(self, name: str, sealed: bytes) -> None:
        column_limits.check_row(schema.secrets, {"name": name, "sealed": sealed})
        self._state.secrets[name] = sealed

    def remove_secret(self, name: str) -> bool:
        return self._state.secrets.pop(name, None) is not None

    def take_lease(self, name: str, owner: str, now_ms: int, until_ms: int) -> bool:
        before = self._state.node_leases.get(name)
        if before is not None and before[0] != owner and before[1] > now_ms:
            return False
        column_limits.check_row(schema.leases, {"name": name, "owner": owner, "until_ms": until_ms})
        self._state.node_leases[name] = owner, until_ms
        return True

    def release_lease(self, name: str, owner: str) -> None:
        if self._state.node_leases.get(name, ("", 0))[0] == owner:
            del self._state.node_leases[name]


class MemoryStore:
    """See `application.ports.Store`. Each write works on a copy, which takes the place of the original at its end.

    `fail_with` makes every call raise, as a store that is away does, `refuse_with` every change; `keeps_audio` is as a
    test wants it.
    """

    def __init__(self) -> None:
        self._state = State()
        self._closed = False
        self.fail_with: Exception | None = None
        self.refuse_with: Exception | None = None
        self.keeps_audio = False

    async def read(self, work: Callable[[Reader], T]) -> T:
        """Run `work` on the state."""
        self._check()
        return work(MemoryStoreReader(self._state))

    async def write(self, work: Callable[[Writer], T]) -> T:
        """Run `work` on a copy of the state, and keep the copy when it returns."""
        self._check()
        if self.refuse_with is not None:
            raise self.refuse_with
        changed = self._state.snapshot()
        result = work(MemoryWriter(changed))
        self._state = changed
        return result

    async def close(self) -> None:
        """Refuse all further work."""
        self._closed = True

    def _check(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        if self.fail_with is not None:
            raise self.fail_with
