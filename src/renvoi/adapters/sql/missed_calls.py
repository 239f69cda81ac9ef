"""Mails about missed calls in the store."""

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import BigInteger, ColumnElement, Delete, and_, bindparam, delete, insert, select

from renvoi.adapters.sql import mail_statements
from renvoi.adapters.sql.announcements import Topic
from renvoi.adapters.sql.compiled_statements import Connection, Row
from renvoi.adapters.sql.mappers import known_state
from renvoi.adapters.sql.row_repair import RowRepair, stored_address
from renvoi.adapters.sql.schema import missed_call_mails
from renvoi.domain.calls.missed_call import ONE_IN_MS, MissedCall, MissedCallMail, WhyMissed
from renvoi.domain.email_address import EmailAddress
from renvoi.domain.messages.message import CLOCKS_AGREE_MS, FARTHEST_MS, PLACE, MailState
from renvoi.domain.numbers.number import E164

_table = missed_call_mails
_columns = mail_statements.columns(_table)
_repair = RowRepair(_columns)
due_missed_calls = mail_statements.due(_table)
missed_call = select(*_columns).where(_table.c.id == bindparam("id"))
told_of = (
    select(_table.c.id)
    .where(
        and_(
            _table.c.number == bindparam("number"),
            _table.c.caller == bindparam("caller"),
            _table.c.called_at_ms > bindparam("after_ms", type_=BigInteger),
            _table.c.called_at_ms < bindparam("before_ms", type_=BigInteger),
            _table.c.account_id == bindparam("account_id"),
        )
    )
    .limit(1)
)
add_missed_call = insert(_table).values({column.name: bindparam(column.name) for column in _columns})
put_missed_call = mail_statements.put_leased(_table)
free_missed_call = mail_statements.free(_table)
lease_missed_call = mail_statements.lease(_table)
release_missed_calls = mail_statements.release(_table)


def _removal(which: ColumnElement[bool]) -> Delete:
    some = (
        select(_table.c.id)
        .where(which)
        .limit(bindparam("limit"))
        # Every node does this; none waits for another one.
        .with_for_update(skip_locked=True)
    )
    return delete(_table).where(_table.c.id.in_(some.scalar_subquery()))


_of_account = _table.c.account_id == bindparam("account_id", type_=BigInteger)
remove_old_missed_calls = _removal(_table.c.queued_at_ms < bindparam("before_ms", type_=BigInteger))
remove_missed_calls_of_account = _removal(_of_account)
remove_missed_calls_of_number = _removal(and_(_of_account, _table.c.number == bindparam("number", type_=BigInteger)))


class MissedCallReader:
    """The part of `application.ports.Reader` that mails about missed calls need."""

    _connection: Connection

    def due_missed_calls(self, now_ms: int, limit: int, skipped: Collection[str] = ()) -> Sequence[MissedCallMail]:
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS, "latest_ms": now_ms + CLOCKS_AGREE_MS}
        found = self._connection.all(due_missed_calls, limit=limit, **mail_statements.skipped(skipped), **times)
        return [_mail(row) for row in found]

    def missed_call(self, mail_id: str) -> MissedCallMail | None:
        row = self._connection.one(missed_call, id=mail_id)
        return _mail(row) if row else None


class MissedCallWriter(MissedCallReader):
    """The part of `application.ports.Writer` that mails about missed calls need."""

    _announce: Callable[[Topic], None]

    def add_missed_call(self, call: MissedCall, recipients: Sequence[EmailAddress]) -> bool:
        caller = {"account_id": call.account_id, "number": call.number.digits, "caller": call.caller}
        around = {"after_ms": call.called_at_ms - ONE_IN_MS, "before_ms": call.called_at_ms + ONE_IN_MS}
        if self._connection.one(told_of, **caller, **around):
            return False
        for place, recipient in enumerate(recipients):
            mail = mail_of(call, recipient, place)
            self._connection.run(add_missed_call, id=mail.id, **mail_values(mail))
        self._announce("mails")
        return True

    def put_missed_call(self, mail: MissedCallMail, owner: str) -> bool:
        values = {name: value for name, value in mail_values(mail).items() if name not in mail_statements.OF_A_CALL}
        return self._connection.run(put_missed_call, key=mail.id, of_owner=owner, **values) > 0

    def lease_missed_calls(self, mail_ids: Collection[str], owner: str, now_ms: int, until_ms: int) -> Collection[str]:
        leased = set()
        times = {"now_ms": now_ms, "farthest_ms": now_ms + FARTHEST_MS}
        for mail_id in sorted(mail_ids):
            if self._connection.one(free_missed_call, key=mail_id, of_owner=owner, **times):
                self._connection.run(lease_missed_call, key=mail_id, owner=owner, until_ms=until_ms)
                leased.add(mail_id)
        return leased

    def release_missed_calls(self, owner: str) -> int:
        return self._connection.run(release_missed_calls, of_owner=owner)

    def remove_old_missed_calls(self, before_ms: int, limit: int) -> int:
        return self._connection.run(remove_old_missed_calls, before_ms=before_ms, limit=limit)

    def remove_missed_calls(self, account_id: int, limit: int, number: E164 | None = None) -> int:
        values = {"account_id": account_id, "limit": limit}
        if number is None:
            return self._connection.run(remove_missed_calls_of_account, **values)
        return self._connection.run(remove_missed_calls_of_number, number=number.digits, **values)


def mail_of(call: MissedCall, recipient: EmailAddress, place: int) -> MissedCallMail:
    """Return the mail about a call to the recipient in that place of the rule, as it is queued."""
    at_ms = call.called_at_ms
    name = f"{call.id}{PLACE}{place}"
    kept = (call.account_id, call.number, call.caller, at_ms, call.why)
    return MissedCallMail(name, *kept, recipient, at_ms, at_ms, scheduled_at_ms=at_ms)


def _mail(row: Row) -> MissedCallMail:
    mail_id, account_id, number, caller, called_at_ms, why, recipient, queued_at_ms, due_at_ms, state, *others = (
        _repair(row)
    )
    called = (mail_id, account_id, E164.from_digits(number), caller, called_at_ms)
    what = f"mail {mail_id} about a missed call"
    missed = known_state(WhyMissed, why, WhyMissed.NO_ANSWER, what)
    # Nobody sends a mail in a state that is not known.
    known = known_state(MailState, state, MailState.FAILED, what)
    return MissedCallMail(*called, missed, stored_address(recipient), queued_at_ms, due_at_ms, known, *others)


def mail_values(mail: MissedCallMail) -> dict[str, object]:
    """Return what a row says of a mail, apart from its key and lease."""
    return {
        "account_id": mail.account_id,
        "number": mail.number.digits,
        "caller": mail.caller,
        "called_at_ms": mail.called_at_ms,
        "why": mail.why.value,
        "recipient": mail.recipient.value,
        "queued_at_ms": mail.queued_at_ms,
        "due_at_ms": mail.due_at_ms,
        "state": mail.state.value,
        "attempts": mail.attempts,
        "note": mail.note,
        "ended_at_ms": mail.ended_at_ms,
        "scheduled_at_ms": mail.scheduled_at_ms,
    }
