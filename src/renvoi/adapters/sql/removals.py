"""Removals of numbers and accounts in the store; and the changes of former owners, which they put aside."""

import logging
from collections.abc import Callable, Sequence

from renvoi.adapters.sql import mappers as tables
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.removal_statements import (
    abandon_imports,
    add_removal,
    archive_changes,
    begin_again,
    close_account,
    count_messages,
    count_numbers,
    doomed_of_accounts,
    doomed_of_numbers,
    drop_changes,
    end_keys,
    end_removal,
    forget_answers_of,
    forget_api_answers_of,
    forget_usage,
    free_number,
    give_number,
    has_messages_of_account,
    has_messages_of_number,
    held_removal,
    last_of_changes,
    numbers_of,
    open_removals,
    owns_anything,
    past_changes_where,
    removal_after,
    removal_by_id,
    removals_since,
    removals_where,
    remove_old_past_changes,
    remove_old_removals,
    take_greeting,
    take_number,
)
from renvoi.adapters.sql.row_repair import RowRepair, place_value
from renvoi.adapters.sql.schema import (
    removals,
)
from renvoi.adapters.sql.staging import StagingWriter
from renvoi.adapters.sql.statements import filters_of, place_values
from renvoi.application.ports.accounts import EVERY_CHANGE, AuditEntry, AuditFilter, ChangePlace
from renvoi.application.ports.numbers import REMOVING, NumberRow
from renvoi.application.ports.removals import Doomed, Removal, RemovalKind
from renvoi.documents.number_row import rule_values
from renvoi.domain.access.limits import account_name, number_name, target_names
from renvoi.domain.numbers.number import E164, is_digits_of_number
from renvoi.domain.rules.rule import Rule

_DAYS = 1000
"""Rows of one number's usage, one a day, of which there are about thirty."""

_repair = RowRepair(tuple(removals.c))
_log = logging.getLogger("renvoi.store")


def _removal(row: Row) -> Removal:
    values = dict(zip(removals.c.keys(), _repair(row), strict=True))
    values["number"] = None if values["number"] is None else E164.from_digits(values["number"])
    try:
        values["kind"] = RemovalKind(values["kind"])
    except ValueError:
        # Without its number it is carried on by nobody.
        _log.warning("removal %s is of kind %.40r, which is unknown here", values["id"], values["kind"])
        values |= {"kind": RemovalKind.MOVE, "number": None}
    values |= {name: bool(values[name]) for name in ("keeps_messages", "keeps_rule")}
    names = removals.c.keys()
    place = place_value(row[names.index("at_ms")]), place_value(row[names.index("id")])
    return Removal(**values, row_place=place)


def _values(removal: Removal) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(removal, name) for name in removals.c.keys()}  # noqa: SIM118 - columns
    values["kind"] = removal.kind.value
    digits = None if removal.number is None else removal.number.digits
    values["number"] = digits if is_digits_of_number(digits) else None
    return values


class RemovalReader:
    """The part of `application.ports.Reader` that removals need."""

    _connection: Connection

    def removal(self, removal_id: int) -> Removal | None:
        row = self._connection.one(removal_by_id, id=removal_id)
        return _removal(row) if row else None

    def removals(
        self,
        limit: int = 100,
        number: E164 | None = None,
        account_id: int | None = None,
        before: tuple[int, int] | None = None,
    ) -> Sequence[Removal]:
        given = {"number": None if number is None else number.digits, "account_id": account_id}
        given["before_ms"] = None if before is None else before[0]
        values = {name: value for name, value in given.items() if value is not None}
        place = {} if before is None else {"before_id": before[1]}
        found = self._connection.all(removals_where(*values), limit=limit, **values, **place)
        return [_removal(row) for row in found]

    def open_removals(self, limit: int) -> Sequence[Removal]:
        return [_removal(row) for row in self._connection.all(open_removals, limit=limit)]

    def removals_since(self, at_ms: int, limit: int) -> Sequence[Removal]:
        return [_removal(row) for row in self._connection.all(removals_since, since_ms=at_ms, limit=limit)]

    def removal_after(self, number: E164, at_ms: int) -> Removal | None:
        row = self._connection.one(removal_after, number=number.digits, after_ms=at_ms)
        return _removal(row) if row else None

    def doomed_messages(self, limit: int) -> Sequence[Doomed]:
        found = self._connection.all(doomed_of_numbers, limit=limit)
        if len(found) < limit:
            found += self._connection.all(doomed_of_accounts, limit=limit - len(found))
        return [Doomed(row[0], tables.message(row[1:])) for row in found]

    def has_doomed_messages(self, removal: Removal) -> bool:
        if removal.kind is RemovalKind.MOVE or removal.keeps_messages or removal.closing_id is not None:
            return False
        if removal.number is None:
            row = self._connection.one(has_messages_of_account, account_id=removal.account_id)
        else:
            values = {"account_id": removal.account_id, "number": removal.number.digits}
            row = self._connection.one(has_messages_of_number, **values)
        return row is not None and bool(row[0])

    def past_changes(
        self, limit: int = 100, only: AuditFilter = EVERY_CHANGE, after: ChangePlace | None = None
    ) -> Sequence[AuditEntry]:
        values = tables.filter_values(only) | place_values(after)
        found = self._connection.all(past_changes_where(*filters_of(values)), limit=limit, **values)
        return [tables.audit_entry(row) for row in found]


