"""Secrets in the store, each as it was sealed before it came here; and leases of what one node at a time does."""

from collections.abc import Mapping

from renvoi.adapters.sql import statements
from renvoi.adapters.sql.compiled_statements import Connection


class SecretReader:
    """The part of `application.ports.Reader` that secrets need."""

    _connection: Connection

    def secrets(self) -> Mapping[str, bytes]:
        return {str(row[0]): _sealed(row[1]) for row in self._connection.all(statements.all_secrets)}

    def secret(self, name: str) -> bytes | None:
        row = self._connection.one(statements.secret, key=name)
        return _sealed(row[0]) if row else None


class SecretWriter(SecretReader):
    """The part of `application.ports.Writer` that secrets need."""

    def put_secret(self, name: str, sealed: bytes) -> None:
        self._connection.run(statements.put_secret, name=name, sealed=sealed)

    def remove_secret(self, name: str) -> bool:
        return self._connection.run(statements.remove_secret, key=name) > 0

    def take_lease(self, name: str, owner: str, now_ms: int, until_ms: int) -> bool:
        values = {"name": name, "owner": owner, "now_ms": now_ms, "until_ms": until_ms}
        return self._connection.run(statements.take_lease, **values) > 0

    def release_lease(self, name: str, owner: str) -> None:
        self._connection.run(statements.release_lease, key=name, of_owner=owner)


def _sealed(value: object) -> bytes:
    """Return what a row has; of damage that is not bytes nothing is left, which no key opens."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""
