"""The part of the store in memory that removals need."""

from collections.abc import Sequence
from dataclasses import replace

from renvoi.application.ports.accounts import EVERY_CHANGE, AuditEntry, AuditFilter, ChangePlace
from renvoi.application.ports.errors import Conflict, number_removing, number_staged
from renvoi.application.ports.numbers import REMOVING, ImportState, NumberRow, StagedNumber
from renvoi.application.ports.removals import Doomed, Removal, RemovalKind
from renvoi.domain.access.limits import account_name, number_name, target_names
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from tests.support.memory_call_lists import is_within
from tests.support.memory_limits import MemoryLimits
from tests.support.memory_state import MemoryReader, latest_changes


class MemoryRemovalReader(MemoryReader):
    """Removals; see `application.ports.Reader`."""

    def removal(self, removal_id: int) -> Removal | None:
        return self._state.removals.get(removal_id)

    def removals(
        self,
        limit: int = 100,
        number: E164 | None = None,
        account_id: int | None = None,
        before: tuple[int, int] | None = None,
    ) -> Sequence[Removal]:
        found = [
            each
            for each in self._state.removals.values()
            if number in (None, each.number)
            if account_id is None or (each.account_id == account_id and each.closing_id is None)
            if before is None or (each.at_ms, each.id) < before
        ]
        return sorted(found, key=lambda each: (-each.at_ms, -each.id))[:limit]

    def open_removals(self, limit: int) -> Sequence[Removal]:
        found = [each for each in self._state.removals.values() if each.ended_at_ms is None]
        return sorted(found, key=lambda each: (each.kind is RemovalKind.ACCOUNT, each.at_ms, each.id))[:limit]

    def removals_since(self, at_ms: int, limit: int) -> Sequence[Removal]:
        found = self.removals(len(self._state.removals))
        return [each for each in found if each.at_ms >= at_ms and each.closing_id is None][:limit]

    def removal_after(self, number: E164, at_ms: int) -> Removal | None:
        found = [each for each in self._state.removals.values() if each.number == number and each.at_ms > at_ms]
        return min(found, key=lambda each: (each.at_ms, each.id), default=None)

    def doomed_messages(self, limit: int) -> Sequence[Doomed]:
        found = [
            Doomed(removal.id, stored.message)
            for removal in self.open_removals(len(self._state.removals))
            for stored in self._state.messages.values()
            if self._dooms(removal) and stored.message.account_id == removal.account_id
            if removal.number in (None, stored.message.number)
        ]
        return found[:limit]

    def has_doomed_messages(self, removal: Removal) -> bool:
        return self._dooms(removal) and any(
            stored.message.account_id == removal.account_id and removal.number in (None, stored.message.number)
            for stored in self._state.messages.values()
        )

    def _dooms(self, removal: Removal) -> bool:
        return removal.kind is not RemovalKind.MOVE and not removal.keeps_messages and removal.closing_id is None

    def past_changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        found = [
            each
            for _, each in self._state.past_changes
            if only.number in (None, each.number) and only.account_id in (None, each.account_id)
            if is_within(each.at_ms, only)
        ]
        return latest_changes(found, after)[:limit]


