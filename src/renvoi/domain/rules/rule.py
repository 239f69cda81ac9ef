"""The rule of a virtual number: what happens to calls that reach it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import Self

from renvoi.domain.email_address import EmailAddress
from renvoi.domain.numbers.number import E164
from renvoi.domain.rules.callers import EVERYONE, Callers
from renvoi.domain.rules.schedule import ClosedAction, Hours, Period, Schedule, clock_text

DEFAULT_RING_TIMEOUT = timedelta(seconds=60)
MIN_RING_TIMEOUT = timedelta(seconds=5)
MAX_RING_TIMEOUT = timedelta(seconds=170)
"""Below the three minutes after which a proxy may give up a ringing call (RFC 3261 §16.6, Timer C)."""
MAX_EMAILS = 10


Option = int | str | None
"""The value of a rule's option as the audit trail and `--json` have it."""


class RuleType(IntEnum):
    """The `type` of a rule, with the numbers of the API (`docs/api.md §1`)."""

    DISABLED = 0
    FORWARD = 1
    VOICEMAIL = 2


class Action(StrEnum):
    """The same in the words of documents and of the management API."""

    OFF = "off"
    FORWARD = "forward"
    VOICEMAIL = "voicemail"


ACTIONS = {RuleType.DISABLED: Action.OFF, RuleType.FORWARD: Action.FORWARD, RuleType.VOICEMAIL: Action.VOICEMAIL}


class Otherwise(StrEnum):
    """How a forwarded call goes on that its target does not take."""

    RELEASE = "release"
    """The caller gets the target's refusal, or ours."""
    VOICEMAIL = "voicemail"
    """The caller can leave a message."""
    FORWARD = "forward"
    """It is forwarded to another number."""


