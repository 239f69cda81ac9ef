"""People who sign in to the dashboard: users of an account, and operators."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Self

from renvoi.domain.access.api_key import EVERY_ACCOUNT
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.field_error import FieldCode, FieldFault
from renvoi.domain.numbers.number import NO_REGION

PERSON_PREFIX = "usr_"
"""How the ids of people begin: so the trail of changes says itself whether a person or a key made one."""
ID_BYTES = 6
MIN_PASSWORD, MAX_PASSWORD = 10, 200
"""Characters of a password (NIST SP 800-63B §5.1.1.2 asks for 8 at the least, and for 64 to be allowed)."""
KNOWN_NETWORKS = 8
"""Networks that are remembered as those that a person signs in from."""
MAX_PEOPLE = 1000
"""People of an account, and operators."""


_FIRST_TRIED = re.compile(
    r"(password|passwort|passwd|motdepasse|(my|mon)password|monmotdepasse|changeme|changezmoi|(top)?secret|letmein|"
    r"welcome|bienvenue|bonjour|hello|admin|administrator|administrateur|root|user|test|demo|renvoi|azerty(uiop)?|"
    r"qwert[yz](uiop)?|soleil|sunshine|iloveyou|jetaime|football|superman|dragon){1,2}"
)
"""Words that people take, in the languages of the dashboard."""
_RUNS = (
    "0123456789" * 3,
    "1234567890" * 3,
    "abcdefghijklmnopqrstuvwxyz",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
)
"""What stands side by side on keyboards, and in alphabets."""
_OWN = 4
"""Letters from which on those of a password are compared with the person's address: with fewer the rest counts."""


def is_person_id(text: str) -> bool:
    """Tell whether that is the id of a person, rather than of a key."""
    return text.startswith(PERSON_PREFIX)


def email_key(text: str) -> str:
    """Return what two writings of one address share: no server that people use tells capitals apart."""
    return unicodedata.normalize("NFC", text.strip().casefold())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in with an e-mail address and a password. Times are ms since 1970-01-01 UTC.

    An operator has the account `EVERY_ACCOUNT`. `password` is the hash (PHC string of argon2id), None while the
    invitation was not accepted. `made_by` is the id of the key or person that added them, None for the command line.
    `networks` are those of the latest sign-ins (`sign_in_limits.py`). `language` and `scheme` are what they chose, None
    for no choice. `region`, `locale` and `is_closed` are those of the account as it is now.
    """

    id: str
    account_id: int
    email: EmailAddress
    created_at_ms: int
    password: str | None = None
    made_by: str | None = None
    networks: tuple[str, ...] = ()
    language: str | None = None
    scheme: str | None = None
    signed_in_at_ms: int | None = None
    region: str = NO_REGION
    locale: str = "en"
    is_closed: bool = False

    @property
    def is_operator(self) -> bool:
        return self.account_id == EVERY_ACCOUNT

    def seen_from(self, network: str, at_ms: int) -> Self:
        """Return the person after a sign-in from that network."""
        others = tuple(each for each in self.networks if each != network)
        return replace(self, networks=(network, *others)[:KNOWN_NETWORKS], signed_in_at_ms=at_ms)


def read_password(text: str, email: EmailAddress) -> str:
    """Return a new password as it is hashed: one that is typed in another way is the same one (NFKC, RFC 8265 §4.2).

    Raises:
        FieldFault: it is too short, too long, or one that whoever guesses tries first.
    """
    password = normal_password(text)
    if len(password) < MIN_PASSWORD:
        raise FieldFault(FieldCode.TOO_SHORT, least=MIN_PASSWORD)
    if len(password) > MAX_PASSWORD:
        raise FieldFault(FieldCode.TOO_LONG, most=MAX_PASSWORD)
    if _is_easy(password, email):
        raise FieldFault(FieldCode.TOO_EASY)
    return password


def _is_easy(password: str, email: EmailAddress) -> bool:
    """Tell whether a password is one of the first that are tried.

    Digits and signs around a word make it no better, nor does saying it twice. All those that ever leaked are a list
    that nobody here could keep up to date.
    """
    text, address = password.casefold(), email_key(email.value)
    letters = _letters(text)
    return (
        len(set(text)) < 4
        or _FIRST_TRIED.fullmatch(letters) is not None
        or (len(letters) >= _OWN and letters in {_letters(part) for part in (address, *address.split("@"))})
        or any(text in run or text in run[::-1] for run in _RUNS)
    )


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalpha())


def normal_password(text: str) -> str:
    """Return a password as it is compared, whoever typed it on which keyboard, without spaces around it."""
    return unicodedata.normalize("NFKC", text[: 4 * MAX_PASSWORD]).strip()
