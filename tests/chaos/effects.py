"""Which request made which revision of a number's rule: every effect has one cause, and every success its effect."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.chaos.history import NEVER, Audited, Change, Outcome, Violation


@dataclass(frozen=True, slots=True)
class Write:
    """A revision, and between which instants it was made."""

    revision: int
    target: str
    begun: float
    ended: float


@dataclass(slots=True)
class Effects:
    """What one number's requests came to."""

    writes: list[Write] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    explained: int = 0
    """Changes that were refused and are stored all the same, since their node could not learn their outcome."""


def effects(
    number: str, changes: Sequence[Change], audit: Iterable[Audited], unknown_at: Sequence[float] = ()
) -> Effects:
    """Attribute the audit trail of a number to the changes that were asked of it."""
    trail = sorted(audit, key=lambda entry: entry.revision)
    found = Effects(violations=list(_trail_faults(number, trail)))
    by_target: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        by_target[change.target].append(change)
        if change.outcome is Outcome.STRANGE:
            found.violations.append(Violation("strange answer", number, change.note, (change,)))
    entries: dict[str, list[Audited]] = defaultdict(list)
    for entry in trail:
        entries[entry.after].append(entry)
    for target in by_target.keys() | entries.keys():
        _attribute(found, _Asked(number, by_target[target]), entries[target], unknown_at)
    return found


def _trail_faults(number: str, trail: Sequence[Audited]) -> Iterator[Violation]:
    revisions = [entry.revision for entry in trail]
    twice = [revision for revision, count in Counter(revisions).items() if count > 1]
    if twice:
        evidence = tuple(entry for entry in trail if entry.revision in twice)
        yield Violation("duplicate revision", number, f"revisions {twice} were given twice", evidence)
    missing = set(range(1, max(revisions, default=0) + 1)) - set(revisions)
    if missing:
        yield Violation("revision gap", number, f"revisions {sorted(missing)} are missing")
    for earlier, later in pairwise(trail):
        if later.before != earlier.after and later.revision == earlier.revision + 1:
            yield Violation("torn change", number, "it began from a rule that was not there", (earlier, later))
        if later.after == earlier.after:
            yield Violation("two winners", number, "a rule was replaced by the same one", (earlier, later))


class _Asked:
    """The requests for one target of one number."""

    def __init__(self, number: str, changes: Sequence[Change]) -> None:
        self.number = number
        self.changes = changes
        self.done: dict[int, list[Change]] = defaultdict(list)
        for change in changes:
            if change.outcome is Outcome.DONE and change.revision is not None:
                self.done[change.revision].append(change)

    def same(self, change: Change) -> list[Change]:
        """Return the requests that may be the cause of what `change` was told."""
        return [each for each in self.changes if each is change or (each.key is not None and each.key == change.key)]

    def possible(self, outcome: Outcome) -> list[list[Change]]:
        """Return the requests of that outcome which may have had an effect that no success reports, by key."""
        told = {change.key for changes in self.done.values() for change in changes} - {None}
        found: dict[object, list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.outcome is outcome and change.key not in told:
                found[change.key or id(change)].append(change)
        return list(found.values())


def _attribute(found: Effects, asked: _Asked, entries: Sequence[Audited], unknown_at: Sequence[float]) -> None:
    found.violations += _success_faults(asked, {entry.revision for entry in entries})
    left: list[Audited] = []
    for entry in entries:
        told = asked.done.get(entry.revision)
        if told is None:
            left.append(entry)
            continue
        begun = min(change.begun for change in asked.same(told[0]))
        found.writes.append(Write(entry.revision, entry.after, begun, min(change.ended for change in told)))
    if not left:
        return
    unknown, refused = asked.possible(Outcome.UNKNOWN), asked.possible(Outcome.REFUSED)
    begun = min((change.begun for group in (*unknown, *refused) for change in group), default=-NEVER)
    found.writes += (Write(entry.revision, entry.after, begun, NEVER) for entry in left)
    surplus = len(left) - len(unknown)
    if surplus <= 0:
        return
    explained = [group for group in refused if any(_explains(change, unknown_at) for change in group)]
    if surplus <= len(explained):
        found.explained += surplus
        return
    evidence = (*left, *asked.changes)
    if surplus <= len(refused):
        text = "a change that was refused as unavailable is stored"
        found.violations.append(Violation("refused and done", asked.number, text, evidence))
    else:
        text = f"{len(left)} changes are stored that were never acknowledged, {len(unknown)} can be"
        found.violations.append(Violation("effect without cause", asked.number, text, evidence))


def _success_faults(asked: _Asked, stored: set[int]) -> Iterator[Violation]:
    revisions: dict[str, set[int]] = defaultdict(set)
    for revision, changes in asked.done.items():
        keys = {change.key for change in changes}
        if len(changes) > 1 and (len(keys) > 1 or None in keys):
            yield Violation("revision told twice", asked.number, f"revision {revision}", tuple(changes))
        if revision not in stored:
            text = f"revision {revision} was acknowledged and is not stored"
            yield Violation("lost change", asked.number, text, tuple(changes))
        for change in changes:
            if change.key is not None:
                revisions[change.key].add(revision)
    for key, told in revisions.items():
        if len(told) > 1:
            evidence = tuple(change for change in asked.changes if change.key == key)
            yield Violation("key used twice", asked.number, f"{key} made revisions {sorted(told)}", evidence)


def _explains(change: Change, unknown_at: Sequence[float]) -> bool:
    return any(change.begun <= at <= change.ended for at in unknown_at)
