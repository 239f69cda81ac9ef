"""The rule of a virtual number: what happens to calls that reach it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum
from typing import Self

from renvoi.domain.messages.email_address import EmailAddress
from renvoi.domain.numbers.number import E164

DEFAULT_RING_TIMEOUT = timedelta(seconds=60)
MIN_RING_TIMEOUT = timedelta(seconds=5)
MAX_RING_TIMEOUT = timedelta(seconds=170)
"""Below the three minutes after which a proxy may give up a ringing call (RFC 3261 §16.6, Timer C)."""


Option = int | str | None
"""The value of a rule's option as documents and `--json` have it."""


class RuleType(IntEnum):
    """The `type` of a rule, with the numbers of the API (`docs/api.md §1`)."""

    DISABLED = 0
    FORWARD = 1
    VOICEMAIL = 2


class Otherwise(StrEnum):
    """How a forwarded call goes on that its target does not take."""

    RELEASE = "release"
    """The caller gets the target's refusal, or ours."""
    VOICEMAIL = "voicemail"
    """The caller can leave a message."""


class Unanswered(StrEnum):
    """Why a forwarded call was not taken."""

    NO_ANSWER = "no-answer"
    """It rang without an answer, or nobody could be reached at all."""
    BUSY = "busy"
    """The target is busy, or declined."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """The fallback for forwarded calls that are not taken: options of a rule that a change of its target keeps.

    `email` is where messages go, and is needed as soon as one of the two actions is VOICEMAIL.
    """

    no_answer: Otherwise = Otherwise.RELEASE
    busy: Otherwise = Otherwise.RELEASE
    email: EmailAddress | None = None

    def __post_init__(self) -> None:
        if self.email is None and Otherwise.VOICEMAIL in (self.no_answer, self.busy):
            raise ValueError("messages need an e-mail address to go to")

    @property
    def options(self) -> dict[str, Option]:
        """What is chosen, by the names of documents and `--json`."""
        email = self.email
        return {
            "no_answer": self.no_answer.value,
            "busy": self.busy.value,
            "email": email.value if email is not None else None,
        }

    def mailbox(self, why: Unanswered) -> EmailAddress | None:
        """Return where a message goes when a call is not taken for the reason `why`; None when none is recorded."""
        action = self.busy if why is Unanswered.BUSY else self.no_answer
        return self.email if action is Otherwise.VOICEMAIL else None


NO_FALLBACK = Fallback()
"""Calls that are not taken are released."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What happens to calls of one number, and how often that was changed.

    `revision` starts at 0 and grows by one with each change. `target` is set for FORWARD only, `email` for VOICEMAIL
    only. `ring_timeout` (5 to 170 s) is how long a forwarded call may ring, `fallback` what happens then; a rule of
    another type keeps both for the next time that it forwards.
    """

    type: RuleType = RuleType.DISABLED
    target: E164 | None = None
    email: EmailAddress | None = None
    revision: int = 0
    ring_timeout: timedelta = DEFAULT_RING_TIMEOUT
    fallback: Fallback = NO_FALLBACK

    def __post_init__(self) -> None:
        if (self.target is not None) != (self.type is RuleType.FORWARD):
            raise ValueError("a target belongs to a rule of type FORWARD, and to no other")
        if (self.email is not None) != (self.type is RuleType.VOICEMAIL):
            raise ValueError("an e-mail address belongs to a rule of type VOICEMAIL, and to no other")
        if not MIN_RING_TIMEOUT <= self.ring_timeout <= MAX_RING_TIMEOUT:
            raise ValueError("the ring timeout is between 5 and 170 seconds")

    @classmethod
    def disabled(cls) -> Self:
        return cls()

    @classmethod
    def forward(cls, target: E164, ring_timeout: timedelta = DEFAULT_RING_TIMEOUT) -> Self:
        """Return a rule that forwards calls to `target`."""
        return cls(RuleType.FORWARD, target=target, ring_timeout=ring_timeout)

    @classmethod
    def voicemail(cls, email: EmailAddress) -> Self:
        """Return a rule that records a message and mails it to `email`."""
        return cls(RuleType.VOICEMAIL, email=email)

    @property
    def param(self) -> str:
        """The `param` of the API: the target or the address in its stored form, empty for DISABLED."""
        return str(self.target or self.email or "")

    @property
    def options(self) -> dict[str, Option]:
        """What of the rule outlasts a change of its target, by the names of documents and `--json`."""
        return {"ring_timeout_s": int(self.ring_timeout.total_seconds()), **self.fallback.options}

    def asks_the_same(self, other: "Rule") -> bool:
        """Tell whether both rules send a call to the same place, whatever their revisions and options."""
        return (self.type, self.param) == (other.type, other.param)


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """A virtual number with all that a call or a change needs to know of it, read in one piece."""

    number: E164
    account_id: int
    rule: Rule = Rule()
    active: bool = True
    forwarding_enabled: bool = True
    label: str = ""
    updated_at_ms: int | None = None
