"""People who sign in, their sessions, tokens that work once, and attempts, in the store."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    bindparam,
    case,
    delete,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.dml import Delete
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.schema import Column

from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.column_limits import is_key
from renvoi.adapters.sql.compiled_statements import Connection, Row, unique
from renvoi.adapters.sql.row_repair import NOBODYS_ACCOUNT, RowRepair, stored_address
from renvoi.adapters.sql.schema import accounts, api_keys, operator_keys, sessions, sign_in_attempts, user_tokens, users
from renvoi.application.ports.people import MOST_ACTORS, NamedActor
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.person import Person, email_key
from renvoi.domain.access.session import SessionRecord, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import Attempt
from renvoi.domain.messages.message import FARTHEST_MS
from renvoi.domain.outcome import LANGUAGES

_log = logging.getLogger("renvoi.store")
_KINDS = {kind.word: kind for kind in TokenKind}
# Whoever has no sound password has none, and who is where no account is known is let in nowhere.
_repair_person = RowRepair(tuple(users.c))
_repair_session = RowRepair(tuple(sessions.c))
_repair_token = RowRepair(tuple(user_tokens.c))

_people = select(*users.c, accounts.c.region, accounts.c.locale, accounts.c.closed_at_ms).join(
    accounts, accounts.c.id == users.c.account_id, isouter=True
)
person_by_id = _people.where(users.c.id == bindparam("id"))
person_by_email = _people.where(users.c.email_key == bindparam("key_email"))
person_for_change = person_by_id.with_for_update(of=users)
all_people = _people.order_by(users.c.account_id, users.c.email_key).limit(bindparam("limit"))
people_of = all_people.where(users.c.account_id == bindparam("account_id"))
# One statement for any number of them: fewer name one of these again.
_named = [bindparam(f"id_{place}", type_=Text) for place in range(MOST_ACTORS)]
_of_operators = literal_column(str(EVERY_ACCOUNT), BigInteger)
actors = union_all(
    select(api_keys.c.id, api_keys.c.account_id, api_keys.c.label).where(api_keys.c.id.in_(_named)),
    select(operator_keys.c.id, _of_operators, operator_keys.c.label).where(operator_keys.c.id.in_(_named)),
    select(users.c.id, users.c.account_id, users.c.email).where(users.c.id.in_(_named)),
)
_CHANGED = ("email", "email_key", "password", "networks", "language", "scheme", "signed_in_at_ms")
add_person = insert(users).values({c.name: bindparam(c.name) for c in users.c})
put_person = update(users).where(users.c.id == bindparam("key")).values({name: bindparam(name) for name in _CHANGED})
remove_person = delete(users).where(users.c.id == bindparam("key"))
people_of_account = select(users.c.id).where(users.c.account_id == bindparam("account_id")).limit(bindparam("limit"))

_of_session = sessions.c.id == bindparam("key")
session_by_id = select(*sessions.c).where(sessions.c.id == bindparam("id"))
sessions_of = (
    select(*sessions.c)
    .where(sessions.c.holder == bindparam("of_holder"))
    .order_by(sessions.c.used_at_ms.desc(), sessions.c.id)
    .limit(bindparam("limit"))
)
add_session = insert(sessions).values({c.name: bindparam(c.name) for c in sessions.c})
touch_session = (
    update(sessions)
    .where(_of_session, sessions.c.used_at_ms < bindparam("used_at_ms"))
    .values(used_at_ms=bindparam("used_at_ms"), ends_at_ms=bindparam("ends_at_ms"))
)
put_choices = {
    name: update(sessions).where(_of_session).values({name: bindparam("value", type_=sessions.c[name].type)})
    for name in ("acting_for", "language", "scheme")
}
prove_session = update(sessions).where(_of_session).values(proof=bindparam("proof"))
remove_session = delete(sessions).where(_of_session)
remove_session_of = remove_session.where(sessions.c.holder == bindparam("of_holder"))
remove_sessions_of = delete(sessions).where(
    sessions.c.holder == bindparam("of_holder"), sessions.c.id != bindparam("but")
)


def _remove_old(key: "Column[str]", ends: "Column[int]") -> Delete:
    old = (
        select(key)
        .where(ends <= bindparam("before_ms", type_=BigInteger))
        .order_by(ends)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )
    return delete(key.table).where(key.in_(old.scalar_subquery()))


remove_old_sessions = _remove_old(sessions.c.id, sessions.c.ends_at_ms)

_of_token = user_tokens.c.id == bindparam("key")
# A claim far ahead was made by a clock that was set back since.
_is_due: ColumnElement[bool] = or_(
    user_tokens.c.due_at_ms <= bindparam("now_ms", type_=BigInteger),
    user_tokens.c.due_at_ms > bindparam("farthest_ms", type_=BigInteger),
)
token_by_id = select(*user_tokens.c).where(user_tokens.c.id == bindparam("id"))
token_for_change = token_by_id.with_for_update()
due_tokens = select(*user_tokens.c).where(_is_due).order_by(user_tokens.c.due_at_ms).limit(bindparam("limit"))
add_token = insert(user_tokens).values({c.name: bindparam(c.name) for c in user_tokens.c})
claim_token = update(user_tokens).where(_of_token, _is_due).values(hash=bindparam("hash"), due_at_ms=bindparam("until"))
end_token_mail = update(user_tokens).where(_of_token).values(due_at_ms=null())
remove_token = delete(user_tokens).where(_of_token)
remove_tokens_of = delete(user_tokens).where(user_tokens.c.holder == bindparam("of_holder"))
remove_kind_of = remove_tokens_of.where(user_tokens.c.kind == bindparam("of_kind"))
remove_old_tokens = _remove_old(user_tokens.c.id, user_tokens.c.expires_at_ms)

_full = sign_in_attempts.c.full_at_ms
_now, _step = bindparam("now_ms", type_=BigInteger), bindparam("step_ms", type_=BigInteger)
_latest = bindparam("latest_ms", type_=BigInteger)
_next = case((_full < _now, _now), else_=_full) + _step
# What no attempt can lead to was counted by a clock that was set back since.
_is_strange = _full > _latest
take_attempt = (
    postgresql.insert(sign_in_attempts)
    .values(name=bindparam("name"), full_at_ms=bindparam("first_ms"))
    .on_conflict_do_update(
        index_elements=["name"],
        set_={"full_at_ms": case((_is_strange, _now + _step), else_=_next)},
        where=or_(_is_strange, and_(_next <= _latest)),
    )
)
attempts_until = select(_full).where(sign_in_attempts.c.name == bindparam("name"))
give_attempt_back = (
    update(sign_in_attempts).where(sign_in_attempts.c.name == bindparam("key")).values(full_at_ms=_full - _step)
)
forget_attempts = delete(sign_in_attempts).where(sign_in_attempts.c.name == bindparam("key"))
remove_old_attempts = _remove_old(sign_in_attempts.c.name, _full)


class PersonReader:
    """The part of `application.ports.Reader` that people need."""

    _connection: Connection

    def person(self, person_id: str) -> Person | None:
        if not is_key(person_id):
            return None
        row = self._connection.one(person_by_id, id=person_id)
        return _person(row) if row else None

    def person_of_email(self, key: str) -> Person | None:
        row = self._connection.one(person_by_email, key_email=key)
        return _person(row) if row else None

    def people(self, account_id: int | None = None, limit: int = 100) -> Sequence[Person]:
        if account_id is None:
            found = self._connection.all(all_people, limit=limit)
        else:
            found = self._connection.all(people_of, account_id=account_id, limit=limit)
        return [_person(row) for row in found]

    def actors(self, ids: Sequence[str]) -> Mapping[str, NamedActor]:
        if not ids:
            return {}
        if len(ids) > MOST_ACTORS:
            raise ValueError(f"the names of {MOST_ACTORS} actors are read at once, not of {len(ids)}")
        named = {f"id_{place}": ids[min(place, len(ids) - 1)] for place in range(MOST_ACTORS)}
        return {key: NamedActor(account, name) for key, account, name in self._connection.all(actors, **named)}

    def session(self, session_id: str) -> SessionRecord | None:
        row = self._connection.one(session_by_id, id=session_id)
        return _session(row) if row else None

    def sessions(self, holder: str, limit: int = 100) -> Sequence[SessionRecord]:
        return [_session(row) for row in self._connection.all(sessions_of, of_holder=holder, limit=limit)]

    def token(self, token_id: str) -> TokenRecord | None:
        row = self._connection.one(token_by_id, id=token_id)
        return _token(row) if row else None

    def due_tokens(self, now_ms: int, limit: int) -> Sequence[TokenRecord]:
        found = self._connection.all(due_tokens, now_ms=now_ms, farthest_ms=now_ms + FARTHEST_MS, limit=limit)
        return [_token(row) for row in found]


class PersonWriter(PersonReader):
    """The part of `application.ports.Writer` that people need."""

    _duplicate: Callable[[Exception], str | None]
    _announce: Callable[[Topic], None]

    def person_for_change(self, person_id: str) -> Person | None:
        row = self._connection.one(person_for_change, id=person_id)
        return _person(row) if row else None

    def add_person(self, person: Person) -> None:
        made = {name: getattr(person, name) for name in ("id", "account_id", "created_at_ms", "made_by")}
        with unique(f"user {person.email}", self._duplicate):
            self._connection.run(add_person, **made, **person_values(person))

    def put_person(self, person: Person) -> None:
        self._connection.run(put_person, key=person.id, **person_values(person))

    def remove_person(self, person_id: str) -> bool:
        self.remove_sessions(person_id)
        self.remove_tokens(person_id)
        return self._connection.run(remove_person, key=person_id) > 0

    def remove_people(self, account_id: int, limit: int) -> int:
        found = self._connection.all(people_of_account, account_id=account_id, limit=limit)
        return sum(self.remove_person(person_id) for (person_id,) in found)

    def add_session(self, session: SessionRecord) -> None:
        self._connection.run(add_session, **session_values(session))

    def touch_session(self, session_id: str, used_at_ms: int, ends_at_ms: int) -> None:
        self._connection.run(touch_session, key=session_id, used_at_ms=used_at_ms, ends_at_ms=ends_at_ms)

    def put_choice(self, session_id: str, name: str, value: str | int | None) -> None:
        self._connection.run(put_choices[name], key=session_id, value=value)

    def prove_session(self, session_id: str, proof: bytes) -> None:
        self._connection.run(prove_session, key=session_id, proof=proof)

    def remove_session(self, session_id: str, holder: str | None = None) -> bool:
        if holder is None:
            return self._connection.run(remove_session, key=session_id) > 0
        return self._connection.run(remove_session_of, key=session_id, of_holder=holder) > 0

    def remove_sessions(self, holder: str, but: str | None = None) -> int:
        return self._connection.run(remove_sessions_of, of_holder=holder, but=but or "")

    def remove_old_sessions(self, now_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_sessions, before_ms=now_ms, limit=limit)

    def add_token(self, token: TokenRecord) -> None:
        self._connection.run(add_token, **token_values(token))
        if token.due_at_ms is not None:
            self._announce("mails")

    def token_for_change(self, token_id: str) -> TokenRecord | None:
        row = self._connection.one(token_for_change, id=token_id)
        return _token(row) if row else None

    def claim_token(self, token_id: str, digest: bytes, now_ms: int, until_ms: int) -> bool:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "until": until_ms}
        return self._connection.run(claim_token, key=token_id, hash=digest, **times) > 0

    def end_token_mail(self, token_id: str) -> None:
        self._connection.run(end_token_mail, key=token_id)

    def remove_token(self, token_id: str) -> bool:
        return self._connection.run(remove_token, key=token_id) > 0

    def remove_tokens(self, holder: str, kind: TokenKind | None = None) -> int:
        if kind is None:
            return self._connection.run(remove_tokens_of, of_holder=holder)
        return self._connection.run(remove_kind_of, of_holder=holder, of_kind=kind.word)

    def remove_old_tokens(self, now_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_tokens, before_ms=now_ms, limit=limit)

    def take_attempt(self, attempt: Attempt, now_ms: int) -> int:
        step_ms = attempt.allowance.interval_ms
        latest_ms = now_ms + attempt.allowance.burst * step_ms
        times = {"now_ms": now_ms, "step_ms": step_ms, "latest_ms": latest_ms, "first_ms": now_ms + step_ms}
        if self._connection.run(take_attempt, name=attempt.name, **times) > 0:
            return 0
        row = self._connection.one(attempts_until, name=attempt.name)
        return max(1, int(row[0]) + step_ms - latest_ms) if row else 1

    def give_attempt_back(self, attempt: Attempt) -> None:
        self._connection.run(give_attempt_back, key=attempt.name, step_ms=attempt.allowance.interval_ms)

    def forget_attempts(self, attempt: Attempt) -> None:
        self._connection.run(forget_attempts, key=attempt.name)

    def remove_old_attempts(self, now_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_attempts, before_ms=now_ms, limit=limit)


def _person(row: Row) -> Person:
    (
        person_id, account_id, email, _, created, made_by, password, networks, language, scheme, signed_in,
        region, locale, closed,
    ) = _repair_person(row)  # fmt: skip
    return Person(
        person_id,
        account_id,
        stored_address(email),
        created,
        password,
        made_by,
        tuple(networks.split()),
        _language(language),
        scheme,
        signed_in,
        **({} if region is None else {"region": region, "locale": locale}),
        is_closed=closed is not None or account_id == NOBODYS_ACCOUNT,
    )


def person_values(person: Person) -> dict[str, object]:
    """Return what can be changed of a person, as the row has it."""
    return {
        "email": person.email.value,
        "email_key": email_key(person.email.value),
        "password": person.password,
        "networks": " ".join(person.networks),
        "language": person.language,
        "scheme": person.scheme,
        "signed_in_at_ms": person.signed_in_at_ms,
    }


def _language(chosen: str | None) -> str | None:
    """Return a language that was chosen; None for one that this program does not speak."""
    return chosen if chosen in LANGUAGES else None


def _session(row: Row) -> SessionRecord:
    session_id, digest, holder, proof, *others = _repair_session(row)
    found = SessionRecord(session_id, bytes(digest), holder, bytes(proof), *others)
    return found if _language(found.language) == found.language else replace(found, language=None)


def session_values(session: SessionRecord) -> dict[str, object]:
    """Return the row of a session."""
    return {column.name: getattr(session, column.name) for column in sessions.c}


def _token(row: Row) -> TokenRecord:
    token_id, kind, holder, created, expires, digest, due, acting_for = _repair_token(row)
    made = None if digest is None else bytes(digest)
    if kind not in _KINDS:
        # One that is good for what this program does not know is good for nothing here.
        _log.warning("token %.40s is of kind %.40r, which is unknown here", token_id, kind)
        kind, expires = TokenKind.INVITATION.word, 0
    return TokenRecord(token_id, _KINDS[kind], holder, created, expires, made, due, acting_for)


def token_values(token: TokenRecord) -> dict[str, object]:
    """Return the row of a token."""
    return {column.name: getattr(token, column.name) for column in user_tokens.c} | {"kind": token.kind.word}
