"""Keys made, changed, rotated and revoked by whoever may: with another key, or as the operator at the command line.

Nobody makes a key that may do more than himself, nor gets hold of one: what a key may not do, no key that it makes,
changes or rotates may. What is compared is what the asking key may do when the change is made, not when it was read.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from renvoi.application.auth import rights_now
from renvoi.application.ports.keys import KeyChange, KeyPlace, KeyState
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.domain.access.api_key import (
    EVERY_ACCOUNT,
    ID_BYTES,
    MAX_NUMBERS,
    OPERATOR_PREFIX,
    SECRET_BYTES,
    ApiKey,
    KeyRecord,
    Principal,
    is_operator_id,
)
from renvoi.domain.access.rights import OPERATOR, Excess, Rights
from renvoi.domain.field_error import FieldCode, FieldError
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode, invalid

MAX_LABEL_LENGTH = 100
"""Characters of a key's label."""
MAX_KEYS = 1000
"""Keys of an account that are not revoked, and keys of operators."""
LATEST_EXPIRY_MS = 253_402_300_799_999
"""The end of the year 9999: the last time that is written with four digits."""
KEEP = timedelta(hours=24)
"""How long a secret that was replaced stays good, unless somebody says otherwise."""
LONGEST_KEEP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What somebody wants a key to be. No scopes: all; `numbers` None: all; `expires_at_ms` None: never."""

    label: str = ""
    scopes: tuple[str, ...] = ()
    numbers: frozenset[E164] | None = None
    expires_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key as it is shown; `last_used_at_ms` is None when it was never used, and may be a minute or two behind."""

    record: KeyRecord
    last_used_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A key with its secret, which is known this once."""

    key: ApiKey
    view: KeyView


Check = Callable[[KeyRecord], None]
"""Raises unless the key, as it is just before a change, is the one that was meant."""


def anything(_: KeyRecord) -> None:
    """Let every version pass."""


def new_key(*, of_operator: bool = False) -> ApiKey:
    """Return a key that nobody can guess."""
    key_id = secrets.token_hex(ID_BYTES)
    return ApiKey(OPERATOR_PREFIX + key_id if of_operator else key_id, secrets.token_urlsafe(SECRET_BYTES))


async def create_key(
    store: Store, clock: Clock, principal: Principal, wish: KeyWish, *, of_operator: bool = False
) -> NewSecret:
    """Make a key of the principal's account, or one of an operator.

    Raises:
        Problem: it may not be made; `errors` names every field that is wrong.
    """
    key = new_key(of_operator=of_operator)
    now_ms = clock.now_ms()
    return await store.write(lambda writer: add_key(writer, principal, key, wish, now_ms))


def add_key(writer: Writer, principal: Principal, key: ApiKey, wish: KeyWish, now_ms: int) -> NewSecret:
    """Add a new key, as `create_key`, in a transaction that does more."""
    account_id = EVERY_ACCOUNT if is_operator_id(key.id) else principal.account_id
    record = KeyRecord(
        key.id,
        account_id,
        key.hash(),
        principal.region,
        wish.label,
        wish.scopes,
        now_ms,
        wish.expires_at_ms,
        numbers=wish.numbers,
        made_by=principal.key_id,
    )
    own = _rights_now(writer, principal, now_ms)
    account = writer.account(str(account_id)) if account_id != EVERY_ACCOUNT else None
    if account is not None and account.closed_at_ms is not None:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    if account_id == EVERY_ACCOUNT and not record.is_operator:
        raise Problem(ProblemCode.ACCOUNT_UNKNOWN)
    _refuse_beyond(record.rights, own)
    _refuse_invalid(writer, record, None, now_ms)
    if writer.live_keys(account_id, MAX_KEYS) >= MAX_KEYS:
        raise Problem(ProblemCode.TOO_MANY_KEYS, most=MAX_KEYS)
    writer.add_key(record)
    _note(writer, principal, None, record, now_ms)
    return NewSecret(key, KeyView(record))


async def read_key(store: Store, principal: Principal, key_id: str) -> KeyView:
    """Return one of the keys that the principal may see.

    Raises:
        Problem: there is none with that id.
    """
    return await store.read(lambda reader: _viewed(reader, _seen(reader.key(key_id), principal)))


async def keys_page(
    store: Store, principal: Principal, after: KeyPlace | None, limit: int, *, of_operators: bool = False
) -> Sequence[KeyView]:
    """Return up to `limit` keys behind `after` that the principal may see, by time of creation.

    Those of its account; of an operator who has named none, those of all accounts, or those of operators. Who is
    limited to numbers is shown the keys that are limited to some of them.
    """
    if of_operators:
        kind: int | None = EVERY_ACCOUNT
        if principal.account_id != EVERY_ACCOUNT or not principal.may(OPERATOR):
            return ()
    else:
        everywhere = principal.is_operator and principal.account_id == EVERY_ACCOUNT
        kind = None if everywhere else principal.account_id

    def work(reader: Reader) -> Sequence[KeyView]:
        found: list[KeyRecord] = []
        place = after
        while len(found) < limit:
            page = reader.keys(kind, place, limit)
            found += [record for record in page if may_see(principal, record)]
            if len(page) < limit:
                break
            place = page[-1].place
        found = found[:limit]
        uses = reader.key_uses([record.id for record in found])
        return [KeyView(record, uses.get(record.id)) for record in found]

    return await store.read(work)


async def change_key(
    store: Store,
    clock: Clock,
    principal: Principal,
    key_id: str,
    edit: Callable[[KeyWish], KeyWish],
    check: Check = anything,
) -> KeyView:
    """Make a key what `edit` makes of it, from the next request on.

    Raises:
        Problem: there is no such key, it is revoked, or it may not become that; nothing was changed.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> KeyView:
        before = _for_change(writer, principal, key_id, check, now_ms)
        wish = edit(KeyWish(before.label, before.scopes, before.numbers, before.expires_at_ms))
        after = replace(
            before, label=wish.label, scopes=wish.scopes, numbers=wish.numbers, expires_at_ms=wish.expires_at_ms
        )
        _refuse_beyond(after.rights, _rights_now(writer, principal, now_ms))
        _refuse_invalid(writer, after, before, now_ms)
        if after != before:
            after = replace(after, revision=before.revision + 1)
            writer.put_key(after)
            _note(writer, principal, before, after, now_ms)
        return _viewed(writer, after)

    return await store.write(work)


