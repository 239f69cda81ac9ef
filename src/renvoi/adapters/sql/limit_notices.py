"""Notices of limits in the store."""

from collections.abc import Callable, Sequence

from sqlalchemy import BigInteger, and_, bindparam, delete, null, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql

from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.mappers import known_state
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import limit_notices
from renvoi.domain.access.limits import LimitKind, LimitNotice
from renvoi.domain.messages.message import FARTHEST_MS

_columns = limit_notices.c
_TOLD = (_columns.account_id, _columns.day, _columns.kind, _columns.name, _columns.at_ms)
_repair = RowRepair(_TOLD)
_key = and_(_columns.account_id == bindparam("of_account"), _columns.day == bindparam("of_day"))
# A claim far ahead was made by a clock that was set back since.
_is_due = or_(
    _columns.due_at_ms <= bindparam("now_ms", type_=BigInteger),
    _columns.due_at_ms > bindparam("farthest_ms", type_=BigInteger),
)
due = select(*_TOLD).where(_is_due).order_by(_columns.at_ms).limit(bindparam("limit"))
add = (
    postgresql.insert(limit_notices)
    .values({c.name: bindparam(c.name) for c in _columns})
    .on_conflict_do_nothing(index_elements=["account_id", "day"])
)
claim = update(limit_notices).where(and_(_key, _is_due)).values(due_at_ms=bindparam("until_ms"))
end = update(limit_notices).where(_key).values(due_at_ms=null())
remove_old = delete(limit_notices).where(
    tuple_(_columns.account_id, _columns.day).in_(
        select(_columns.account_id, _columns.day)
        .where(_columns.day < bindparam("before_day"))
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )
)


class LimitNoticeReader:
    """The part of `application.ports.Reader` that notices of limits need."""

    _connection: Connection

    def due_limit_notices(self, now_ms: int, limit: int) -> Sequence[LimitNotice]:
        found = self._connection.all(due, limit=limit, **_times(now_ms))
        return [_notice(row) for row in found]


class LimitNoticeWriter(LimitNoticeReader):
    """The part of `application.ports.Writer` that notices of limits need."""

    _announce: Callable[[Topic], None]

    def add_limit_notice(self, notice: LimitNotice) -> bool:
        values = {"kind": notice.kind.value, "name": notice.name, "at_ms": notice.at_ms, "due_at_ms": notice.at_ms}
        is_new = self._connection.run(add, account_id=notice.account_id, day=notice.day, **values) > 0
        if is_new:
            self._announce("mails")
        return is_new

    def claim_limit_notice(self, notice: LimitNotice, now_ms: int, until_ms: int) -> bool:
        return self._connection.run(claim, until_ms=until_ms, **_of(notice), **_times(now_ms)) > 0

    def end_limit_notice(self, notice: LimitNotice) -> None:
        self._connection.run(end, **_of(notice))

    def remove_old_limit_notices(self, before_day: int, limit: int) -> int:
        return self._connection.run(remove_old, before_day=before_day, limit=limit)


def _notice(row: Row) -> LimitNotice:
    account_id, day, kind, name, at_ms = _repair(row)
    known = known_state(LimitKind, kind, LimitKind.CALLS, f"the notice of account {account_id} on day {day}")
    return LimitNotice(account_id, day, known, name, at_ms)


def _of(notice: LimitNotice) -> dict[str, object]:
    return {"of_account": notice.account_id, "of_day": notice.day}


def _times(now_ms: int) -> dict[str, object]:
    return {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
