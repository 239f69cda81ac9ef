"""Pages of calls and messages, the latest first, however few of a million are wanted.

A filter that an index has finds its rows by that. The others are applied to rows in the order of time, and no page
looks at many more than the sum of `LOOKED_AT`: one that finds fewer than it may says where to go on.

PostgreSQL is not left to choose among indexes: that of the time alone looks cheap for an account that has many rows,
and reads all of the others' where it has none of late. So rows are ordered by what the right index begins with, which
is one value, in words that do not tell the planner so (`_Pinned`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, BindParameter, Select, Table, Text, bindparam, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from renvoi.adapters.sql import mappers
from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.row_repair import UNREADABLE, place_value
from renvoi.adapters.sql.schema import calls, mails, messages
from renvoi.application.ports.calls import CallQuery
from renvoi.application.ports.messages import MessageQuery
from renvoi.application.ports.pages import Page, Place

LOOKED_AT = (1000, 4000)
"""Rows that a page looks at, one time after the other, if a quarter more of them than it may hold were not enough."""
_IN_TIME = frozenset({"since_ms", "until_ms", "after"})

T = TypeVar("T")


class _Pinned(ColumnElement[int]):
    """What a column has to be; PostgreSQL does not take it for constant then, and an index has to give the order."""

    inherit_cache = True
    type = BigInteger()

    def __init__(self, value: BindParameter[int]) -> None:
        self.value = value


@compiles(_Pinned)
def _itself(element: _Pinned, compiler: SQLCompiler, **keywords: Any) -> str:
    return compiler.process(element.value, **keywords)


@compiles(_Pinned, "postgresql")
def _any_of_one(element: _Pinned, compiler: SQLCompiler, **keywords: Any) -> str:
    return f"ANY (ARRAY[{compiler.process(element.value, **keywords)}])"


def _pinned(name: str) -> "Filter":
    return lambda of: of.c[name] == _Pinned(bindparam(name, type_=BigInteger))


Filter = Callable[[FromClause], ColumnElement[bool]]


@dataclass(frozen=True, eq=False)
class Listed:
    """A table that lists are of, in the order of the column `at` and its id.

    `filters` are conditions by name; `indexes` has the filters that an index begins with, for each index; `joined` is
    what `join` adds to a row.
    """

    table: Table
    at: str
    filters: Mapping[str, Filter]
    indexes: Sequence[frozenset[str]]
    joined: Sequence[ColumnElement[Any]] = ()
    join: Callable[[Select[Any], FromClause], Select[Any]] = lambda statement, _: statement

    def by_index(self, names: frozenset[str]) -> frozenset[str]:
        """Return those of the filters `names` that one index finds rows by."""
        found = (index for index in self.indexes if index <= names)
        return max(found, key=len, default=frozenset()) | (names & _IN_TIME)

    def rows(
        self, of: FromClause, names: frozenset[str], index: frozenset[str], *columns: ColumnElement[Any]
    ) -> Select[Any]:
        """Return the statement for these columns of the rows of `of` to which the filters `names` apply.

        They are in the order of `index`, whose filters all of them have passed.
        """
        conditions = [self.filters[name](of) for name in sorted(names)]
        order = [*(name for name in sorted(index - _IN_TIME) if name in of.c), self.at, "id"]
        return select(*columns).where(*conditions).order_by(*(of.c[name].desc() for name in order))


@cache
def _page(listed: Listed, names: frozenset[str]) -> Select[Any]:
    """Return the statement for up to `limit` rows, with other filters than those of an index among `looked_at`."""
    by_index = listed.by_index(names)
    source: FromClause = listed.table
    if names != by_index:
        some = listed.rows(source, by_index, by_index, *source.c)
        source = some.limit(bindparam("looked_at", type_=BigInteger)).subquery()
    statement = listed.rows(source, names - by_index or by_index, by_index, *source.c, *listed.joined)
    return listed.join(statement, source).limit(bindparam("limit"))


@cache
def _last(listed: Listed, names: frozenset[str]) -> Select[Any]:
    """Return the statement for the place of a row that `_page` looks at, by how many are before it."""
    table, by_index = listed.table, listed.by_index(names)
    place = table.c[listed.at], table.c.id
    return listed.rows(table, by_index, by_index, *place).limit(1).offset(bindparam("offset"))


def page_of(
    connection: Connection,
    listed: Listed,
    wanted: CallQuery | MessageQuery,
    after: Place | None,
    limit: int,
    make: Callable[[Row], tuple[Place, T]],
) -> Page[T]:
    """Return a page of what `make` makes of rows, with their places."""
    values = mappers.filter_values(wanted)
    # A truth is a condition of its own, as an index knows it.
    names = {f"{name}_{value}".lower() if isinstance(value, bool) else name for name, value in values.items()}
    values = {name: value for name, value in values.items() if not isinstance(value, bool)}
    found: list[tuple[Place, T]] = []
    for looked_at in (limit + limit // 4 + 1, *LOOKED_AT):
        if after is not None:
            names.add("after")
            values |= {"after_ms": after.at_ms, "after_id": after.id}
        each = frozenset(names)
        missing = limit - len(found)
        if each == listed.by_index(each):
            found += map(make, connection.all(_page(listed, each), limit=missing + 1, **values))
            break
        rows = connection.all(_page(listed, each), limit=missing + 1, looked_at=looked_at, **values)
        found += map(make, rows)
        if len(found) > limit:
            break
        last = connection.one(_last(listed, each), offset=looked_at - 1, **values)
        if last is None:
            return Page([item for _, item in found])
        after = _place(*last)
    else:
        return Page([item for _, item in found], after)
    items = [item for _, item in found[:limit]]
    return Page(items, found[limit - 1][0] if len(found) > limit else None)


def place_of(row: Row, listed: Listed) -> Place:
    """Return where a row is in its list, whether what it holds is damaged or not: what follows it comes next."""
    names = listed.table.c.keys()
    return _place(row[names.index(listed.at)], row[names.index("id")])


def _place(at_ms: Any, row_id: Any) -> Place:
    return Place(place_value(at_ms), row_id if isinstance(row_id, int | str) else UNREADABLE)


def _behind(at: str, kind: type[BigInteger] | type[Text]) -> Filter:
    place = tuple_(bindparam("after_ms", type_=BigInteger), bindparam("after_id", type_=kind))
    return lambda of: tuple_(of.c[at], of.c.id) < place


CALLS = Listed(
    calls,
    "setup_at_ms",
    {
        "account_id": _pinned("account_id"),
        "number": _pinned("number"),
        "caller": lambda of: of.c.caller == bindparam("caller"),
        "decision": lambda of: of.c.decision == bindparam("decision"),
        "status": lambda of: of.c.status == bindparam("status"),
        "since_ms": lambda of: of.c.setup_at_ms >= bindparam("since_ms", type_=BigInteger),
        "until_ms": lambda of: of.c.setup_at_ms < bindparam("until_ms", type_=BigInteger),
        "withheld_true": lambda of: of.c.withheld.is_(True),
        "withheld_false": lambda of: of.c.withheld.is_(False),
        "after": _behind("setup_at_ms", BigInteger),
    },
    (frozenset({"account_id", "caller"}), frozenset({"number"}), frozenset({"account_id"})),
)
MESSAGES = Listed(
    messages,
    "received_at_ms",
    {
        "account_id": _pinned("account_id"),
        "number": _pinned("number"),
        "caller": lambda of: of.c.caller == bindparam("caller"),
        "since_ms": lambda of: of.c.received_at_ms >= bindparam("since_ms", type_=BigInteger),
        "heard_true": lambda of: of.c.heard_at_ms.is_not(None),
        "heard_false": lambda of: of.c.heard_at_ms.is_(None),
        "after": _behind("received_at_ms", Text),
    },
    (
        frozenset({"account_id", "caller"}),
        frozenset({"account_id", "heard_false"}),
        frozenset({"number"}),
        frozenset({"account_id"}),
    ),
    mappers.MAIL,
    lambda statement, of: statement.join(mails, mails.c.message_id == of.c.id),
)
