"""Trunks to and from carriers."""

from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks, and a revision that grows with each change of any."""

    revision: int
    inbound: tuple[InboundTrunk, ...]
    outbound: tuple[OutboundTrunk, ...]


class TrunkReader(Protocol):
    """What can be read of trunks to and from carriers."""

    def trunks(self) -> Trunks:
        """Return all trunks by name."""


class TrunkWriter(Protocol):
    """What a transaction can do with trunks to and from carriers."""

    def add_trunk(self, trunk: InboundTrunk | OutboundTrunk) -> int:
        """Add a trunk; return the new revision of the trunks.

        Raises:
            Conflict: the name is taken.
        """

    def remove_trunk(self, name: str) -> int | None:
        """Remove a trunk; return the new revision of the trunks, None when there is no such trunk."""
