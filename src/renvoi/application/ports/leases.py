"""Leases of what one node at a time does (docs/decisions/0007)."""

from typing import Protocol


class LeaseWriter(Protocol):
    """What a transaction can do with leases."""

    def take_lease(self, name: str, owner: str, now_ms: int, until_ms: int) -> bool:
        """Take or renew a lease until then; False while another node has it."""

    def release_lease(self, name: str, owner: str) -> None:
        """Let another node take a lease, if `owner` has it."""
