"""Who asks: API keys, made, listed, revoked and checked, and the `Principal` that use cases act for.

A key is shown once; only its hash is stored.
"""

import secrets
from collections.abc import Sequence

from renvoi.application.accounts import find_account
from renvoi.application.errors import OperatorError
from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.domain.access.api_key import ID_BYTES, SECRET_BYTES, ApiKey, KeyRecord, Principal

SCOPES = (
    "numbers:read",
    "numbers:write",
    "forwarding:write",
    "messages:read",
    "messages:write",
    "calls:read",
    "keys:write",
    "webhooks:write",
)
"""What a key may be limited to (`docs/api.md §1`); a key without scopes may do everything in its account."""
MAX_LABEL_LENGTH = 100
"""Characters of a key's label."""
COMMAND_LINE = "command line"
"""The source of an operator's changes in the audit trail."""
_NOBODY = KeyRecord(id="", account_id=0, hash=bytes(32), region="")


def new_key() -> ApiKey:
    """Return a key that nobody can guess."""
    return ApiKey(secrets.token_hex(ID_BYTES), secrets.token_urlsafe(SECRET_BYTES))


async def add_key(store: Store, clock: Clock, account: str, label: str = "", scopes: Sequence[str] = ()) -> ApiKey:
    """Add a key to the account with that id or name, and return it: the only time that it is known.

    Raises:
        OperatorError: there is no such account, or the label or a scope is not allowed.
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise OperatorError(f"unknown scope {scope!r}: the scopes are {', '.join(SCOPES)}")
    if len(label) > MAX_LABEL_LENGTH or not label.isprintable():
        raise OperatorError(f"the label is not allowed: give at most {MAX_LABEL_LENGTH} printable characters")
    key = new_key()
    now_ms = clock.now_ms()
    await store.write(lambda writer: put_key(writer, key, account, label, tuple(dict.fromkeys(scopes)), now_ms))
    return key


def put_key(writer: Writer, key: ApiKey, account: str, label: str, scopes: tuple[str, ...], at_ms: int) -> None:
    """Store `key` for the account with that id or name.

    Raises:
        OperatorError: there is no such account.
    """
    owner = find_account(writer, account)
    writer.add_key(KeyRecord(key.id, owner.id, key.hash(), owner.region, label, scopes, at_ms))


async def list_keys(store: Store, account: str | None = None) -> Sequence[KeyRecord]:
    """Return the keys of one account, or all, by time of creation.

    Raises:
        OperatorError: there is no such account.
    """
    return await store.read(
        lambda reader: reader.keys(find_account(reader, account).id if account is not None else None)
    )


async def revoke_key(store: Store, clock: Clock, key_id: str) -> None:
    """Revoke a key, from the next request on; `key_id` is its id, or the key in full.

    Raises:
        OperatorError: there is no such key.
    """
    parsed = ApiKey.parse(key_id)
    wanted = parsed.id if parsed is not None else key_id
    now_ms = clock.now_ms()
    if not await store.write(lambda writer: writer.revoke_key(wanted, now_ms)):
        raise OperatorError(f"there is no key with the id {wanted!r}: `renvoi key list` shows them")


async def authenticate(store: Store, clock: Clock, api_key: str, source: str) -> Principal | None:
    """Return whose key `api_key` is; None when it is not a key, or not a valid one now.

    `source` is the network address that it came from. What the key may do is asked of the principal (`Principal.may`).

    Raises:
        StoreUnavailable: the store does not answer.
    """
    key = ApiKey.parse(api_key)
    if key is None:
        return None
    record = await store.read(lambda reader: reader.key(key.id))
    # An unknown id is compared as well, so that its answer does not come sooner than that of a wrong secret.
    is_good = (record or _NOBODY).admits(key, clock.now_ms())
    if record is None or not is_good:
        return None
    return Principal(record.account_id, record.region, record.id, source, record.scopes)


def operator_for(account: Account) -> Principal:
    """Return the operator at the command line, who acts for `account`."""
    return Principal(account.id, account.region, None, COMMAND_LINE, is_operator=True)
