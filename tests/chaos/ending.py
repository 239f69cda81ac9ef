"""The store as it is when all is over, in the words of the history."""

from collections.abc import Iterable

from renvoi.application.ports.unit_of_work import Reader, Store
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import Rule
from tests.chaos.history import Audited, Final, Kept, Record

_ALL = 10_000_000


async def read_final(store: Store, numbers: Iterable[str]) -> Final:
    """Read everything that the checker wants to know, at one instant."""
    return await store.read(lambda reader: _read(reader, [E164(number) for number in numbers]))


def _read(reader: Reader, numbers: Iterable[E164]) -> Final:
    rules: dict[str, tuple[int, str]] = {}
    audit: list[Audited] = []
    for number in numbers:
        record = reader.number(number)
        assert record is not None
        rules[number.value] = (record.rule.revision, target_of(record.rule))
        audit += (
            Audited(number.value, entry.after.revision, target_of(entry.before), target_of(entry.after))
            for entry in reader.history(number, _ALL)
        )
    records = [
        Record(
            record.key.call_id,
            record.number,
            record.revision,
            record.decision,
            record.target,
            record.status,
            ended=record.end_at_ms is not None,
            reason=record.reason,
        )
        for record in reader.calls(_ALL)
    ]
    messages = [
        Kept(
            stored.message.id,
            stored.message.call_id,
            stored.message.number.value,
            stored.message.revision,
            stored.mail.recipient.value,
            stored.mail.state.value,
        )
        for stored in reader.messages(_ALL)
    ]
    return Final(rules, audit, records, messages, reader.call_counts(), reader.counts())


def target_of(rule: Rule) -> str:
    """Return where a rule leads to, as the history writes it."""
    return rule.param
