"""Policies of accounts in the store, and the trail of their changes."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from renvoi import account_policy
from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.schema import accounts, policy_changes
from renvoi.application.ports.policies import PolicyChange
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy

_COLUMNS = tuple(accounts.c[name] for name in account_policy.COLUMNS)
policy = select(*_COLUMNS).where(accounts.c.id == bindparam("id"))
all_policies = select(accounts.c.id, *_COLUMNS).where(_COLUMNS[0].is_not(None)).order_by(accounts.c.id)
policy_for_change = policy.with_for_update()
put_policy = (
    update(accounts)
    .where(accounts.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in account_policy.COLUMNS})
)
add_change = insert(policy_changes).values({c.name: bindparam(c.name) for c in policy_changes.c if c.name != "id"})
latest_changes = select(policy_changes).order_by(policy_changes.c.id.desc()).limit(bindparam("limit"))
account_changes = latest_changes.where(policy_changes.c.account_id == bindparam("account_id"))
remove_old_changes = delete(policy_changes).where(
    policy_changes.c.id.in_(
        select(policy_changes.c.id)
        .where(policy_changes.c.at_ms < bindparam("before_ms", type_=BigInteger))
        .order_by(policy_changes.c.id)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
)


class PolicyReader:
    """The part of `application.ports.Reader` that policies need."""

    _connection: Connection

    def policy(self, account_id: int) -> AccountPolicy:
        return _policy(account_id, self._connection.one(policy, id=account_id))

    def policies(self) -> Mapping[int, AccountPolicy]:
        return {row[0]: account_policy.policy_of(*row) for row in self._connection.all(all_policies)}

    def policy_changes(self, limit: int = 100, account_id: int | None = None) -> Sequence[PolicyChange]:
        if account_id is None:
            found = self._connection.all(latest_changes, limit=limit)
        else:
            found = self._connection.all(account_changes, account_id=account_id, limit=limit)
        return [_change(row) for row in found]


class PolicyWriter(PolicyReader):
    """The part of `application.ports.Writer` that policies need."""

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return _policy(account_id, self._connection.one(policy_for_change, id=account_id))

    def put_policy(self, change: PolicyChange) -> None:
        self._connection.run(put_policy, key=change.account_id, **account_policy.policy_values(change.after))
        self._connection.run(
            add_change,
            at_ms=change.at_ms,
            account_id=change.account_id,
            key_id=change.key_id,
            source=change.source,
            before=account_policy.encode(change.before),
            after=account_policy.encode(change.after),
        )

    def remove_old_policy_changes(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_changes, before_ms=before_ms, limit=limit)


def _policy(account_id: int, row: Row | None) -> AccountPolicy:
    return NO_POLICY if row is None else account_policy.policy_of(account_id, *row)


def _change(row: Row) -> PolicyChange:
    _, at_ms, account_id, key_id, source, before, after = row
    return PolicyChange(at_ms, account_id, key_id, source, account_policy.decode(before), account_policy.decode(after))