class MemoryRemovals(MemoryRemovalReader, MemoryLimits):
    """Removals; see `application.ports.Writer`."""

    def remove_number(self, removal: Removal) -> None:
        number = removal.number
        assert number is not None
        held = self._state.staged.get(number)
        if held is not None:
            raise number_removing(number) if held[0].import_id == REMOVING else number_staged(number)
        if removal.ended_at_ms is None:
            self._state.staged[number] = StagedNumber(REMOVING, 0), NumberRow(number)
        self._state.greetings.pop(number, None)
        self._state.numbers.pop(number, None)
        self._state.removals[removal.id] = removal

    def move_number(self, removal: Removal, rule: Rule | None) -> None:
        number = removal.number
        assert number is not None
        assert removal.to_account_id is not None
        moved = replace(self._state.numbers[number], account_id=removal.to_account_id)
        if rule is not None:
            moved = replace(moved, rule=rule, label="", updated_at_ms=None)
            self._state.greetings.pop(number, None)
        self._state.numbers[number] = moved
        self._forget_usage({number_name(number)}, ("", ""))
        self._state.removals[removal.id] = removal

    def close_account(self, removal: Removal, name: str) -> None:
        if any(account.name == name for account in self._state.accounts.values()):
            raise Conflict(f"account {name} exists already")
        account = self._state.accounts[removal.account_id]
        self._state.accounts[account.id] = replace(account, name=name, email=None, closed_at_ms=removal.at_ms)
        for key in self.keys(account.id):
            if key.revoked_at_ms is None:
                self._state.keys[key.id] = replace(key, revoked_at_ms=removal.at_ms)
        for each, account_id in list(self._state.imports.values()):
            if account_id == account.id and each.state is ImportState.STAGING:
                self._state.imports[each.id] = replace(each, state=ImportState.ABANDONED), account_id
        self._state.removals[removal.id] = removal

    def remove_numbers_of(self, closing: Removal, ids: Sequence[int]) -> int:
        free = [each for each in self.numbers(closing.account_id, None, 10**9) if each.number not in self._state.staged]
        for removal_id, record in zip(ids, free, strict=False):
            self.remove_number(
                replace(
                    closing,
                    id=removal_id,
                    kind=RemovalKind.NUMBER,
                    number=record.number,
                    revision=record.rule.revision,
                    closing_id=closing.id,
                    numbers=0,
                    messages=0,
                )
            )
        count = min(len(ids), len(free))
        held = self._state.removals[closing.id]
        self._state.removals[closing.id] = replace(held, numbers=held.numbers + count)
        return count

    def hold_removal(self, removal_id: int) -> Removal | None:
        found = self._state.removals.get(removal_id)
        return found if found is not None and found.ended_at_ms is None else None

    def archive_changes(self, removal: Removal, limit: int) -> int:
        last = removal.revision or 0
        own = [each for each in self._state.audit if each.number == removal.number and each.after.revision <= last]
        moved = sorted(own, key=lambda each: each.after.revision)[:limit]
        self._state.audit = [each for each in self._state.audit if each not in moved]
        self._state.past_changes = [*self._state.past_changes, *((removal.id, each) for each in moved)]
        return len(moved)

    def forget_account(self, account_id: int, limit: int) -> int:
        answers = [key for key in self._state.answers if key[0] == account_id][:limit]
        for key in answers:
            del self._state.answers[key]
        api_answers = [key for key in self._state.api_answers if key[0] == account_id][: limit - len(answers)]
        for key in api_answers:
            del self._state.api_answers[key]
        forgotten = len(answers) + len(api_answers)
        return forgotten + self._forget_usage({account_name(account_id)}, target_names(account_id))

    def _forget_usage(self, names: set[str], span: tuple[str, str]) -> int:
        first, behind = span
        over = [
            key
            for key, sums in self._state.usages.items()
            if (key[0] in names or first <= key[0] < behind) and sums.running == 0
        ]
        for key in over:
            del self._state.usages[key]
        return len(over)

    def owns_anything(self, account_id: int) -> bool:
        return (
            any(each.account_id == account_id for each in self._state.numbers.values())
            or any(of == account_id for _, of in self._state.imports.values())
            or any(
                each.account_id == account_id and each.kind is not RemovalKind.ACCOUNT
                for each in self._state.removals.values()
                if each.ended_at_ms is None
            )
        )

    def note_removed(self, removal_id: int, messages: int) -> None:
        found = self._state.removals[removal_id]
        self._state.removals[removal_id] = replace(found, messages=found.messages + messages)

    def end_removal(self, removal: Removal, at_ms: int) -> None:
        if removal.number is not None and removal.kind is RemovalKind.NUMBER:
            self._forget_usage({number_name(removal.number)}, ("", ""))
            self._state.staged.pop(removal.number, None)
        self._state.removals[removal.id] = replace(self._state.removals[removal.id], ended_at_ms=at_ms)

    def remove_old_removals(self, before_ms: int, limit: int) -> int:
        old = [
            each for each in self._state.removals.values() if each.at_ms < before_ms and each.ended_at_ms is not None
        ]
        for each in sorted(old, key=lambda each: each.at_ms)[:limit]:
            del self._state.removals[each.id]
        return min(len(old), limit)

    def remove_old_past_changes(self, before_ms: int, limit: int) -> int:
        old = [each for each in self._state.past_changes if each[1].at_ms < before_ms][:limit]
        self._state.past_changes = [each for each in self._state.past_changes if each not in old]
        return len(old)
