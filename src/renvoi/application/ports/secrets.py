"""Secrets of others that we have to show them in the clear: the store keeps them sealed."""

from collections.abc import Mapping
from typing import Protocol


class SecretReader(Protocol):
    """What can be read of secrets."""

    def secrets(self) -> Mapping[str, bytes]:
        """Return all of them as they are sealed, by what they belong to."""

    def secret(self, name: str) -> bytes | None:
        """Return one as it is sealed; None when there is none of that name."""


class SecretWriter(Protocol):
    """What a transaction can do with secrets."""

    def put_secret(self, name: str, sealed: bytes) -> None:
        """Keep a secret, in place of the one of that name."""

    def remove_secret(self, name: str) -> bool:
        """Remove a secret; False when there is none of that name."""


class Sealer(Protocol):
    """Seals secrets and opens them; each is bound to its name, so that none can be put in the place of another."""

    def seal(self, name: str, secret: str) -> bytes:
        """Return what `open` makes the secret of again, under this very name."""

    def open(self, name: str, sealed: bytes) -> str:
        """Return the secret.

        Raises:
            SecretClosed: it was sealed by another key or under another name, or is damaged.
        """


class SecretClosed(Exception):
    """A secret cannot be opened with the key that we have; the text says which one."""
