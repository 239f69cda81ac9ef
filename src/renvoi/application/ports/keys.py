"""Keys of accounts and of operators: as they are stored, when they were used, and who changed them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.access.api_key import KeyRecord

KeyPlace = tuple[int, str]
"""A place in the list of keys, whose order is that of their time of creation, then of their ids."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What of a key the trail of changes has: all but its hashes, and whether it has another secret than before."""

    label: str
    scopes: tuple[str, ...]
    numbers: tuple[str, ...] | None
    expires_at_ms: int | None
    revoked_at_ms: int | None
    revision: int
    rotated: bool = False


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One change of a key: when, by which key (None: the command line), from which address, before and after.

    `before` is None when it was made.
    """

    at_ms: int
    changed_key: str
    account_id: int
    key_id: str | None
    source: str
    before: KeyState | None
    after: KeyState


class KeyReader(Protocol):
    """What can be read of keys. Ids of operators' keys begin in another way, so an id says which kind is meant."""

    def key(self, key_id: str) -> KeyRecord | None:
        """Return a key's record, of an account or an operator."""

    def keys(
        self, account_id: int | None = None, after: KeyPlace | None = None, limit: int = 100
    ) -> Sequence[KeyRecord]:
        """Return up to `limit` keys behind `after`, by time of creation.

        Those of one account, of all accounts (None), or of operators (`EVERY_ACCOUNT`).
        """

    def live_keys(self, account_id: int, limit: int) -> int:
        """Return how many keys of an account, or of operators (`EVERY_ACCOUNT`), are not revoked; at most `limit`."""

    def key_uses(self, key_ids: Collection[str]) -> Mapping[str, int]:
        """Return when keys were used last (ms since 1970-01-01 UTC); what was never used is missing."""

    def key_changes(self, key_id: str, limit: int = 100, before_revision: int | None = None) -> Sequence[KeyChange]:
        """Return up to `limit` of the latest changes of a key, newest first; those before a revision if it is given."""


class KeyWriter(Protocol):
    """Changes keys."""

    def key_for_change(self, key_id: str) -> KeyRecord | None:
        """Return a key's record and keep everybody else from changing it until the transaction ends."""

    def add_key(self, record: KeyRecord) -> None:
        """Add a key, of the kind that its id says.

        Raises:
            Conflict: there is one with that id.
        """

    def put_key(self, record: KeyRecord) -> None:
        """Replace what can be changed of a key: all but its account, when it was made and by whom."""

    def revoke_key(self, key_id: str, at_ms: int) -> bool:
        """Revoke a key; False when there is no such key. One that is revoked already stays so since then."""

    def note_key_uses(self, uses: Mapping[str, int]) -> None:
        """Note when keys were used; an earlier time than the one that is known changes nothing."""

    def remove_revoked_keys(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` keys of each kind, with their uses, revoked before `before_ms`; return how many."""

    def add_key_change(self, change: KeyChange) -> None:
        """Add to the trail of changes."""

    def remove_old_key_changes(self, before_ms: int, limit: int) -> int:
        """Remove up to `limit` changes older than `before_ms`; return how many."""
