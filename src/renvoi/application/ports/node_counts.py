"""What calls use up of limits at each node at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """What one node counts, by name; `beat` is another number each time that it says so."""

    beat: int
    counts: Mapping[str, int]


class NodeCountsReader(Protocol):
    """What can be read of what nodes count."""

    def node_counts(self) -> Mapping[str, NodeCounts]:
        """Return what each node counts, by the nodes' names."""


class NodeCountsWriter(Protocol):
    """Tells other nodes what one counts."""

    def put_node_counts(self, node: str, counts: NodeCounts) -> None:
        """Have this in place of what the node said before, and others learn of it."""

    def remove_node_counts(self, node: str, beat: int | None = None) -> None:
        """Forget a node, which counts nothing any more; with `beat` only if that is what it said last."""
