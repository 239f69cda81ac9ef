"""Answers what trunks ask of us (401, 407), as Kamailio's `uac` reads few challenges, and ends by some.

At one whose `qop` does not begin with `auth` it follows a null pointer, and every process of Kamailio ends with that
(5.6.3; 6.0 has the same lines). It registers all the same: registrar_answers.py.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from renvoi.domain.trunks.digest import answer_to, is_stale, parameters_of
from renvoi.edge.router.invite_parser import KamailioMessage
from renvoi.edge.router.malformed import put_bytes

CREDENTIALS_TABLE = "credentials"
"""Kamailio's table of who we are to trunks: `TRUNK:user`, `TRUNK:realm`, `TRUNK:password`."""
MOST_CHALLENGES = 8
"""Of one answer that are looked at."""

PROVEN, REFUSED = 1, -1
"""The header line that answers the challenge is in a variable; there is none, or it was refused."""

HEADERS = {"401": ("WWW-Authenticate", "Authorization"), "407": ("Proxy-Authenticate", "Proxy-Authorization")}
"""Which header has the challenges of an answer, and which one answers them."""
CSEQ_STEP = 4
"""A trunk that wants a higher CSeq with each proof sees the caller's, times this, and more by one for each proof."""
HIGHEST_RAISED_CSEQ = 2**28
"""A caller that begins at more has its own CSeq everywhere: multiplied it could pass 2^31 (RFC 3261 §8.1.1.5)."""
RAISED_TABLE = "raised"
"""Kamailio's table of the CSeq of INVITEs at the called side, by the caller's, for as long as an ACK may come."""
RAISED_S = 64
_ONCE, _TWICE = "1", "2"


class TrunkCredentials:
    """One object in each of Kamailio's processes."""

    def __init__(self, ksr: Any) -> None:
        self._ksr = ksr
        self._message = KamailioMessage(ksr)

    def prove(self) -> int:
        """Put into `proof` what answers the challenge of the trunk in `$avp(trunk)` to a request for `$var(uri)`.

        Once; and once more if nothing but the nonce was too old, as `$avp(proofs)` remembers.
        """
        text = self._message.text
        names = HEADERS.get(text("T_reply_code"))
        trunk, proofs = self._message.verbatim("avp(trunk)"), text("avp(proofs)")
        user, realm, password = (self._credential(trunk, part) for part in ("user", "realm", "password"))
        if names is None or not user:
            return REFUSED
        asked, answers = names
        for challenge in challenges(self._message, asked, "T_rpl($(hdr({})[{}]))"):
            if (realm and challenge.get("realm") != realm.encode()) or (proofs and not is_stale(challenge)):
                continue
            uri = self._message.verbatim("var(uri)")
            proof = answer_to(challenge, user, password, text("rm"), uri, secrets.token_hex(8))
            if proof is not None and proofs != _TWICE:
                self._ksr.pv.sets("$(avp(proofs)[*])", _TWICE if proofs else _ONCE)
                put_bytes(self._ksr, "proof", f"{answers}: {proof}\r\n".encode("utf-8", "surrogateescape"))
                return PROVEN
        return REFUSED

    def _credential(self, trunk: str, part: str) -> str:
        return str(self._ksr.htable.sht_get(CREDENTIALS_TABLE, f"{trunk}:{part}") or "")


def challenges(message: KamailioMessage, header: str, place: str) -> Iterator[Mapping[str, bytes]]:
    """Yield what stands in the headers of that name, the one at the top first.

    `place` is the pseudo-variable of one of them, for its name and index.
    """
    for index in range(MOST_CHALLENGES):
        value = message.raw(place.format(header, index))
        if not value:
            return
        unfolded = value.replace(b"\r\n", b" ").replace(b"\n", b" ")
        if (found := parameters_of(unfolded)) is not None:
            yield found
