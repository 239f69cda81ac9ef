"""Policies of accounts in the store, and the trail of their changes."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.row_repair import RowRepair
from renvoi.adapters.sql.schema import accounts, policy_changes
from renvoi.application.ports.errors import NotUnderstood, UnreadablePolicy
from renvoi.application.ports.policies import PolicyChange
from renvoi.documents import policy_document
from renvoi.domain.access.account_policy import NO_POLICY, AccountPolicy

_COLUMNS = tuple(accounts.c[name] for name in policy_document.COLUMNS)
policy = select(*_COLUMNS).where(accounts.c.id == bindparam("id"))
all_policies = select(accounts.c.id, *_COLUMNS).where(_COLUMNS[0].is_not(None)).order_by(accounts.c.id)
policy_for_change = policy.with_for_update()
put_policy = (
    update(accounts)
    .where(accounts.c.id == bindparam("key"))
    .values({name: bindparam(name) for name in policy_document.COLUMNS})
)
add_change = insert(policy_changes).values({c.name: bindparam(c.name) for c in policy_changes.c if c.name != "id"})
_log = logging.getLogger("renvoi.store")
_repair_change = RowRepair(tuple(policy_changes.c))
_LAST = 2**63 - 1
changes_before = (
    select(policy_changes)
    .where(policy_changes.c.id < bindparam("before"))
    .order_by(policy_changes.c.id.desc())
    .limit(bindparam("limit"))
)
account_changes_before = changes_before.where(policy_changes.c.account_id == bindparam("account_id"))
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

    def policies(self) -> Mapping[int, AccountPolicy | UnreadablePolicy]:
        return {row[0]: _listed(row) for row in self._connection.all(all_policies)}

    def policy_changes(
        self, limit: int = 100, account_id: int | None = None, before: int | None = None
    ) -> Sequence[PolicyChange]:
        place = _LAST if before is None else before
        of = {} if account_id is None else {"account_id": account_id}
        wanted = changes_before if account_id is None else account_changes_before
        found: list[PolicyChange] = []
        while len(found) < limit:
            asked = limit - len(found)
            rows = self._connection.all(wanted, limit=asked, before=place, **of)
            found += _changes(rows)
            if len(rows) < asked:
                break
            # Some cannot be read: what is behind them is there all the same.
            place = rows[-1][0]
        return found


class PolicyWriter(PolicyReader):
    """The part of `application.ports.Writer` that policies need."""

    def policy_for_change(self, account_id: int) -> AccountPolicy:
        return _policy(account_id, self._connection.one(policy_for_change, id=account_id))

    def put_policy(self, change: PolicyChange) -> None:
        self._connection.run(put_policy, key=change.account_id, **policy_document.policy_values(change.after))
        self._connection.run(
            add_change,
            at_ms=change.at_ms,
            account_id=change.account_id,
            key_id=change.key_id,
            source=change.source,
            before=policy_document.encode(change.before),
            after=policy_document.encode(change.after),
        )

    def remove_old_policy_changes(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_changes, before_ms=before_ms, limit=limit)


def _policy(account_id: int, row: Row | None) -> AccountPolicy:
    return NO_POLICY if row is None else policy_document.policy_of(account_id, *row)


def _listed(row: Row) -> AccountPolicy | UnreadablePolicy:
    try:
        return policy_document.policy_of(*row)
    except NotUnderstood as error:
        if not isinstance(error.row, UnreadablePolicy):
            raise
        _log.warning("a policy is listed without what it says: %s", error)
        return error.row


def _changes(rows: Iterable[Row]) -> Iterator[PolicyChange]:
    for change_id, at_ms, account_id, key_id, source, before, after in map(_repair_change, rows):
        try:
            policies = policy_document.decode(before), policy_document.decode(after)
        except ValueError as error:
            _log.warning("change %s of the policy of account %s cannot be read: %.200s", change_id, account_id, error)
            continue
        yield PolicyChange(at_ms, account_id, key_id, source, *policies, change_id)
