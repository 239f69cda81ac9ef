"""Rules whose dates run out, in the store."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, and_, bindparam, func, select, tuple_, update

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.schema import numbers
from renvoi.application.ports.numbers import RenewalPlace
from renvoi.documents.number_row import rule_values
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule

_RENEWED = ("routing_version", "routing", "renew_at_ms")
_BEGINNING: tuple[int, int] = (-1, 0)
# Both databases take from these words that the index of rules with dates is enough.
_due = and_(numbers.c.renew_at_ms.is_not(None), numbers.c.renew_at_ms <= bindparam("before_ms", type_=BigInteger))
_PLACE = tuple_(numbers.c.renew_at_ms, numbers.c.number)
rules_to_renew = (
    select(numbers.c.renew_at_ms, numbers.c.number)
    .where(
        _due,
        tuple_(bindparam("after_ms", type_=BigInteger), bindparam("after_number", type_=BigInteger)) < _PLACE,
    )
    .order_by(numbers.c.renew_at_ms, numbers.c.number)
    .limit(bindparam("limit"))
)
count_to_renew = select(func.count()).select_from(numbers).where(_due)
renew_rule = (
    update(numbers)
    .where(and_(numbers.c.number == bindparam("key"), numbers.c.revision == bindparam("of_revision")))
    .values({name: bindparam(name) for name in _RENEWED})
)


class RenewalReader:
    """The part of `application.ports.Reader` that renewals need."""

    _connection: Connection

    def rules_to_renew(self, now_ms: int, after: RenewalPlace | None, limit: int) -> Sequence[RenewalPlace]:
        after_ms, after_number = _BEGINNING if after is None else (after[0], after[1].digits)
        found = self._connection.all(
            rules_to_renew, before_ms=now_ms, after_ms=after_ms, after_number=after_number, limit=limit
        )
        return [(row[0], E164.from_digits(row[1])) for row in found]

    def count_to_renew(self, before_ms: int) -> int:
        row = self._connection.one(count_to_renew, before_ms=before_ms)
        assert row is not None
        return int(row[0])


class RenewalWriter(RenewalReader):
    """The part of `application.ports.Writer` that renewals need."""

    def renew_rule(self, number: E164, rule: Rule) -> None:
        values = rule_values(rule)
        self._connection.run(
            renew_rule, key=number.digits, of_revision=rule.revision, **{name: values[name] for name in _RENEWED}
        )
