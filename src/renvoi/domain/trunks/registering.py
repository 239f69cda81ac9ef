"""What a registrar's 2xx says of our registration (RFC 3261 §10.3), read as leniently as registrars write it."""

from collections.abc import Sequence

from renvoi.domain.name_addr import NameAddr, uri_user

MALFORMED_S = 3600
"""What a time counts as that cannot be read (RFC 3261 §20.10)."""
_MOST_DIGITS = 10


def granted_s(contacts: Sequence[NameAddr], expires: str, contact_user: str, wanted_s: int) -> int | None:
    """Return for how many seconds we are registered with the Contact of that user part; None or 0 when we are not.

    `contacts` and `expires` are the answer's. Where it says no time, it is the one that was asked for; and where it
    grants more, as it may be renewed earlier. An answer without any Contact says that the request was obeyed.
    """
    time = expires
    if contacts:
        ours = next((each for each in contacts if uri_user(each.uri) == contact_user), None)
        if ours is None:
            return None
        time = ours.parameters.get("expires", expires)
    time = time.strip()
    if not time:
        return wanted_s
    if not (time.isascii() and time.isdigit()):
        return min(MALFORMED_S, wanted_s)
    return min(int(time), wanted_s) if len(time) <= _MOST_DIGITS else wanted_s
