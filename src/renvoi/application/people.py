"""People who sign in: added and removed, invited by mail, and what they do about their passwords."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from renvoi.application.accounts import find_account, find_any_account
from renvoi.application.auth import OPERATOR, Actor
from renvoi.application.errors import OperatorError
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.people import Passwords
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.sessions import Session, Visitor, new_token, password_proof
from renvoi.application.sign_in import MAX_EMAIL, NewSession, SignInRefused, let_in, take_attempts
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.person import (
    ID_BYTES,
    MAX_PEOPLE,
    PERSON_PREFIX,
    Person,
    email_key,
    normal_password,
    read_password,
)
from renvoi.domain.access.session import SessionRecord, Token, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import FRIEND, NETWORK, RESET, STRANGER, attempt, network_of
from renvoi.domain.email_address import EmailAddress, EmailInvalid
from renvoi.domain.field_error import FieldCode, FieldError, FieldFault
from renvoi.domain.problem import invalid

_EVERYBODY = 1 << 40
"""More people than there are."""


async def add_person(
    store: Store, clock: Clock, email: str, account: str | None, *, actor: Actor = OPERATOR, invite: bool = True
) -> Person:
    """Add a user of an account (id or name), or an operator (None); and have a mail sent that invites them.

    Raises:
        Problem: it is not an e-mail address, or somebody has it.
        OperatorError: there is no such account, it is closed, or has too many users.
    """
    try:
        address = EmailAddress.parse(email)
    except EmailInvalid as error:
        raise invalid(FieldError("/email", FieldCode.EMAIL_INVALID)) from error
    now_ms, person_id = clock.now_ms(), PERSON_PREFIX + secrets.token_hex(ID_BYTES)

    def work(writer: Writer) -> Person:
        account_id = EVERY_ACCOUNT if account is None else find_account(writer, account).id
        if len(writer.people(account_id, MAX_PEOPLE)) >= MAX_PEOPLE:
            raise OperatorError(f"there are {MAX_PEOPLE} users already, the most there may be: remove some")
        try:
            writer.add_person(Person(person_id, account_id, address, now_ms, made_by=actor.key_id))
        except Conflict as error:
            raise invalid(FieldError("/email", FieldCode.TAKEN)) from error
        if invite:
            _send(writer, person_id, TokenKind.INVITATION, now_ms)
        added = writer.person(person_id)
        assert added is not None
        return added

    return await store.write(work)


async def list_people(store: Store, account: str | None = None, *, operators: bool = False) -> Sequence[Person]:
    """Return all people: of one account (id or name), operators alone, or everybody.

    Raises:
        OperatorError: there is no such account.
    """
    kind: int | None = EVERY_ACCOUNT if operators else None
    if account is not None:
        kind = (await store.read(lambda reader: find_any_account(reader, account))).id
    # At once, as all are kept anyway: a page would need its place, which a damaged row does not have.
    return await store.read(lambda reader: reader.people(kind, _EVERYBODY))


async def find_person(store: Store, who: str) -> Person:
    """Return the person with that e-mail address or id.

    Raises:
        OperatorError: there is none.
    """
    key = email_key(who[:MAX_EMAIL])
    found = await store.read(lambda reader: reader.person_of_email(key) or reader.person(who))
    if found is None:
        raise OperatorError(f"there is no user {who!r}: `renvoi user list` shows them")
    return found


async def remove_person(store: Store, who: str) -> Person:
    """Remove a person: their sessions end at their next requests.

    Raises:
        OperatorError: there is none.
    """
    person = await find_person(store, who)
    await store.write(lambda writer: writer.remove_person(person.id))
    return person


async def send_mail(store: Store, clock: Clock, who: str) -> tuple[Person, TokenKind]:
    """Have a mail sent by which a person sets a password: an invitation, or where they have one a reset.

    Raises:
        OperatorError: there is no such person.
    """
    person, now_ms = await find_person(store, who), clock.now_ms()
    kind = TokenKind.INVITATION if person.password is None else TokenKind.RESET

    def work(writer: Writer) -> None:
        writer.remove_tokens(person.id)
        _send(writer, person.id, kind, now_ms)

    await store.write(work)
    return person, kind


async def make_password_link(store: Store, clock: Clock, who: str) -> tuple[Person, Token]:
    """Return a token by which a person sets a password, to be handed over in another way than by mail.

    Raises:
        OperatorError: there is no such person.
    """
    person, now_ms, token = await find_person(store, who), clock.now_ms(), new_token()
    kind = TokenKind.INVITATION if person.password is None else TokenKind.RESET
    made = TokenRecord(token.id, kind, person.id, now_ms, now_ms + kind.lasts_ms, token.hash())

    def work(writer: Writer) -> None:
        writer.remove_tokens(person.id)
        writer.add_token(made)

    await store.write(work)
    return person, token


async def request_reset(store: Store, clock: Clock, email: str, visitor: Visitor) -> None:
    """Have a mail sent to whoever has that address; the answer is the same where nobody has it.

    Raises:
        TooManyAttempts: too many were asked for from that network.
        StoreUnavailable: none is sent.
    """
    key, now_ms = email_key(email[:MAX_EMAIL]), clock.now_ms()

    def work(writer: Writer) -> None:
        take_attempts(writer, [attempt(NETWORK, network_of(visitor.source))], now_ms)
        person = writer.person_of_email(key) if key.isprintable() else None
        is_flood = writer.take_attempt(attempt(RESET, key), now_ms) > 0
        if person is not None and not person.is_closed and not is_flood:
            # Those that were sent before stay good: whoever knows an address could take them from its owner.
            _send(writer, person.id, TokenKind.RESET, now_ms)

    await store.write(work)


def _send(writer: Writer, person_id: str, kind: TokenKind, now_ms: int) -> None:
    """Queue a mail. Its token is made when it is sent: so no secret lies in the store while it waits."""
    token_id = new_token().id
    writer.add_token(TokenRecord(token_id, kind, person_id, now_ms, now_ms + kind.lasts_ms, due_at_ms=now_ms))


async def person_of_token(store: Store, clock: Clock, text: str) -> Person | None:
    """Return who may set a password by a token; None when it is not one, was used, or is too old.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    token, now_ms = Token.parse(text), clock.now_ms()
    if token is None:
        return None

    def look(reader: Reader) -> Person | None:
        record = reader.token(token.id)
        if record is None or record.kind is TokenKind.LINK or not record.admits(token, now_ms):
            return None
        person = reader.person(record.holder)
        return None if person is None or person.is_closed else person

    return await store.read(look)


