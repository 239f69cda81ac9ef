"""Lists of numbers in the store: each page is a range of an index, or the first rows of a few ranges together."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

from sqlalchemy import BigInteger, Select, Text, and_, bindparam, func, select, tuple_, union_all

from renvoi.adapters.sql import mappers
from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.number_indexes import label_key
from renvoi.adapters.sql.schema import calls, messages, numbers
from renvoi.application.ports.number_lists import (
    MOST_COUNTED,
    MOST_FACTS,
    LabelledNumber,
    NumberFacts,
    NumberQuery,
)
from renvoi.domain.numbers.number import E164, LEAST_DIGITS
from renvoi.domain.rules.rule import NumberRecord, RuleType
from renvoi.domain.text import folded

BEHIND_ALL = "\U0010ffff"
"""Behind every character that a label may have, in the order of code points."""
_TYPES = tuple(RuleType)
_columns = numbers.c
_of_account = _columns.account_id == bindparam("account_id")
_between = and_(
    _of_account,
    _columns.number >= bindparam("least", type_=BigInteger),
    _columns.number <= bindparam("greatest", type_=BigInteger),
)
_in_order = select(*mappers.NUMBER).where(_between).order_by(_columns.number).limit(bindparam("limit"))
_key = label_key(_columns.label)
_after = bindparam("after", type_=BigInteger)
by_label = (
    select(_key.label("label_key"), *mappers.NUMBER)
    .where(_of_account, _key >= bindparam("after_key", type_=Text), _key < bindparam("last", type_=Text))
    # The lower bound twice: SQLite begins at the one without the number, PostgreSQL at this one.
    .where(tuple_(_key, _columns.number) > tuple_(bindparam("after_key", type_=Text), _after))
    .order_by(_key, _columns.number)
    .limit(bindparam("limit"))
)

# The latest call to a number, whosever it was then: a former owner's is the latest one only if its owner had none.
_latest = calls.alias("latest")
_last_call = (
    select(_latest.c.id)
    .where(_latest.c.number == _columns.number)
    .order_by(_latest.c.setup_at_ms.desc())
    .limit(1)
    .correlate(numbers)
    .scalar_subquery()
)
_some_new = (
    select(messages.c.id)
    .where(messages.c.number == _columns.number, messages.c.account_id == _columns.account_id)
    .where(messages.c.heard_at_ms.is_(None))
    .limit(MOST_COUNTED)
    .correlate(numbers)
    .subquery()
)
facts = (
    select(
        _columns.number,
        select(calls.c.setup_at_ms)
        .where(calls.c.id == _last_call, calls.c.account_id == _columns.account_id)
        .scalar_subquery(),
        select(func.count()).select_from(_some_new).scalar_subquery(),
    )
    # One statement for any of them: those of fewer numbers name some of these twice.
    .where(_columns.number.in_([bindparam(f"number_{n}", type_=BigInteger) for n in range(MOST_FACTS)]))
)


@cache
def _of_kinds(kinds: tuple[tuple[RuleType, bool], ...]) -> "Select[Any]":
    """Return the statement for numbers of these types and states, whose first ones are merged in order."""
    parts = [
        select(
            _in_order.where(
                _columns.rule_type == bindparam(f"type_{place}"), _columns.active == bindparam(f"active_{place}")
            ).subquery()
        )
        for place in range(len(kinds))
    ]
    if len(parts) == 1:
        return parts[0]
    merged = union_all(*parts).subquery()
    return select(merged).order_by(merged.c.number).limit(bindparam("limit"))


class NumberListReader:
    """The part of `application.ports.Reader` that lists of numbers need."""

    _connection: Connection

    def numbers_between(self, wanted: NumberQuery, least: int, greatest: int, limit: int) -> Sequence[NumberRecord]:
        place = {"account_id": wanted.account_id, "least": least, "greatest": greatest, "limit": limit}
        if wanted.type is None and wanted.active is None:
            found = self._connection.all(_in_order, **place)
        else:
            types = _TYPES if wanted.type is None else (wanted.type,)
            kinds = tuple(product(types, (True, False) if wanted.active is None else (wanted.active,)))
            values: dict[str, object] = {f"type_{n}": int(kind) for n, (kind, _) in enumerate(kinds)}
            values |= {f"active_{n}": active for n, (_, active) in enumerate(kinds)}
            found = self._connection.all_planned(_of_kinds(kinds), **place, **values)
        return [mappers.listed_number(row) for row in found]

    def numbers_by_label(
        self, account_id: int, prefix: str, after: tuple[str, E164] | None, limit: int
    ) -> Sequence[LabelledNumber]:
        first = folded(prefix)
        # In front of all numbers, so the place in front of all labels that begin so is behind that.
        least = LEAST_DIGITS
        key, number = max((first, least), ("", least) if after is None else (after[0], after[1].digits))
        found = self._connection.all_planned(
            by_label, account_id=account_id, last=first + BEHIND_ALL, after_key=key, after=number, limit=limit
        )
        return [LabelledNumber(row[0], mappers.listed_number(row[1:])) for row in found]

    def number_facts(self, wanted: Sequence[E164]) -> Mapping[E164, NumberFacts]:
        if not wanted:
            return {}
        if len(wanted) > MOST_FACTS:
            raise ValueError(f"the facts of {MOST_FACTS} numbers are read at once, not of {len(wanted)}")
        named = [wanted[min(place, len(wanted) - 1)].digits for place in range(MOST_FACTS)]
        found = self._connection.all(facts, **{f"number_{place}": digits for place, digits in enumerate(named)})
        return {E164.from_digits(digits): NumberFacts(at_ms, unheard) for digits, at_ms, unheard in found}
