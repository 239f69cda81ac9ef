"""What a key may do: scopes, each a word that operations ask for, and its rights as one value.

Rights are compared as a whole, so that no key makes another one that may do more than itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from renvoi.domain.numbers.number import E164

SCOPES = (
    "numbers:read",
    "numbers:write",
    "forwarding:write",
    "messages:read",
    "messages:write",
    "calls:read",
    "keys:write",
    "webhooks:write",
)
"""What a key of an account may be limited to (`docs/api.md §1`); without scopes it may do everything there."""
OPERATOR = "operator"
"""What keys of operators may have besides: to act on the node and on accounts themselves."""
OPERATOR_SCOPES = (*SCOPES, OPERATOR)
EVERYTHING = "*"
"""How a key without scopes is written and shown: it has all of its kind, those of later versions too."""


class ScopeUnknown(ValueError):
    """A text is not a scope of that kind of key; the text says which ones are."""


def read_scopes(texts: Sequence[str], *, is_operator: bool) -> tuple[str, ...]:
    """Return scopes in the order of `OPERATOR_SCOPES`, each once; `*` gives the empty tuple, which is all of them.

    Raises:
        ScopeUnknown: one of the texts is not a scope of such a key, or there is none.
    """
    allowed = OPERATOR_SCOPES if is_operator else SCOPES
    if not texts:
        raise ScopeUnknown(f"a key has at least one scope: give {EVERYTHING} for all, or some of {', '.join(allowed)}")
    for text in texts:
        if text != EVERYTHING and text not in allowed:
            raise ScopeUnknown(
                f"unknown scope {text[:100]!r}: the scopes are {', '.join(allowed)}, and {EVERYTHING} for all"
            )
    return () if EVERYTHING in texts else tuple(scope for scope in allowed if scope in texts)


def written_scopes(scopes: tuple[str, ...]) -> tuple[str, ...]:
    """Return scopes as they are shown: `*` for all."""
    return scopes or (EVERYTHING,)


class Excess(StrEnum):
    """A part of some rights that goes beyond others."""

    OPERATOR = "operator"
    SCOPES = "scopes"
    NUMBERS = "numbers"
    EXPIRY = "expires_at"


@dataclass(frozen=True, slots=True)
class Rights:
    """Scopes (none: all of the kind), numbers (None: all of the account), until when (None: for ever), and the kind."""

    scopes: tuple[str, ...] = ()
    numbers: frozenset[E164] | None = None
    expires_at_ms: int | None = None
    is_operator: bool = False

    def beyond(self, own: "Rights") -> tuple[Excess, ...]:
        """Return which parts go beyond `own`; none when all of it is within."""
        found = []
        if self.is_operator and not (own.is_operator and own.has(OPERATOR)):
            found.append(Excess.OPERATOR)
        if own.scopes and not (self.scopes and set(self.scopes) <= set(own.scopes)):
            found.append(Excess.SCOPES)
        if own.numbers is not None and not (self.numbers is not None and self.numbers <= own.numbers):
            found.append(Excess.NUMBERS)
        if own.expires_at_ms is not None and not (
            self.expires_at_ms is not None and self.expires_at_ms <= own.expires_at_ms
        ):
            found.append(Excess.EXPIRY)
        return tuple(found)

    def has(self, scope: str) -> bool:
        """Tell whether `scope` is granted; `operator` is to no key of an account, whatever its scopes say."""
        return grants(scope, self.scopes, is_operator=self.is_operator)


def grants(scope: str, scopes: tuple[str, ...], *, is_operator: bool) -> bool:
    """Tell whether a key with `scopes` has `scope`; see `Rights.has`."""
    return (not scopes or scope in scopes) and (is_operator or scope != OPERATOR)
