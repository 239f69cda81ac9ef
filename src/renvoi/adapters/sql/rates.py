"""The rate table in the store."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, func, insert, select

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.schema import rates
from renvoi.domain.calls.rates import MAX_PREFIX, Rate, prefixes_of
from renvoi.domain.numbers.number import E164

_rates = select(rates.c.prefix, rates.c.price, rates.c.currency)
all_rates = _rates.order_by(rates.c.prefix)
_PLACES = tuple(f"prefix_{place}" for place in range(MAX_PREFIX))
rate = (
    _rates.where(rates.c.prefix.in_([bindparam(place) for place in _PLACES]))
    .order_by(func.length(rates.c.prefix).desc())
    .limit(1)
)
remove_all = delete(rates)
add = insert(rates).values({c.name: bindparam(c.name) for c in rates.c})


class RateReader:
    """The part of `application.ports.Reader` that rates need."""

    _connection: Connection

    def rates(self) -> Sequence[Rate]:
        # Whatever the server's language, digits are in this order.
        return sorted((Rate(*row) for row in self._connection.all(all_rates)), key=lambda each: each.prefix)

    def rate(self, target: E164) -> Rate | None:
        found = prefixes_of(str(target.digits))
        places = {place: found[min(index, len(found) - 1)] for index, place in enumerate(_PLACES)}
        row = self._connection.one(rate, **places)
        return Rate(*row) if row else None


class RateWriter(RateReader):
    """The part of `application.ports.Writer` that rates need."""

    def put_rates(self, rates: Sequence[Rate]) -> None:
        self._connection.run(remove_all)
        values = ({"prefix": each.prefix, "price": each.price, "currency": each.currency} for each in rates)
        self._connection.run_many(add, values)
