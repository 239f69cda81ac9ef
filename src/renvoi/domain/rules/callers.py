"""Which callers a number takes: part of its rule."""

import re
from dataclasses import dataclass
from enum import StrEnum

_NUMBER = re.compile(r"\+[1-9][0-9]{1,14}", re.ASCII)
MAX_PREFIXES = 200
"""In each of the two lists."""
_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}\*|\+[1-9][0-9]{1,14}", re.ASCII)


def is_prefix(text: str) -> bool:
    """Tell whether a text is a number, or the beginning of one with a `*` behind it."""
    return _PREFIX.fullmatch(text) is not None


class Anonymous(StrEnum):
    """What a caller meets who does not want to be known, or is not."""

    ACCEPT = "accept"
    REJECT = "reject"
    VOICEMAIL = "voicemail"


class Blocked(StrEnum):
    """What a blocked caller meets."""

    REJECT = "reject"
    VOICEMAIL = "voicemail"


class Verdict(StrEnum):
    """What happens to a call for its caller."""

    ACCEPT = "accept"
    REJECT_ANONYMOUS = "reject-anonymous"
    REJECT_BLOCKED = "reject-blocked"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Callers:
    """Who may call: `block` and `allow` are numbers, or beginnings of numbers with a `*` behind them.

    A caller is blocked that `block` has and `allow` has not: `allow` makes exceptions. Callers without a number are
    anonymous and not blocked.

    Raises:
        ValueError: an entry is not such a number, or there are too many.
    """

    anonymous: Anonymous = Anonymous.ACCEPT
    block: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    blocked: Blocked = Blocked.REJECT

    def __post_init__(self) -> None:
        for name, entries in (("block", self.block), ("allow", self.allow)):
            if len(entries) > MAX_PREFIXES:
                raise ValueError(f"{name} has {len(entries)} entries: give at most {MAX_PREFIXES}")
            for entry in entries:
                if not is_prefix(entry):
                    raise ValueError(f"{name}: {entry[:20]!r} is not a number such as +33162000000 or +33162*")

    def judge(self, caller: str, *, withheld: bool) -> Verdict:
        """Tell what happens to a call of `caller`: a number in E.164, or anything else, and then it is anonymous."""
        if withheld or not _NUMBER.fullmatch(caller):
            if self.anonymous is Anonymous.ACCEPT:
                return Verdict.ACCEPT
            return Verdict.VOICEMAIL if self.anonymous is Anonymous.VOICEMAIL else Verdict.REJECT_ANONYMOUS
        if not self.block or not _has(self.block, caller) or _has(self.allow, caller):
            return Verdict.ACCEPT
        return Verdict.VOICEMAIL if self.blocked is Blocked.VOICEMAIL else Verdict.REJECT_BLOCKED

    @property
    def takes_messages(self) -> bool:
        """Whether some callers are sent to the voicemail."""
        return Anonymous.VOICEMAIL is self.anonymous or (bool(self.block) and self.blocked is Blocked.VOICEMAIL)


def _has(entries: tuple[str, ...], number: str) -> bool:
    return any(number.startswith(entry[:-1]) if entry.endswith("*") else number == entry for entry in entries)


EVERYONE = Callers()
"""Nobody is turned away."""
