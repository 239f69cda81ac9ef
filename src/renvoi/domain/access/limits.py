"""How much an account may use, and each of its numbers, and each target of its calls.

Forwarding is what call-pumping fraud needs: the call that comes in is free, and the one that goes out is paid by
somebody else. So what a stolen key or a careless rule can cost is bounded, in calls, in minutes and in money.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.numbers.number import E164

MOST_CALLS = 1_000_000
"""The highest limit of calls at once, and of calls a minute."""
MOST_MINUTES = 10_000_000
MICROS = 1_000_000
"""Money is counted in millionths of its currency: prices are that fine."""
MOST_SPEND = 1_000_000_000 * MICROS
MINUTE_MS = 60_000


class LimitsInvalid(ValueError):
    """A limit is out of its range; the text says which one, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one thing may use; 0: as much as it likes.

    `calls` at once, `calls_per_minute` in each minute of the clock, `minutes_per_day` of answered forwarded calls, and
    `spend_per_day` for them, in millionths of the rate table's currency. A day is one of UTC.
    """

    calls: int = 0
    calls_per_minute: int = 0
    minutes_per_day: int = 0
    spend_per_day: int = 0

    def __post_init__(self) -> None:
        for name, most in _MOST.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise LimitsInvalid(f"{name} {value} is out of range: give 1 to {most}, or 0 for no limit")

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return self != NONE

    @property
    def of_a_day(self) -> bool:
        """Whether minutes or spend of a day are limited."""
        return bool(self.minutes_per_day or self.spend_per_day)


_MOST = {
    "calls": MOST_CALLS,
    "calls_per_minute": MOST_CALLS,
    "minutes_per_day": MOST_MINUTES,
    "spend_per_day": MOST_SPEND,
}
NONE = Limits()


@dataclass(frozen=True, slots=True)
class Used:
    """What was used up today until now: milliseconds, and millionths of a currency."""

    ms: int = 0
    spend: int = 0


@dataclass(frozen=True, slots=True)
class AccountLimits:
    """The limits of an account as a whole, of each of its numbers, and of its calls to each target."""

    account: Limits = NONE
    number: Limits = NONE
    target: Limits = NONE

    def __post_init__(self) -> None:
        if self.target.minutes_per_day or self.target.spend_per_day:
            raise LimitsInvalid("minutes and spend of one target cannot be limited: give limits of calls")

    def __bool__(self) -> bool:
        """Tell whether anything is limited."""
        return bool(self.account or self.number or self.target)

    @property
    def of_spend(self) -> bool:
        """Whether spend is limited."""
        return bool(self.account.spend_per_day or self.number.spend_per_day)


NO_LIMITS = AccountLimits()


class Scope(StrEnum):
    """What a limit is of; what calls are counted under begins with it."""

    ACCOUNT = "a"
    NUMBER = "n"
    TARGET = "t"


class LimitKind(StrEnum):
    """What has come to its limit."""

    CALLS = "calls"
    RATE = "rate"
    MINUTES = "minutes"
    SPEND = "spend"


@dataclass(frozen=True, slots=True)
class Use:
    """Something of an account that a call uses.

    It is counted under `name`; `what` it is for people, and how much there may be.
    """

    name: str
    what: str
    limits: Limits
    account_id: int


@dataclass(frozen=True, slots=True)
class LimitReached:
    """Why a call is refused."""

    use: Use
    kind: LimitKind

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the account, and of what of it has reached its limit."""
        return tuple(dict.fromkeys((account_name(self.use.account_id), self.use.name)))


def used_up(use: Use, used: Used) -> LimitReached | None:
    """Return which limit of a day `use` has come to, if any."""
    limits = use.limits
    if limits.minutes_per_day and used.ms >= limits.minutes_per_day * MINUTE_MS:
        return LimitReached(use, LimitKind.MINUTES)
    if limits.spend_per_day and used.spend >= limits.spend_per_day:
        return LimitReached(use, LimitKind.SPEND)
    return None


def uses(diverting: Iterable[tuple[E164, int, AccountLimits]], target: E164 | None) -> Iterator[Use]:
    """Yield what a call uses that the numbers `diverting` (each with its account's id and limits) send to `target`.

    Of accounts without any limit it uses nothing. Of others everything counts, limited or not, so that a limit which
    is set later finds the calls that there are. `target` is None for the voicemail; it is the last account's.
    """
    known = set()
    last: tuple[int, AccountLimits] | None = None
    for number, account_id, limits in diverting:
        last = account_id, limits
        if not limits:
            continue
        if account_id not in known:
            known.add(account_id)
            yield Use(account_name(account_id), f"account {account_id}", limits.account, account_id)
        yield Use(number_name(number), f"number {number}", limits.number, account_id)
    if target is not None and last is not None and last[1]:
        yield use_of_target(last[0], last[1], target)


def use_of_target(account_id: int, limits: AccountLimits, target: E164) -> Use:
    """Return what a call of an account, which has `limits`, uses by going to `target`."""
    return Use(target_name(account_id, target), f"account {account_id}, target {target}", limits.target, account_id)


def metered(used: Iterable[Use]) -> tuple[str, ...]:
    """Return the names of those whose minutes count: accounts and numbers, but not targets."""
    return tuple(use.name for use in used if not use.name.startswith(Scope.TARGET))


def account_name(account_id: int) -> str:
    """Return what calls of an account are counted under."""
    return f"{Scope.ACCOUNT}{account_id}"


def number_name(number: E164) -> str:
    """Return what calls to a number are counted under."""
    return f"{Scope.NUMBER}{number.digits}"


def target_name(account_id: int, target: E164) -> str:
    """Return what calls of an account to a target are counted under."""
    return f"{Scope.TARGET}{account_id}.{target.digits}"


def target_names(account_id: int) -> tuple[str, str]:
    """Return the first name that targets of an account may be counted under, and the one behind the last of them."""
    return f"{Scope.TARGET}{account_id}.", f"{Scope.TARGET}{account_id}/"


def scope_of(name: str) -> tuple[Scope, str]:
    """Return what a name stands for: its scope, and the account's id or the number's digits."""
    return Scope(name[:1]), name[1:].rpartition(".")[2]


def account_of(name: str) -> int | None:
    """Return the id of the account that an `account_name` is of; None for another name."""
    id_text = name.removeprefix(Scope.ACCOUNT)
    return int(id_text) if name != id_text and id_text.isdecimal() and len(id_text) < 19 else None


@dataclass(frozen=True, slots=True)
class LimitNotice:
    """The first limit that an account has reached on a day of UTC, which it is told: its `kind`, what it is of, when.

    `name` is that of a `Use`.
    """

    account_id: int
    day: int
    kind: LimitKind
    name: str
    at_ms: int
