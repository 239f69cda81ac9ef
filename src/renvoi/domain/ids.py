"""Ids as `/v2` writes them: a prefix that tells of what, then the id (`docs/v2.md`)."""

import re
from enum import Enum

_SHOWN = re.compile(r"[A-Za-z0-9_-]{1,128}")


class IdKind(Enum):
    """The prefix of each kind of id."""

    ACCOUNT = "acc"
    KEY = "key"
    PERSON = "usr"
    MESSAGE = "msg"
    CALL = "call"
    WEBHOOK = "wh"
    EVENT = "evt"
    DELIVERY = "dlv"
    REMOVAL = "rem"


_PERSON, _KEY = f"{IdKind.PERSON.value}_", f"{IdKind.KEY.value}_"


def written(kind: IdKind, value: object) -> str:
    """Return the id `value` as `/v2` shows it."""
    return f"{kind.value}_{value}"


def written_actor(actor: str | None) -> str | None:
    """Return who made a change as `/v2` shows it: a key, or a person, whose ids have their prefix everywhere."""
    # Each change of a rule tells who made it.
    return actor if actor is None or actor.startswith(_PERSON) else _KEY + actor


def parsed(kind: IdKind, text: str) -> str | None:
    """Return what stands behind the prefix; None when the text is not an id of that kind."""
    prefix, _, value = text.partition("_")
    return value if prefix == kind.value and _SHOWN.fullmatch(value) else None


def reads_as_account(name: str) -> bool:
    """Tell whether a name would be taken for an account's id, with or without its prefix, in whatever digits."""
    return name.strip().casefold().removeprefix(f"{IdKind.ACCOUNT.value}_").isdecimal()


def parsed_number(kind: IdKind, text: str) -> int | None:
    """Return the id where ids of that kind are whole numbers (63 bits); None when the text is none."""
    value = parsed(kind, text)
    if value is None or not value.isascii() or not value.isdigit() or len(value) > 18 or value != str(int(value)):
        return None
    return int(value)
