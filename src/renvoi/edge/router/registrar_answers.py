"""Writes answers of registrars again as Kamailio's `uac` reads them.

Challenges, as `uac` reads few and ends all of Kamailio by some (trunk_credentials.py). And for how long we are
registered: it knows the parameter of Contact alone, and where that is missing or large it asks again at once, for ever.
"""

from typing import Any

from renvoi.domain.name_addr import NameAddr
from renvoi.domain.trunks.digest import plain_challenge, wants_md5
from renvoi.domain.trunks.registering import granted_s
from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.trunk_credentials import HEADERS, challenges
from renvoi.edge.router.unreadable import put_bytes

WANTED_TABLE = "wanted"
"""Kamailio's table of what is registered, by user@host: each contact's user part and for how long (s), with commas."""
REALM = ":realm"
"""What stands behind the user@host whose realm an entry of that table is."""
WRITTEN, NOTHING = 1, -1
"""The header line that takes the place of those that say the same is in a variable; there is none."""


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
