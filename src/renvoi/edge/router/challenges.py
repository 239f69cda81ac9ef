"""Calls from addresses of no trunk, where a trunk has a digest user: who calls is asked for a password.

All of it is done with the bytes that came, before Kamailio reads them: what strangers send gets no further.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from renvoi.domain.calls.call_mark import CallMark, MarkInvalid, Towards
from renvoi.domain.trunks.digest import (
    NONCE_S,
    SALT_BYTES,
    CredentialsInvalid,
    DigestAnswer,
    check_user,
    make_nonce,
    nonce_made_at_s,
)
from renvoi.edge.router import sip_responses
from renvoi.edge.router.invite_parser import KamailioMessage, clean_header
from renvoi.edge.router.malformed import Salvaged, parameter_of, put_bytes, salvage
from renvoi.edge.router.parties import marks_of, same_place
from renvoi.key_file import KeyFile

USERS_TABLE = "users"
"""Kamailio's table of digest users: each one's trunk, and what stands for its password (`digest.ha1`)."""
ADMITTED_TABLE = "admitted"
"""That of the trunk that an address has proven to be of last; and of all that it has, as `TRUNK ADDRESS`."""
USED_TABLE = "used"
"""That of which request has used an answer to a nonce."""
WRONG_TABLE = "wrong"
"""That of how many wrong answers came from a source, and for a user, within an hour."""
MOST_FOR_A_USER = 100
"""Wrong answers for a user within an hour; then only those are believed who have proven themselves before."""
MOST_BYTES = 32 * 1024
"""Of an INVITE of a stranger."""
MOST_HEADERS = 8
"""Proxy-Authorization headers that are looked at."""

CALL = b"INVITE "
"""What a call begins with, byte for byte."""
ASKED = "asked-"
"""What the tag of a challenge begins with: an ACK with such a tag needs nothing more."""

GENUINE, CHALLENGED, WRONG, PARTY, NOTHING, COPY = 1, 2, 3, 4, 5, 6
"""A call of a trunk, whose name is in a variable; one that gets the answer in a variable; one that gave a wrong answer
besides, in whose name is in another variable; a request of a party of a call, its trunk in a variable; none of
these; a copy of a call that was GENUINE."""

_PORT = re.compile(rb";[ \t]*rport[ \t]*(?=[;,]|\Z)", re.IGNORECASE)
_PARAMETERS = rb"(?:;[A-Za-z0-9_-]+(?:=[A-Za-z0-9_.:\[\]%~*!+'`-]+)?)*"
_URI = rb"sips?:(?:[A-Za-z0-9_.+%~*!'=&$-]+@)?[A-Za-z0-9.\[\]-]+(?::[0-9]{1,5})?" + _PARAMETERS
_PARTY = re.compile(rb'(?:"[A-Za-z0-9 +._-]*" ?)?<' + _URI + rb">" + _PARAMETERS)
_PLAIN = {
    b"via": re.compile(rb"SIP/2\.0/[A-Z]+ [A-Za-z0-9.:\[\]-]+" + _PARAMETERS),
    b"from": _PARTY,
    b"to": _PARTY,
    b"call-id": re.compile(rb"[A-Za-z0-9_.@:+%=!~-]+"),
    b"cseq": re.compile(rb"[0-9]{1,10} [A-Z]+"),
    b"content-length": re.compile(rb"[0-9]{1,9}"),
}
"""What Kamailio reads of a message before its route begins, as nearly everybody writes it."""


class Challenges:
    """One object in each of Kamailio's processes. `realm` is what passwords are asked for."""

    def __init__(self, ksr: Any, keys: KeyFile, realm: str, now_ms: Callable[[], int]) -> None:
        self._ksr = ksr
        self._message = KamailioMessage(ksr)
        self._keys = keys
        self._realm = realm
        self._now_ms = now_ms

    def receive(self) -> int:
        """Judge what has come from an address of no trunk; put the answer, if it gets one, into a variable."""
        content = self._message.content("var(bytes)")
        request = salvage(content) if len(content) <= MOST_BYTES else None
        if request is None or request.fault is not None or request.early:
            return NOTHING
        self._put_plain(request)
        source = self._message.text("var(source)")
        if parameter_of(request, b"to", "tag"):
            return PARTY if self._is_party(request, source) else NOTHING
        # The route counts what begins so. An empty line in front would have an answer judged that no limit knows of.
        return self._judge(request, source) if content.startswith(CALL) else NOTHING

    def look_at_ack(self) -> int:
        """Say whether Kamailio can read the ACK of a challenge for certain."""
        content = self._message.content("var(bytes)")
        request = salvage(content) if len(content) <= MOST_BYTES else None
        if request is not None and request.fault is None:
            self._put_plain(request)
        return NOTHING

    def _put_plain(self, request: Salvaged) -> None:
        """Put into a variable whether a stranger's request is written so that no reader stumbles over it."""
        plain = not request.dropped and all(
            name not in _PLAIN or _PLAIN[name].fullmatch(value) for name, value in request.headers
        )
        self._ksr.pv.seti("$var(plain)", int(plain))

    def _is_party(self, request: Salvaged, source: str) -> bool:
        """Tell whether it has the mark of a call that somebody at that address began."""
        call_id, tag = request.get(b"call-id"), parameter_of(request, b"from", "tag").encode()
        for written in marks_of(clean_header(request.all(b"route"))):
            try:
                mark = CallMark.decode(written, self._keys.ring, self._now_ms(), call_id, tag)
            except MarkInvalid:
                continue
            self._ksr.pv.sets("$var(party_trunk)", mark.inbound_trunk)
            return mark.towards is Towards.CALLEE and same_place(mark.proven_at, source)
        return False

    def _judge(self, request: Salvaged, source: str) -> int:
        answer = next(self._answers(request), None)
        if answer is None:
            return self._challenge(request, source)
        now_s = self._now_ms() // 1000
        made_at_s = nonce_made_at_s(answer.nonce, self._keys.ring, source)
        # Clocks of nodes may differ.
        if made_at_s is None or not -NONCE_S <= now_s - made_at_s <= NONCE_S:
            return self._challenge(request, source, stale=True)
        trunk, secret = self._user(answer.user)
        proven = answer.proves(secret, request.method)
        if not (trunk and proven and self._believed(answer.user, trunk, source)):
            self._ksr.htable.sht_inc(WRONG_TABLE, _user_key(answer.user))
            self._ksr.pv.sets("$var(wrong_for)", f"trunk {trunk}" if trunk else "nobody")
            self._challenge(request, source)
            return WRONG
        used = self._use_up(answer, request)
        if used is not None:
            # A copy of the request that has used it gets what that one gets.
            return COPY if used == _transaction(request) else self._challenge(request, source, stale=True)
        self._ksr.htable.sht_sets(ADMITTED_TABLE, f"{trunk} {source}", "1")
        self._ksr.pv.sets("$var(admitted)", trunk)
        return GENUINE

    def _answers(self, request: Salvaged) -> Iterator[DigestAnswer]:
        """Yield what answers a challenge of ours; proxies on the way may have got answers of their own."""
        values = [value for name, value in request.headers if name == b"proxy-authorization"]
        for value in values[:MOST_HEADERS]:
            answer = DigestAnswer.parse(value)
            if answer is not None and answer.realm == self._realm.encode():
                yield answer

    def _user(self, user: str) -> tuple[str, str]:
        """Return the trunk of a user and what stands for its password; for nobody, no trunk and some other secret.

        Both take the same steps, so that nobody can tell which users there are.
        """
        found = self._ksr.htable.sht_get(USERS_TABLE, user) if _is_user(user) else None
        trunk, _, secret = str(found if found is not None else " " + "0" * 32).partition(" ")
        return trunk, secret

    def _believed(self, user: str, trunk: str, source: str) -> bool:
        table = self._ksr.htable
        wrong = table.sht_get(WRONG_TABLE, _user_key(user)) or 0
        return wrong < MOST_FOR_A_USER or table.sht_get(ADMITTED_TABLE, f"{trunk} {source}") is not None

    def _use_up(self, answer: DigestAnswer, request: Salvaged) -> str | None:
        """Let a request use an answer to a nonce; return which one has done so already, None for none."""
        table, name = self._ksr.htable, _use(answer)
        table.sht_lock(USED_TABLE, name)
        try:
            before = table.sht_get(USED_TABLE, name)
            if before is None:
                table.sht_sets(USED_TABLE, name, _transaction(request))
        finally:
            table.sht_unlock(USED_TABLE, name)
        return None if before is None else str(before)

    def _challenge(self, request: Salvaged, source: str, *, stale: bool = False) -> int:
        nonce = make_nonce(self._keys.ring, self._now_ms(), source, os.urandom(SALT_BYTES))
        asked = f'Digest realm="{self._realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'
        asked += ", stale=true" if stale else ""
        port = self._message.text("var(port)")
        response = sip_responses.WHO_ARE_YOU
        answer = request.answer(response.status, response.phrase, f"Proxy-Authenticate: {asked}\r\n", ASKED)
        put_bytes(self._ksr, "answer", _received(answer, source, port))
        return CHALLENGED


def _is_user(text: str) -> bool:
    try:
        check_user(text)
    except CredentialsInvalid:
        return False
    return bool(text)


def _user_key(user: str) -> str:
    # A hash, of which there are not many: whatever users strangers invent, the table has an end.
    return f"user {hashlib.sha256(user.encode()).hexdigest()[:4]}"


def _use(answer: DigestAnswer) -> str:
    return answer.nonce.decode("ascii") + " " + answer.count.decode("ascii").lower()


def _transaction(request: Salvaged) -> str:
    parts = (request.get(b"call-id"), request.get(b"cseq"), request.get(b"via"))
    return hashlib.sha256(b"\n".join(parts)).hexdigest()


def _received(answer: bytes, source: str, port: str) -> bytes:
    """Say in the topmost Via of an answer where the request came from (RFC 3261 §18.2.1, RFC 3581 §4)."""
    start, _, rest = answer.partition(b"\r\n")
    via, _, rest = rest.partition(b"\r\n")
    first, comma, others = via.partition(b",")
    first = _PORT.sub(b";rport=" + port.encode(), first, count=1) + b";received=" + source.encode()
    return b"\r\n".join((start, first + comma + others, rest))
