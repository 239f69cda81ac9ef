"""The policy of an account as its row holds it: one versioned document, as the rule of a number is.

An account for which nobody has set anything has none. What is not said in a document is as in `NO_POLICY`, so a default
that changes counts for all who never chose. A new part of `AccountPolicy` is one more section of `_Document`, and a
higher `VERSION` for the policies that use it: a program that does not know a limit must not let calls pass it.
"""

from dataclasses import astuple
from functools import lru_cache

import msgspec

from renvoi.application.ports.errors import UnreadablePolicy
from renvoi.documents.number_row import RowDamaged
from renvoi.documents.routing_document import NewerDocument
from renvoi.domain.access.account_policy import NO_POLICY, NONE_USED, AccountPolicy, CountriesUsed
from renvoi.domain.access.limits import NO_LIMITS, NONE, AccountLimits, Limits
from renvoi.domain.numbers.destination_policy import REFUSED_TYPES, DestinationPolicy
from renvoi.domain.rules.rule import Unreadable

VERSION = 2
"""The newest version of an account's policy that this program reads: 1 has destinations alone."""
COLUMNS = ("policy_version", "policy")
"""The columns of `accounts` that hold a policy."""
_SHOWN = 300
"""Characters of a reason at the most: it may repeat what was found, and each call logs it."""


class _Destinations(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """`DestinationPolicy`, sorted; a list that is missing is the default, an empty one is empty."""

    countries: tuple[str, ...] | None = None
    eea: bool = False
    refused_types: tuple[str, ...] | None = None
    allowed_prefixes: tuple[str, ...] = ()
    refused_prefixes: tuple[str, ...] = ()


class _Limits(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """`Limits`."""

    calls: int = 0
    calls_per_minute: int = 0
    minutes_per_day: int = 0
    spend_per_day: int = 0


class _AccountLimits(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """`AccountLimits`; what is missing is not limited."""

    account: _Limits | None = None
    number: _Limits | None = None
    target: _Limits | None = None


class _Document(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A section for each part of `AccountPolicy`, under the part's name."""

    destinations: _Destinations = msgspec.field(default_factory=_Destinations)
    limits: _AccountLimits | None = None
    used: dict[str, int] | None = None
    """Countries, and since when each is used."""


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Document).decode


def encode(policy: AccountPolicy) -> str:
    """Return the document of a policy."""
    found = policy.destinations
    return _encode(
        _Document(
            destinations=_Destinations(
                None if found.countries is None else tuple(sorted(found.countries)),
                found.eea,
                None if found.refused_types == REFUSED_TYPES else tuple(sorted(found.refused_types)),
                tuple(sorted(found.allowed_prefixes)),
                tuple(sorted(found.refused_prefixes)),
            ),
            limits=_limits_document(policy.limits) if policy.limits else None,
            used=dict(policy.used.since_ms) or None,
        )
    ).decode()


def decode(document: str | bytes) -> AccountPolicy:
    """Return the policy of a document of the versions up to `VERSION`.

    Raises:
        ValueError: it is not such a document, or does not hold a policy.
    """
    try:
        whole = _decode(document)
    except (msgspec.MsgspecError, TypeError, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error
    found, limits = whole.destinations, whole.limits
    return AccountPolicy(
        destinations=DestinationPolicy(
            None if found.countries is None else frozenset(found.countries),
            found.eea,
            REFUSED_TYPES if found.refused_types is None else frozenset(found.refused_types),
            frozenset(found.allowed_prefixes),
            frozenset(found.refused_prefixes),
        ),
        limits=NO_LIMITS if limits is None else _limits(limits),
        used=CountriesUsed(tuple(sorted(whole.used.items()))) if whole.used else NONE_USED,
    )


def _limits_document(limits: AccountLimits) -> _AccountLimits:
    parts = (limits.account, limits.number, limits.target)
    return _AccountLimits(*(_Limits(*astuple(part)) if part else None for part in parts))


def _limits(found: _AccountLimits) -> AccountLimits:
    parts = (found.account, found.number, found.target)
    return AccountLimits(*(Limits(*msgspec.structs.astuple(part)) if part else NONE for part in parts))


def policy_values(policy: AccountPolicy) -> dict[str, object]:
    """Return the columns of `accounts` that hold a policy."""
    if policy == NO_POLICY:
        return dict.fromkeys(COLUMNS)
    is_first = policy == AccountPolicy(destinations=policy.destinations)
    return {"policy_version": 1 if is_first else VERSION, "policy": encode(policy)}


def policy_of(account_id: int | None, version: object, document: object) -> AccountPolicy:
    """Return the policy of an account's row.

    Raises:
        NewerDocument: it holds a policy that this program does not understand.
        RowDamaged: it does not hold a policy.
    """
    if version is None and document is None:
        return NO_POLICY
    if not isinstance(version, int):
        raise _damaged(account_id, f"its version is {str(version)[:_SHOWN]!r}, which is not a number")
    if version > VERSION:
        newer = NewerDocument(f"the policy of account {account_id}", version, VERSION)
        newer.row = _row(account_id, Unreadable.NEWER)
        raise newer
    if not isinstance(document, str):
        raise _damaged(account_id, "it is not text")
    try:
        return _known(document)
    except ValueError as error:
        raise _damaged(account_id, str(error)[:_SHOWN]) from error


def _damaged(account_id: int | None, why: str) -> RowDamaged:
    text = f"the policy of account {account_id} cannot be read: {why}: set another one with `renvoi policy set`"
    return RowDamaged(text, row=_row(account_id, Unreadable.DAMAGED))


def _row(account_id: int | None, why: Unreadable) -> UnreadablePolicy | None:
    return None if account_id is None else UnreadablePolicy(account_id, why)


# The same text is the same policy: this is not a cache of what accounts have, which is read at each call.
_known = lru_cache(maxsize=1024)(decode)
