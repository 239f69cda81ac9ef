"""People who sign in: passwords, sessions, the mails that let them set a password, and how often they were wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from renvoi.domain.access.person import Person
from renvoi.domain.access.session import SessionRecord, TokenKind, TokenRecord
from renvoi.domain.access.sign_in_limits import Attempt

MOST_ACTORS = 32
"""Keys and people whose names are read at once."""


@dataclass(frozen=True, slots=True)
class NamedActor:
    """How a key or person that did something is known: `name` is a label, which may be empty, or an e-mail address.

    `account_id` is `EVERY_ACCOUNT` for those of operators.
    """

    account_id: int
    name: str


class PersonReader(Protocol):
    """What can be read of people and their sessions."""

    def person(self, person_id: str) -> Person | None: ...

    def person_of_email(self, key: str) -> Person | None:
        """Return the person whose address has that `email_key`."""

    def people(self, account_id: int | None = None, limit: int = 100) -> Sequence[Person]:
        """Return up to `limit` people by account: of one, of `EVERY_ACCOUNT` (operators), or of all (None)."""

    def actors(self, ids: Sequence[str]) -> Mapping[str, NamedActor]:
        """Return the names of up to `MOST_ACTORS` keys and people, by id; those that are gone have none."""

    def session(self, session_id: str) -> SessionRecord | None:
        """Return a session, over or not."""

    def sessions(self, holder: str, limit: int = 100) -> Sequence[SessionRecord]:
        """Return up to `limit` sessions of a key or person, the one that was used last first."""

    def token(self, token_id: str) -> TokenRecord | None:
        """Return a token that works once."""

    def due_tokens(self, now_ms: int, limit: int) -> Sequence[TokenRecord]:
        """Return up to `limit` tokens whose mail is due, the oldest first."""


class PersonWriter(Protocol):
    """Changes people and their sessions."""

    def person_for_change(self, person_id: str) -> Person | None:
        """Return a person and keep everybody else from changing them until the transaction ends."""

    def add_person(self, person: Person) -> None:
        """Add a person.

        Raises:
            Conflict: there is one with that address.
        """

    def put_person(self, person: Person) -> None:
        """Replace what can be changed of a person: all but the account, and when and by whom they were added."""

    def remove_person(self, person_id: str) -> bool:
        """Remove a person with sessions and tokens; False when there is none."""

    def remove_people(self, account_id: int, limit: int) -> int:
        """Remove up to `limit` people of an account, as `remove_person`; return how many."""

    def add_session(self, session: SessionRecord) -> None: ...

    def touch_session(self, session_id: str, used_at_ms: int, ends_at_ms: int) -> None:
        """Note that a session was used, unless that is known already."""

    def put_choice(self, session_id: str, name: str, value: str | int | None) -> None:
        """Replace one of `acting_for`, `language` and `scheme` of a session."""

    def prove_session(self, session_id: str, proof: bytes) -> None:
        """Replace what a session stands on."""

    def remove_session(self, session_id: str, holder: str | None = None) -> bool:
        """Remove a session, that of `holder` only if given; False when there is none."""

    def remove_sessions(self, holder: str, but: str | None = None) -> int:
        """Remove all sessions of a key or person but one; return how many."""

    def remove_old_sessions(self, now_ms: int, limit: int) -> int:
        """Remove up to `limit` sessions that are over; return how many."""

    def add_token(self, token: TokenRecord) -> None: ...

    def token_for_change(self, token_id: str) -> TokenRecord | None:
        """Return a token and keep everybody else from using it until the transaction ends."""

    def claim_token(self, token_id: str, digest: bytes, now_ms: int, until_ms: int) -> bool:
        """Give a token whose mail is due another secret; True: nobody else sends that mail before `until_ms`."""

    def end_token_mail(self, token_id: str) -> None:
        """Note that nothing is to be sent of a token any more."""

    def remove_token(self, token_id: str) -> bool:
        """Remove a token; False when there is none."""

    def remove_tokens(self, holder: str, kind: TokenKind | None = None) -> int:
        """Remove all tokens of a holder, those of one kind if it is given; return how many."""

    def remove_old_tokens(self, now_ms: int, limit: int) -> int:
        """Remove up to `limit` tokens that are over; return how many."""

    def take_attempt(self, attempt: Attempt, now_ms: int) -> int:
        """Count an attempt: return 0, or the milliseconds until there is one again, and it is not counted."""

    def give_attempt_back(self, attempt: Attempt) -> None:
        """Count an attempt no more: it was a good one."""

    def forget_attempts(self, attempt: Attempt) -> None:
        """Forget all attempts of that name."""

    def remove_old_attempts(self, now_ms: int, limit: int) -> int:
        """Remove up to `limit` counts that are none any more; return how many."""


class PasswordsBusy(Exception):
    """So many passwords are being compared that this one was not: try again in a second."""


class Passwords(Protocol):
    """Hashes passwords slowly, beside the event loop."""

    async def hash(self, password: str) -> str:
        """Return what is stored of a password (PHC string).

        Raises:
            PasswordsBusy: too many wait already.
        """

    async def verify(self, password: str, stored: str | None) -> bool:
        """Tell whether `stored` is of that password; where there is none it takes as long, and is not.

        Raises:
            PasswordsBusy: too many wait already.
        """

    def is_outdated(self, stored: str) -> bool:
        """Tell whether `stored` was made with less work than is asked for today."""