async def set_password_by_token(
    store: Store, clock: Clock, passwords: Passwords, text: str, password: str, visitor: Visitor
) -> NewSession:
    """Set a password by a token, which works once; all sessions of the person end, and a new one begins.

    Raises:
        Problem: the password may not be one.
        SignInRefused: the token is not one, was used, or is too old.
        PasswordsBusy: nothing was changed.
        StoreUnavailable: nothing was changed.
    """
    person = await person_of_token(store, clock, text)
    given = Token.parse(text)
    if person is None or given is None:
        raise SignInRefused
    stored = await passwords.hash(_new_password(person, password))
    token, now_ms, key = new_token(), clock.now_ms(), email_key(person.email.value)

    def work(writer: Writer) -> SessionRecord:
        record, found = writer.token_for_change(given.id), writer.person_for_change(person.id)
        if record is None or not record.admits(given, now_ms) or found is None or found.is_closed:
            raise SignInRefused
        writer.remove_tokens(found.id)
        writer.remove_sessions(found.id)
        # Whoever has the mail is that person: what strangers tried does not keep them out any more.
        return let_in(writer, token, replace(found, password=stored), visitor, now_ms, [attempt(STRANGER, key)])

    return NewSession(token, await store.write(work))


async def set_password(store: Store, passwords: Passwords, who: str, password: str) -> Person:
    """Set somebody's password, as an operator; all their sessions end.

    Raises:
        OperatorError: there is no such person.
        Problem: the password may not be one.
    """
    person = await find_person(store, who)
    stored = await passwords.hash(_new_password(person, password))

    def work(writer: Writer) -> None:
        found = writer.person_for_change(person.id)
        if found is None:
            raise OperatorError(f"there is no user {who!r} any more")
        writer.remove_tokens(found.id)
        writer.remove_sessions(found.id)
        writer.put_person(replace(found, password=stored))

    await store.write(work)
    return person


async def change_password(
    store: Store, clock: Clock, passwords: Passwords, session: Session, current: str, password: str
) -> None:
    """Change the password of who asks, who knows the current one; their other sessions end.

    Raises:
        Problem: the session is not a person's, or the new password may not be one.
        SignInRefused: the current one is another.
        TooManyAttempts: it was wrong too often.
        PasswordsBusy: nothing was changed.
        StoreUnavailable: nothing was changed.
    """
    person = session.person
    if person is None:
        raise SignInRefused
    wanted = _new_password(person, password)
    wrong = attempt(FRIEND, f"{person.id} {session.id}")
    now_ms = clock.now_ms()
    await store.write(lambda writer: take_attempts(writer, [wrong], now_ms))
    if not await passwords.verify(normal_password(current), person.password):
        raise SignInRefused
    stored = await passwords.hash(wanted)

    def work(writer: Writer) -> None:
        found = writer.person_for_change(person.id)
        if found is None or found.password != person.password:
            raise SignInRefused
        changed = replace(found, password=stored)
        writer.put_person(changed)
        writer.remove_tokens(found.id)
        writer.remove_sessions(found.id, session.id)
        writer.prove_session(session.id, password_proof(changed))
        writer.forget_attempts(wrong)

    await store.write(work)


def _new_password(person: Person, password: str) -> str:
    try:
        return read_password(password, person.email)
    except FieldFault as fault:
        raise invalid(FieldError("/password", fault.code, fault.field_args)) from fault
