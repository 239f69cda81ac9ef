"""What limits are held against, in the store: what calls have used up by the day, what they cost, what nodes count.

Counts of a node are one row, as a few hundred names change together.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec
from sqlalchemy import and_, bindparam, delete, func, insert, select, tuple_
from sqlalchemy.dialects import postgresql

from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import node_counts, rates, usage
from renvoi.adapters.sql.statements import upsert
from renvoi.application.ports.limits import NodeCounts
from renvoi.domain.calls.rates import MAX_PREFIX, Rate, prefixes_of
from renvoi.domain.calls.usage import Usage, Usages
from renvoi.domain.numbers.number import E164

_SUMS = ("ms", "running", "spend", "price")
_usage_repair = RowRepair([usage.c.day, *(usage.c[name] for name in _SUMS)])
usage_of_name = select(usage.c.day, *(usage.c[name] for name in _SUMS)).where(
    and_(usage.c.name == bindparam("name"), usage.c.day >= bindparam("since_day"))
)
_adding_usage = postgresql.insert(usage).values({c.name: bindparam(c.name) for c in usage.c})
add_usage = _adding_usage.on_conflict_do_update(
    index_elements=["name", "day"], set_={name: usage.c[name] + _adding_usage.excluded[name] for name in _SUMS}
)
_usage_key = tuple_(usage.c.name, usage.c.day)
remove_old_usage = delete(usage).where(
    _usage_key.in_(
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
            (name, row[0]): Usage(*_usage_repair(row)[1:])
            for name in names
            for row in self._connection.all(usage_of_name, name=name, since_day=since_day)
        }


class UsageWriter(UsageReader):
    """The part of `application.ports.Writer` that usage needs."""

    def add_usages(self, usages: Usages) -> None:
        # Always in the same order, or two nodes could wait for each other.
        for (name, day), each in sorted(usages.items(), key=lambda item: item[0]):
            sums = {"ms": each.ms, "running": each.running, "spend": each.spend, "price": each.price}
            self._connection.run(add_usage, name=name, day=day, **sums)

    def remove_old_usages(self, before_day: int, limit: int) -> int:
        return self._connection.run(remove_old_usage, before_day=before_day, limit=limit)


_rate_repair = RowRepair(tuple(rates.c))
_rates = select(rates.c.prefix, rates.c.price, rates.c.currency)
all_rates = _rates.order_by(rates.c.prefix)
_PLACES = tuple(f"prefix_{place}" for place in range(MAX_PREFIX))
rate = (
    _rates.where(rates.c.prefix.in_([bindparam(place) for place in _PLACES]))
    .order_by(func.length(rates.c.prefix).desc())
    .limit(1)
)
remove_all_rates = delete(rates)
add_rate = insert(rates).values({c.name: bindparam(c.name) for c in rates.c})


class RateReader:
    """The part of `application.ports.Reader` that rates need."""

    _connection: Connection

    def rates(self) -> Sequence[Rate]:
        # Whatever the server's language, digits are in this order.
        return sorted(
            (Rate(*_rate_repair(row)) for row in self._connection.all(all_rates)), key=lambda each: each.prefix
        )

    def rate(self, target: E164) -> Rate | None:
        found = prefixes_of(str(target.digits))
        places = {place: found[min(index, len(found) - 1)] for index, place in enumerate(_PLACES)}
        row = self._connection.one(rate, **places)
        return Rate(*_rate_repair(row)) if row else None


class RateWriter(RateReader):
    """The part of `application.ports.Writer` that rates need."""

    def put_rates(self, rates: Sequence[Rate]) -> None:
        self._connection.run(remove_all_rates)
        values = ({"prefix": each.prefix, "price": each.price, "currency": each.currency} for each in rates)
        self._connection.run_many(add_rate, values)


all_counts = select(node_counts.c.node, node_counts.c.beat, node_counts.c.counts)
put_counts = upsert(node_counts, "beat", "counts")
_of_node = node_counts.c.node == bindparam("of_node")
remove_counts = delete(node_counts).where(_of_node)
remove_silent_counts = delete(node_counts).where(and_(_of_node, node_counts.c.beat == bindparam("of_beat")))
_counts_repair = RowRepair((node_counts.c.node, node_counts.c.beat, node_counts.c.counts))
_log = logging.getLogger("renvoi.store")
_decode = msgspec.json.Decoder(dict[str, int]).decode


class NodeCountsReader:
    """The part of `application.ports.Reader` that counts of nodes need."""

    _connection: Connection

    def node_counts(self) -> Mapping[str, NodeCounts]:
        found = self._connection.all(all_counts)
        return {node: NodeCounts(beat, _counts(node, counts)) for node, beat, counts in map(_counts_repair, found)}


def _counts(node: str, document: str) -> Mapping[str, int]:
    try:
        return _decode(document)
    except msgspec.MsgspecError as error:
        _log.warning("what node %s counts cannot be read: %s", node, str(error)[:200])
        return {}


class NodeCountsWriter(NodeCountsReader):
    """The part of `application.ports.Writer` that counts of nodes need."""

    _announce: Callable[[Topic], None]

    def put_node_counts(self, node: str, counts: NodeCounts) -> None:
        document = msgspec.json.encode(counts.counts).decode()
        self._connection.run(put_counts, node=node, beat=counts.beat, counts=document)
        self._announce("counts")

    def remove_node_counts(self, node: str, beat: int | None = None) -> None:
        if beat is None:
            removed = self._connection.run(remove_counts, of_node=node)
        else:
            removed = self._connection.run(remove_silent_counts, of_node=node, of_beat=beat)
        if removed:
            self._announce("counts")
