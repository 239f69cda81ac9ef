"""Who we are to a trunk that asks (RFC 3261 §22)."""

import re
from dataclasses import dataclass, field

_USER = re.compile(r"[!#-\[\]-~]{1,128}")
_REALM = re.compile(r"[ !#-\[\]-~]{1,128}")
"""What stands between quotes in a header as it is: printable ASCII but for the two that would need an escape."""


class CredentialsInvalid(ValueError):
    """A user or realm cannot be one; the text says why, and what can."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A digest user and its password, which may be shown to `realm` alone; to any where that is empty."""

    user: str
    realm: str
    password: str = field(repr=False)


def check_user(user: str) -> None:
    """Check that `user` can be a digest user, or none when it is empty.

    Raises:
        CredentialsInvalid: it has a space, a quote, a backslash, or what is beyond ASCII; or is too long.
    """
    if user and not _USER.fullmatch(user):
        raise CredentialsInvalid(f'{user!r} is not a user: give up to 128 ASCII characters, no spaces, " or \\')


def check_realm(realm: str) -> None:
    """Check that `realm` can be one that challenges us, or any when it is empty.

    Raises:
        CredentialsInvalid: it has a quote, a backslash, or what is beyond ASCII; or is too long.
    """
    if realm and not _REALM.fullmatch(realm):
        raise CredentialsInvalid(f'{realm!r} is not a realm: give up to 128 ASCII characters but " and \\')
