"""Tells, without running it, whether a regular expression may take more than linear time on some text.

Python's matcher tries one way of reading a text after the other. It is linear if the number of ways to read the
beginning of any text is bounded. For an automaton that is decided by the criterion of Weber and Seidl (On the degree of
ambiguity of finite automata, 1991, §3): the number is unbounded if, and only if, there are two states p and q and a
word that leads from p to p, from p to q, and from q to q.

The states are the places of a pattern that take a character (Glushkov's automaton). A repeat of more than `UNROLLED`
times counts as one without end, so what is bounded by 256 only counts as unbounded. Look-around must be bounded.

A pattern that gives nothing back needs no automaton: each repeat is possessive, or all that there is in an atomic
group, or of a few characters. What it has read at one place it reads there in no other way, whatever comes behind.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from itertools import product
from typing import Any, TypeVar

_parser: Any = import_module("re._parser")
_compiler: Any = import_module("re._compiler")
UNROLLED = 4
MAX_AHEAD = 16
"""Characters that a look-around may read, and a repeat of a pattern that gives nothing back."""
_BEYOND_LATIN = "\u0131\u017f\u0660\u2003\u2015\u212a\uff10\U0001f600"
"""What classes of Unicode tell apart: letters of odd case, a digit, a space, a dash, another sign."""
State = int
START = -1

_End = tuple[State, frozenset[str] | None]
T = TypeVar("T")


class NotUnderstood(Exception):
    """The pattern has a construct that nothing is known of here."""


@dataclass
class _Part:
    """A part of a pattern: whether it may be empty, and at which states it begins and ends."""

    empty: bool
    first: list[State] = field(default_factory=list)
    last: list[_End] = field(default_factory=list)
    """With the characters that may follow, where a look ahead says so."""
    ahead: frozenset[str] | None = None


class Automaton:
    """The states of a pattern. `searched`: it is looked for anywhere in a text, rather than at one place."""

    def __init__(self, pattern: re.Pattern[Any], *, searched: bool) -> None:
        self.alphabet = [chr(code) for code in range(256)]
        self._is_bytes = isinstance(pattern.pattern, bytes)
        if not self._is_bytes:
            self.alphabet += _BEYOND_LATIN
        self.takes: list[frozenset[str]] = []
        self.edges: dict[tuple[State, State], frozenset[str]] = {}
        self.twice: list[tuple[State, State]] = []
        """Edges that there are for more than one reason."""
        parsed = _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
        self._info = parsed.state
        self._is_bound = False
        whole = self._sequence(parsed)
        last = {state for state, _ in whole.last}
        every = frozenset(self.alphabet)
        sure = {state for state in last if self.edges.get((state, state)) == every}
        if searched and not self._is_bound:
            sure |= {state for state in last if last.issuperset(a for b, a in self.edges if b == state)}
        for state in whole.first:
            self._lead(START, state, self.takes[state])
        # Who has come there has found what is looked for, and reads nothing twice.
        self.edges = {edge: letters for edge, letters in self.edges.items() if edge[1] not in sure}
        if searched:
            begins_line = str(next(iter(parsed), ("",))[-1]) == "AT_BEGINNING" and pattern.flags & re.MULTILINE
            self._look_anywhere(every, frozenset("\n") if begins_line else every)

    def _look_anywhere(self, every: frozenset[str], before: frozenset[str]) -> None:
        """Let it begin behind each character, or each of `before`, as well."""
        begun = [(after, letters) for (state, after), letters in self.edges.items() if state == START]
        skipped = [self._state(before), self._state(every - before)]
        for after, letters in begun:
            self._lead(skipped[0], after, letters)
        for one, other in product((START, *skipped), skipped):
            self._lead(one, other, self.takes[other])

    def _state(self, takes: frozenset[str]) -> State:
        self.takes.append(takes)
        return len(self.takes) - 1

    def _sequence(self, items: Iterable[Any]) -> _Part:
        whole = _Part(empty=True)
        for item in items:
            whole = self._both(whole, self._item(*item))
        return whole

    def _both(self, one: _Part, other: _Part) -> _Part:
        if other.ahead is not None:
            bound: list[_End] = [(state, other.ahead & (ahead or other.ahead)) for state, ahead in one.last]
            return _Part(one.empty, one.first, bound)
        self._join(one, other)
        first = one.first + (other.first if one.empty else [])
        last = other.last + (one.last if other.empty else [])
        return _Part(one.empty and other.empty, first, last)

    def _join(self, one: _Part, other: _Part) -> None:
        for (before, ahead), after in product(one.last, other.first):
            self._lead(before, after, self.takes[after] if ahead is None else self.takes[after] & ahead)

    def _lead(self, before: State, after: State, letters: frozenset[str]) -> None:
        known = self.edges.get((before, after), frozenset())
        if known & letters:
            self.twice.append((before, after))
        if letters:
            self.edges[before, after] = known | letters

    def _item(self, operation: Any, argument: Any) -> _Part:
        match str(operation):
            case "LITERAL" | "NOT_LITERAL" | "IN" | "ANY":
                return self._one_character((operation, argument))
            case "AT":
                self._is_bound = True
                return _Part(empty=True)
            case "SUBPATTERN":
                return self._sequence(argument[3])
            case "BRANCH":
                parts = [self._sequence(branch) for branch in argument[1]]
                first, last = [s for part in parts for s in part.first], [e for part in parts for e in part.last]
                return _Part(any(part.empty for part in parts), first, last)
            case "MAX_REPEAT" | "MIN_REPEAT":
                return self._repeat(int(argument[0]), int(argument[1]), argument[2])
            case "ASSERT" if argument[0] > 0 and argument[1].getwidth()[1] <= 1:
                self._is_bound = True
                return _Part(empty=True, ahead=self._letters(argument[1]))
            case "ASSERT" | "ASSERT_NOT" if argument[1].getwidth()[1] <= MAX_AHEAD:
                self._is_bound = True
                return _Part(empty=True)
        raise NotUnderstood(f"{operation} is not understood here: keep to plain groups, classes and repeats")

    def _one_character(self, item: Any) -> _Part:
        state = self._state(self._letters([item]))
        return _Part(False, [state], [(state, None)])

    def _letters(self, items: Any) -> frozenset[str]:
        """Return with which characters a text begins that these items match."""
        single = _compiler.compile(_parser.SubPattern(self._info, list(items)), self._info.flags)
        texts = ((char, char.encode("latin-1") if self._is_bytes else char) for char in self.alphabet)
        return frozenset(char for char, text in texts if single.match(text))

    def _repeat(self, least: int, most: int, body: Any) -> _Part:
        if most > UNROLLED:
            part = self._sequence(body)
            self._join(part, part)
            return _Part(part.empty or not least, part.first, part.last)
        # From its end: x{1,3} is x(x(x)?)?
        whole = _Part(empty=True)
        for number in range(most, 0, -1):
            whole = self._both(self._sequence(body), whole)
            if number > least:
                whole.empty = True
        return whole


def _gives_back(items: Iterable[Any]) -> bool:
    """Tell whether a repeat may be read again with fewer rounds, when what comes behind it fails."""
    return any(_is_given_back(str(operation), argument) for operation, argument in items)


def _is_given_back(operation: str, argument: Any) -> bool:
    match operation:
        case "MAX_REPEAT" | "MIN_REPEAT":
            return len(argument[2]) > 1 or argument[2].getwidth()[1] > 1 or argument[1] > MAX_AHEAD
        case "ATOMIC_GROUP":
            is_repeat = len(argument) == 1 and str(argument[0][0]) == "MAX_REPEAT"
            return _gives_back(argument[0][1][2] if is_repeat else argument)
        case "POSSESSIVE_REPEAT" | "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
            return _gives_back(argument[-1])
        case "BRANCH":
            return any(map(_gives_back, argument[1]))
    return False


def ways(pattern: re.Pattern[Any], *, searched: bool) -> str | None:
    """Return by which parts of the pattern the number of ways to read a text has no bound; None when it has one.

    Raises:
        NotUnderstood: nothing can be said of it.
    """
    if not searched and not _gives_back(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)):
        return None
    automaton = Automaton(pattern, searched=searched)
    takes, edges = automaton.takes, automaton.edges
    follow: dict[State, list[State]] = {state: [] for state in (START, *range(len(takes)))}
    for before, following in edges:
        follow[before].append(following)
    after = {state: _reached(state, follow.__getitem__) for state in follow}
    for before, following in automaton.twice:
        if before in after[START] and before in after[following] | {following}:
            return f"a repeat in a repeat: {_shown(takes[before])} before {_shown(takes[following])}"
    by_letter = {frozenset(edge for edge, letters in edges.items() if char in letters) for char in automaton.alphabet}
    moves = [{state: [a for b, a in some if b == state] for state in follow} for some in by_letter]
    looping = [state for state in sorted(after[START]) if state in after[state]]
    for p, q in product(looping, looping):
        if p != q and q in after[p] and _is_ambiguous(p, q, moves, after):
            return f"{_shown(takes[p])} and {_shown(takes[q])}"
    return None


def _is_ambiguous(
    p: State, q: State, moves: Iterable[Mapping[State, Iterable[State]]], after: Mapping[State, set[State]]
) -> bool:
    """Tell whether one word leads from p to p, from p to q, and from q to q."""

    def steps(at: tuple[State, State, State]) -> Iterator[tuple[State, State, State]]:
        for move in moves:
            for one, two, three in product(move[at[0]], move[at[1]], move[at[2]]):
                if p in after[one] and q in after[two] | {two} and q in after[three]:
                    yield one, two, three

    return (p, q, q) in _reached((p, p, q), steps)


def _reached(start: T, steps: Callable[[T], Iterable[T]]) -> set[T]:
    """Return what is reached from `start` by one step or more."""
    found: set[T] = set()
    waiting = [start]
    while waiting:
        for each in steps(waiting.pop()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found


def _shown(taken: frozenset[str]) -> str:
    some = "".join(sorted(taken))
    return repr(some if len(some) < 20 else some[:10] + "\u2026" + some[-10:])
