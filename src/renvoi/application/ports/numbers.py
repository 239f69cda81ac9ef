"""Numbers with their rules and greetings, and imports of many of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from renvoi.domain.events.event import Event
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.rule import NumberRecord, Rule

RenewalPlace = tuple[int, E164]
"""When a rule is due to be renewed (ms since 1970-01-01 UTC), and its number: their order."""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One row of an import."""

    number: E164
    label: str = ""
    forwarding_enabled: bool = True


REMOVING = -1
"""The import of a number that is being removed, which nobody can add meanwhile."""


class ImportState(Enum):
    """Where an import is: its rows are staged, will all become numbers, or will all be removed."""

    STAGING = "staging"
    COMMITTED = "committed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Import:
    """An import that has rows staged; one that is being staged renews its lease, which ends at `alive_until_ms`."""

    id: int
    state: ImportState
    alive_until_ms: int


@dataclass(frozen=True, slots=True)
class StagedNumber:
    """Which import holds a number, and the line of its file."""

    import_id: int
    line: int


@dataclass(frozen=True, slots=True)
class ImportPage:
    """Staged rows whose numbers exist already, by line, and where the page ends; None when it was the last one."""

    existing: Sequence[tuple[int, E164]]
    last: E164 | None


@dataclass(frozen=True, slots=True)
class Greeting:
    """How the mailbox of a number greets: `audio` is a WAV of its own, None for the default greeting.

    `spoken` tells whether the default greeting says the number. `version` changes with every change.
    """

    number: E164
    version: int
    audio: bytes | None = None
    spoken: bool = False


class NumberReader(Protocol):
    """What can be read of numbers with their rules and greetings, and imports of many of them."""

    def number(self, number: E164) -> NumberRecord | None:
        """Return a virtual number's record.

        Raises:
            NotUnderstood: its rule cannot be read.
        """

    def listed_number(self, number: E164) -> NumberRecord | None:
        """Return a virtual number's record as lists have it: also where its rule is `unreadable`."""

    def numbers(
        self, account_id: int | None = None, after: E164 | None = None, limit: int = 100
    ) -> Sequence[NumberRecord]:
        """Return up to `limit` numbers in ascending order, from the one behind `after`; see `listed_number`."""

    def number_ahead(self, account_id: int, after: E164 | None, places: int) -> E164 | None:
        """Return the account's number that is so many places (1 or more) behind `after`, None when there are less.

        It costs an index entry for each place: callers take steps that others can wait for.
        """

    def greeting(self, number: E164) -> Greeting | None:
        """Return a number's greeting; None for the default one."""

    def greeting_version(self, number: E164) -> int | None:
        """Return the version of a number's greeting without reading its audio; None for the default one."""

    def rules_to_renew(self, now_ms: int, after: RenewalPlace | None, limit: int) -> Sequence[RenewalPlace]:
        """Return up to `limit` rules that are due, in their order, from the one behind `after`."""

    def count_to_renew(self, before_ms: int) -> int:
        """Return how many rules were due at `before_ms` and have not been renewed since."""

    def imports(self) -> Sequence[Import]:
        """Return all imports that have not ended."""

    def staged(self, number: E164) -> StagedNumber | None:
        """Return what a number is staged by."""

    def import_page(self, import_id: int, after: E164 | None, limit: int) -> ImportPage:
        """Look among the `limit` staged rows of an import behind `after` for numbers that exist already."""


class NumberWriter(Protocol):
    """What a transaction can do with numbers with their rules and greetings, and imports of many of them."""

    def number_for_change(self, number: E164) -> NumberRecord | None:
        """Return a number's record and keep everybody else from changing it until the transaction ends.

        Raises:
            NotUnderstood: its rule cannot be read.
        """

    def number_to_remove(self, number: E164) -> NumberRecord | None:
        """Return the record as `number_for_change` does, but also where its rule is `unreadable`."""

    def put_rule(
        self, number: E164, rule: Rule, at_ms: int, event: Event | None = None, before: Rule | None = None
    ) -> None:
        """Replace a number's rule, and tell the event of that, as `EventWriter.add_event` does.

        The event is one of the number's own account, and the number one that `number_for_change` has found. `before` is
        the rule that it has found there, if the caller says so: what is the same in both need not be written again.

        Raises:
            StoreRefused: see `application.events.emit`.
        """

    def renew_rule(self, number: E164, rule: Rule) -> None:
        """Replace a number's rule by the same one with other dates of holidays: it was not changed.

        Nothing happens when the number has a rule of another revision.
        """

    def add_number(self, account_id: int, row: NumberRow, at_ms: int) -> None:
        """Add a virtual number, with calls disabled.

        Raises:
            Conflict: the number exists already, in whichever account, or an import that is under way holds it, or it
                is being removed.
        """

    def add_numbers(self, account_id: int, rows: Iterable[NumberRow], at_ms: int) -> int:
        """Add many numbers in this one transaction, all or none; return how many.

        Raises:
            Conflict: one of them exists already, or an import that is under way holds it.
        """

    def begin_import(self, import_id: int, account_id: int, at_ms: int, alive_until_ms: int) -> None:
        """Begin to stage numbers of an account; `import_id` is random (63 bits), not 0."""

    def stage_numbers(self, import_id: int, staged: Sequence[tuple[int, NumberRow]], alive_until_ms: int) -> int | None:
        """Stage rows with their lines, so that nobody else can add their numbers, and renew the import's lease.

        Returns how many were staged, less than given where numbers are staged already; None when the import was
        abandoned.
        """

    def commit_import(self, import_id: int) -> bool:
        """Decide that all of its rows become numbers; False when it was abandoned, or its account is closed."""

    def abandon_import(self, import_id: int) -> bool:
        """Decide that none of its rows becomes a number; False when that is decided already, either way."""

    def advance_import(self, import_id: int, limit: int) -> int:
        """Move up to `limit` rows of a decided import among the numbers, or remove them; return how many.

        A number that an older program added meanwhile stays as it is. Without rows left the import ends: returns 0.
        """

    def set_number_state(
        self, number: E164, *, active: bool | None = None, forwarding_enabled: bool | None = None
    ) -> bool:
        """Activate or deactivate a number, or switch its call-forwarding option; False when there is no such number."""

    def set_label(self, number: E164, label: str) -> None:
        """Name a number."""

    def put_greeting(self, number: E164, audio: bytes | None, at_ms: int, *, spoken: bool = False) -> None:
        """Give a number's mailbox a greeting of its own, or one that says the number."""

    def remove_greeting(self, number: E164) -> bool:
        """Have a number's mailbox greet as all others do; False when it did already."""
