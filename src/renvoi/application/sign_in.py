"""Signing in: with a key, with e-mail address and password, or by a link that works once at the machine itself.

Whoever is wrong, and however, gets the same answer, after the same work: nobody is told whether an address is known,
whether its password is right, or whether the account is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from renvoi.application.auth import authenticate
from renvoi.application.ports.people import Passwords
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.application.sessions import Visitor, begin, new_token, of_key, of_local_operator, of_person
from renvoi.application.write_behind import KeyUses
from renvoi.domain.access.api_key import ApiKey
from renvoi.domain.access.person import Person, email_key, normal_password
from renvoi.domain.access.session import LOCAL_OPERATOR, SessionRecord, Token, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import FRIEND, NETWORK, STRANGER, Attempt, attempt, network_of

MAX_EMAIL = 320
"""Characters of an address that are looked at."""


class SignInRefused(Exception):
    """What was shown lets nobody in; why is not told."""


class TooManyAttempts(Exception):
    """Too many were wrong. For `wait_ms` no password is looked at; of keys none is let in but a good one."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"try again in {wait_ms} ms")
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has begun, and its token, which is known this once."""

    token: Token
    record: SessionRecord


async def begin_session_of_key(
    store: Store, clock: Clock, api_key: str, visitor: Visitor, uses: KeyUses | None = None
) -> NewSession:
    """Sign in with a key.

    A good one is let in whatever others of its network do, as by the API: nobody guesses 256 random bits, and many
    customers may share an address.

    Raises:
        SignInRefused: it is not a key, or not a good one.
        TooManyAttempts: neither, as too many from that network were.
        StoreUnavailable: the store does not answer.
    """
    now_ms = clock.now_ms()
    key = ApiKey.parse(api_key)
    if key is None or await authenticate(store, clock, api_key, visitor.source, uses) is None:
        wrong = [attempt(NETWORK, network_of(visitor.source))]
        await store.write(lambda writer: take_attempts(writer, wrong, now_ms))
        raise SignInRefused
    token, digest = new_token(), key.hash()

    def work(writer: Writer) -> SessionRecord:
        record = writer.key(key.id)
        if record is None or not record.admits_hash(digest, now_ms):
            raise SignInRefused
        return begin(writer, token, of_key(record, digest), visitor, now_ms)

    return NewSession(token, await store.write(work))


async def begin_session_of_person(
    store: Store, clock: Clock, passwords: Passwords, email: str, password: str, visitor: Visitor
) -> NewSession:
    """Sign in with e-mail address and password.

    Raises:
        SignInRefused: there is nobody with both.
        TooManyAttempts: too many for that address, or from that network, were wrong.
        PasswordsBusy: the password was not looked at.
        StoreUnavailable: the store does not answer.
    """
    now_ms, key, network = clock.now_ms(), email_key(email[:MAX_EMAIL]), network_of(visitor.source)
    person = await store.read(lambda reader: reader.person_of_email(key)) if _is_storable(key) else None
    if person is not None and network in person.networks:
        wrong = [attempt(FRIEND, f"{key} {network}")]
    else:
        wrong = [attempt(NETWORK, network), attempt(STRANGER, key)]
    # Counted before it is known whether it was wrong, or many at once would be one.
    await store.write(lambda writer: take_attempts(writer, wrong, now_ms))
    given = normal_password(password)
    stored = person.password if person is not None and not person.is_closed else None
    if not await passwords.verify(given, stored) or person is None or stored is None:
        raise SignInRefused
    again = await passwords.hash(given) if passwords.is_outdated(stored) else stored
    token, person_id = new_token(), person.id

    def work(writer: Writer) -> SessionRecord:
        found = writer.person_for_change(person_id)
        if found is None or found.is_closed or found.password != stored:
            raise SignInRefused
        return let_in(writer, token, _with_password(found, again), visitor, now_ms, wrong)

    return NewSession(token, await store.write(work))


def let_in(
    writer: Writer, token: Token, person: Person, visitor: Visitor, now_ms: int, counted: Sequence[Attempt] = ()
) -> SessionRecord:
    """Begin a session of a person who has proven to be that; `counted` are attempts that were none."""
    for each in counted:
        if each.allowance is NETWORK:
            # Others of that network may have been wrong; for the address it was its own person.
            writer.give_attempt_back(each)
        else:
            writer.forget_attempts(each)
    person = person.seen_from(network_of(visitor.source), now_ms)
    writer.put_person(person)
    return begin(writer, token, of_person(person), visitor, now_ms)


async def make_link(store: Store, clock: Clock, account: str | None) -> Token:
    """Make a link that signs in once as the operator at the machine, acting for an account (id or name) if given.

    Raises:
        StoreUnavailable: it was not made.
    """
    token, now_ms = new_token(), clock.now_ms()
    await store.write(lambda writer: add_link(writer, token, account, now_ms))
    return token


def add_link(writer: Writer, token: Token, account: str | None, now_ms: int) -> None:
    """Do what `make_link` does, in a transaction that does more. The link before, if any, is good no more."""
    found = writer.account(account) if account is not None else None
    expires_ms, acting_for = now_ms + TokenKind.LINK.lasts_ms, None if found is None else found.id
    made = TokenRecord(token.id, TokenKind.LINK, LOCAL_OPERATOR, now_ms, expires_ms, token.hash())
    writer.remove_tokens(LOCAL_OPERATOR, TokenKind.LINK)
    writer.add_token(replace(made, acting_for=acting_for))


async def begin_session_of_link(store: Store, clock: Clock, text: str, visitor: Visitor) -> NewSession:
    """Sign in by a link, which works once. Whoever calls this knows that the visitor is at the machine itself.

    Raises:
        SignInRefused: the link is not one, was used, or is too old.
        StoreUnavailable: the store does not answer.
    """
    given, token, now_ms = Token.parse(text), new_token(), clock.now_ms()
    if given is None:
        raise SignInRefused

    def work(writer: Writer) -> SessionRecord:
        link = writer.token_for_change(given.id)
        if link is None or link.kind is not TokenKind.LINK or not link.admits(given, now_ms):
            raise SignInRefused
        writer.remove_token(link.id)
        return begin(writer, token, of_local_operator(link.acting_for), visitor, now_ms)

    return NewSession(token, await store.write(work))


def take_attempts(writer: Writer, attempts: Sequence[Attempt], now_ms: int) -> None:
    """Count attempts, all or none.

    Raises:
        TooManyAttempts: one of them is one too many.
    """
    waits = [writer.take_attempt(each, now_ms) for each in attempts]
    if any(waits):
        raise TooManyAttempts(max(waits))


def _is_storable(text: str) -> bool:
    return "\0" not in text and text.isprintable()


def _with_password(person: Person, stored: str) -> Person:
    return person if person.password == stored else replace(person, password=stored)
