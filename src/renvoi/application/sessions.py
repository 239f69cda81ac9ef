"""Sessions of the dashboard: how they begin and end, and who asks with one.

Whether what a session stands on is still good — the key, the person, the password, the account — is asked at each
request, in one look at the store, so there is nothing that could be forgotten to be ended.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from renvoi.application.auth import principal_of_key, principal_of_person
from renvoi.application.ports.errors import StoreUnavailable
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.access.api_key import EVERY_ACCOUNT, KeyRecord, Principal
from renvoi.domain.access.person import Person, is_person_id
from renvoi.domain.access.session import (
    ID_BYTES,
    LOCAL_OPERATOR,
    SECRET_BYTES,
    TOUCH_MS,
    SessionRecord,
    Token,
    ends_of,
)
from renvoi.domain.numbers.number import NO_REGION
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.text import clean_text

MAX_AGENT = 200
"""Characters that are kept of what a browser says of itself."""
MAX_SESSIONS = 100
"""Sessions of one key or person; the one that was used longest ago ends when another one begins."""
_NOTHING_PROVEN = bytes(32)

Choice = Literal["acting_for", "language", "scheme"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a session is to begin: network address, what the browser says of itself, and its cookie so far."""

    source: str
    agent: str = ""
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A session that goes on: who asks, and what they chose.

    `name` is what its holder is called: the person's e-mail address, the key's label or id; empty for the operator at
    the machine. `principal` acts for the account that an operator chose.
    """

    token: Token
    record: SessionRecord
    principal: Principal
    name: str
    person: Person | None = None

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def csrf(self) -> str:
        """What its forms carry: that they are of this session, and the account that they were made for."""
        return f"{self.token.form_token()}.{self.principal.account_id}"

    def admits_csrf(self, text: str) -> bool:
        """Tell whether a form that carries this is of the session; takes the same time for every wrong text."""
        return self.token.admits_form(text.partition(".")[0])

    def is_of_account(self, csrf: str) -> bool:
        """Tell whether a form of the session was made for the account that it acts for now.

        An operator may have chosen another account meanwhile, in another tab of the browser.
        """
        return csrf.partition(".")[2] == str(self.principal.account_id)

    @property
    def language(self) -> str | None:
        return self.record.language

    @property
    def scheme(self) -> str | None:
        return self.record.scheme

    @property
    def expires_at_ms(self) -> int:
        return self.record.expires_at_ms


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a session is, and what it stands on."""

    id: str
    proof: bytes
    is_operator: bool
    language: str | None = None
    scheme: str | None = None
    acting_for: int | None = None


def of_key(record: KeyRecord, digest: bytes) -> Holder:
    """Return a key as what a session stands on; `digest` is the hash of the secret that was shown."""
    return Holder(record.id, digest, record.is_operator)


def of_person(person: Person) -> Holder:
    """Return a person as what a session stands on."""
    return Holder(person.id, password_proof(person), person.is_operator, person.language, person.scheme)


def of_local_operator(acting_for: int | None) -> Holder:
    """Return the operator at the machine as what a session stands on."""
    return Holder(LOCAL_OPERATOR, _NOTHING_PROVEN, is_operator=True, acting_for=acting_for)


def password_proof(person: Person) -> bytes:
    """Return what a session of a person stands on: another password, and it ends."""
    return hashlib.sha256((person.password or "").encode()).digest()


def new_token() -> Token:
    """Return a token that nobody can guess."""
    return Token(secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES))


def begin(writer: Writer, token: Token, holder: Holder, visitor: Visitor, now_ms: int) -> SessionRecord:
    """Begin a session in the place of the one that the browser had: what it knew of that is of no use (fixation)."""
    before = Token.parse(visitor.cookie)
    record = writer.session(before.id) if before is not None else None
    if before is not None and record is not None and before.matches(record.hash):
        writer.remove_session(before.id)
    for old in writer.sessions(holder.id, 2 * MAX_SESSIONS)[MAX_SESSIONS - 1 :]:
        writer.remove_session(old.id)
    idle_ms, latest_ms = ends_of(now_ms, is_operator=holder.is_operator)
    agent = clean_text(visitor.agent, MAX_AGENT)
    begun = SessionRecord(
        token.id, token.hash(), holder.id, holder.proof, now_ms, now_ms, idle_ms, latest_ms, visitor.source, agent
    )
    begun = replace(begun, acting_for=holder.acting_for, language=holder.language, scheme=holder.scheme)
    writer.add_session(begun)
    return begun


