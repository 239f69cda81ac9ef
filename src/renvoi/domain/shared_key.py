"""Keys that the nodes of one store share: by them a node recognises what another one, or itself, wrote earlier.

A key signs from `SPREAD_MS` after its creation on, when every node has it, until the next one does. It goes on to
verify for as long as anything signed with it may be valid.
"""

import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from renvoi.domain.text import read_json

SECRET_BYTES = 32
"""Bytes of a secret: what HMAC-SHA256 can use (RFC 2104 §3)."""
ID_BYTES = 4
ROTATION_MS = 24 * 3600 * 1000
"""A new key is made when the newest one is so old."""
SPREAD_MS = 60_000
"""How long every node has to take a new key before it is used."""
_MARGIN_MS = 3600 * 1000
"""For clocks of nodes that differ, and nodes that read a new key late."""


class KeysInvalid(ValueError):
    """What should hold keys is empty, cut off, or something else; the text never shows a secret."""


@dataclass(frozen=True, slots=True, repr=False)
class SharedKey:
    """One key: `id` is 8 hexadecimal digits, `secret` 32 bytes, `created_at_ms` is since 1970-01-01 UTC."""

    id: str
    secret: bytes
    created_at_ms: int
    _mac: hmac.HMAC = field(init=False, compare=False)
    """With the secret in it: to copy it costs a tenth of setting it up, and every call signs several times."""

    def __post_init__(self) -> None:
        if len(self.id) != 2 * ID_BYTES or not set(self.id) <= set("0123456789abcdef"):
            raise KeysInvalid(f"{self.id[:16]!r} is not the name of a shared key: 8 hexadecimal digits are")
        if len(self.secret) != SECRET_BYTES:
            raise KeysInvalid(f"the shared key {self.id} has {len(self.secret)} bytes instead of {SECRET_BYTES}")
        object.__setattr__(self, "_mac", hmac.new(self.secret, digestmod="sha256"))

    def __repr__(self) -> str:
        return f"SharedKey({self.id!r}, created_at_ms={self.created_at_ms})"

    def sign(self, purpose: str, *parts: str | bytes) -> bytes:
        """Return the HMAC-SHA256 over `parts`, whose borders count; it holds for this purpose only."""
        message = bytearray()
        for part in (purpose, *parts):
            data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            message += len(data).to_bytes(4, "big") + data
        mac = self._mac.copy()
        mac.update(message)
        return mac.digest()

    def seal(self, purpose: str, text: str, *bound: bytes) -> bytes:
        """Return `text` so that only these keys read it (RFC 5297), and only together with `bound`."""
        return AESSIV(self.sign(purpose)).encrypt(b"=" + text.encode(), [*bound])

    def unseal(self, purpose: str, sealed: bytes, *bound: bytes) -> str:
        """Return the text that `seal` made `sealed` of.

        Raises:
            ValueError: it did not.
        """
        try:
            return AESSIV(self.sign(purpose)).decrypt(sealed, [*bound])[1:].decode()
        except InvalidTag as error:
            raise ValueError("it was not sealed with this key") from error


class KeyRing:
    """The keys that are known, oldest first."""

    def __init__(self, keys: Iterable[SharedKey]) -> None:
        """Take at least one key.

        Raises:
            KeysInvalid: there is none.
        """
        self.keys: Sequence[SharedKey] = sorted(keys, key=lambda key: (key.created_at_ms, key.id))
        if not self.keys:
            raise KeysInvalid("there is no shared key")
        self._by_id = {key.id: key for key in self.keys}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRing) and self.keys == other.keys

    def __hash__(self) -> int:
        return hash(tuple(self.keys))

    def signing(self, now_ms: int) -> SharedKey:
        """Return the key to sign with: the newest that every node has, else the oldest."""
        spread = [key for key in self.keys if key.created_at_ms <= now_ms - SPREAD_MS]
        return spread[-1] if spread else self.keys[0]

    def get(self, key_id: str) -> SharedKey | None:
        return self._by_id.get(key_id)

    def needs_another(self, now_ms: int) -> bool:
        """Tell whether it is time for a new key."""
        # A key from the future was made by a node whose clock was wrong. It must not hold rotation up until then.
        made = [key.created_at_ms for key in self.keys if key.created_at_ms <= now_ms + _MARGIN_MS]
        return not made or made[-1] <= now_ms - ROTATION_MS

    def expired(self, now_ms: int, validity_ms: int) -> Sequence[SharedKey]:
        """Return the keys by which nothing valid can be signed any more, as everything signed is for `validity_ms`."""
        horizon_ms = now_ms - SPREAD_MS - validity_ms - _MARGIN_MS
        # A key has signed until its successor did.
        pairs = zip(self.keys, self.keys[1:], strict=False)
        return [key for key, successor in pairs if successor.created_at_ms <= horizon_ms]

    def dump(self) -> str:
        """Return the keys as JSON: a secret."""
        return json.dumps({"keys": [[key.id, key.secret.hex(), key.created_at_ms] for key in self.keys]})

    @classmethod
    def load(cls, text: str) -> Self:
        """Read what `dump` returned.

        Raises:
            KeysInvalid: it is something else, such as a file that was not written to its end.
        """
        try:
            keys = [
                SharedKey(str(key_id), bytes.fromhex(secret), int(at)) for key_id, secret, at in read_json(text)["keys"]
            ]
        except KeysInvalid:
            raise
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            raise KeysInvalid(f"{len(text)} characters that hold no shared keys") from error
        return cls(keys)
