"""Who asks, and who did something: API keys are checked, and use cases act for the `Principal` that is made of them."""

from dataclasses import dataclass

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Clock, Reader, Store
from renvoi.application.write_behind import KeyUses
from renvoi.domain.access.api_key import EVERY_ACCOUNT, ApiKey, KeyRecord, Principal
from renvoi.domain.access.person import Person, is_person_id
from renvoi.domain.access.rights import Rights
from renvoi.domain.numbers.number import NO_REGION

COMMAND_LINE = "command line"
"""The source of an operator's changes in the audit trail."""
_NOBODY = KeyRecord(id="", account_id=0, hash=bytes(32), region="")


async def authenticate(
    store: Store, clock: Clock, api_key: str, source: str, uses: KeyUses | None = None
) -> Principal | None:
    """Return whose key `api_key` is; None when it is not a key, or not a valid one now.

    `source` is the network address that it came from. What the key may do is asked of the principal (`Principal.may`).
    That it was used is noted in `uses`.

    Raises:
        StoreUnavailable: the store does not answer.
    """
    key = ApiKey.parse(api_key)
    if key is None:
        return None
    record = await store.read(lambda reader: reader.key(key.id))
    now_ms = clock.now_ms()
    # An unknown id is compared as well, so that its answer does not come sooner than that of a wrong secret.
    is_good = (record or _NOBODY).admits(key, now_ms)
    if record is None or not is_good:
        return None
    if uses is not None:
        uses.note(record.id, now_ms)
    return principal_of_key(record, key.hash(), source)


def principal_of_key(record: KeyRecord, digest: bytes, source: str) -> Principal:
    """Return who asks with a key that is good; `digest` is the hash of its secret as it was shown."""
    return Principal(
        record.account_id,
        record.region,
        record.id,
        source,
        record.scopes,
        record.is_operator,
        record.numbers,
        record.good_until(digest),
    )


def principal_of_person(person: Person, source: str) -> Principal:
    """Return who asks after a sign-in with a password: somebody who may do all that the account may."""
    return Principal(person.account_id, person.region, person.id, source, is_operator=person.is_operator)


def rights_now(reader: Reader, asking: str, now_ms: int) -> Rights | None:
    """Return what a key or a person, by id, may do at this moment; None for one that is no more, or is over."""
    if is_person_id(asking):
        person = reader.person(asking)
        return None if person is None or person.is_closed else Rights(is_operator=person.is_operator)
    record = reader.key(asking)
    return None if record is None or record.is_over(now_ms) else record.rights


def operator_for(account: Account) -> Principal:
    """Return the operator at the command line, who acts for `account`."""
    return Principal(account.id, account.region, None, COMMAND_LINE, is_operator=True)


def operator_everywhere() -> Principal:
    """Return the operator at the command line, who has named no account."""
    return Principal(EVERY_ACCOUNT, NO_REGION, None, COMMAND_LINE, is_operator=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: by which key (None: no key was needed), from which address."""

    key_id: str | None
    source: str


OPERATOR = Actor(None, COMMAND_LINE)
"""The operator at the command line."""
RENVOI = Actor(None, "renvoi")
"""renvoi itself, where it does something that nobody asked for; its source is not an address."""


def actor_of(principal: Principal) -> Actor:
    """Return the principal as records name it."""
    return Actor(principal.key_id, principal.source)
