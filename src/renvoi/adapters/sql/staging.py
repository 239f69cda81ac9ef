"""The rows of imports on their way: staged beside the numbers, and moved among them once the import is committed.

A staged number is reserved, by the primary key of `import_rows`. Whoever adds a number without an import reserves it as
well while it does so: on PostgreSQL nothing else keeps it and an import from taking the same number at the same time.
"""

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    insert,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import ColumnElement, CompilerElement

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import accounts, import_rows, imports, numbers
from renvoi.application.ports.errors import number_removing, number_staged
from renvoi.application.ports.numbers import REMOVING, Import, ImportPage, ImportState, NumberRow, StagedNumber
from renvoi.documents.number_row import rule_values
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule

NOBODY = 0
"""The import of a number that is added by itself."""
_LAST = 2**63 - 1
_STATES = frozenset(state.value for state in ImportState)
_repair = RowRepair((imports.c.id, imports.c.state, imports.c.alive_until_ms))
_log = logging.getLogger("renvoi.store")
_STAGING = ImportState.STAGING.value

_stage = postgresql.insert(import_rows).values({c.name: bindparam(c.name) for c in import_rows.c})
release_number = delete(import_rows).where(
    and_(import_rows.c.number == bindparam("number"), import_rows.c.import_id == bindparam("import_id"))
)
stage_number = _stage.on_conflict_do_nothing(index_elements=["number"])
all_imports = select(imports.c.id, imports.c.state, imports.c.alive_until_ms).order_by(imports.c.id)
staged_number = select(import_rows.c.import_id, import_rows.c.line).where(import_rows.c.number == bindparam("number"))

_behind = and_(import_rows.c.import_id == bindparam("id"), import_rows.c.number > bindparam("after"))
_until = and_(_behind, import_rows.c.number <= bindparam("last"))
page_end = (
    select(import_rows.c.number).where(_behind).order_by(import_rows.c.number).limit(1).offset(bindparam("offset"))
)
existing_numbers = (
    select(import_rows.c.line, import_rows.c.number)
    .join(numbers, numbers.c.number == import_rows.c.number)
    .where(_until)
    .order_by(import_rows.c.line)
)

add_import = insert(imports).values({c.name: bindparam(c.name) for c in imports.c})
import_state = select(imports.c.state).where(imports.c.id == bindparam("id")).with_for_update()
remove_import = delete(imports).where(imports.c.id == bindparam("id"))
_staging = and_(imports.c.id == bindparam("key"), imports.c.state == _STAGING)
renew_import = update(imports).where(_staging).values(alive_until_ms=bindparam("alive_until_ms"))
decide_import = update(imports).where(_staging).values(state=bindparam("state"))
_is_closed = exists().where(accounts.c.id == imports.c.account_id, accounts.c.closed_at_ms.is_not(None))
commit_import = decide_import.where(~_is_closed)


def _moved() -> CompilerElement:
    staged: dict[str, ColumnElement[object]] = {
        "number": import_rows.c.number,
        "account_id": imports.c.account_id,
        "label": import_rows.c.label,
        "active": literal(True, Boolean),
        "forwarding_enabled": import_rows.c.forwarding_enabled,
        "updated_at_ms": cast(null(), BigInteger),
        "created_at_ms": imports.c.created_at_ms,
    }
    for name, value in rule_values(Rule()).items():
        kind = numbers.c[name].type
        staged[name] = cast(null(), kind) if value is None else literal(value, kind)
    found = select(*staged.values()).join(imports, imports.c.id == import_rows.c.import_id).where(_until)
    adding = postgresql.insert(numbers).from_select(list(staged), found)
    # A program of an older version does not know of reservations; what it added meanwhile stays as it is.
    return adding.on_conflict_do_nothing(index_elements=["number"])


move_rows = _moved()
remove_rows = delete(import_rows).where(_until)
analyze_numbers = text("ANALYZE numbers")


def _staged_values(import_id: int, line: int, row: NumberRow) -> Mapping[str, object]:
    return {
        "number": row.number.digits,
        "import_id": import_id,
        "line": line,
        "label": row.label,
        "forwarding_enabled": row.forwarding_enabled,
    }


