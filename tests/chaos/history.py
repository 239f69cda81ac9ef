"""What was asked of the nodes and what was seen of them, all on the one clock of the harness.

Times are seconds of `time.monotonic()`; what never came to an end ended at `NEVER`. A target is a phone number, an
e-mail address, or empty where calls are refused. Every change asks for a target that no other change of that number
asks for, save those that shall be identical; so a decision tells which change it obeys.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

NEVER = inf


class Outcome(StrEnum):
    """What a client was told about its change."""

    DONE = "done"
    ALREADY = "already"
    """The rule is so already (codes 16 to 18)."""
    REFUSED = "refused"
    """Nothing was changed (code 104)."""
    UNKNOWN = "unknown"
    """The connection was lost, or no answer came."""
    STRANGE = "strange"
    """An answer that nobody may get."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a client asked for, with the `Idempotency-Key` if it gave one, and the revision it was told."""

    begun: float
    ended: float
    node: str
    number: str
    target: str
    outcome: Outcome
    revision: int | None = None
    key: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was seen: calls to `number` go to `target`. It was made between `begun` and `ended`."""

    begun: float
    ended: float
    node: str
    number: str
    target: str
    call_id: str


@dataclass(frozen=True, slots=True)
class Call:
    """An INVITE and its final status, None when there was none. `hung_up` tells that the caller's BYE was answered."""

    begun: float
    ended: float
    node: str
    number: str
    call_id: str
    status: int | None
    hung_up: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """A call to a mailbox: `said_s` seconds were said after the beep, before its worker was killed if it was."""

    call_id: str
    said_s: float


@dataclass(frozen=True, slots=True)
class MailSeen:
    """A mail that a mail server took: whose message it brings, to whom, and a digest of the recording."""

    message_id: str
    recipient: str
    digest: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What was killed where (`node` empty: the database), from when until when.

    A part is over when it is gone, as the next one knows nothing of it; a node and the database when they are back.
    """

    at: float
    back: float
    node: str
    what: str


@dataclass(frozen=True, slots=True)
class Audited:
    """An entry of the audit trail."""

    number: str
    revision: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Record:
    """A call record."""

    call_id: str
    number: str | None
    revision: int | None
    decision: str
    target: str | None
    status: int | None
    ended: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the store with the state of its mail."""

    id: str
    call_id: str
    number: str
    revision: int
    recipient: str
    mail_state: str


@dataclass(frozen=True, slots=True)
class Final:
    """The store when all is over. `rules` has each number's revision and target."""

    rules: Mapping[str, tuple[int, str]]
    audit: Sequence[Audited] = ()
    records: Sequence[Record] = ()
    messages: Sequence[Kept] = ()
    call_counts: Mapping[tuple[str, int], int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """Everything that happened. `unknown_at`: when nodes noted that they could not learn what a commit came to."""

    changes: list[Change] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    takings: list[Taking] = field(default_factory=list)
    mails: list[MailSeen] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unknown_at: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise that was not kept: which, about what, and the operations that show it."""

    kind: str
    subject: str
    text: str
    evidence: tuple[object, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.kind} ({self.subject}): {self.text}", *(f"    {each}" for each in self.evidence)]
        return "\n".join(lines)