class Unanswered(StrEnum):
    """Why a forwarded call was not taken."""

    NO_ANSWER = "no-answer"
    """It rang without an answer."""
    BUSY = "busy"
    """The target is busy, or declined."""
    UNREACHABLE = "unreachable"
    """No trunk could deliver the call, or one answered that the target is not there."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """How a forwarded call goes on: `to` is for FORWARD, and `then` (RELEASE or VOICEMAIL) if that is not taken either.

    Raises:
        ValueError: the parts do not go together.
    """

    action: Otherwise = Otherwise.RELEASE
    to: E164 | None = None
    then: Otherwise = Otherwise.RELEASE

    def __post_init__(self) -> None:
        if (self.to is not None) != (self.action is Otherwise.FORWARD):
            raise ValueError("a number belongs to a fallback that forwards, and to no other")
        if self.then is Otherwise.FORWARD:
            raise ValueError("a call is forwarded at most once more: then release or voicemail")
        if self.then is not Otherwise.RELEASE and self.action is not Otherwise.FORWARD:
            raise ValueError("what then follows belongs to a fallback that forwards, and to no other")

    @property
    def takes_messages(self) -> bool:
        """Whether it can end at the voicemail."""
        return Otherwise.VOICEMAIL in (self.action, self.then)

    def __str__(self) -> str:
        if self.to is None:
            return self.action.value
        return f"forward {self.to}" if self.then is Otherwise.RELEASE else f"forward {self.to}, then {self.then.value}"


RELEASE = Fallback()
TO_VOICEMAIL = Fallback(Otherwise.VOICEMAIL)


@dataclass(frozen=True, slots=True)
class Fallbacks:
    """The fallback for each reason that a forwarded call is not taken."""

    no_answer: Fallback = RELEASE
    busy: Fallback = RELEASE
    unreachable: Fallback = RELEASE

    def of(self, why: Unanswered) -> Fallback:
        if why is Unanswered.BUSY:
            return self.busy
        return self.no_answer if why is Unanswered.NO_ANSWER else self.unreachable

    @property
    def takes_messages(self) -> bool:
        """Whether one of them can end at the voicemail."""
        return self.no_answer.takes_messages or self.busy.takes_messages or self.unreachable.takes_messages

    @property
    def has_number(self) -> bool:
        """Whether one of them is another number."""
        return (self.no_answer.to or self.busy.to or self.unreachable.to) is not None

    @property
    def options(self) -> dict[str, Option]:
        """What is chosen, by the names of the audit trail and `--json`."""
        return {"no_answer": str(self.no_answer), "busy": str(self.busy), "unreachable": str(self.unreachable)}


NO_FALLBACKS = Fallbacks()
"""Calls that are not taken are released."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to calls of one number, and how often that was changed.

    `revision` starts at 0 and grows by one with each change. `target` is needed for FORWARD, and kept by other types
    for the next time that it forwards. `emails` (at most 10) is where messages go, and is needed as soon as any part of
    the rule takes some; with `missed_call_mail` they hear of calls that were missed too. `ring_timeout` (5 to 170 s) is
    how long a forwarded call may ring, `fallbacks` what happens then. `schedule` says when it is open, None: always.
    `callers` who may call.

    Raises:
        ValueError: the parts do not go together.
    """

    type: RuleType = RuleType.DISABLED
    target: E164 | None = None
    emails: tuple[EmailAddress, ...] = ()
    revision: int = 0
    ring_timeout: timedelta = DEFAULT_RING_TIMEOUT
    fallbacks: Fallbacks = NO_FALLBACKS
    missed_call_mail: bool = False
    schedule: Schedule | None = None
    callers: Callers = EVERYONE

    def __post_init__(self) -> None:
        if self.type is RuleType.FORWARD and self.target is None:
            raise ValueError("a rule that forwards needs a target")
        # Each change makes some rules, and most are as they come.
        ring = self.ring_timeout
        if ring is not DEFAULT_RING_TIMEOUT and not MIN_RING_TIMEOUT <= ring <= MAX_RING_TIMEOUT:
            raise ValueError("the ring timeout is between 5 and 170 seconds")
        if not self.emails:
            if self.missed_call_mail or self.takes_messages:
                raise ValueError("messages need an e-mail address to go to")
        elif len(self.emails) > 1 and (len(self.emails) > MAX_EMAILS or len(set(self.emails)) != len(self.emails)):
            raise ValueError(f"messages go to at most {MAX_EMAILS} different e-mail addresses")

    @classmethod
    def disabled(cls) -> Self:
        return cls()

    @classmethod
    def forward(cls, target: E164, ring_timeout: timedelta = DEFAULT_RING_TIMEOUT) -> Self:
        """Return a rule that forwards calls to `target`."""
        return cls(RuleType.FORWARD, target=target, ring_timeout=ring_timeout)

    @classmethod
    def voicemail(cls, *emails: EmailAddress) -> Self:
        """Return a rule that records messages and mails them to `emails`."""
        return cls(RuleType.VOICEMAIL, emails=emails)

    @property
    def takes_messages(self) -> bool:
        """Whether a call can end at the voicemail."""
        if self.fallbacks is NO_FALLBACKS and self.schedule is None and self.callers is EVERYONE:
            return self.type is RuleType.VOICEMAIL
        closed = self.schedule is not None and self.schedule.closed.action is ClosedAction.VOICEMAIL
        return self.type is RuleType.VOICEMAIL or closed or self.fallbacks.takes_messages or self.callers.takes_messages

    @property
    def param(self) -> str:
        """The `param` of the API: the target or the first address in its stored form, empty for DISABLED."""
        if self.type is RuleType.FORWARD:
            return str(self.target)
        return str(self.emails[0]) if self.type is RuleType.VOICEMAIL else ""

    @property
    def options(self) -> dict[str, Option]:
        """What of the rule outlasts a change of its target, by the names of the audit trail and `--json`."""
        return {
            "ring_timeout_s": int(self.ring_timeout.total_seconds()),
            **self.fallbacks.options,
            "email": ", ".join(map(str, self.emails)) or None,
            "missed_call_mail": int(self.missed_call_mail),
            "schedule": None if self.schedule is None else _schedule_text(self.schedule),
            "callers": None if self.callers == EVERYONE else json.dumps(asdict(self.callers)),
        }

    def targets(self) -> Iterator[E164]:
        """Yield the numbers that it may forward calls to."""
        return (target for place, target in self.named_targets() if place != "/to/0" or self.type is RuleType.FORWARD)

    def named_targets(self) -> Iterator[tuple[str, E164]]:
        """Yield the numbers that it names to forward to, each with its place in the rule's JSON (RFC 6901).

        Those of fallbacks count whatever the type: the core endpoint makes a rule forward without a word of them.
        """
        if self.target is not None:
            yield "/to/0", self.target
        fallbacks = self.fallbacks
        if fallbacks is not NO_FALLBACKS:
            for place, fallback in (
                ("/on_no_answer/to/0", fallbacks.no_answer),
                ("/on_busy/to/0", fallbacks.busy),
                ("/on_unreachable/to/0", fallbacks.unreachable),
            ):
                if fallback.to is not None:
                    yield place, fallback.to
        if self.schedule is not None and self.schedule.closed.to is not None:
            yield "/schedule/closed/to/0", self.schedule.closed.to

    def uses(self, place: str) -> bool:
        """Tell whether calls may go to the target at a place that `named_targets` gives."""
        return self.type is RuleType.FORWARD or (self.type is not RuleType.DISABLED and place.startswith("/schedule"))

    def turned(self, wanted: "Rule") -> "Rule":
        """Return this rule with type, target and addresses of `wanted`, as far as that one has them; the next revision.

        That is what the core endpoint changes; everything else stays as it is.
        """
        # By position: `replace` looks at each field's name, twice as long.
        return Rule(
            wanted.type,
            wanted.target or self.target,
            wanted.emails or self.emails,
            self.revision + 1,
            self.ring_timeout,
            self.fallbacks,
            self.missed_call_mail,
            self.schedule,
            self.callers,
        )

    def has_options_of(self, other: "Rule") -> bool:
        """Tell at once whether `options` of both are the same; False: they may be nevertheless."""
        return (
            (self.ring_timeout is other.ring_timeout or self.ring_timeout == other.ring_timeout)
            and self.fallbacks is other.fallbacks
            and self.emails == other.emails
            and self.missed_call_mail == other.missed_call_mail
            and self.schedule is other.schedule
            and self.callers is other.callers
        )

    def asks_all_the_same(self, other: "Rule", schedule: Schedule | None) -> bool:
        """Tell whether this rule, with `schedule` for its own, is `other` but for the revision."""
        return (
            self.type is other.type
            and self.target == other.target
            and self.emails == other.emails
            and self.ring_timeout == other.ring_timeout
            and self.fallbacks == other.fallbacks
            and self.missed_call_mail == other.missed_call_mail
            and schedule == other.schedule
            and self.callers == other.callers
        )

    def asks_the_same(self, wanted: "Rule") -> bool:
        """Tell whether `turned` would change nothing but the revision."""
        if self.type is not wanted.type:
            return False
        if self.type is RuleType.FORWARD:
            return self.target == wanted.target
        return self.type is RuleType.DISABLED or self.emails == wanted.emails


def _schedule_text(schedule: Schedule) -> str:
    """Return what was chosen of a schedule, as the management API writes it."""
    closed = schedule.closed
    chosen = {
        "time_zone": schedule.time_zone,
        "open": [{"days": [day.value for day in each.days], **_hours(each)} for each in schedule.open],
        "holidays": schedule.holidays,
        "exceptions": [
            {"from": str(each.first), "to": str(each.last), "open": [_hours(hours) for hours in each.open]}
            for each in schedule.exceptions
        ],
        "closed": {"action": closed.action.value, **({} if closed.to is None else {"to": [closed.to.value]})},
    }
    return json.dumps(chosen)


def _hours(hours: Hours | Period) -> dict[str, str]:
    return {"from": clock_text(hours.start), "to": clock_text(hours.end)}


class Unreadable(StrEnum):
    """Why what the store has cannot be read: the rule of a number, the policy of an account, a trunk."""

    NEWER = "newer"
    """A newer program wrote it."""
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """A virtual number with all that a call or a change needs to know of it, read in one piece.

    Where lists have one whose rule is `unreadable`, its `rule` has nothing but the revision. No call and no change of a
    rule is decided by such a record.
    """

    number: E164
    account_id: int
    rule: Rule = Rule()
    active: bool = True
    forwarding_enabled: bool = True
    label: str = ""
    updated_at_ms: int | None = None
    unreadable: Unreadable | None = None
