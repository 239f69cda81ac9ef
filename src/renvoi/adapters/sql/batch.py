"""Many changes of rules in one transaction on PostgreSQL, with a few statements for all of them.

A statement's way to the server and back costs more than its work there. So each change is run on what has been read
already; where that is not enough it says what it needs, and is run again when that has been read for all. What the
changes write is kept back until all have been run, and written at once.

Rows that another transaction holds are not waited for, so that batches never block each other: a change that needs one
is left to be run alone. So is work that calls more of a `Writer` than `RuleWriter` lists, such as a change with an
`Idempotency-Key`.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any, NoReturn, TypeVar

from sqlalchemy import BigInteger, Table, any_, bindparam, column, func, insert, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.selectable import TableValuedAlias

from renvoi.adapters.sql import mappers
from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.events import Latest, event_values
from renvoi.adapters.sql.schema import accounts, audit, events, numbers
from renvoi.application.ports.accounts import AuditEntry
from renvoi.application.ports.errors import NotUnderstood
from renvoi.application.ports.policies import PolicyChange
from renvoi.application.ports.unit_of_work import ChangeWriter, Writer
from renvoi.documents import policy_document
from renvoi.documents.number_row import WRITTEN_COLUMNS, rule_values
from renvoi.domain.access.account_policy import AccountPolicy
from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule

T = TypeVar("T")

LOCK_TIMEOUT_MS = 200
"""How long a batch waits for others; it nearly never has to."""
ROWS_AT_ONCE = 500
"""Rows that one statement writes."""
ROUNDS = 4
"""How often more is read for work that needs it: a change needs its number, then the one that it forwards to."""
ALONE: Any = object()
"""The result of work that has to be run in a transaction of its own."""

_WRITER = frozenset(dir(Writer))
_ALL = bindparam("numbers", type_=ARRAY(BigInteger))
_RULE = ("number", "updated_at_ms", *WRITTEN_COLUMNS)
_PUT = (*_RULE, "event_seq")
"""Of `event_seq` by how much it grows."""
_ENTRY = tuple(c.name for c in audit.c)
_EVENT = tuple(c.name for c in events.c if c.name != "position")


def _listed(table: Table, names: Iterable[str]) -> TableValuedAlias:
    """Return rows of these columns of `table`, each column bound as a list under its name with `all_` in front."""
    columns = [table.c[name] for name in names]
    lists = (bindparam(f"all_{c.name}", type_=ARRAY(c.type)) for c in columns)
    return func.unnest(*lists).table_valued(*(column(c.name, c.type) for c in columns)).render_derived(name="listed")


_rules, _entries, _events = _listed(numbers, _PUT), _listed(audit, _ENTRY), _listed(events, _EVENT)
_some_numbers = select(*mappers.NUMBER).where(numbers.c.number == any_(_ALL)).order_by(numbers.c.number)
_POLICY = tuple(accounts.c[name] for name in policy_document.COLUMNS)
for_change = (
    _some_numbers.add_columns(*_POLICY)
    .join(accounts, accounts.c.id == numbers.c.account_id)
    .with_for_update(of=numbers, skip_locked=True)
)
"""With the policies of their accounts, which a change of a rule needs too; nobody is kept from changing those."""
held = _some_numbers.with_for_update(read=True, skip_locked=True)
for_change_waiting = for_change.with_for_update(of=numbers)
held_waiting = _some_numbers.with_for_update(read=True)
existing = select(numbers.c.number).where(numbers.c.number == any_(_ALL))
put_rules = (
    update(numbers)
    .where(numbers.c.number == _rules.c.number)
    .values(
        {name: _rules.c[name] for name in _RULE if name != "number"}
        | {"event_seq": numbers.c.event_seq + _rules.c.event_seq, "event_tx": Latest(numbers.c.event_tx)}
    )
    .returning(numbers.c.number, numbers.c.event_seq, numbers.c.event_tx)
)
add_entries = insert(audit).from_select(list(_ENTRY), select(*(_entries.c[name] for name in _ENTRY)))
add_events = insert(events).from_select(list(_EVENT), select(*(_events.c[name] for name in _EVENT)))


def run(connection: Connection, works: Sequence[Callable[[Any], Any]]) -> tuple[list[Any], int]:
    """Run `works`, each all or nothing; return what each returned or raised, `ALONE` for what was not run.

    And how many rules they wrote, all together.
    """
    numbers_read = _Numbers(connection)
    results: list[Any] = [ALONE] * len(works)
    written: list[_Changes] = []
    pending = list(range(len(works)))
    for _ in range(ROUNDS):
        waiting = []
        for index in pending:
            changes_of_one = _Changes(numbers_read)
            try:
                results[index] = works[index](changes_of_one)
            except _NotRead:
                waiting.append(index)
                continue
            except _NotHere:
                continue
            except Exception as error:  # noqa: BLE001 - it belongs to the caller of write(), who gets it
                results[index] = error
                continue
            changes_of_one.keep()
            written.append(changes_of_one)
        if not waiting:
            break
        pending = waiting
        numbers_read.read()
    _write(connection, written)
    return results, sum(each.rules_put for each in written)


def together(
    connection: Connection, numbers: Collection[E164], work: Callable[[ChangeWriter], T], writer: ChangeWriter
) -> tuple[T, int]:
    """Run one piece of work that makes many changes, as `Writer.change_rules`; `writer` does what no batch does.

    Return what it returned, and how many rules it wrote.

    It waits for rows that others hold. It is run again for each round of numbers that `numbers` does not name and that
    no rule of these forwards to: those are read before.
    """
    numbers_read = _Numbers(connection, waits=True)
    numbers_read.take_all(numbers)
    while True:
        changes_of_all = _ManyChanges(numbers_read, writer)
        try:
            result = work(changes_of_all)
        except _NotRead:
            numbers_read.read()
            continue
        _write(connection, [changes_of_all])
        return result, changes_of_all.rules_put


def changes(results: Sequence[Any]) -> int:
    """Return how many of them may have changed something."""
    return sum(result is not ALONE and not isinstance(result, Exception) for result in results)


def _write(connection: Connection, written: Sequence["_Changes"]) -> None:
    last = {number: put for one in written for number, put in one.rules.items()}
    told = [event for one in written for event in one.told]
    if last:
        counts = Counter(event["number"] for event in told)
        values = [
            {"number": number.digits, "updated_at_ms": at_ms, "event_seq": counts[number.digits], **rule_values(rule)}
            for number, (rule, at_ms) in last.items()
        ]
        found = [row for some in _portions(values) for row in connection.all(put_rules, **_lists(_PUT, some))]
        places = {number: (count(seq - counts[number] + 1), tx) for number, seq, tx in found}
        if told:
            for event in told:
                seqs, event["tx"] = places[event["number"]]
                event["seq"] = next(seqs)
            for some in _portions(told):
                connection.run(add_events, **_lists(_EVENT, some))
    entries = [mappers.audit_values(entry) for one in written for entry in one.entries]
    for some in _portions(entries):
        connection.run(add_entries, **_lists(_ENTRY, some))


def _portions(values: Sequence[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    """Split rows, each of some kilobytes at the most, into those of one statement."""
    return (values[first : first + ROWS_AT_ONCE] for first in range(0, len(values), ROWS_AT_ONCE))


def _lists(names: Iterable[str], values: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {f"all_{name}": [each[name] for each in values] for name in names}


class _NotRead(Exception):
    """The work needs what has not been read yet."""


class _NotHere(Exception):
    """The work needs what a batch does not do, or a row that somebody else holds."""


class _Numbers:
    """The numbers that the batch has read so far, as its changes have left them."""

    def __init__(self, connection: Connection, *, waits: bool = False) -> None:
        self._connection = connection
        self._for_change_of = for_change_waiting if waits else for_change
        self._held = held_waiting if waits else held
        self._known: dict[E164, NumberRecord | None] = {}
        self._for_change: set[E164] = set()
        self._elsewhere: set[E164] = set()
        self._wanted: set[E164] = set()
        self._wanted_for_change: set[E164] = set()
        self._policies: dict[int, AccountPolicy] = {}

    def policy(self, account_id: int) -> AccountPolicy:
        found = self._policies.get(account_id)
        if found is None:
            raise _NotHere
        return found

    def get(self, number: E164, *, for_change: bool) -> NumberRecord | None:
        if number in self._elsewhere:
            raise _NotHere
        if number in self._known:
            record = self._known[number]
            if record is None or not for_change or number in self._for_change:
                return record
        (self._wanted_for_change if for_change else self._wanted).add(number)
        raise _NotRead

    def put(self, record: NumberRecord) -> None:
        self._known[record.number] = record

    def read(self) -> None:
        """Read what is wanted, and keep others from changing it."""
        if self._wanted_for_change:
            found = self._take(self._for_change_of, self._wanted_for_change)
            self._for_change |= found
            missing = self._wanted_for_change - found
            if missing:
                self._elsewhere |= missing & self._exist(missing)
            self._known |= dict.fromkeys(missing - self._elsewhere)
        wanted = self._wanted - self._wanted_for_change
        if wanted:
            # Most calls are forwarded to numbers that are not ours.
            exist = self._exist(wanted)
            found = self._take(self._held, exist) if exist else set()
            self._elsewhere |= exist - found
            self._known |= dict.fromkeys(wanted - exist)
        self._wanted, self._wanted_for_change = set(), set()

    def take_all(self, numbers: Collection[E164]) -> None:
        """Read these numbers and all that their rules lead to, and keep others from changing them."""
        self._wanted_for_change = set(numbers)
        while self._wanted_for_change or self._wanted:
            before = set(self._known)
            self.read()
            found = (self._known[number] for number in self._known.keys() - before)
            targets = {target for record in found if record is not None for target in record.rule.targets()}
            self._wanted = targets - self._known.keys() - self._elsewhere

    def _take(self, statement: Any, wanted: Collection[E164]) -> set[E164]:
        found = self._connection.all(statement, numbers=[number.digits for number in wanted])
        records = []
        for row in found:
            try:
                record = mappers.number_record(row[: len(mappers.NUMBER)])
                if len(row) > len(mappers.NUMBER):
                    policy = policy_document.policy_of(record.account_id, *row[len(mappers.NUMBER) :])
                    self._policies[record.account_id] = policy
                records.append(record)
            except NotUnderstood:
                # Not found, so it is taken for held by others: whoever needs it runs alone, and gets the error.
                continue
        self._known |= {record.number: record for record in records}
        return {record.number for record in records}

    def _exist(self, wanted: Collection[E164]) -> set[E164]:
        found = self._connection.all(existing, numbers=[number.digits for number in wanted])
        return {E164.from_digits(row[0]) for row in found}


class _Changes:
    """The calls that `RuleWriter` lists, and no other of a `Writer`; one object for each run of each change."""

    def __init__(self, numbers_read: _Numbers) -> None:
        self._numbers = numbers_read
        self._after: dict[E164, NumberRecord] = {}
        self.rules: dict[E164, tuple[Rule, int]] = {}
        self.entries: list[AuditEntry] = []
        self.told: list[dict[str, Any]] = []
        self.rules_put = 0

    def number(self, number: E164) -> NumberRecord | None:
        return self._after.get(number) or self._numbers.get(number, for_change=False)

    def number_for_change(self, number: E164) -> NumberRecord | None:
        return self._after.get(number) or self._numbers.get(number, for_change=True)

    def policy(self, account_id: int) -> AccountPolicy:
        return self._numbers.policy(account_id)

    def put_rule(
        self,
        number: E164,
        rule: Rule,
        at_ms: int,
        event: Event | None = None,
        before: Rule | None = None,  # noqa: ARG002 - all of a batch are written by one statement
    ) -> None:
        record = self.number_for_change(number)
        if record is not None:
            self._after[number] = replace(record, rule=rule, updated_at_ms=at_ms)
            self.rules[number] = rule, at_ms
            self.rules_put += 1
            if event is not None:
                self.told.append(event_values(event))

    def add_audit(self, entry: AuditEntry) -> None:
        self.entries.append(entry)

    def keep(self) -> None:
        """Have what comes after see these changes."""
        for record in self._after.values():
            self._numbers.put(record)

    def __getattr__(self, name: str) -> NoReturn:
        if name in _WRITER:
            raise _NotHere
        raise AttributeError(f"a writer has no {name!r}", name=name, obj=self)


class _ManyChanges(_Changes):
    """The changes of one piece of work, which has a transaction to itself, so that nothing is left to others."""

    def __init__(self, numbers_read: _Numbers, writer: ChangeWriter) -> None:
        super().__init__(numbers_read)
        self._writer = writer
        self._policies: dict[int, AccountPolicy] = {}

    def number(self, number: E164) -> NumberRecord | None:
        try:
            return super().number(number)
        except _NotHere:
            # Its row is damaged, or a newer program's: this says so.
            return self._writer.number(number)

    def number_for_change(self, number: E164) -> NumberRecord | None:
        try:
            return super().number_for_change(number)
        except _NotHere:
            return self._writer.number_for_change(number)

    def policy(self, account_id: int) -> AccountPolicy:
        found = self._policies.get(account_id)
        if found is None:
            found = self._policies[account_id] = self._writer.policy(account_id)
        return found

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return self._writer.policy_for_change(account_id)

    def put_policy(self, change: PolicyChange) -> None:
        self._writer.put_policy(change)
        self._policies[change.account_id] = change.after
