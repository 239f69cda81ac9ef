"""Who asks: API keys, of whose secret only the hash is stored, and the principal that a key or an operator becomes."""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Self

from renvoi.domain.text import without_invisible

_KEY = re.compile(r"rv_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_MAX_WRITTEN = 1000
"""Characters of a key as pasted, what nobody sees included."""
ID_BYTES = 6
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class ApiKey:
    """A key as a client holds it: `rv_<id>_<secret>`, 256 secret bits. It never prints itself in a log."""

    id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a key, whatever nobody sees around or in it; None when the text cannot be one."""
        found = _KEY.fullmatch(without_invisible(text)) if len(text) <= _MAX_WRITTEN else None
        return cls(found[1], found[2]) if found else None

    def reveal(self) -> str:
        """Return the key in full, to show it once to the person that it was made for."""
        return f"rv_{self.id}_{self.secret}"

    def hash(self) -> bytes:
        """Return what is stored: SHA-256, as a secret of 256 random bits needs no slow hash."""
        return hashlib.sha256(self.secret.encode()).digest()

    def __repr__(self) -> str:
        return f"<ApiKey {self.id}>"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A stored key with what a request needs to know of its account. Times are ms since 1970-01-01 UTC."""

    id: str
    account_id: int
    hash: bytes
    region: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    created_at_ms: int = 0
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None

    def admits(self, key: ApiKey, now_ms: int) -> bool:
        """Tell whether `key` is this one and still good; takes the same time for every wrong secret."""
        same = hmac.compare_digest(self.hash, key.hash())
        expired = self.expires_at_ms is not None and self.expires_at_ms <= now_ms
        return same and self.revoked_at_ms is None and not expired


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: for which account, with which key, from where. Made by `application/auth.py` alone.

    `region` is how the account writes numbers. `key_id` is None where no key was needed; `source` is a network address,
    or `command line`. An operator acts for the account, but is not bound by scopes.
    """

    account_id: int
    region: str
    key_id: str | None
    source: str
    scopes: tuple[str, ...] = ()
    is_operator: bool = False

    def may(self, scope: str) -> bool:
        """Tell whether `scope` is granted; a key without any scopes may do everything in its account."""
        return self.is_operator or not self.scopes or scope in self.scopes
