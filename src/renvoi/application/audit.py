"""The audit trail of rules: read back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from renvoi.application.accounts import find_account
from renvoi.application.ports.accounts import AuditEntry, AuditFilter
from renvoi.application.ports.unit_of_work import Reader, Store


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a rule, with the account's name and the key's as they are now; None for what no longer exists."""

    entry: AuditEntry
    account: str | None
    key_name: str | None


async def list_changes(store: Store, limit: int, only: AuditFilter, account: str | None = None) -> Sequence[Change]:
    """Return up to `limit` of the latest changes that are wanted, newest first, of the account `account` (id or name).

    Raises:
        OperatorError: there is no such account.
    """

    def work(reader: Reader) -> Sequence[Change]:
        wanted = only if account is None else replace(only, account_id=find_account(reader, account).id)
        found = reader.changes(limit, wanted)
        accounts = {each.id: each.name for each in reader.accounts()} if found else {}
        ids = {entry.key_id for entry in found if entry.key_id is not None}
        keys = {key_id: record.label for key_id in ids if (record := reader.key(key_id)) is not None}
        return [Change(e, accounts.get(e.account_id), keys.get(e.key_id) if e.key_id else None) for e in found]

    return await store.read(work)
