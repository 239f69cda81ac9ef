"""One number as `/v2` shows and changes it: of the principal's account, or of any for an operator."""

from collections.abc import Callable, Sequence

from renvoi.application.accounts import check_open
from renvoi.application.events import emit_changed
from renvoi.application.ports.unit_of_work import Clock, Reader, Store, Writer
from renvoi.application.unreadable_rows import listed, readable
from renvoi.domain.access.api_key import EVERY_ACCOUNT, Principal
from renvoi.domain.numbers.number import E164
from renvoi.domain.problem import Problem, ProblemCode
from renvoi.domain.rules.rule import NumberRecord


def find_own_number(reader: Reader, who: Principal, number: E164) -> NumberRecord:
    """Return the record of a number that the principal may see.

    Raises:
        Problem: there is none, or it is another account's, or the key is limited to others: nobody can tell which; or
            its rule is `unreadable`.
    """
    return readable(_own(who, reader.listed_number(number)))


def show_own_number(reader: Reader, who: Principal, number: E164) -> NumberRecord:
    """Return the record as `find_own_number` does, but also where its rule is `unreadable`.

    Raises:
        Problem: see there.
    """
    return _own(who, reader.listed_number(number))


def own_number_for_change(writer: Writer, who: Principal, number: E164) -> NumberRecord:
    """Return the record as `find_own_number` does, and keep everybody else from changing it.

    Raises:
        Problem: see there.
    """
    return readable(_own(who, listed(writer.number_for_change, number)))


def _own(who: Principal, record: NumberRecord | None) -> NumberRecord:
    if record is None or not is_of(who, record):
        raise Problem(ProblemCode.NUMBER_UNKNOWN)
    return record


def is_of(who: Principal, record: NumberRecord) -> bool:
    """Tell whether the principal may see a number."""
    is_own = record.account_id == who.account_id or (who.is_operator and who.account_id == EVERY_ACCOUNT)
    return is_own and who.may_number(record.number)


def own_numbers(reader: Reader, who: Principal, after: E164 | None, limit: int) -> Sequence[NumberRecord]:
    """Return up to `limit` of the principal's numbers in ascending order, from the one behind `after`."""
    if who.numbers is not None:
        wanted = sorted(number for number in who.numbers if after is None or number.digits > after.digits)
        found = (reader.listed_number(number) for number in wanted)
        return [record for record in found if record is not None and is_of(who, record)][:limit]
    is_everybody = who.is_operator and who.account_id == EVERY_ACCOUNT
    return reader.numbers(None if is_everybody else who.account_id, after, limit)


async def change_number(
    store: Store,
    clock: Clock,
    who: Principal,
    number: E164,
    label: str | None,
    active: bool | None,
    check: Callable[[NumberRecord], None],
) -> NumberRecord:
    """Label a number of the principal's, or switch it on or off, if `check` lets it; what is None stays as it is.

    Raises:
        Problem: there is no such number, its account is being closed, or `check` says why not.
    """

    def work(writer: Writer) -> NumberRecord:
        record = own_number_for_change(writer, who, number)
        check_open(writer, record)
        check(record)
        if label is not None:
            writer.set_label(record.number, label)
        if active is not None:
            writer.set_number_state(record.number, active=active)
        changed = own_number_for_change(writer, who, number)
        emit_changed(writer, record, changed, clock.now_ms())
        return changed

    return await store.write(work)