async def rotate_key(
    store: Store, clock: Clock, principal: Principal, key_id: str, keep: timedelta = KEEP, check: Check = anything
) -> NewSecret:
    """Give a key another secret; the one that it has stays good for `keep`, one that was replaced before ends now.

    Raises:
        Problem: there is no such key, it is revoked or expired, or may do more than the principal.
    """
    if keep < timedelta(0):
        raise invalid(FieldError("/keep_s", FieldCode.TOO_SMALL, {"least": 0}))
    if keep > LONGEST_KEEP:
        raise invalid(FieldError("/keep_s", FieldCode.TOO_LARGE, {"most": int(LONGEST_KEEP.total_seconds())}))
    now_ms = clock.now_ms()
    key = ApiKey(key_id, secrets.token_urlsafe(SECRET_BYTES))

    def work(writer: Writer) -> NewSecret:
        before = _for_change(writer, principal, key_id, check, now_ms)
        if before.is_over(now_ms):
            raise Problem(ProblemCode.KEY_OVER)
        after = replace(
            before,
            hash=key.hash(),
            previous_hash=before.hash if keep else None,
            previous_until_ms=now_ms + int(keep.total_seconds() * 1000) if keep else None,
            revision=before.revision + 1,
        )
        writer.put_key(after)
        _note(writer, principal, before, after, now_ms)
        return NewSecret(key, _viewed(writer, after))

    return await store.write(work)


