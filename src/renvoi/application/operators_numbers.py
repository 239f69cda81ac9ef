"""Numbers as operators manage them by `/v2`: added, one or many, changed, and moved in the same transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from renvoi.application.accounts import check_open, find_account
from renvoi.application.auth import Actor
from renvoi.application.events import emit, emit_changed, numbers_imported
from renvoi.application.ports.errors import Conflict
from renvoi.application.ports.numbers import NumberRow
from renvoi.application.ports.unit_of_work import Clock, Store, Writer
from renvoi.application.removals import move
from renvoi.domain.events.event import Event, EventType
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord

MOST_AT_ONCE = 1000
"""Numbers that one request adds: some tens of milliseconds of one transaction."""


@dataclass(frozen=True, slots=True)
class NumberWish:
    """What is to change of a number; None leaves it. `account` is the id of the account that gets it."""

    account: int | None = None
    with_rule: bool = False
    label: str | None = None
    active: bool | None = None
    forwarding_enabled: bool | None = None


async def add_number(store: Store, clock: Clock, account_id: int, row: NumberRow) -> NumberRecord:
    """Add a number to an account.

    Raises:
        OperatorError: the account is closed.
        Problem: it exists already, or is held by an import or a removal.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> NumberRecord:
        (added,) = _add(writer, account_id, [row], now_ms)
        emit(writer, Event(EventType.NUMBER_CHANGED, added.account_id, row.number, {"change": "added"}, now_ms))
        return added

    return await store.write(work)


async def add_numbers(store: Store, clock: Clock, account_id: int, rows: Sequence[NumberRow]) -> Sequence[NumberRecord]:
    """Add numbers to an account, all or none, reported as any import is.

    Raises:
        OperatorError: the account is closed.
        Problem: one exists already, or is held by an import or a removal.
    """
    now_ms = clock.now_ms()

    def work(writer: Writer) -> Sequence[NumberRecord]:
        added = _add(writer, account_id, rows, now_ms)
        emit(writer, numbers_imported(account_id, len(added), now_ms))
        return added

    return await store.write(work)


def _add(writer: Writer, account_id: int, rows: Sequence[NumberRow], now_ms: int) -> Sequence[NumberRecord]:
    owner = find_account(writer, str(account_id))
    try:
        writer.add_numbers(owner.id, rows, now_ms)
    except Conflict as error:
        raise Problem(ProblemCode.NUMBER_TAKEN, why=error.texts) from error
    return [
        NumberRecord(row.number, owner.id, label=row.label, forwarding_enabled=row.forwarding_enabled) for row in rows
    ]


async def change_number(
    store: Store, clock: Clock, number: E164, wish: NumberWish, actor: Actor, check: Callable[[NumberRecord], None]
) -> NumberRecord:
    """Change a number of whichever account, from the next call on, if `check` lets it.

    Raises:
        OperatorError: the account cannot have it; the text says why.
        Problem: there is no such number, its account is being closed, or `check` says why not.
    """

    def work(writer: Writer) -> NumberRecord:
        record = _found(writer, number)
        check_open(writer, record)
        check(record)
        now_ms = clock.now_ms()
        if wish.account is not None:
            # The event about that is its own.
            record = move(writer, number, str(wish.account), now_ms, with_rule=wish.with_rule, actor=actor)
        if wish.label is not None:
            writer.set_label(number, wish.label)
        if wish.active is not None or wish.forwarding_enabled is not None:
            writer.set_number_state(number, active=wish.active, forwarding_enabled=wish.forwarding_enabled)
        changed = _found(writer, number)
        emit_changed(writer, record, changed, now_ms)
        return changed

    return await store.write(work)


def _found(writer: Writer, number: E164) -> NumberRecord:
    record = writer.number_for_change(number)
    if record is None:
        raise Problem(ProblemCode.NUMBER_UNKNOWN)
    return record