class RemovalWriter(RemovalReader, StagingWriter):
    """The part of `application.ports.Writer` that removals need."""

    _duplicate: Callable[[Exception], str | None]

    def remove_number(self, removal: Removal) -> None:
        number = removal.number
        assert number is not None
        if removal.ended_at_ms is None:
            self.reserve([NumberRow(number)], REMOVING)
        self._take(number)
        self._connection.run(add_removal, **_values(removal))

    def _take(self, number: E164) -> None:
        self._connection.run(take_greeting, number=number.digits)
        self._connection.run(take_number, key=number.digits)

    def _forget_usage(self, number: E164) -> None:
        name = number_name(number)
        self._connection.run(forget_usage, name=name, first=name, behind=name, limit=_DAYS)

    def move_number(self, removal: Removal, rule: Rule | None) -> None:
        assert removal.number is not None
        key = removal.number.digits
        self._connection.run(give_number, key=key, account_id=removal.to_account_id, at_ms=removal.at_ms)
        if rule is not None:
            self._connection.run(begin_again, key=key, updated_at_ms=None, **rule_values(rule))
            self._connection.run(take_greeting, number=key)
        self._forget_usage(removal.number)
        self._connection.run(add_removal, **_values(removal))

    def close_account(self, removal: Removal, name: str) -> None:
        account_id, at_ms = removal.account_id, removal.at_ms
        with unique(f"account {name}", self._duplicate):
            self._connection.run(close_account, key=account_id, at_ms=at_ms, name=name)
        self._connection.run(end_keys, of_account=account_id, at_ms=at_ms)
        self._connection.run(abandon_imports, of_account=account_id)
        self._connection.run(add_removal, **_values(removal))

    def remove_numbers_of(self, closing: Removal, ids: Sequence[int]) -> int:
        found = self._connection.all(numbers_of, account_id=closing.account_id, limit=len(ids))
        for removal_id, (digits, revision) in zip(ids, found, strict=False):
            number = E164.from_digits(digits)
            self.remove_number(
                Removal(
                    removal_id,
                    RemovalKind.NUMBER,
                    closing.account_id,
                    closing.at_ms,
                    closing.key_id,
                    closing.source,
                    number,
                    revision,
                    closing_id=closing.id,
                    # Nothing can hang on what is no number, so nobody carries its removal on.
                    ended_at_ms=None if is_digits_of_number(digits) else closing.at_ms,
                )
            )
        if found:
            self._connection.run(count_numbers, key=closing.id, more=len(found))
        return len(found)

    def hold_removal(self, removal_id: int) -> Removal | None:
        row = self._connection.one(held_removal, id=removal_id)
        return _removal(row) if row else None

    def archive_changes(self, removal: Removal, limit: int) -> int:
        assert removal.number is not None
        digits = removal.number.digits
        row = self._connection.one(last_of_changes, number=digits, last=removal.revision, limit=limit)
        if row is None or row[0] is None:
            return 0
        place = {"number": digits, "last": row[0]}
        self._connection.run(archive_changes, removal_id=removal.id, **place)
        return self._connection.run(drop_changes, **place)

    def forget_account(self, account_id: int, limit: int) -> int:
        count = self._connection.run(forget_answers_of, account_id=account_id, limit=limit)
        if count < limit:
            count += self._connection.run(forget_api_answers_of, account_id=account_id, limit=limit - count)
        if count < limit:
            first, behind = target_names(account_id)
            names = {"name": account_name(account_id), "first": first, "behind": behind}
            count += self._connection.run(forget_usage, limit=limit - count, **names)
        return count

    def owns_anything(self, account_id: int) -> bool:
        row = self._connection.one(owns_anything, account_id=account_id)
        return row is not None and bool(row[0])

    def note_removed(self, removal_id: int, messages: int) -> None:
        self._connection.run(count_messages, key=removal_id, more=messages)

    def end_removal(self, removal: Removal, at_ms: int) -> None:
        if removal.number is not None and removal.kind is RemovalKind.NUMBER:
            self._forget_usage(removal.number)
            self._connection.run(free_number, number=removal.number.digits)
        self._connection.run(end_removal, key=removal.id, at_ms=at_ms)

    def remove_old_removals(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_removals, before_ms=before_ms, limit=limit)

    def remove_old_past_changes(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_past_changes, before_ms=before_ms, limit=limit)