class StagingReader:
    """The part of `application.ports.Reader` that imports need."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def imports(self) -> Sequence[Import]:
        found = []
        for import_id, state, alive_until_ms in map(_repair, self._connection.all(all_imports)):
            # Nobody but a newer program, or whoever repairs the row, can tell what is to become of such an import.
            if state in _STATES:
                found.append(Import(import_id, ImportState(state), alive_until_ms))
            else:
                _log.warning("import %s is in state %.40r, which is unknown here, and is left alone", import_id, state)
        return found

    def staged(self, number: E164) -> StagedNumber | None:
        row = self._connection.one(staged_number, number=number.digits)
        return StagedNumber(*row) if row else None

    def import_page(self, import_id: int, after: E164 | None, limit: int) -> ImportPage:
        first = after.digits if after else 0
        end = self._page_end(import_id, first, limit)
        last = _LAST if end is None else end
        found = self._connection.all(existing_numbers, id=import_id, after=first, last=last)
        existing = tuple((row[0], E164.from_digits(row[1])) for row in found)
        return ImportPage(existing, None if end is None else E164.from_digits(end))

    def _page_end(self, import_id: int, after: int, limit: int) -> int | None:
        row = self._connection.one(page_end, id=import_id, after=after, offset=limit - 1)
        return int(row[0]) if row else None


class StagingWriter(StagingReader):
    """The part of `application.ports.Writer` that imports need; `analyze` is what follows one, where it is needed."""

    def __init__(self, connection: Connection, analyze: CompilerElement | None = None) -> None:
        super().__init__(connection)
        self._analyze = analyze

    def reserve(self, rows: Sequence[NumberRow], holder: int = NOBODY) -> None:
        """Keep others from taking these numbers, until `release`, or until what else `holder` stands for ends.

        Raises:
            Conflict: one has taken some of them.
        """
        if self._connection.run_many(stage_number, [_staged_values(holder, 0, row) for row in rows]) == len(rows):
            return
        for row in rows:
            found = self.staged(row.number)
            if found is not None and found.import_id == REMOVING:
                raise number_removing(row.number)
            if found is not None and found.import_id != NOBODY:
                raise number_staged(row.number)

    def release(self, rows: Sequence[NumberRow]) -> None:
        """End what `reserve` began, before anybody can see it."""
        self._connection.run_many(release_number, [_staged_values(NOBODY, 0, row) for row in rows])

    def begin_import(self, import_id: int, account_id: int, at_ms: int, alive_until_ms: int) -> None:
        values = {"created_at_ms": at_ms, "alive_until_ms": alive_until_ms, "state": _STAGING}
        self._connection.run(add_import, id=import_id, account_id=account_id, **values)

    def stage_numbers(self, import_id: int, staged: Sequence[tuple[int, NumberRow]], alive_until_ms: int) -> int | None:
        if not self._connection.run(renew_import, key=import_id, alive_until_ms=alive_until_ms):
            return None
        return self._connection.run_many(stage_number, [_staged_values(import_id, *each) for each in staged])

    def commit_import(self, import_id: int) -> bool:
        return self._connection.run(commit_import, key=import_id, state=ImportState.COMMITTED.value) > 0

    def abandon_import(self, import_id: int) -> bool:
        return self._connection.run(decide_import, key=import_id, state=ImportState.ABANDONED.value) > 0

    def advance_import(self, import_id: int, limit: int) -> int:
        row = self._connection.one(import_state, id=import_id)
        if row is None or row[0] == _STAGING:
            return 0
        committed = row[0] == ImportState.COMMITTED.value
        end = self._page_end(import_id, 0, limit)
        place = {"id": import_id, "after": 0, "last": _LAST if end is None else end}
        if committed:
            self._connection.run(move_rows, **place)
        taken = self._connection.run(remove_rows, **place)
        if not taken:
            self._connection.run(remove_import, id=import_id)
            if committed and self._analyze is not None:
                self._connection.run(self._analyze)
        return taken
