"""Sessions of the dashboard, and what is shown once to prove something: of either only the hash is stored."""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Self

ID_BYTES = 6
SECRET_BYTES = 32
LOCAL_OPERATOR = "local"
"""In place of the id of a key or person: the operator at the machine itself, who used a link that only it can use."""
TOUCH_MS = 60_000
"""How far behind it may be what is stored of a session's last use."""
_TOKEN = re.compile(r"([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts: without any use, and at the most."""

    idle: timedelta
    most: timedelta


OF_OPERATORS = Lifetime(timedelta(hours=12), timedelta(days=7))
OF_ACCOUNTS = Lifetime(timedelta(days=7), timedelta(days=30))


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What a cookie or a link holds: an id, by which its record is found, and 256 secret bits. Never prints itself."""

    id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a token as `reveal` writes it; None when the text cannot be one."""
        found = _TOKEN.fullmatch(text)
        return cls(found[1], found[2]) if found else None

    def reveal(self) -> str:
        """Return the token in full, for the one that it was made for."""
        return f"{self.id}_{self.secret}"

    def hash(self) -> bytes:
        """Return what is stored: SHA-256, as a secret of 256 random bits needs no slow hash."""
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, digest: bytes | None) -> bool:
        """Tell whether its hash is `digest`; takes the same time for every wrong secret."""
        return hmac.compare_digest(digest or bytes(32), self.hash()) and digest is not None

    def form_token(self) -> str:
        """Return what forms of who holds it carry, so that no other site can send them (CSRF)."""
        digest = hmac.digest(self.secret.encode(), b"renvoi form", "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def admits_form(self, text: str) -> bool:
        """Tell whether that is what its forms carry; takes the same time for every wrong text."""
        return hmac.compare_digest(self.form_token().encode(), text.encode(errors="replace"))

    def __repr__(self) -> str:
        return f"<Token {self.id}>"


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session as it is stored. Times are ms since 1970-01-01 UTC.

    `holder` is the id of a key or a person, or `LOCAL_OPERATOR`. `proof` is the hash of what the holder has proven: of
    the key's secret, or of the stored password; the session ends when that is good no more. `ends_at_ms` comes sooner
    than `expires_at_ms`, unless the session is used. `source` and `agent` are where it began: the network address, and
    what the browser said of itself. `acting_for` is the account that an operator chose.
    """

    id: str
    hash: bytes = field(repr=False)
    holder: str
    proof: bytes = field(repr=False)
    created_at_ms: int
    used_at_ms: int
    ends_at_ms: int
    expires_at_ms: int
    source: str
    agent: str = ""
    acting_for: int | None = None
    language: str | None = None
    scheme: str | None = None

    def admits(self, token: Token, now_ms: int) -> bool:
        """Tell whether `token` is this session's, and it goes on; takes the same time for every wrong secret."""
        return token.matches(self.hash) and now_ms < min(self.ends_at_ms, self.expires_at_ms)

    def end_if_used(self, now_ms: int, *, is_operator: bool) -> int:
        """Return until when it goes on without another use."""
        lifetime = OF_OPERATORS if is_operator else OF_ACCOUNTS
        return min(self.expires_at_ms, now_ms + _ms(lifetime.idle))


def ends_of(now_ms: int, *, is_operator: bool) -> tuple[int, int]:
    """Return when a session that begins now ends without any use, and at the latest."""
    lifetime = OF_OPERATORS if is_operator else OF_ACCOUNTS
    return now_ms + _ms(lifetime.idle), now_ms + _ms(lifetime.most)


def _ms(time: timedelta) -> int:
    return int(time.total_seconds() * 1000)


class TokenKind(Enum):
    """What a token that works once is good for, and how long it is."""

    def __init__(self, word: str, lasts: timedelta) -> None:
        self.word = word
        self.lasts_ms = _ms(lasts)

    INVITATION = ("invitation", timedelta(days=7))
    RESET = ("reset", timedelta(hours=2))
    LINK = ("link", timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class TokenRecord:
    """A token that works once, for a person: to set a password; or for `LOCAL_OPERATOR`: to sign in.

    `hash` is None while the mail that will hold it was not made; `due_at_ms` is when that is to be sent, None for never
    or not again. `acting_for` is the account that a link leads to.
    """

    id: str
    kind: TokenKind
    holder: str
    created_at_ms: int
    expires_at_ms: int
    hash: bytes | None = field(default=None, repr=False)
    due_at_ms: int | None = None
    acting_for: int | None = None

    def admits(self, token: Token, now_ms: int) -> bool:
        """Tell whether `token` is this one and still good; takes the same time for every wrong secret."""
        return token.matches(self.hash) and now_ms < self.expires_at_ms
