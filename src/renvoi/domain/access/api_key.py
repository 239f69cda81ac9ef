"""Who asks: API keys, of whose secret only the hash is stored, and the principal that a key or an operator becomes."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from typing import Self

from renvoi.domain.access.rights import Rights, grants
from renvoi.domain.numbers.number import E164
from renvoi.domain.text import without_invisible

_KEY = re.compile(r"rv_((?:op_)?[0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_MAX_WRITTEN = 1000
"""Characters of a key as pasted, what nobody sees included."""
ID_BYTES = 6
SECRET_BYTES = 32
OPERATOR_PREFIX = "op_"
"""How ids of operators' keys begin: so a key says itself where its record is, and each costs one look-up."""
EVERY_ACCOUNT = 0
"""In place of an account's id where an operator's key has named none; no account has it, so nothing is its own."""
MAX_NUMBERS = 100
"""Numbers that a key is limited to, at most: they are read with it at each request."""
_NO_HASH = bytes(32)


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


def is_operator_id(key_id: str) -> bool:
    """Tell whether that is the id of an operator's key."""
    return key_id.startswith(OPERATOR_PREFIX)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A stored key with what a request needs to know of its account. Times are ms since 1970-01-01 UTC.

    An operator's key has the account `EVERY_ACCOUNT`. Without `scopes` it may do everything; `numbers` are those that
    it is limited to, None for all. `previous_hash` is that of the secret before the last rotation, which is good until
    `previous_until_ms`. `revision` grows with each change; `made_by` is the id of the key that made it, None for the
    command line.
    """

    id: str
    account_id: int
    hash: bytes
    region: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    created_at_ms: int = 0
    expires_at_ms: int | None = None
    revoked_at_ms: int | None = None
    numbers: frozenset[E164] | None = None
    previous_hash: bytes | None = None
    previous_until_ms: int | None = None
    revision: int = 0
    made_by: str | None = None
    row_place: tuple[int, str] | None = field(default=None, compare=False, repr=False)

    @property
    def place(self) -> tuple[int, str]:
        """Where it is in lists, by time of creation; `row_place` says so where the row may be damaged."""
        return self.row_place or (self.created_at_ms, self.id)

    @property
    def is_operator(self) -> bool:
        """Whether it is an operator's key."""
        return is_operator_id(self.id)

    @property
    def rights(self) -> Rights:
        """What it may do, whoever holds it."""
        return Rights(self.scopes, self.numbers, self.expires_at_ms, self.is_operator)

    def is_over(self, now_ms: int) -> bool:
        """Tell whether it is revoked or has expired."""
        return self.revoked_at_ms is not None or (self.expires_at_ms is not None and self.expires_at_ms <= now_ms)

    def admits(self, key: ApiKey, now_ms: int) -> bool:
        """Tell whether `key` is this one and still good; takes the same time for every wrong secret."""
        return self.admits_hash(key.hash(), now_ms)

    def admits_hash(self, digest: bytes, now_ms: int) -> bool:
        """Tell whether the key whose hash is `digest` is this one and still good, as `admits`."""
        is_current = hmac.compare_digest(self.hash, digest)
        # Compared whether there is one or not.
        is_previous = hmac.compare_digest(self.previous_hash or _NO_HASH, digest) and self.previous_hash is not None
        is_replaced = self.previous_until_ms is None or self.previous_until_ms <= now_ms
        return (is_current or (is_previous and not is_replaced)) and not self.is_over(now_ms)

    def good_until(self, digest: bytes) -> int | None:
        """Return until when the key of that hash, which was admitted, is good: a replaced secret ends before it."""
        if self.previous_until_ms is None or hmac.compare_digest(self.hash, digest):
            return self.expires_at_ms
        return min(self.previous_until_ms, self.expires_at_ms or self.previous_until_ms)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: for which account, with which key, from where. Made by `application/auth.py` alone.

    `region` is how the account writes numbers. `key_id` is None where no key was needed, and the id of a person
    (`usr_…`) where a password was; `source` is a network address, or `command line`. Without `scopes` everything is
    granted. `numbers` are those that it is limited to, None for all of the account. What it was proven by ends at
    `expires_at_ms`. An operator who has named no account has `EVERY_ACCOUNT`, of which nothing is; see `acting_for`.
    """

    account_id: int
    region: str
    key_id: str | None
    source: str
    scopes: tuple[str, ...] = ()
    is_operator: bool = False
    numbers: frozenset[E164] | None = None
    expires_at_ms: int | None = None

    @property
    def rights(self) -> Rights:
        """What it may do, and make others able to do."""
        return Rights(self.scopes, self.numbers, self.expires_at_ms, self.is_operator)

    def may(self, scope: str) -> bool:
        """Tell whether `scope` is granted; a key without any scopes may do everything of its kind."""
        return grants(scope, self.scopes, is_operator=self.is_operator)

    def may_number(self, number: E164) -> bool:
        """Tell whether it is not kept from `number` by being limited to others; whose number it is says the store."""
        return self.numbers is None or number in self.numbers

    def acting_for(self, account_id: int, region: str) -> Self:
        """Return an operator as who acts for one account; anybody else acts for his own alone."""
        if not self.is_operator:
            raise ValueError("only an operator acts for an account that is named")
        return replace(self, account_id=account_id, region=region)

    def idempotency_key(self, key: str) -> str:
        """Return what the answer to `key` is remembered under, besides the account.

        Keys of an account share theirs. One that is limited to numbers has its own, else it would be told what another
        one's request for other numbers came to; so has an operator's, which may act without an account.
        """
        if self.key_id is None or (self.numbers is None and not self.is_operator):
            return key
        # No client can write this sign (`docs/api.md §1`, promise 6).
        return f"{self.key_id}\x1f{key}"
