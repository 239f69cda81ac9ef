"""Trunks to and from carriers."""

from dataclasses import dataclass
from typing import Protocol

from renvoi.application.ports.errors import UnreadableTrunk
from renvoi.domain.trunks.trunk import InboundTrunk, OutboundTrunk


@dataclass(frozen=True, slots=True)
class Trunks:
    """All trunks, and a revision that grows with each change of any. One name may stand on both sides.

    `unreadable` are those of which lists have no more than the name.
    """

    revision: int
    inbound: tuple[InboundTrunk, ...]
    outbound: tuple[OutboundTrunk, ...]
    unreadable: tuple[UnreadableTrunk, ...] = ()

    @property
    def relayed(self) -> list[str]:
        """The trunks whose calls need the media relay, each with the option that says so."""
        natted = [f"{trunk.name} (--nat)" for trunk in self.inbound if trunk.nat]
        return natted + [f"{trunk.name} (--relay)" for trunk in self.outbound if trunk.relay]


class TrunkReader(Protocol):
    """What can be read of trunks to and from carriers."""

    def trunks(self) -> Trunks:
        """Return all trunks by name.

        Raises:
            NotUnderstood: one is damaged, or a newer program's. It is not left out of what depends on all of them.
        """

    def listed_trunks(self) -> Trunks:
        """Return all trunks by name as lists have them: also where some are `unreadable`."""


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
