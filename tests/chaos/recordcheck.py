"""Call records against the calls that were made: none lost, none doubled, each as the caller saw it.

The model: an edge writes down what it decides before it answers, so a call that got a final answer has its record,
whatever is killed afterwards. A call that was in an edge's hands when that was killed has at most one, whose end may
be unknown. A 503 may come from an edge that refuses calls before it looks at them, and leaves no record then.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from tests.chaos.history import Call, Decision, Fault, Record, Violation

EDGE, NODE = "edge", "node"
"""Faults that end the calls of a node's edge."""
_MAY_BE_SHED = 503
_NEVER_GIVEN = (400, 403, 404, 482, 500)


def record_faults(calls: Iterable[Call], records: Sequence[Record], faults: Iterable[Fault]) -> Iterator[Violation]:
    """Compare records with calls."""
    killed: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.what in (EDGE, NODE):
            killed[fault.node].append(fault)
    kept: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        kept[record.call_id].append(record)
    known = set()
    for call in calls:
        known.add(call.call_id)
        hit = any(fault.at <= call.ended and fault.back >= call.begun for fault in killed[call.node])
        yield from _call_faults(call, kept[call.call_id], hit=hit)
    for call_id, found in kept.items():
        if call_id not in known:
            yield Violation("record of no call", call_id, "nobody made that call", tuple(found))
        elif len(found) > 1:
            yield Violation("doubled record", call_id, f"the call has {len(found)} records", tuple(found))


def _call_faults(call: Call, records: Sequence[Record], *, hit: bool) -> Iterator[Violation]:
    if call.status in _NEVER_GIVEN:
        yield Violation("strange answer", call.number, f"a good call was answered {call.status}", (call, *records))
    if call.status is None:
        return
    if not records:
        if call.status != _MAY_BE_SHED:
            yield Violation("lost record", call.call_id, f"a call that was answered {call.status}", (call,))
        return
    record = records[0]
    if hit:
        return
    if record.status != call.status:
        text = f"the caller was told {call.status}, the record says {record.status}"
        yield Violation("wrong record", call.call_id, text, (call, record))
    elif not record.ended and (call.status >= 300 or call.hung_up):
        yield Violation("unfinished record", call.call_id, "the call is over", (call, record))


def decision_faults(
    records: Iterable[Record], decisions: Iterable[Decision], audit: Mapping[tuple[str, int], str]
) -> Iterator[Violation]:
    """Compare what records say was decided with the rule of that revision, and with what was seen."""
    seen: dict[str, set[str]] = defaultdict(set)
    for decision in decisions:
        seen[decision.call_id].add(decision.target)
    for record in records:
        if record.decision != "forward" or record.number is None or record.revision is None:
            continue
        wanted = audit.get((record.number, record.revision))
        if record.target != wanted:
            text = f"revision {record.revision} leads to {wanted}, the record says {record.target}"
            yield Violation("wrong record", record.call_id, text, (record,))
        elif seen[record.call_id] and record.target not in seen[record.call_id]:
            text = f"the call went to {sorted(seen[record.call_id])}, the record says {record.target}"
            yield Violation("wrong record", record.call_id, text, (record,))


def count_faults(records: Iterable[Record], counts: Mapping[tuple[str, int], int]) -> Iterator[Violation]:
    """Compare the counters of calls with their records."""
    ended = Counter((record.decision, record.status) for record in records if record.status is not None)
    for kind in sorted(ended.keys() | counts.keys()):
        if ended[kind] != counts.get(kind, 0):
            text = f"{counts.get(kind, 0)} calls are counted, {ended[kind]} are recorded"
            yield Violation("wrong counter", f"{kind[0]} {kind[1]}", text)
