"""The judgement of a history, in the style of Jepsen: pure functions that return every promise that was not kept.

Promises are those of `docs/api.md §1` and `docs/calls.md §1, §4, §5`. The model says what may be lost: a kill ends the
calls that an edge has in its hands, and a client whose connection is lost does not know the outcome of its change.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.chaos import effects as causes
from tests.chaos.history import Audited, Change, Final, History, Outcome, Violation
from tests.chaos.messagecheck import message_faults
from tests.chaos.recordcheck import count_faults, decision_faults, record_faults
from tests.chaos.register import Read, order_faults


@dataclass(slots=True)
class Verdict:
    """What a history came to; `explained` as in `Effects`."""

    violations: list[Violation] = field(default_factory=list)
    explained: int = 0


def judge(history: History, final: Final) -> Verdict:
    """Check a whole history against the store as it is at its end."""
    verdict = Verdict()
    changes = defaultdict[str, list[Change]](list)
    for change in history.changes:
        changes[change.number].append(change)
    audit = defaultdict[str, list[Audited]](list)
    for entry in final.audit:
        audit[entry.number].append(entry)
    reads = defaultdict[str, list[Read]](list)
    for number, read in _reads(history, final):
        reads[number].append(read)
    for number in sorted(final.rules.keys() | changes.keys() | audit.keys()):
        found = causes.effects(number, changes[number], audit[number], history.unknown_at)
        verdict.explained += found.explained
        verdict.violations += found.violations
        verdict.violations += order_faults(number, found.writes, reads[number])
        verdict.violations += _end_faults(number, final, audit[number])
    targets = {(entry.number, entry.revision): entry.after for entry in final.audit}
    verdict.violations += record_faults(history.calls, final.records, history.faults)
    verdict.violations += decision_faults(final.records, history.decisions, targets)
    verdict.violations += count_faults(final.records, final.call_counts)
    verdict.violations += message_faults(history.takings, history.mails, final)
    return verdict


def _end_faults(number: str, final: Final, audit: list[Audited]) -> Iterator[Violation]:
    last = max(audit, key=lambda entry: entry.revision, default=Audited(number, 0, "", ""))
    if final.rules.get(number) != (last.revision, last.after):
        text = f"the rule is {final.rules.get(number)}, the last change made it {last.after!r}"
        yield Violation("rule without its change", number, text, (last,))


def _reads(history: History, final: Final) -> Iterator[tuple[str, Read]]:
    """Yield every sight of a number's rule."""
    for decision in history.decisions:
        yield decision.number, Read(decision.begun, decision.ended, decision, target=decision.target)
    calls = {call.call_id: (call.begun, call.ended) for call in history.calls}
    for record in final.records:
        if record.number is not None and record.revision is not None and record.call_id in calls:
            begun, ended = calls[record.call_id]
            yield record.number, Read(begun, ended, record, revision=record.revision)
    for message in final.messages:
        if message.call_id in calls:
            begun, ended = calls[message.call_id]
            yield message.number, Read(begun, ended, message, message.recipient, message.revision)
    yield from _answers(history.changes)


def _answers(changes: list[Change]) -> Iterator[tuple[str, Read]]:
    """Yield what the answers "it is so already" tell; to an `Idempotency-Key` that may be an earlier answer again."""
    first: dict[str, float] = {}
    for change in changes:
        if change.key is not None:
            first[change.key] = min(change.begun, first.get(change.key, change.begun))
    for change in changes:
        if change.outcome is Outcome.ALREADY:
            begun = change.begun if change.key is None else first[change.key]
            yield change.number, Read(begun, change.ended, change, target=change.target)
