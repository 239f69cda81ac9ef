"""What an account is told when its calls reach a limit, once a day."""

from dataclasses import dataclass

from renvoi.domain.access.limits import LimitKind


@dataclass(frozen=True, slots=True)
class LimitNotice:
    """The first limit that an account has reached on a day of UTC: of what `kind`, what it is of (`Use.name`), when."""

    account_id: int
    day: int
    kind: LimitKind
    name: str
    at_ms: int
