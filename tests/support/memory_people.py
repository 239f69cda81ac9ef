"""The part of the store in memory that people need who sign in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from renvoi.adapters.sql import column_limits, people, schema
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.people import NamedActor
from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.access.person import Person, email_key
from renvoi.domain.access.session import SessionRecord, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import Attempt
from renvoi.domain.messages.message import FARTHEST_MS
from tests.support.memory_state import MemoryReader


class MemoryPersonReader(MemoryReader):
    """People, sessions and tokens; see `application.ports.Reader`."""

    def person(self, person_id: str) -> Person | None:
        found = self._state.people.get(person_id)
        return None if found is None else self._whole(found)

    def _whole(self, person: Person) -> Person:
        if person.account_id == EVERY_ACCOUNT:
            return person
        account = self._state.accounts[person.account_id]
        is_closed = account.closed_at_ms is not None
        return replace(person, region=account.region, locale=account.locale, is_closed=is_closed)

    def person_of_email(self, key: str) -> Person | None:
        found = [each for each in self._state.people.values() if email_key(each.email.value) == key]
        return self._whole(found[0]) if found else None

    def people(self, account_id: int | None = None, limit: int = 100) -> Sequence[Person]:
        found = [self._whole(each) for each in self._state.people.values() if account_id in (None, each.account_id)]
        return sorted(found, key=lambda each: (each.account_id, email_key(each.email.value)))[:limit]

    def actors(self, ids: Sequence[str]) -> Mapping[str, NamedActor]:
        keys = (each for each in self._state.keys.values() if each.id in ids)
        people = (each for each in self._state.people.values() if each.id in ids)
        return {each.id: NamedActor(each.account_id, each.label) for each in keys} | {
            each.id: NamedActor(each.account_id, each.email.value) for each in people
        }

    def session(self, session_id: str) -> SessionRecord | None:
        return self._state.sessions.get(session_id)

    def sessions(self, holder: str, limit: int = 100) -> Sequence[SessionRecord]:
        found = [each for each in self._state.sessions.values() if each.holder == holder]
        return sorted(found, key=lambda each: (-each.used_at_ms, each.id))[:limit]

    def token(self, token_id: str) -> TokenRecord | None:
        return self._state.tokens.get(token_id)

    def due_tokens(self, now_ms: int, limit: int) -> Sequence[TokenRecord]:
        found = [each for each in self._state.tokens.values() if _is_due(each, now_ms)]
        return sorted(found, key=lambda each: each.due_at_ms or 0)[:limit]


class MemoryPeople(MemoryPersonReader):
    """People, sessions, tokens and attempts; see `application.ports.Writer`."""

    def person_for_change(self, person_id: str) -> Person | None:
        return self.person(person_id)

    def add_person(self, person: Person) -> None:
        column_limits.check_row(
            schema.users, people.person_values(person) | {"id": person.id, "account_id": person.account_id}
        )
        if self.person_of_email(email_key(person.email.value)) is not None:
            raise Conflict(f"user {person.email} exists already")
        self._state.people[person.id] = person

    def put_person(self, person: Person) -> None:
        column_limits.check_row(schema.users, people.person_values(person))
        if person.id in self._state.people:
            self._state.people[person.id] = person

    def remove_person(self, person_id: str) -> bool:
        self.remove_sessions(person_id)
        self.remove_tokens(person_id)
        return self._state.people.pop(person_id, None) is not None

    def remove_people(self, account_id: int, limit: int) -> int:
        return sum(self.remove_person(each.id) for each in self.people(account_id, limit))

    def add_session(self, session: SessionRecord) -> None:
        column_limits.check_row(schema.sessions, people.session_values(session))
        self._state.sessions[session.id] = session

    def touch_session(self, session_id: str, used_at_ms: int, ends_at_ms: int) -> None:
        session = self.session(session_id)
        if session is not None and session.used_at_ms < used_at_ms:
            self._state.sessions[session_id] = replace(session, used_at_ms=used_at_ms, ends_at_ms=ends_at_ms)

    def put_choice(self, session_id: str, name: str, value: str | int | None) -> None:
        column_limits.check_row(schema.sessions, {name: value})
        session = self.session(session_id)
        if session is not None:
            changed: dict[str, object] = {name: value}
            self._state.sessions[session_id] = replace(session, **changed)  # type: ignore[arg-type]  # by its name

    def prove_session(self, session_id: str, proof: bytes) -> None:
        session = self.session(session_id)
        if session is not None:
            self._state.sessions[session_id] = replace(session, proof=proof)

    def remove_session(self, session_id: str, holder: str | None = None) -> bool:
        session = self.session(session_id)
        if session is None or holder not in (None, session.holder):
            return False
        del self._state.sessions[session_id]
        return True

    def remove_sessions(self, holder: str, but: str | None = None) -> int:
        found = [each.id for each in self._state.sessions.values() if each.holder == holder and each.id != but]
        return sum(self.remove_session(each) for each in found)

    def remove_old_sessions(self, now_ms: int, limit: int) -> int:
        old = [each.id for each in self._state.sessions.values() if each.ends_at_ms <= now_ms][:limit]
        return sum(self.remove_session(each) for each in old)

    def add_token(self, token: TokenRecord) -> None:
        column_limits.check_row(schema.user_tokens, people.token_values(token))
        self._state.tokens[token.id] = token

    def token_for_change(self, token_id: str) -> TokenRecord | None:
        return self.token(token_id)

    def claim_token(self, token_id: str, digest: bytes, now_ms: int, until_ms: int) -> bool:
        token = self.token(token_id)
        if token is None or not _is_due(token, now_ms):
            return False
        self._state.tokens[token_id] = replace(token, hash=digest, due_at_ms=until_ms)
        return True

    def end_token_mail(self, token_id: str) -> None:
        token = self.token(token_id)
        if token is not None:
            self._state.tokens[token_id] = replace(token, due_at_ms=None)

    def remove_token(self, token_id: str) -> bool:
        return self._state.tokens.pop(token_id, None) is not None

    def remove_tokens(self, holder: str, kind: TokenKind | None = None) -> int:
        found = [each for each in self._state.tokens.values() if each.holder == holder and kind in (None, each.kind)]
        return sum(self.remove_token(each.id) for each in found)

    def remove_old_tokens(self, now_ms: int, limit: int) -> int:
        old = [each.id for each in self._state.tokens.values() if each.expires_at_ms <= now_ms][:limit]
        return sum(self.remove_token(each) for each in old)

    def take_attempt(self, attempt: Attempt, now_ms: int) -> int:
        step_ms = attempt.allowance.interval_ms
        latest_ms = now_ms + attempt.allowance.burst * step_ms
        full_ms = max(self._state.attempts.get(attempt.name, now_ms), now_ms)
        if full_ms > latest_ms:
            full_ms = now_ms
        if full_ms + step_ms > latest_ms:
            return full_ms + step_ms - latest_ms
        self._state.attempts[attempt.name] = full_ms + step_ms
        return 0

    def give_attempt_back(self, attempt: Attempt) -> None:
        if attempt.name in self._state.attempts:
            self._state.attempts[attempt.name] -= attempt.allowance.interval_ms

    def forget_attempts(self, attempt: Attempt) -> None:
        self._state.attempts.pop(attempt.name, None)

    def remove_old_attempts(self, now_ms: int, limit: int) -> int:
        old = [name for name, full_ms in self._state.attempts.items() if full_ms <= now_ms][:limit]
        for name in old:
            del self._state.attempts[name]
        return len(old)


def _is_due(token: TokenRecord, now_ms: int) -> bool:
    return token.due_at_ms is not None and not now_ms < token.due_at_ms <= now_ms + FARTHEST_MS
