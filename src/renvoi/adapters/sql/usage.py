"""What calls have used up by the day, in the store."""

from collections.abc import Collection

from sqlalchemy import and_, bindparam, delete, select, tuple_
from sqlalchemy.dialects import postgresql

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.schema import usage
from renvoi.domain.calls.usage import Usage, Usages

_SUMS = ("ms", "running", "spend", "price")
of_name = select(usage.c.day, *(usage.c[name] for name in _SUMS)).where(
    and_(usage.c.name == bindparam("name"), usage.c.day >= bindparam("since_day"))
)
_adding = postgresql.insert(usage).values({c.name: bindparam(c.name) for c in usage.c})
add = _adding.on_conflict_do_update(
    index_elements=["name", "day"], set_={name: usage.c[name] + _adding.excluded[name] for name in _SUMS}
)
_key = tuple_(usage.c.name, usage.c.day)
remove_old = delete(usage).where(
    _key.in_(
        select(usage.c.name, usage.c.day)
        .where(usage.c.day < bindparam("before_day"))
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )
)


class UsageReader:
    """The part of `application.ports.Reader` that usage needs."""

    _connection: Connection

    def usages(self, names: Collection[str], since_day: int) -> Usages:
        return {
            (name, row[0]): Usage(*row[1:])
            for name in names
            for row in self._connection.all(of_name, name=name, since_day=since_day)
        }


class UsageWriter(UsageReader):
    """The part of `application.ports.Writer` that usage needs."""

    def add_usages(self, usages: Usages) -> None:
        # Always in the same order, or two nodes could wait for each other.
        for (name, day), each in sorted(usages.items(), key=lambda item: item[0]):
            sums = {"ms": each.ms, "running": each.running, "spend": each.spend, "price": each.price}
            self._connection.run(add, name=name, day=day, **sums)

    def remove_old_usages(self, before_day: int, limit: int) -> int:
        return self._connection.run(remove_old, before_day=before_day, limit=limit)
