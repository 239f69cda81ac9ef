"""Who asks: an API key, or the operator at the command line, becomes the `Principal` that use cases act for."""

from renvoi.application.ports.accounts import Account
from renvoi.application.ports.unit_of_work import Clock, Store
from renvoi.domain.access.api_key import ApiKey, KeyRecord, Principal

COMMAND_LINE = "command line"
"""The source of an operator's changes in the audit trail."""
_NOBODY = KeyRecord(id="", account_id=0, hash=bytes(32), region="")


async def authenticate(store: Store, clock: Clock, api_key: str, source: str) -> Principal | None:
    """Return whose key `api_key` is; None when it is no key, or not one that is good now.

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
