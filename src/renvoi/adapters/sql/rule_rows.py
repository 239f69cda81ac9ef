"""The rule in a number's row, replaced together with the event that tells so."""

from sqlalchemy import BigInteger, bindparam, literal_column, select, update

from renvoi.adapters.sql.compiled_statements import Connection
from renvoi.adapters.sql.events import Latest, add_event, event_values
from renvoi.adapters.sql.schema import numbers
from renvoi.adapters.sql.statements import put_rule
from renvoi.documents.number_row import rule_values
from renvoi.documents.routing_document import encode, version_of
from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule, RuleType

_TARGET_COLUMNS = ("revision", "routing_version", "routing", "target")
"""The columns that differ between rules that forward to different targets, and are the same for the rest."""
_COUNTED = {"event_seq": numbers.c.event_seq + literal_column("1"), "event_tx": Latest(numbers.c.event_tx)}
put_told_rule = put_rule.values(_COUNTED)
"""Counts the event as well, as `next_seq_of_number` does: `add_counted_event` takes the `seq` from there."""
put_told_target = (
    update(numbers)
    .where(numbers.c.number == bindparam("key"))
    .values({name: bindparam(name) for name in ("updated_at_ms", *_TARGET_COLUMNS)} | _COUNTED)
)
"""The same of a rule that has another target, which most changes are. SQLite writes an index again for each column of
it that a statement names, changed or not."""
_is_number = numbers.c.number == bindparam("number", type_=BigInteger)
# RETURNING costs SQLite more than the row's look-up here, and so does INSERT … SELECT.
add_counted_event = add_event.values(
    seq=select(numbers.c.event_seq).where(_is_number).scalar_subquery(),
    tx=Latest(select(numbers.c.event_tx).where(_is_number).scalar_subquery()),
)
"""Adds an event with the `seq` that its number has now."""


class RuleWriter:
    """The part of `application.ports.Writer` that puts rules."""

    _connection: Connection
    rules_put = 0
    """Rules that were written; a store counts those whose transaction was committed."""

    def put_rule(
        self, number: E164, rule: Rule, at_ms: int, event: Event | None = None, before: Rule | None = None
    ) -> None:
        self.rules_put += 1
        at: dict[str, object] = {"key": number.digits, "updated_at_ms": at_ms}
        if event is None:
            self._connection.run(put_rule, **at, **rule_values(rule))
            return
        if before is not None and _differs_in_target_alone(rule, before):
            self._connection.run(put_told_target, **at, **_target_values(rule))
        else:
            self._connection.run(put_told_rule, **at, **rule_values(rule))
        self._connection.run(add_counted_event, **event_values(event))


def _differs_in_target_alone(rule: Rule, before: Rule) -> bool:
    """Tell whether the rows of two rules are the same but for `_TARGET_COLUMNS`; False: they may be so all the same."""
    return rule.type is RuleType.FORWARD and before.type is RuleType.FORWARD and rule.has_options_of(before)


def _target_values(rule: Rule) -> dict[str, object]:
    return {
        "revision": rule.revision,
        # A row of schema 0003 has none yet.
        "routing_version": version_of(rule),
        "routing": encode(rule),
        "target": None if rule.target is None else rule.target.digits,
    }