async def session_of(store: Store, clock: Clock, cookie_text: str, source: str) -> Session | None:
    """Return the session of a cookie; None when there is none, or it is over. `source` is where the request comes from.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    token = Token.parse(cookie_text)
    if token is None:
        return None
    now_ms = clock.now_ms()
    session = await store.read(lambda reader: _session(reader, token, source, now_ms))
    if session is None or now_ms - session.record.used_at_ms < TOUCH_MS:
        return session
    ends_at_ms = session.record.end_if_used(now_ms, is_operator=session.principal.is_operator)
    # A store that can be read only lets people look on.
    with suppress(StoreUnavailable):
        await store.write(lambda writer: writer.touch_session(token.id, now_ms, ends_at_ms))
    return session


def _session(reader: Reader, token: Token, source: str, now_ms: int) -> Session | None:
    record = reader.session(token.id)
    if record is None or not record.admits(token, now_ms):
        return None
    found = _whose(reader, record, source, now_ms)
    if found is None:
        return None
    principal, name, person = found
    if record.acting_for is not None and principal.is_operator:
        account = reader.account(str(record.acting_for))
        if account is not None and account.id == record.acting_for and account.closed_at_ms is None:
            principal = principal.acting_for(account.id, account.region)
    return Session(token, record, principal, name, person)


def _whose(
    reader: Reader, record: SessionRecord, source: str, now_ms: int
) -> tuple[Principal, str, Person | None] | None:
    if record.holder == LOCAL_OPERATOR:
        return Principal(EVERY_ACCOUNT, NO_REGION, None, source, is_operator=True), "", None
    if is_person_id(record.holder):
        person = reader.person(record.holder)
        if person is None or person.is_closed or not hmac.compare_digest(password_proof(person), record.proof):
            return None
        return principal_of_person(person, source), person.email.value, person
    key = reader.key(record.holder)
    if key is None or not key.admits_hash(record.proof, now_ms):
        return None
    return principal_of_key(key, record.proof, source), key.label or key.id, None


async def end_session(store: Store, session: Session, session_id: str | None = None) -> bool:
    """End a session, or another one of the same holder; False when there is none of that id.

    Raises:
        StoreUnavailable: it goes on.
    """
    holder, wanted = session.record.holder, session_id or session.id
    return await store.write(lambda writer: writer.remove_session(wanted, holder))


async def end_sessions(store: Store, session: Session, *, others_only: bool = False) -> int:
    """End all sessions of the holder, this one too unless `others_only`; return how many those were.

    Raises:
        StoreUnavailable: all go on.
    """
    holder, but = session.record.holder, session.id if others_only else None
    return await store.write(lambda writer: writer.remove_sessions(holder, but))


async def sessions_like(store: Store, clock: Clock, session: Session) -> Sequence[SessionRecord]:
    """Return the sessions of the same holder that go on, the one that was used last first."""
    now_ms, holder = clock.now_ms(), session.record.holder

    def work(reader: Reader) -> list[SessionRecord]:
        found = [each for each in reader.sessions(holder, MAX_SESSIONS) if now_ms < each.ends_at_ms]
        key = None if holder == LOCAL_OPERATOR or is_person_id(holder) else reader.key(holder)
        if key is not None:
            # For a while two secrets of a key are good, each with sessions of its own.
            return [each for each in found if key.admits_hash(each.proof, now_ms)]
        return [each for each in found if hmac.compare_digest(each.proof, session.record.proof)]

    return await store.read(work)


async def set_choice(store: Store, session: Session, choice: Choice, value: str | int | None) -> None:
    """Keep what somebody chose: the account that an operator acts for; the language or scheme, for later sessions too.

    Raises:
        Problem: there is no such account, or it is closed, or who asks is no operator.
        StoreUnavailable: nothing was kept.
    """
    if choice == "acting_for" and not session.principal.is_operator:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)

    def work(writer: Writer) -> None:
        if choice == "acting_for" and value is not None:
            account = writer.account(str(value))
            if account is None or account.id != value or account.closed_at_ms is not None:
                raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
        writer.put_choice(session.id, choice, value)
        if choice == "acting_for" or session.person is None:
            return
        person = writer.person_for_change(session.person.id)
        if person is not None:
            text = None if value is None else str(value)
            writer.put_person(replace(person, language=text) if choice == "language" else replace(person, scheme=text))

    await store.write(work)
