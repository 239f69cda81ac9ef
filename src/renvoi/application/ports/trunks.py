"""Trunks to and from carriers."""

from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks, and a revision that grows with each change of any. One name may stand on both sides."""

    revision: int
    inbound: tuple[InboundTrunk, ...]
    outbound: tuple[OutboundTrunk, ...]

    @property
    def relayed(self) -> list[str]:
        """The trunks whose calls need the media relay, each with the option that says so."""
        natted = [f"{trunk.name} (--nat)" for trunk in self.inbound if trunk.nat]
        return natted + [f"{trunk.name} (--relay)" for trunk in self.outbound if trunk.relay]


class TrunkReader(Protocol):
    """What can be read of trunks to and from carriers."""

    def trunks(self) -> Trunks:
        """Return all trunks by name."""


class TrunkWriter(Protocol):
    """What a transaction can do with trunks to and from carriers."""

    def add_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int:
        """Add a trunk of one or two sides of one name; return the new revision of the trunks.

        Raises:
            Conflict: the name is taken.
        """

    def set_trunk(self, *sides: InboundTrunk | OutboundTrunk) -> int | None:
        """Put these sides in place of those of the trunk of their name; return the new revision of the trunks.

        None when there is no such trunk.
        """

    def remove_trunk(self, name: str) -> int | None:
        """Remove a trunk; return the new revision of the trunks, None when there is no such trunk."""