async def revoke_key(store: Store, clock: Clock, principal: Principal, key_id: str, check: Check = anything) -> KeyView:
    """Revoke a key, from the next request on; one that is revoked already stays so.

    Raises:
        Problem: there is no such key, or it may do more than the principal.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> KeyView:
        before = _for_change(writer, principal, key_id, check, now_ms, revoked=True)
        if before.revoked_at_ms is not None:
            return _viewed(writer, before)
        writer.revoke_key(key_id, now_ms)
        after = replace(before, revoked_at_ms=now_ms, revision=before.revision + 1)
        _note(writer, principal, before, after, now_ms)
        return _viewed(writer, after)

    return await store.write(work)


async def key_history(
    store: Store, principal: Principal, key_id: str, limit: int, before_revision: int | None = None
) -> Sequence[KeyChange]:
    """Return up to `limit` of the latest changes of a key, newest first; those before a revision if it is given.

    Raises:
        Problem: there is no such key.
    """

    def work(reader: Reader) -> Sequence[KeyChange]:
        return reader.key_changes(_seen(reader.key(key_id), principal).id, limit, before_revision)

    return await store.read(work)


def may_see(principal: Principal, record: KeyRecord) -> bool:
    """Tell whether the principal may know of a key: it shows numbers, and what others may do."""
    if record.is_operator:
        return principal.account_id == EVERY_ACCOUNT and principal.may(OPERATOR)
    is_its = record.account_id == principal.account_id or (
        principal.is_operator and principal.account_id == EVERY_ACCOUNT
    )
    if principal.numbers is None:
        return is_its
    return is_its and record.numbers is not None and record.numbers <= principal.numbers


def _seen(record: KeyRecord | None, principal: Principal) -> KeyRecord:
    if record is None or not may_see(principal, record):
        raise Problem(ProblemCode.KEY_UNKNOWN)
    return record


def _viewed(reader: Reader, record: KeyRecord) -> KeyView:
    return KeyView(record, reader.key_uses([record.id]).get(record.id))


def _for_change(
    writer: Writer, principal: Principal, key_id: str, check: Check, now_ms: int, *, revoked: bool = False
) -> KeyRecord:
    own = _rights_now(writer, principal, now_ms)
    record = _seen(writer.key_for_change(key_id), principal)
    # Who may do less must neither get its secret nor end it.
    _refuse_beyond(record.rights, own)
    if record.revoked_at_ms is not None and not revoked:
        raise Problem(ProblemCode.KEY_OVER)
    check(record)
    return record


def _rights_now(reader: Reader, principal: Principal, now_ms: int) -> Rights:
    """Return what the principal may do at this moment: its key may have been changed since the request began."""
    if principal.key_id is None:
        return principal.rights
    rights = rights_now(reader, principal.key_id, now_ms)
    is_over = principal.expires_at_ms is not None and principal.expires_at_ms <= now_ms
    if rights is None or is_over:
        raise Problem(ProblemCode.KEY_INCORRECT)
    ends = [at_ms for at_ms in (principal.expires_at_ms, rights.expires_at_ms) if at_ms is not None]
    return replace(rights, expires_at_ms=min(ends, default=None))


_POINTERS = {
    Excess.OPERATOR: "/operator",
    Excess.SCOPES: "/scopes",
    Excess.NUMBERS: "/numbers",
    Excess.EXPIRY: "/expires_at",
}


def _refuse_beyond(rights: Rights, own: Rights) -> None:
    beyond = rights.beyond(own)
    if beyond:
        errors = [FieldError(_POINTERS[part], FieldCode.BEYOND_RIGHTS) for part in beyond]
        raise Problem(ProblemCode.KEY_BEYOND_RIGHTS, errors=errors)


def _refuse_invalid(reader: Reader, record: KeyRecord, before: KeyRecord | None, now_ms: int) -> None:
    """Check what somebody wants a key to be, as far as it is new."""
    errors = []
    if len(record.label) > MAX_LABEL_LENGTH:
        errors.append(FieldError("/label", FieldCode.TOO_LONG, {"most": MAX_LABEL_LENGTH}))
    elif not record.label.isprintable():
        errors.append(FieldError("/label", FieldCode.NOT_PRINTABLE))
    expiry = record.expires_at_ms
    if expiry is not None and (before is None or before.expires_at_ms != expiry):
        if expiry <= now_ms:
            errors.append(FieldError("/expires_at", FieldCode.NOT_IN_FUTURE))
        elif expiry > LATEST_EXPIRY_MS:
            errors.append(FieldError("/expires_at", FieldCode.TOO_LARGE, {"most": "9999-12-31T23:59:59.999Z"}))
    if record.numbers is not None:
        known = frozenset() if before is None else before.numbers or frozenset()
        errors += _wrong_numbers(reader, record, record.numbers, known)
    if errors:
        raise invalid(*errors)


def _wrong_numbers(
    reader: Reader, record: KeyRecord, numbers: frozenset[E164], known: frozenset[E164]
) -> Sequence[FieldError]:
    if record.is_operator:
        return [FieldError("/numbers", FieldCode.NOT_ALLOWED, {"allowed": "null"})]
    if not numbers:
        return [FieldError("/numbers", FieldCode.TOO_FEW, {"least": 1})]
    if len(numbers) > MAX_NUMBERS:
        return [FieldError("/numbers", FieldCode.TOO_MANY, {"most": MAX_NUMBERS})]

    def is_ours(number: E164) -> bool:
        found = reader.listed_number(number)
        return found is not None and found.account_id == record.account_id

    strange = sorted(number.value for number in numbers - known if not is_ours(number))
    return [FieldError("/numbers", FieldCode.NUMBER_UNKNOWN, {"numbers": ", ".join(strange)})] if strange else []


def _note(writer: Writer, principal: Principal, before: KeyRecord | None, after: KeyRecord, at_ms: int) -> None:
    was = None if before is None else _state(before)
    now = _state(after, rotated=before is not None and before.hash != after.hash)
    writer.add_key_change(KeyChange(at_ms, after.id, after.account_id, principal.key_id, principal.source, was, now))


def _state(record: KeyRecord, *, rotated: bool = False) -> KeyState:
    numbers = None if record.numbers is None else tuple(sorted(number.value for number in record.numbers))
    return KeyState(
        record.label,
        record.scopes,
        numbers,
        record.expires_at_ms,
        record.revoked_at_ms,
        record.revision,
        rotated,
    )
