"""A number's rule as a register: the order of its revisions must agree with the order of real time.

An operation that ended before another began comes before it. Since every operation is known by the revision that it
made or saw, a history is linearizable if and only if no operation shows an older revision than one that had ended
before it began (a write: nothing but a newer one), and none shows a revision that was not being made yet.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.chaos.effects import Write
from tests.chaos.history import NEVER, Violation


@dataclass(frozen=True, slots=True)
class Read:
    """A sight of the rule between two instants: by its target, by its revision, or both; `seen` is what it was."""

    begun: float
    ended: float
    seen: object
    target: str | None = None
    revision: int | None = None


def order_faults(number: str, writes: Sequence[Write], reads: Iterable[Read]) -> list[Violation]:
    """Return where `reads` and `writes` of a number contradict each other."""
    return _Register(number, writes).run(reads)


class _Register:
    def __init__(self, number: str, writes: Sequence[Write]) -> None:
        self._number = number
        # The rule of a new number refuses calls.
        self._writes = {0: Write(0, "", -NEVER, -NEVER)} | {write.revision: write for write in writes}
        self._by_target: dict[str, list[int]] = defaultdict(list)
        for revision, write in sorted(self._writes.items()):
            self._by_target[write.target].append(revision)
        self._ended: list[tuple[float, int, int]] = []
        self._operations: list[object] = []
        self._newest, self._newest_by = 0, -1

    def run(self, reads: Iterable[Read]) -> list[Violation]:
        """Take the operations as they began.

        A read of a target that was set more than once counts as the oldest that it can be, so that it accuses nobody.
        """
        operations: list[Write | Read] = [write for write in self._writes.values() if write.revision]
        operations += reads
        found: list[Violation] = []
        for operation in sorted(operations, key=lambda each: each.begun):
            self._pass_to(operation.begun)
            if isinstance(operation, Write):
                revision: int | None = operation.revision
                if operation.revision <= self._newest:
                    text = f"revision {operation.revision} began when revision {self._newest} was there"
                    found.append(self._violation("order of changes", text, operation))
            else:
                revision = self._revision_of(operation)
                if revision is None:
                    found.append(self._misread(operation))
            if revision is not None:
                heapq.heappush(self._ended, (operation.ended, revision, len(self._operations)))
                self._operations.append(operation)
        return found

    def _pass_to(self, now: float) -> None:
        while self._ended and self._ended[0][0] < now:
            _, revision, by = heapq.heappop(self._ended)
            if revision >= self._newest:
                self._newest, self._newest_by = revision, by

    def _candidates(self, read: Read) -> list[int]:
        if read.revision is None:
            return self._by_target[read.target or ""]
        write = self._writes.get(read.revision)
        return [] if write is None or read.target not in (None, write.target) else [read.revision]

    def _revision_of(self, read: Read) -> int | None:
        for revision in self._candidates(read):
            if revision >= self._newest and self._writes[revision].begun <= read.ended:
                return revision
        return None

    def _misread(self, read: Read) -> Violation:
        candidates = self._candidates(read)
        if not candidates:
            return self._violation("rule that never was", "nobody has set what was seen", read)
        if candidates[0] < self._newest:
            text = f"revision {candidates[-1]} was seen when revision {self._newest} was there"
            return self._violation("stale decision", text, read)
        return self._violation("decision ahead of its change", f"revision {candidates[0]} was not there yet", read)

    def _violation(self, kind: str, text: str, operation: Write | Read) -> Violation:
        evidence: list[object] = [operation]
        if self._newest_by >= 0:
            evidence.insert(0, self._operations[self._newest_by])
        return Violation(kind, self._number, text, tuple(evidence))
