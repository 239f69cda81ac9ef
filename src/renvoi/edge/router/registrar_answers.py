"""Writes answers of registrars again as Kamailio's `uac` reads them.

Challenges, as `uac` reads few and ends all of Kamailio by some (trunk_credentials.py). And for how long we are
registered: it knows the parameter of Contact alone, and where that is missing or large it asks again at once, for ever.
"""

from collections.abc import Sequence
from typing import Any

from renvoi.domain.name_addr import NameAddr, uri_user
from renvoi.domain.trunks.digest import plain_challenge, wants_md5
from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.malformed import put_bytes
from renvoi.edge.router.trunk_credentials import HEADERS, challenges

WANTED_TABLE = "wanted"
"""Kamailio's table of what is registered, by user@host: each contact's user part and for how long (s), with commas."""
REALM = ":realm"
"""What stands behind the user@host whose realm an entry of that table is."""
WRITTEN, NOTHING = 1, -1
"""The header line that takes the place of those that say the same is in a variable; there is none."""
MALFORMED_S = 3600
"""What a time counts as that cannot be read (RFC 3261 §20.10)."""
_MOST_DIGITS = 10


class RegistrarAnswers:
    """One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any) -> None:
        self._ksr = ksr
        self._message = KamailioMessage(ksr)

    def challenge(self) -> int:
        """Put into `written` the challenge that `uac` shall read in place of all that are there."""
        name, _ = HEADERS[self._message.text("rs")]
        found = filter(wants_md5, challenges(self._message, name, "hdr({})[{}]"))
        realm = self._noted(REALM).encode()
        for each in found:
            plain = plain_challenge(each) if not realm or each.get("realm") == realm else None
            if plain is not None:
                put_bytes(self._ksr, "written", name.encode() + b": " + plain + b"\r\n")
                return WRITTEN
        return NOTHING

    def binding(self) -> int:
        """Put into `written` the Contact that says how long we are registered, if we are."""
        contacts, host = NameAddr.parse_list(self._message.every("Contact")), self._message.text("td")
        expires = self._message.text("hdr(Expires)")
        written = []
        for each in self._noted().split(","):
            contact, _, wanted_s = each.partition(" ")
            seconds = granted_s(contacts, expires, contact, int(wanted_s)) if contact else None
            if seconds:
                written.append(f"<sip:{contact}@{host}>;expires={seconds}")
        if not written:
            return NOTHING
        put_bytes(self._ksr, "written", f"Contact: {', '.join(written)}\r\n".encode())
        return WRITTEN

    def _noted(self, what: str = "") -> str:
        who = f"{self._message.verbatim('tU')}@{self._message.verbatim('td')}{what}"
        return str(self._ksr.htable.sht_get(WANTED_TABLE, who) or "")


def granted_s(contacts: Sequence[NameAddr], expires: str, contact_user: str, wanted_s: int) -> int | None:
    """Return for how many seconds we are registered (RFC 3261 §10.3) with that Contact; None or 0 when we are not.

    `contact_user` is the Contact's user part, `contacts` and `expires` are the answer's. Where it says no time, it is
    the one that was asked for; and where it grants more, as it may be renewed earlier. An answer without any Contact
    says that the request was obeyed.
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
