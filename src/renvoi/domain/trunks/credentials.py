"""Who we are to a trunk that asks (RFC 3261 §22)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """A digest user and its password, which may be shown to `realm` alone; to any where that is empty."""

    user: str
    realm: str
    password: str = field(repr=False)
